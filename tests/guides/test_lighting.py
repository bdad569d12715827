"""From the lightness of own hair to that of a shade."""

import numpy as np
import pytest

from hairstudio.guides import lighting, melanin, samples


def test_fair_hair_with_dark_gaps_dyed_black_is_not_grey():
    """Where locks are burnt out and gaps are black no strands stay lively in black."""
    rng = np.random.default_rng(3)
    around = rng.choice([4.0, 64.0, 98.0], (60, 60), p=[0.3, 0.4, 0.3]).astype(np.float32)
    own = np.clip(around + rng.normal(0, 10, around.shape), 0.5, 100).astype(np.float32)
    flat, none = own.ravel(), np.zeros(own.size, np.float32)
    taken = samples.Sample(none + 1, flat, flat, flat, around.ravel(), *(none for _ in range(4)))
    planes = samples.Planes(around, *(np.zeros_like(own) for _ in range(6)))
    squares = samples.Squares(taken, none > 0)
    lit = lighting.light(taken, squares, planes, melanin.measure(own, np.ones_like(own)), 8.0)
    assert np.quantile(lit.new, 0.95) < 28
    assert np.median(lit.new) == pytest.approx(8, abs=3)
    assert np.corrcoef(np.argsort(np.argsort(flat)), np.argsort(np.argsort(lit.new)))[0, 1] > 0.95
