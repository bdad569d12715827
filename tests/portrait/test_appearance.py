"""Palette, grain, sharpness and light of pictures made with known values."""

import cv2
import numpy as np
import pytest

from hairstudio.imaging.geometry import Box
from hairstudio.portrait import appearance
from hairstudio.portrait.parsing import Class, Grid

BROWN, SKIN = (80, 50, 30), (210, 160, 135)


def drawn(analysis, hair=BROWN, noise=0.0, shade=None):
    """The sample's own maps, filled with flat colours, noise and a shade over the skin."""
    height, width = analysis.photo_size[::-1]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    mask = np.zeros((height, width), bool)
    mask[: height // 3] = True
    photo = np.where(mask[..., None], np.float32(hair), np.float32(SKIN))
    if shade is not None:
        photo = photo * shade(x / width, y / height)[..., None]
    photo += np.random.default_rng(1).normal(0, noise * 255, photo.shape)
    planes = np.zeros((len(Class), height, width), np.uint8)
    planes[Class.HAIR][mask] = planes[Class.SKIN][~mask] = 255
    pixels = np.clip(np.rint(photo), 0, 255).astype(np.uint8)
    grid = Grid(Box(0, 0, width, height), 1.0)
    rgb = pixels.astype(np.float32) / 255
    return appearance.measure(pixels, rgb, planes, grid, analysis.frame, analysis.landmarks)


def lab(rgb):
    return cv2.cvtColor(np.float32([[rgb]]) / 255, cv2.COLOR_RGB2LAB)[0, 0]


def test_flat_colours_are_the_palette(analysis):
    look = drawn(analysis)
    for part in ("root", "body", "tip", "whole", "shadow", "highlight"):
        np.testing.assert_allclose(getattr(look.palette, part), lab(BROWN), atol=0.6)
    np.testing.assert_allclose(look.skin, lab(SKIN), atol=0.6)


def test_shadow_and_highlight_lie_on_both_sides(analysis):
    look = drawn(analysis, noise=0.08)
    assert look.palette.shadow[0] < look.palette.whole[0] - 5
    assert look.palette.highlight[0] > look.palette.whole[0] + 5


@pytest.mark.parametrize("noise", [0.004, 0.02])
def test_grain_is_the_noise_that_was_added(analysis, noise):
    luma, _ = drawn(analysis, noise=noise).grain
    expected = noise * np.sqrt(0.299**2 + 0.587**2 + 0.114**2)
    assert luma == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize(
    ("shade", "axis", "sign"),
    [
        (lambda x, y: 1.2 - 0.8 * x, 0, -1),
        (lambda x, y: 0.4 + 0.8 * x, 0, 1),
        (lambda x, y: 1.3 - 0.8 * y, 1, -1),
    ],
)
def test_light_comes_from_the_bright_side(analysis, shade, axis, sign):
    look = drawn(analysis, shade=shade)
    assert np.linalg.norm(look.light) == pytest.approx(1)
    assert sign * look.light[axis] > 0.4
    assert look.light[2] < 0


def test_an_upscaled_photo_is_less_sharp(head, small, analysis):
    noisy = np.random.default_rng(4).integers(0, 256, head.shape, np.uint8)
    soft = cv2.GaussianBlur(noisy, (0, 0), 2.5)
    sharpness = []
    for pixels in (noisy, soft):
        grid = Grid(Box(0, 0, head.shape[1], head.shape[0]), 1.0)
        planes = np.zeros((len(Class), *head.shape[:2]), np.uint8)
        planes[Class.HAIR] = 255
        rgb = pixels.astype(np.float32) / 255
        look = appearance.measure(pixels, rgb, planes, grid, analysis.frame, analysis.landmarks)
        sharpness.append(look.sharpness)
    assert sharpness[0] > 0.5
    assert sharpness[1] < 0.2


def test_no_hair_no_palette(shared, assets):
    from hairstudio.imaging.photo import read_photo
    from hairstudio.portrait.analysis import analyse

    photo = read_photo(shared / "photos" / "sen_tim-scott.jpg")
    look = analyse(photo.pixels, assets).appearance
    assert look.palette is None
    assert np.isfinite(look.skin).all()
