"""The hairline of drawn heads, where the true line is known."""

import numpy as np
import pytest

from hairstudio.imaging.geometry import Similarity
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.hairline import trace

BROW = -0.3
IOD = 100.0
SIZE = 600
AT = (300.0, 400.0)  # between the eyes


def frame(degrees=0.0):
    angle = np.radians(-degrees)
    a, b = np.cos(angle) / IOD, np.sin(angle) / IOD
    return Similarity(a, b, -(a * AT[0] - b * AT[1]), -(b * AT[0] + a * AT[1]))


def plane(inside, degrees=0.0):
    """1 where ``inside(u, v)``, antialiased over one pixel."""
    total = np.zeros((SIZE, SIZE), np.float32)
    steps = (-0.375, -0.125, 0.125, 0.375)
    for dy in steps:
        for dx in steps:
            x, y = np.meshgrid(np.arange(SIZE) + dx, np.arange(SIZE) + dy)
            u, v = np.moveaxis(frame(degrees).apply(np.stack([x, y], -1)), -1, 0)
            total += inside(u, v)
    return total / 16


def cap(u, v, height=0.8):
    """Hair above a gently curved line."""
    return (v < BROW - height + 0.3 * u**2) & (v > -2.2) & (np.abs(u) < 1.4)


@pytest.mark.parametrize("degrees", [0, 25, -40])
def test_a_curve_is_found_to_a_hundredth_of_the_eye_distance(degrees):
    curve = trace(plane(cap, degrees), frame(degrees), 0.0, BROW)
    expected = BROW - 0.8 + 0.3 * curve.u**2
    np.testing.assert_allclose(curve.v, expected, atol=0.02)
    assert curve.height == pytest.approx(0.8, abs=0.01)


def test_the_columns_follow_the_middle_of_the_face():
    curve = trace(plane(cap), frame(), 0.2, BROW)
    assert curve.u.mean() == pytest.approx(0.2, abs=1e-4)
    assert np.abs(curve.u[curve.middle] - 0.2).max() <= 0.2501


def test_a_thin_strand_on_the_forehead_is_looked_through():
    def strand(u, v):
        return (np.abs(u - 0.1 - 0.2 * v) < 0.04) & (v < BROW)

    clean = trace(plane(cap), frame(), 0.0, BROW)
    loose = trace(plane(lambda u, v: cap(u, v) | strand(u, v)), frame(), 0.0, BROW)
    np.testing.assert_allclose(loose.v, clean.v, atol=0.03)


def test_a_broad_lock_is_hair():
    def lock(u, v):
        return (np.abs(u) < 0.3) & (v < BROW - 0.4)

    curve = trace(plane(lambda u, v: cap(u, v) | lock(u, v)), frame(), 0.0, BROW)
    assert curve.height == pytest.approx(0.4, abs=0.01)


def test_no_hair_has_no_height():
    curve = trace(np.zeros((SIZE, SIZE), np.float32), frame(), 0.0, BROW)
    assert np.isnan(curve.v).all()
    assert np.isnan(curve.height)
    assert np.isnan(curve.at(np.zeros(3, np.float32))).all()


def test_a_weak_leak_is_not_hair():
    curve = trace(0.7 * plane(cap), frame(), 0.0, BROW)
    assert np.isnan(curve.height)


def test_hair_behind_a_bald_head_does_not_count():
    def skull(u, v):
        return np.hypot(u, v + 0.2) < 1.1

    def wall(u, v):
        return v < -1.6

    hair, face = plane(wall), plane(skull)
    assert np.isfinite(trace(hair, frame(), 0.0, BROW).height)
    assert np.isnan(trace(hair, frame(), 0.0, BROW, face=face).height)
    both = plane(lambda u, v: cap(u, v))
    assert trace(both, frame(), 0.0, BROW, face=face).height == pytest.approx(0.8, abs=0.01)


def test_a_shift_moves_the_height():
    curve = trace(plane(cap), frame(), 0.0, BROW)
    assert curve.shifted(-0.1).height == pytest.approx(curve.height + 0.1, abs=1e-5)


def test_the_height_of_a_photo_is_stable(head, analysis, assets):
    brighter = np.clip(head.astype(np.float32) * 1.1 + 4, 0, 255).astype(np.uint8)
    for other in (brighter, np.ascontiguousarray(head[9:, 14:]), head.astype(np.uint16) * 257):
        assert analyse(other, assets).hairline.height == pytest.approx(
            analysis.hairline.height, abs=0.04
        )
