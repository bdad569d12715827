"""Orientation of drawn strands, where the true angle is known."""

import numpy as np
import pytest

from hairstudio.imaging.geometry import Box
from hairstudio.portrait import flow
from hairstudio.portrait.parsing import Grid


def strands(degrees, size=400, period=7.0, noise=0.02):
    """Bright and dark stripes that run at an angle (x right, y down)."""
    y, x = np.mgrid[:size, :size].astype(np.float32)
    angle = np.radians(degrees)
    across = -np.sin(angle) * x + np.cos(angle) * y
    luminance = 0.3 + 0.12 * np.sin(2 * np.pi * across / period)
    luminance += np.random.default_rng(2).normal(0, noise, luminance.shape)
    return np.clip(luminance, 0, 1).astype(np.float32)


def disc(size=400, radius=150):
    y, x = np.mgrid[:size, :size] - (size - 1) / 2
    return (np.hypot(x, y) < radius).astype(np.float32)


def angle_error(vectors, degrees):
    """Degrees between double-angle vectors and a direction, 0..90."""
    found = np.degrees(np.arctan2(vectors[..., 1], vectors[..., 0])) / 2
    return np.abs((found - degrees + 90) % 180 - 90)


@pytest.mark.parametrize("degrees", [0, 30, 90, 135])
def test_stripes_give_their_angle(degrees):
    hair = disc()
    found = flow.measure(strands(degrees), hair, 1.0)
    inside = disc(radius=110) > 0
    assert np.median(angle_error(found, degrees)[inside]) < 2
    assert found[inside, 2].mean() > 0.3
    assert found[..., 2][hair == 0].max() < 0.01
    assert found[..., 2].max() <= 1


def test_noise_has_less_confidence_than_strands():
    rng = np.random.default_rng(3)
    noise = np.clip(rng.normal(0.3, 0.1, (400, 400)), 0, 1).astype(np.float32)
    inside = disc(radius=110) > 0
    curls, straight = (flow.measure(x, disc(), 1.0)[inside, 2].mean()
                       for x in (noise, strands(40)))  # fmt: skip
    assert curls < 0.6 * straight


def test_the_border_of_hair_does_not_turn_the_flow():
    hair = disc()
    luminance = np.where(hair > 0, strands(60), 0.9).astype(np.float32)
    found = flow.diffuse(flow.measure(luminance, hair, 1.0), 1.0)
    assert np.quantile(angle_error(found, 60)[hair > 0], 0.98) < 12


def test_on_grid_measures_finer_than_the_grid():
    fine = (strands(30, size=1000, period=5) * 255).astype(np.uint8)
    pixels = np.repeat(fine[..., None], 3, axis=2)
    grid = Grid(Box(0, 0, 400, 400), 0.4)
    found = flow.on_grid(pixels, disc(), grid, iod=400.0)
    inside = disc(radius=110) > 0
    assert found.shape == (400, 400, 3)
    assert np.median(angle_error(found, 30)[inside]) < 2
    np.testing.assert_allclose(np.hypot(found[inside, 0], found[inside, 1]), 1, atol=1e-3)


def test_without_hair_everything_hangs_down_and_nothing_is_nan():
    none = np.zeros((90, 80), np.float32)
    found = flow.measure(np.full((90, 80), 0.5, np.float32), none, 1.0)
    assert (found[..., 2] == 0).all()
    grid = Grid(Box(0, 0, 80, 90), 1.0)
    assert not flow.on_grid(np.zeros((90, 80, 3), np.uint8), none, grid, 60.0).any()
    spread = flow.diffuse(found, 1.0)
    assert spread.dtype == np.float32
    assert angle_error(spread, 90).max() < 1e-3
    np.testing.assert_allclose(np.hypot(spread[..., 0], spread[..., 1]), 1, atol=1e-5)
