"""A hairline is followed through an edit to a few thousandths of the eye distance, and only where
it really is: whatever else was drawn there is left to the parsing network's eye."""

import cv2
import numpy as np
import pytest

from hairstudio.imaging.geometry import Similarity
from hairstudio.metrics.hairline import shape_rms
from hairstudio.metrics.tracking import followed
from hairstudio.portrait.hairline import HairlineCurve

IOD, WIDE, HIGH = 120.0, 280, 300
FRAME = Similarity(1 / IOD, 0.0, -WIDE / 2 / IOD, -HIGH / IOD)  # brows at the bottom, v = 0
U = np.linspace(-0.9, 0.9, 61, dtype=np.float32)
OWN = HairlineCurve(U, np.float32(-0.9 + 0.25 * U**2 + 0.03 * np.sin(9 * U)), 0.0)
X, Y = np.meshgrid(np.arange(WIDE, dtype=np.float32), np.arange(HIGH, dtype=np.float32))


@pytest.fixture(scope="module")
def portrait(strands):
    """Hair above OWN, skin with some pores below."""
    uv = FRAME.apply(np.stack([X, Y], -1)).astype(np.float32)
    hair = 1 / (1 + np.exp((uv[..., 1] - OWN.at(uv[0, :, 0], 1e-3)[None]) * IOD / 2))
    pores = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, X.shape), (0, 0), 2)
    skin = np.float32([0.8, 0.6, 0.5]) + np.float32(0.1 * pores)[..., None]
    drawn = strands(size=300)[:HIGH, :WIDE]
    return np.clip(hair[..., None] * drawn + (1 - hair[..., None]) * skin, 0, 1).astype(np.float32)


def moved(picture, rise):
    """Everything higher by ``rise`` (IOD, one for each column of pixels)."""
    shift = np.broadcast_to(np.float32(rise), (WIDE,)) * IOD
    return cv2.remap(picture, X, Y + shift, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def at_columns(rise):
    return np.interp(U, FRAME.apply(np.stack([X[0], Y[0]], -1))[:, 0], np.broadcast_to(rise, WIDE))


def as_the_network_sees_it(rise, seed=0, spread=0.03, bias=0.06):
    """The true curve with a network's errors, which are much the same in neighbouring columns."""
    error = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (1, 61)), (0, 0), 4)[0]
    return HairlineCurve(U, np.float32(OWN.v - at_columns(rise) + spread / error.std() * error
                                       + bias), 0.0)  # fmt: skip


@pytest.mark.parametrize("rise", [-0.24, -0.07, 0.031, 0.18])
def test_an_even_move_is_measured_in_spite_of_the_network(portrait, rise):
    seen = as_the_network_sees_it(rise)
    assert shape_rms(OWN, seen) > 0.02
    curve = followed(OWN, seen, portrait, moved(portrait, rise), FRAME)
    assert shape_rms(OWN, curve) < 0.003
    assert OWN.v - curve.v == pytest.approx(rise, abs=0.01)


@pytest.mark.parametrize("depth", [0.06, 0.12])
def test_a_hairline_of_another_shape_is_measured_as_such(portrait, depth):
    bump = 0.15 + depth * np.sin(X[0] / 20)
    seen = as_the_network_sees_it(bump, spread=0.01)
    curve = followed(OWN, seen, portrait, moved(portrait, bump), FRAME)
    assert shape_rms(OWN, curve) == pytest.approx(at_columns(bump)[12:49].std(), rel=0.2)
    assert shape_rms(OWN, curve) > 0.03


def test_a_torn_hairline_stays_torn(portrait):
    torn = 0.2 * (np.abs(X[0] - WIDE / 2) < 20)
    seen = as_the_network_sees_it(torn, spread=0, bias=0)
    curve = followed(OWN, seen, portrait, moved(portrait, torn), FRAME)
    assert shape_rms(OWN, curve) > 0.06


def test_a_hairline_that_was_painted_over_is_not_found(portrait):
    """Its old place shows plain skin, far from where the network sees hair: that is believed."""
    painted = portrait.copy()
    painted[:] = portrait[-40:].mean((0, 1)) + 0.02 * np.float32(
        np.random.default_rng(1).normal(0, 1, portrait.shape))  # fmt: skip
    seen = as_the_network_sees_it(0.1, spread=0.05)
    assert shape_rms(OWN, followed(OWN, seen, portrait, painted, FRAME)) > 0.03


def test_lost_columns_stay_lost(portrait):
    seen = as_the_network_sees_it(0.1)
    seen.v[25:35] = np.nan
    curve = followed(OWN, seen, portrait, moved(portrait, 0.1), FRAME)
    assert np.isnan(curve.v[25:35]).all()
    assert shape_rms(OWN, curve) == np.inf
