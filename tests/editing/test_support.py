"""The allowed support against its definition, measured without the code that computes it."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from hairstudio.editing import support
from hairstudio.editing.composite import composite
from hairstudio.editing.edits import Color, Hairline, Volume
from hairstudio.imaging.blend import to_float
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.photo import read_photo, write_photo
from hairstudio.imaging.resample import crop
from hairstudio.metrics.outside import jpeg_support, outside_difference
from hairstudio.portrait.parsing import BROWS, Class
from hairstudio.portrait.view import View

HAIRLINE, COLOR, VOLUME = Hairline(amount=1), Color(shade="black"), Volume(amount=1)


@pytest.fixture(scope="module")
def views(faces):
    return [
        View(to_float(each.photo.pixels), Box.of_size(*each.photo.size), 1.0, each.analysis)
        for each in faces
    ]


def rows_of(view):
    """v in the face frame of every pixel, from the landmarks' frame."""
    xy = np.stack(np.meshgrid(np.arange(view.box.w), np.arange(view.box.h)), -1)
    return view.analysis.frame.apply(xy + (view.box.x, view.box.y))[..., 1]


def test_hairline_stays_above_the_brows_and_on_the_head(views):
    for view in views:
        allowed = support.allowed(HAIRLINE, view) > 0
        assert allowed.sum() > 5000
        assert rows_of(view)[allowed].max() < view.analysis.hairline.brow
        not_head = view.probability(Class.BACKGROUND, Class.NECK, Class.NECKLACE, Class.CLOTH)
        distance = ndimage.distance_transform_edt(not_head > 0.5)
        assert distance[allowed].max() <= 0.05 * view.iod + 1.5


def test_color_stays_within_two_pixels_of_hair(views):
    for view in views:
        allowed = support.allowed(COLOR, view) > 0
        assert allowed.sum() > 5000
        distance = ndimage.distance_transform_edt(view.matte == 0)
        assert distance[allowed].max() <= np.hypot(2, 2)


def test_color_leaves_skin_below_the_brows(views):
    for view in views:
        allowed = support.allowed(COLOR, view) > 0
        below = rows_of(view) > view.analysis.hairline.brow
        far_from_hair = ndimage.distance_transform_edt(view.matte <= 0.05) > np.hypot(2, 2)
        skin = (view.all_skin > 0.9) & below & far_from_hair
        assert skin.sum() > 5000 and not allowed[skin].any()


def test_volume_stays_near_hair_and_off_the_face(views):
    for view in views:
        allowed = support.allowed(VOLUME, view) > 0
        assert allowed.sum() > 20000
        distance = ndimage.distance_transform_edt(view.hair <= 0.5)
        assert distance[allowed].max() <= 0.35 * view.iod + 1.5
        face = view.probability(Class.SKIN, Class.NOSE, *BROWS) > 0.75
        assert face.sum() > 5000 and not allowed[face].any()


def test_glasses_and_hats_are_cut_out(views):
    view = views[0]
    x, y = (int(value) for value in view.frame.inverse.apply(np.array([0.0, -1.15])))
    planes = view.analysis.parsing.copy()
    grid = view.analysis.grid
    gx, gy = (int(value) for value in grid.from_photo.apply(np.array([x, y], float)))
    planes[:, gy - 20 : gy + 20, gx - 20 : gx + 20] = 0
    planes[Class.HAT, gy - 20 : gy + 20, gx - 20 : gx + 20] = 255
    covered = View(view.rgb, view.box, 1.0, replace(view.analysis, parsing=planes))
    for edit in (HAIRLINE, COLOR, VOLUME):
        assert support.allowed(edit, view)[y - 8 : y + 8, x - 8 : x + 8].min() > 0
        assert support.allowed(edit, covered)[y - 8 : y + 8, x - 8 : x + 8].max() == 0


def test_edges_are_soft(face):
    """The support falls to 0 over several pixels, so that it cuts hair without a seam."""
    width, height = face.photo.size
    box = Box.of_size(3 * width, height)
    view = View(crop(face.photo.pixels, box, 3.0), box, 3.0, face.analysis)
    allowed = support.allowed(HAIRLINE, view).astype(int)
    assert max(np.abs(np.diff(allowed, axis=axis)).max() for axis in (0, 1)) < 90


@pytest.mark.parametrize("subsampling", [0, 2])
def test_jpeg_changes_only_blocks_that_were_touched(engine, face, tmp_path, subsampling):
    source, out = tmp_path / "photo.jpg", tmp_path / "out.jpg"
    Image.fromarray(face.photo.pixels).save(source, quality=90, subsampling=subsampling)
    photo = read_photo(source)
    analysis = engine.analyse(photo)
    rendered = engine.render(photo, analysis, [Hairline(amount=-0.6)])
    report = write_photo(photo, composite(photo.pixels, rendered.patches), out)
    assert report.outside == "transplanted"
    touched = np.zeros(photo.pixels.shape[:2], np.uint8)
    for patch in rendered.patches:
        touched[patch.box.slices] |= patch.alpha
    mcu = (16, 16) if subsampling else (8, 8)
    after = np.asarray(Image.open(io.BytesIO(out.read_bytes())))
    outside = outside_difference(photo.pixels, after, jpeg_support(touched, mcu))
    assert outside.passed and outside.outside > 500_000
    assert cv2.absdiff(photo.pixels, after)[touched > 0].mean() > 1
