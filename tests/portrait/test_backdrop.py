"""Hair in focus before a blurred background, parsed too generously."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hairstudio.portrait.backdrop import without
from hairstudio.portrait.matte import Parsed

SIZE, UNIT, EDGE, DRAWN = 320, 0.5, 160, 185
BACKDROP = np.float32([0.30, 0.27, 0.25])


def scene(hair=(0.20, 0.13, 0.10), behind=BACKDROP, edge=EDGE):
    """Hair left of ``edge``, with strands left of ``EDGE``; the parser's goes on to ``DRAWN``."""
    grain = np.random.default_rng(2).normal(0, 1, (SIZE, SIZE, 1)).astype(np.float32)
    columns = np.arange(SIZE)[None, :, None]
    rgb = np.where(columns < edge, np.float32(hair), behind)
    rgb = rgb + np.where(columns < EDGE, 0.05, 0.002) * grain
    parsed = (np.arange(SIZE) < DRAWN) * np.ones((SIZE, 1), np.float32)
    parsed = cv2.GaussianBlur(parsed.astype(np.float32), (0, 0), 1)
    return np.float32(np.clip(rgb, 0, 1)), Parsed(parsed, *np.zeros((7, SIZE, SIZE), np.float32))


def test_a_blurred_background_is_no_hair():
    rgb, parsed = scene()
    found = without(rgb, parsed, UNIT).hair
    assert found[20:-20, EDGE + 8 : DRAWN - 6].max() < 0.1
    assert np.array_equal(found[:, : EDGE - 8], parsed.hair[:, : EDGE - 8])


@pytest.mark.parametrize(
    "changed",
    [
        {"edge": DRAWN},  # smooth, but of the hair's colour
        {"behind": np.float32([0.02, 0.02, 0.02])},  # black shows no detail
        {"hair": (0.55, 0.5, 0.45), "behind": np.float32([0.98, 0.98, 0.98])},  # nor does white
    ],
)
def test_where_colour_or_detail_tell_nothing_the_parser_is_believed(changed):
    rgb, parsed = scene(**changed)
    assert np.allclose(without(rgb, parsed, UNIT).hair, parsed.hair, atol=0.02)


def test_a_smooth_place_within_hair_is_hair():
    rgb, parsed = scene()
    drawn = (np.arange(SIZE) < EDGE) * np.ones((SIZE, 1), np.float32)
    parsed = replace(parsed, hair=cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), 1))
    spot = slice(140, 164), slice(126, 150)
    rgb[spot] = BACKDROP
    assert np.array_equal(without(rgb, parsed, UNIT).hair[spot], parsed.hair[spot])
