"""What replaces a warp's texture, on textures whose warp is known exactly."""

import numpy as np
import pytest

from hairstudio.guides.warp.patches import retexture

SHAPE = (64, 64)


def textured(rgb, fine, across, loose, squeeze, evens, insides, weights=(1, 0)):
    """The picture after ``retexture`` of hair everywhere."""
    plane = np.ones(SHAPE, np.float32)
    rgb, soft = rgb.copy(), np.dstack([loose * plane, 0 * plane, plane, 0.1 * plane])
    locks = np.dstack([0 * plane, across * plane])
    inside = tuple(np.dstack([share * plane, 0 * plane]) for share in insides)
    weight = np.stack([share * plane for share in weights]).astype(np.float32)
    retexture(rgb, fine, locks, soft, squeeze * plane, evens, inside, weight, 0.1)
    return rgb


def waves(period, axis):
    """Strands of so many pixels' width; variation along ``axis``."""
    phase = np.indices(SHAPE)[axis] * (2 * np.pi / period)
    return np.repeat(0.1 * np.sin(phase)[..., None], 3, 2).astype(np.float32)


def energy(rgb):
    return np.square(np.gradient(rgb[..., 0], axis=(0, 1))).sum()


@pytest.mark.parametrize(("axis", "after"), [(0, 16), (1, 32)])
def test_squeezed_strands_keep_their_gradient_energy(axis, after):
    """Those across the movement become half as wide, those along it stay."""
    nothing = np.zeros((*SHAPE, 3), np.float32)
    fine, squeeze = waves(after, axis), np.float32(np.log(2))
    made = textured(fine + 0.5, fine, 1 - axis, 0, squeeze, (nothing, nothing), (1, 1))
    assert energy(made) == pytest.approx(energy(waves(32, axis)), rel=0.1)


def test_hardly_squeezed_hair_stays_as_it_is():
    fine, other = waves(14, 0), waves(16, 1)
    made = textured(fine + 0.5, fine, 1, 1, np.float32(np.log(16 / 14)), (other, other), (1, 1))
    assert np.allclose(made, fine + 0.5, atol=1e-6)


def test_a_patch_of_something_else_is_replaced_by_its_neighbour():
    fine, wrong, right = waves(16, 0), waves(5, 1), waves(7, 0)
    made = textured(fine + 0.5, fine, 1, 1, np.float32(-0.6), (wrong, right), (0, 1))
    texture = made - 0.5
    assert np.corrcoef(texture.ravel(), right.ravel())[0, 1] > 0.99
