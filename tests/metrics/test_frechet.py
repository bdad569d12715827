"""The Fréchet distance against what is known of Gaussians."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from hairstudio.metrics.frechet import Gaussian, distance, fit


def cloud(seed, shift=0.0, scale=1.0, count=4000):
    rng = np.random.default_rng(seed)
    mix = np.random.default_rng(9).normal(size=(6, 6))
    return (rng.normal(size=(count, 6)) @ mix * scale + shift).astype(np.float32)


def test_equal_sets_are_at_0_and_samples_of_one_source_near_it():
    assert distance(fit([cloud(0)]), fit([cloud(0)])) == pytest.approx(0, abs=1e-6)
    assert distance(fit([cloud(0)]), fit([cloud(1)])) < 0.05


def test_a_shift_counts_squared():
    a = fit([cloud(0)])
    assert distance(a, Gaussian(a.mean + 2, a.covariance)) == pytest.approx(6 * 4)


def test_as_by_the_matrix_square_root():
    a, b = fit([cloud(0)]), fit([cloud(1, 0.3, 1.4)])
    spread = a.covariance + b.covariance - 2 * sqrtm(a.covariance @ b.covariance).real
    expected = np.square(a.mean - b.mean).sum() + np.trace(spread)
    assert distance(a, b) == pytest.approx(expected, rel=1e-6)


def test_batches_make_no_difference():
    whole, parts = fit([cloud(0)]), fit(np.array_split(cloud(0), 7))
    assert np.allclose(whole.covariance, parts.covariance)
    with pytest.raises(ValueError, match="two samples"):
        fit([np.zeros((1, 3), np.float32)])
