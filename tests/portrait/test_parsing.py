"""Parsing of the sample: scales, borders, depth, long hair."""

import cv2
import numpy as np
import pytest

from hairstudio.imaging.photo import read_photo
from hairstudio.portrait import landmarks
from hairstudio.portrait.alignment import crop_frame, face_frame
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.parsing import Class, parse, warp_to_crop


def share(first, second):
    """Intersection over union of two soft maps."""
    return np.minimum(first, second).sum() / np.maximum(first, second).sum()


def test_the_maps_add_up_and_know_the_sample(analysis):
    total = analysis.parsing.sum(0, dtype=int)
    assert np.abs(total - 255).max() <= len(Class)
    for name, (u, v) in {
        Class.SKIN: (0.45, 0.7),
        Class.NOSE: (0.0, 0.5),
        Class.HAIR: (0.3, -1.1),
        Class.BACKGROUND: (-2.1, -1.0),
    }.items():
        x, y = analysis.frame.inverse.then(analysis.grid.from_photo).apply(np.array([u, v]))
        assert analysis.parsing[name, round(y), round(x)] > 200, name


def test_the_published_maps_cannot_be_written(analysis):
    for array in (analysis.parsing, analysis.flow, analysis.landmarks):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_tilted_head_is_parsed_alike(head, analysis, assets):
    matrix = cv2.getRotationMatrix2D((440, 500), 25, 0.8)
    tilted = cv2.warpAffine(head, matrix, (880, 1000), borderMode=cv2.BORDER_REPLICATE)
    other = analyse(tilted, assets)
    axes = np.meshgrid(np.linspace(-1.4, 1.4, 200), np.linspace(-1.8, 1.2, 200))
    uv = np.stack(axes, -1)
    hair = [
        cv2.remap(
            a.probability(Class.HAIR),
            a.frame.inverse.then(a.grid.from_photo).apply(uv).astype(np.float32),
            None,
            cv2.INTER_LINEAR,
        ).astype(float)
        for a in (analysis, other)
    ]
    assert share(*hair) > 0.9


def test_8_and_16_bit_agree(head, analysis, assets):
    deep = analyse(head.astype(np.uint16) * 257, assets)
    difference = np.abs(deep.parsing.astype(int) - analysis.parsing)
    assert difference.mean() < 0.3


@pytest.mark.parametrize("size", [64, 512])
def test_the_crop_shows_each_pixel_where_the_frame_says(size):
    y, x = np.mgrid[:3000, :4000]
    ramp = np.dstack([x * 16, y * 16, 0 * x]).astype(np.uint16)
    points = np.zeros((478, 3))
    points[[33, 133]], points[[362, 263]] = (1800, 1300, 0), (2200, 1340, 0)
    points[[61, 291]] = (1960, 1750, 0)
    frame = crop_frame(points, size)
    crop = warp_to_crop(ramp, frame, size).astype(float) / 16
    middle = slice(size // 4, 3 * size // 4)
    rows, columns = np.mgrid[:size, :size][:, middle, middle]
    expected = frame.inverse.apply(np.stack([columns, rows], -1))
    error = (crop[middle, middle, :2] - expected) * frame.scale
    assert np.abs(error).max() < 0.05


def test_waist_long_hair_is_found(shared, assets):
    """A long-haired portrait, stretched below the mouth to three times its height."""
    pixels = read_photo(shared / "photos" / "sen_tammy-duckworth.jpg").pixels
    (face,) = landmarks.detect(assets.landmarker, pixels)
    frame = face_frame(face)
    cut = round(frame.inverse.apply(np.array([0.0, 1.0]))[1])
    below = cv2.resize(pixels[cut:], None, fx=1, fy=3.2)
    grid, planes = parse(assets.parser, np.vstack([pixels[:cut], below]), face)
    to_grid = frame.inverse.then(grid.from_photo)
    for v in (1.0, 3.0, 4.5, 6.5):
        x, y = to_grid.apply(np.array([-1.4, v]))
        assert planes[Class.HAIR, round(y), round(x)] > 200, v
