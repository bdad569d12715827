import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hairstudio.imaging.blend import Patch, blend
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.layer import merged, write_layer
from hairstudio.imaging.photo import Photo, read_photo


def stack(seed, dtype, count):
    """Random patches over a random photo: extreme colours, soft and hard alpha."""
    rng = np.random.default_rng(seed)
    top = np.iinfo(dtype).max
    photo = Photo(rng.choice(np.array([0, 1, top // 3, top], dtype), (30, 40, 3)))
    patches = []
    for _ in range(count):
        x, y, w, h = rng.integers(-5, 25), rng.integers(-5, 20), *rng.integers(1, 30, 2)
        rgb = rng.choice(np.array([0, 7, top // 2, top], dtype), (h, w, 3))
        alpha = rng.choice(np.array([0, 1, 2, 100, 254, 255], np.uint8), (h, w))
        patches.append(Patch(Box(int(x), int(y), int(w), int(h)), rgb, alpha))
    return photo, patches


def over(photo, rgb, alpha):
    """The layer over the photo as another program shows it, rounded to whole levels."""
    a = alpha[..., None] / photo.depth
    return np.rint(a * rgb + (1 - a) * photo.pixels)


@settings(deadline=None, max_examples=80)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.uint16]), st.integers(0, 4)
)  # fmt: skip
def test_the_layer_over_the_photo_is_the_result_within_one_level(seed, dtype, count):
    photo, patches = stack(seed, dtype, count)
    rgb, alpha = merged(photo, patches)
    result = photo.pixels.copy()
    covered = np.zeros(result.shape[:2], bool)
    for patch in patches:
        blend(result, patch)
        seen = patch.box.intersection(Box.of_size(*photo.size))
        inside = seen.shifted(-patch.box.x, -patch.box.y).slices
        covered[seen.slices] |= patch.alpha[inside] > 0
    assert np.abs(over(photo, rgb, alpha) - result).max(initial=0) <= 1
    assert not alpha[~covered].any()


def test_alpha_is_the_union_of_the_stack():
    photo = Photo(np.full((8, 8, 3), 120, np.uint8))
    half = Patch(Box(2, 2, 4, 4), np.full((4, 4, 3), 130, np.uint8), np.full((4, 4), 128, np.uint8))
    _, alpha = merged(photo, [half, half])
    a = 128 / 255
    assert (alpha[2:6, 2:6] == round(255 * (1 - (1 - a) ** 2))).all()
    assert alpha.sum() == alpha[2:6, 2:6].sum()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_file_is_a_straight_rgba_png_of_the_photos_size_and_depth(tmp_path, dtype):
    photo, patches = stack(5, dtype, 2)
    write_layer(tmp_path / "layer.png", photo, patches)
    stored = cv2.imread(str(tmp_path / "layer.png"), cv2.IMREAD_UNCHANGED)
    rgb, alpha = merged(photo, patches)
    assert stored.dtype == dtype
    assert np.array_equal(stored, np.dstack([rgb[..., ::-1], alpha]))
    again = read_photo(tmp_path / "layer.png")
    assert np.array_equal(again.alpha, alpha)
