import cv2
import numpy as np
import pytest

from hairstudio.imaging.blend import to_float
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.imaging.photo import read_photo
from hairstudio.imaging.resample import crop, downscale


@pytest.fixture(scope="module")
def pixels(astronaut):
    return read_photo(astronaut).pixels


def ramp(height, width, dtype):
    """Red grows with x, green with y: a value tells where its pixel centre lies."""
    top = np.iinfo(dtype).max
    out = np.zeros((height, width, 3), dtype)
    out[..., 0] = np.linspace(0, top, width)[None]
    out[..., 1] = np.linspace(0, top, height)[:, None]
    return out


def test_scale_1_is_the_pixels_themselves(pixels):
    assert np.array_equal(crop(pixels, Box(30, 40, 50, 60)), to_float(pixels)[40:100, 30:80])


def test_outside_the_photo_the_edge_is_repeated(pixels):
    out = crop(pixels, Box(-3, 500, 10, 20))
    whole = np.pad(to_float(pixels), ((0, 8), (3, 0), (0, 0)), mode="edge")
    assert np.array_equal(out, whole[500:520, :10])
    with pytest.raises(ValueError, match="outside the photo"):
        crop(pixels, Box(900, 0, 10, 10))


@pytest.mark.parametrize("scale", [1 / 2, 1 / 3, 1 / 8])
def test_whole_reductions_are_exact_means(pixels, scale):
    k = round(1 / scale)
    out = crop(pixels, Box(2, 3, 40, 30), scale)
    area = to_float(pixels)[3 * k : 33 * k, 2 * k : 42 * k].reshape(30, k, 40, k, 3)
    assert np.abs(out - area.mean((1, 3))).max() < 1e-6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("scale", [0.11, 0.37, 0.5, 0.73, 1.0, 1.7, 2.5])
def test_pixels_lie_where_the_similarity_says(scale, dtype):
    width, height = (256, 256) if dtype == np.uint8 else (1203, 901)
    box = Box.of_size(width, height).scaled(scale).grown(-8)
    out = crop(ramp(height, width, dtype), box, scale)
    # OpenCV interpolates at steps of 1/32 pixel
    xs, ys = np.meshgrid(np.arange(box.w) + box.x, np.arange(box.h) + box.y)
    places = Similarity.resize(scale).inverse.apply(np.stack([xs, ys], -1).astype(float))
    assert np.abs(out[..., 0] * (width - 1) - places[..., 0]).max() < 0.07
    assert np.abs(out[..., 1] * (height - 1) - places[..., 1]).max() < 0.07


@pytest.mark.parametrize("scale", [0.21, 0.6, 1.0, 1.6])
def test_a_pixel_does_not_depend_on_its_box(pixels, scale):
    large = crop(pixels, Box(20, 20, 60, 50), scale)
    small = crop(pixels, Box(31, 27, 17, 13), scale)
    assert np.abs(large[7:20, 11:28] - small).max() < 1e-3


@pytest.mark.parametrize("scale", [0.13, 0.55, 0.7])
def test_fine_stripes_do_not_alias(scale):
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    inside = crop(stripes, Box.of_size(400, 400).scaled(scale).grown(-4), scale)
    linear = cv2.resize(stripes, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    assert np.ptp(inside[..., 0]) < 0.4 * np.ptp(linear[..., 0] / 255)


def test_downscale_keeps_depth_and_rounds_the_size(pixels):
    assert downscale(pixels, 0.3).shape == (154, 154, 3)
    deep = pixels.astype(np.uint16) * 257
    small = downscale(deep, 0.3)
    assert small.dtype == np.uint16
    assert np.abs(small / 257.0 - downscale(pixels, 0.3)).max() <= 0.51
