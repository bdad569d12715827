import numpy as np
import pytest

from hairstudio.evaluation.enlarged import GRAIN, enlarged


def test_size_and_grain_are_those_asked_for():
    grey = np.full((60, 80, 3), 128, np.uint8)
    big = enlarged(grey, 3.0)
    assert big.shape[0] * big.shape[1] == pytest.approx(3e6, rel=0.01)
    assert big.shape[1] / big.shape[0] == pytest.approx(80 / 60, rel=0.01)
    assert big.std() == pytest.approx(GRAIN, rel=0.05)
    assert big.mean() == pytest.approx(128, abs=0.1)


def test_the_picture_stays_the_same():
    ramp = np.repeat(np.linspace(20, 230, 64, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    big = enlarged(ramp, 1.0)
    columns = big.mean((0, 2))
    assert np.interp(columns[[100, 500, 900]], [0, 255], [0, 255]) == pytest.approx(
        np.interp([100 / 15.6, 500 / 15.6, 900 / 15.6], range(64), ramp[0, :, 0]), abs=3
    )


def test_grain_can_be_repeated():
    grey = np.full((10, 10, 3), 128, np.uint8)
    assert np.array_equal(enlarged(grey, 0.1), enlarged(grey, 0.1))
    assert not np.array_equal(enlarged(grey, 0.1), enlarged(grey, 0.1, seed=1))
