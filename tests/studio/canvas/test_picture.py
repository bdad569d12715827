"""Arrays become images and back without loss, and every size shows the same picture."""

import gc

import numpy as np
import pytest
from PySide6.QtGui import QColorSpace, QImage

from hairstudio.imaging.blend import Patch
from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas import after, picture, qimage


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def means(array, factor):
    """Of squares, as floats; edges repeated."""
    height, width = (-(-side // factor) * factor for side in array.shape[:2])
    padded = np.pad(
        array.astype(float),
        ((0, height - array.shape[0]), (0, width - array.shape[1]), (0, 0)), "edge",
    )  # fmt: skip
    return padded.reshape(height // factor, factor, width // factor, factor, 3).mean((1, 3))


@pytest.mark.parametrize("width", [1, 5, 64, 101])
def test_images_hold_every_pixel_and_outlive_the_array(width):
    array = noise(7, width)
    image = qimage.opaque(qimage.packed(array))
    gc.collect()
    noise(300, 300)  # would reuse freed memory
    assert np.array_equal(qimage.rgb(image), array)
    red, green, blue = (int(value) for value in array[3, 0])
    assert image.pixelColor(0, 3).getRgb()[:3] == (red, green, blue)


def test_alpha_is_premultiplied():
    rgb, alpha = noise(20, 30), noise(20, 30, 1)[..., 0]
    image = qimage.translucent(qimage.packed(rgb, alpha))
    straight = image.convertToFormat(QImage.Format.Format_ARGB32)
    for x, y in ((0, 0), (29, 19), (7, 11)):
        color = straight.pixelColor(x, y)
        assert color.alpha() == alpha[y, x]
        allowed = 255 / max(int(alpha[y, x]), 1)
        assert abs(color.red() - int(rgb[y, x, 0])) <= allowed


def test_levels_are_means_of_squares_also_for_odd_sizes():
    array = noise(1203, 1789)
    made = picture(array)
    assert made.size == (1789, 1203)
    assert [level.width() for level in made.levels] == [1789, 895, 448]
    for index, level in enumerate(made.levels):
        assert np.abs(qimage.rgb(level) - means(array, 1 << index)).max() <= index


def test_deep_and_profiled_photos_are_shown_as_srgb():
    eight = noise(40, 50)
    sixteen = eight.astype(np.uint16) * 257
    assert np.array_equal(qimage.rgb(picture(sixteen).levels[0]), eight)

    wide = QColorSpace(QColorSpace.NamedColorSpace.DisplayP3)
    shown = qimage.rgb(picture(eight, bytes(wide.iccProfile().data())).levels[0]).astype(int)
    grey = np.full((4, 4, 3), 120, np.uint8)
    assert np.abs(shown - eight).max() > 10
    greys = qimage.rgb(picture(grey, bytes(wide.iccProfile().data())).levels[0])
    assert np.abs(greys.astype(int) - 120).max() <= 1
    assert np.array_equal(qimage.rgb(picture(eight, b"not a profile").levels[0]), eight)


def test_a_final_is_the_blended_photo_at_every_size():
    array = noise(1000, 1400)
    box = Box(333, 217, 301, 299)
    alpha = noise(299, 301, 2)[..., 0]
    patch = Patch(box, noise(299, 301, 3), alpha)
    made = after(array, [patch])
    a = alpha[..., None] / 255
    whole = array.astype(float)
    whole[box.slices] = np.rint(a * patch.rgb + (1 - a) * whole[box.slices])
    assert made.final
    (layer,) = made.layers
    for index, level in enumerate(layer.levels):
        step = 1 << index
        assert layer.box.x % step == layer.box.y % step == 0
        expected = means(whole, step)[layer.box.y // step :, layer.box.x // step :]
        shown = qimage.rgb(level)
        assert np.abs(shown - expected[: shown.shape[0], : shown.shape[1]]).max() <= index + 1e-6


def test_a_preview_keeps_its_scale_and_alpha():
    array = noise(400, 600)
    patch = Patch(Box(10, 20, 30, 40), noise(40, 30), np.full((40, 30), 128, np.uint8))
    made = after(array, [patch, patch], 0.5)
    assert not made.final
    assert [(layer.box, layer.step) for layer in made.layers] == [(patch.box, 2.0)] * 2
    assert made.layers[0].levels[0].pixelColor(3, 3).alpha() == 128


def test_nothing_edited_is_no_layer():
    array = noise(40, 60)
    assert after(array, []).layers == ()
    outside = Patch(Box(100, 100, 5, 5), noise(5, 5), np.full((5, 5), 255, np.uint8))
    assert after(array, [outside]).layers == ()
