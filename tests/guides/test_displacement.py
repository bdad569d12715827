"""The field that moves a hairline: whatever the head, it must not fold and must do what it says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hairstudio.guides.warp.displacement import (
    CELLS,
    HAIR_SQUEEZE,
    HAIR_STRETCH,
    Displacement,
    FaceGrid,
    fall,
    rate,
)

GRID = FaceGrid.around(0.0, -0.3)


def head(line, thickness, tilt=0.0, slope=0.0):
    """A head with its hairline at v = ``line``, hair ``thickness`` IOD above it, brows at -.36."""
    curve = (line + tilt * GRID.u**2 + slope * GRID.u).astype(np.float32)
    side = np.clip((1.1 - np.abs(GRID.u)) / 0.56, 0, 1).astype(np.float32)
    alike = np.linspace(-0.54, 0.54, 37, dtype=np.float32)
    free, top = (side > 0).astype(np.float32), curve - np.float32(thickness)
    return Displacement(GRID, curve, curve, top, side, free, fall(curve, GRID.u), -0.36, alike)


heads = st.builds(
    head,
    line=st.floats(-1.6, -0.6),
    thickness=st.floats(0.0, 1.0),
    tilt=st.floats(-0.3, 0.3),
    slope=st.floats(-0.3, 0.3),
)


@settings(max_examples=40, deadline=None)
@given(heads, st.floats(-0.24, 0.24))
def test_no_length_changes_beyond_the_limit(displacement, height):
    rates = rate(displacement.field(height))
    assert rates.min() > 0.8 / HAIR_STRETCH  # the grid's own differences add a little
    assert rates.max() < 1.25 * HAIR_SQUEEZE


@settings(max_examples=40, deadline=None)
@given(heads)
def test_reach_is_delivered_at_the_new_hairline(displacement):
    for height in displacement.reach(0.24):
        centre = GRID.width // 2
        new = displacement.line[centre] - displacement.profile(height)[centre]
        row = round((float(new) - GRID.top) * CELLS)
        assert displacement.field(height)[row, centre] == pytest.approx(height, abs=0.02)


def test_a_thick_head_of_hair_allows_everything():
    assert head(-1.1, 0.9).reach(0.24) == (-0.24, 0.24)


def test_no_hair_allows_nothing():
    assert head(-1.1, 0.0).reach(0.24) == (0.0, 0.0)


def test_a_covered_forehead_allows_nothing():
    covered = replace(head(-1.1, 0.9), side=np.zeros_like(GRID.u))
    assert covered.reach(0.24) == (0.0, 0.0)
    assert not covered.field(0.24).any()


def test_a_profile_moves_less_and_without_a_step():
    """At the silhouette of a turned head nothing moves; a full move beside it would dent it."""
    frontal = head(-1.1, 0.9)
    seen = (GRID.u > -0.5).astype(np.float32)
    turned = replace(frontal, side=frontal.side * seen, free=frontal.free * seen)
    lowest, highest = turned.reach(0.24)
    assert -0.24 < lowest < 0 < highest < 0.24
    assert np.abs(np.diff(turned.profile(lowest))).max() * CELLS < 0.61
    assert turned.spread(lowest) < 0.03


def test_a_lowered_arch_stays_an_arch():
    """Faded out at once beside the middle, it would be flat there, and end in a corner."""
    line = (-1.1 + 0.9 * GRID.u**4).astype(np.float32)
    arched = replace(head(-1.1, 0.9), line=line, edge=line, fall=fall(line, GRID.u))
    outside = (np.abs(GRID.u) > 0.55) & (np.abs(GRID.u) < 0.9)
    lowered = line - arched.profile(-0.24)
    assert (np.gradient(lowered) / np.gradient(line))[outside].min() > 0.5


def test_roots_and_partings_come_down_as_they_are():
    displacement = head(-1.1, 0.7)
    rates = rate(displacement.field(-0.24))[:, GRID.width // 2]
    above = displacement.line[0] + 0.24 - GRID.v[:, 0]
    np.testing.assert_allclose(rates[(above > 0) & (above < 0.2)], 1, atol=0.01)


def test_brows_and_background_stay():
    displacement = head(-1.1, 0.6)
    for height in (-0.24, 0.24):
        field = displacement.field(height)
        assert not field[GRID.v[:, 0] > displacement.bottom].any()
        assert not field[GRID.v < displacement.top].any()


def test_the_hairline_goes_as_far_as_the_field_says():
    displacement = head(-1.1, 0.9)
    alike = np.abs(GRID.u) < 0.54
    rise = displacement.rise(0.2)[alike]
    np.testing.assert_allclose(rise, displacement.profile(0.2)[alike], atol=0.005)


def test_hair_that_hangs_down_to_the_brows_limits_the_move():
    """It stays, and the hairline may not change its shape much."""
    straight = head(-1.1, 0.9)
    edge = np.where(GRID.u < -0.48, np.float32(-0.4), straight.edge)
    draped = replace(straight, edge=edge)
    lowest, highest = draped.reach(0.24)
    assert -0.24 < lowest < 0 < highest < 0.24
    for height in (lowest, highest):
        assert draped.spread(height) < 0.03
        assert np.abs(draped.rise(height)[GRID.u < -0.5]).max() < 0.05
