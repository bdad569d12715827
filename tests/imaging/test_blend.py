import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hairstudio.imaging.blend import Patch, blend, to_depth, to_encoded, to_float, to_linear
from hairstudio.imaging.geometry import Box


def random_case(seed, dtype, box):
    rng = np.random.default_rng(seed)
    top = np.iinfo(dtype).max
    photo = rng.integers(0, top, (23, 31, 3), dtype, endpoint=True)
    rgb = rng.integers(0, top, (box.h, box.w, 3), dtype, endpoint=True)
    alpha = rng.choice(np.array([0, 1, 127, 128, 254, 255], np.uint8), (box.h, box.w))
    return photo, Patch(box, rgb, alpha)


boxes = st.builds(
    Box, st.integers(-40, 40), st.integers(-40, 40), st.integers(0, 50), st.integers(0, 50)
)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.uint16]), boxes)
def test_blend_is_the_exact_rounded_mix_wherever_the_box_lies(seed, dtype, box):
    photo, patch = random_case(seed, dtype, box)
    result = photo.copy()
    blend(result, patch)
    expected = photo.astype(np.int64)
    for y in range(photo.shape[0]):
        for x in range(photo.shape[1]):
            i, j = y - box.y, x - box.x
            if 0 <= i < box.h and 0 <= j < box.w:
                a = int(patch.alpha[i, j])
                mix = a * patch.rgb[i, j].astype(np.int64) + (255 - a) * expected[y, x]
                expected[y, x] = (2 * mix + 255) // 510  # round half up; halves cannot occur
    assert np.array_equal(result, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_0_keeps_and_255_replaces_bit_for_bit(dtype):
    photo, patch = random_case(1, dtype, Box(3, 2, 20, 15))
    result = photo.copy()
    blend(result, patch)
    inside = np.zeros(photo.shape[:2], np.uint8)
    inside[patch.box.slices] = patch.alpha
    assert np.array_equal(result[inside == 0], photo[inside == 0])
    assert np.array_equal(result[inside == 255], patch.rgb[patch.alpha == 255])


def test_depths_and_shapes_must_agree():
    photo, patch = random_case(1, np.uint8, Box(0, 0, 4, 4))
    with pytest.raises(ValueError, match="uint8 for a photo of uint16"):
        blend(photo.astype(np.uint16), patch)
    with pytest.raises(ValueError, match="in a box of"):
        Patch(Box(0, 0, 5, 4), patch.rgb, patch.alpha)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_level_survives_float_and_linear_light(dtype):
    levels = np.arange(np.iinfo(dtype).max + 1, dtype=dtype)
    assert np.array_equal(to_depth(to_float(levels), dtype), levels)
    there_and_back = to_depth(to_encoded(to_linear(to_float(levels))), dtype)
    assert np.abs(there_and_back.astype(int) - levels).max() <= (0 if dtype == np.uint8 else 1)


def test_linear_light_is_srgb():
    x = np.linspace(0, 1, 10001, dtype=np.float32).reshape(73, 137)
    exact = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    assert np.abs(to_linear(x) - exact).max() < 1e-6
    inverse = np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055)
    assert np.abs(to_encoded(x) - inverse).max() < 1e-5
