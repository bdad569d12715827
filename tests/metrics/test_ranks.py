import numpy as np
import pytest
from scipy.stats import spearmanr

from hairstudio.metrics.ranks import spearman


def test_agrees_with_scipy_including_ties():
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 20, (2, 200))
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)


def test_monotone_curves_correlate_fully():
    x = np.linspace(0, 1, 11)
    assert spearman(x, np.exp(5 * x)) == pytest.approx(1)
    assert spearman(x, -x) == pytest.approx(-1)


def test_a_constant_series_has_no_correlation():
    assert np.isnan(spearman([1, 2, 3], [5, 5, 5]))
