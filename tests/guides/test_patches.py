"""What replaces a warp's texture, on textures whose warp is known exactly."""

import numpy as np
import pytest

from hairstudio.guides.warp.patches import place, retexture
from hairstudio.guides.warp.seams import Hair, cut

SHAPE = (64, 64)
ONES = np.ones(SHAPE, np.float32)


def waves(period, axis):
    """Strands of so many pixels' width; variation along ``axis``."""
    phase = np.indices(SHAPE)[axis] * (2 * np.pi / period)
    return np.repeat(0.1 * np.sin(phase)[..., None], 3, 2).astype(np.float32)


def textured(fine, hair, patches, insides, weights):
    """The picture after ``retexture`` of hair everywhere."""
    picture = fine.copy()
    inside = tuple(np.dstack([share * ONES, 0 * ONES]) for share in insides)
    weight = np.stack([share * ONES for share in weights]).astype(np.float32)
    retexture(picture, fine, np.dstack([hair * ONES, 0 * ONES]), patches, inside, weight)
    return picture


def test_hair_that_keeps_its_length_stays_as_it_is():
    fine, other = waves(14, 0), waves(16, 1)
    assert np.allclose(textured(fine, 0, (other, other), (1, 1), (1, 0)), fine, atol=1e-6)


def test_a_patch_of_something_else_is_replaced_by_its_neighbour():
    fine, wrong, right = waves(16, 0), waves(5, 1), waves(7, 0)
    made = textured(fine, 1, (wrong, right), (0, 1), (0.5, 0.5))
    assert np.allclose(made, right, atol=1e-5)


def test_patches_that_are_alike_meet_without_a_trace():
    same = waves(9, 1)
    made = textured(waves(16, 0), 1, (same, same), (1, 1), (0.4, 0.6))
    assert np.allclose(made, same, atol=1e-6)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_patch_moves_as_a_whole(level):
    maps, weights = np.empty((2, 2, *SHAPE), np.float32), np.empty((2, *SHAPE), np.float32)
    place(3 * ONES, level * ONES, 5 * ONES, 0.0, 1.0, 0, maps, weights)
    assert np.allclose(weights[0], 1)
    assert np.allclose(maps[0, 1] - np.indices(SHAPE)[0], 3 + 5 * level)


def test_hair_is_cut_where_it_looks_alike():
    """Repeating every 8 rows in a strip only, it matches itself there when it moves by 8."""
    noise = np.random.default_rng(1).standard_normal((*SHAPE, 3)).astype(np.float32)
    noise[20:40] = np.tile(noise[20:28], (3, 1, 1))[:20]
    ends = np.zeros(64, np.float32), np.full(64, 63, np.float32)
    moves = np.full(64, 8, np.float32)
    levels, fit = cut(Hair(noise, ONES), ends, 0 * ONES, moves, 1)
    rows = (levels < 0.5).sum(0)
    assert rows.min() >= 28
    assert rows.max() <= 40
    assert fit.min() > 0.9


def test_hair_that_matches_nowhere_says_so():
    noise = np.random.default_rng(1).standard_normal((*SHAPE, 3)).astype(np.float32)
    ends = np.zeros(64, np.float32), np.full(64, 63, np.float32)
    _, fit = cut(Hair(noise, ONES), ends, 0 * ONES, np.full(64, 8, np.float32), 1)
    assert fit.max() < 0.1
