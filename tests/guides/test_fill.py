"""Sparse areas filled on a real photo; the result is parsed again."""

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import installed_assets
from hairstudio.guides import fill
from hairstudio.guides.strands import canvas, planting
from hairstudio.imaging.blend import to_depth
from hairstudio.imaging.photo import read_photo
from hairstudio.imaging.resample import crop
from hairstudio.portrait import parsing
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.parsing import Class
from hairstudio.portrait.view import View


@pytest.fixture(scope="module")
def pixels(shared):
    return read_photo(shared / "photos/sen_john-hoeven.jpg").pixels


@pytest.fixture(scope="module")
def face(pixels):
    return analyse(pixels, installed_assets())


def look(pixels, face, scale=1.0):
    box = fill.working_box(face, scale)
    return View(crop(pixels, box, scale), box, scale, face)


def temples(view):
    """Soft ellipses over the corners of the hairline, as a user paints them."""
    u, v = view.uv
    region = np.zeros(view.rgb.shape[:2], np.float32)
    for side in (-0.52, 0.52):
        u0 = view.analysis.centre + side
        v0 = float(view.hairline.at(np.array([u0]))[0]) + 0.02
        distance = np.hypot((u - u0) / 0.27, (v - v0) / 0.20)
        region = np.maximum(region, np.clip((1 - distance) / 0.45, 0, 1))
    return region


@pytest.fixture(scope="module")
def view(pixels, face):
    return look(pixels, face)


@pytest.fixture(scope="module")
def prepared(view):
    return fill.prepare(view, temples(view))


def result(view, drawing):
    alpha = drawing.alpha[..., None]
    return view.rgb * (1 - alpha) + drawing.rgb * alpha


def test_the_region_is_parsed_as_hair_and_little_else_changes(pixels, face, view, prepared):
    edited = pixels.copy()
    filled = result(view, fill.draw(prepared, 1.0))
    edited[view.box.slices] = to_depth(filled, np.uint8)
    weights = installed_assets().parser
    _, before = parsing.parse(weights, pixels, face.landmarks)
    _, after = parsing.parse(weights, edited, face.landmarks)
    region = temples(view)
    whole = np.zeros(pixels.shape[:2], np.float32)
    whole[view.box.slices] = region
    grid = face.grid
    on_grid = cv2.warpAffine(whole, grid.from_photo.matrix, (grid.box.w, grid.box.h))
    inside, elsewhere = on_grid > 0.5, on_grid < 0.01
    first, now = (planes[Class.HAIR][inside].mean() / 255 for planes in (before, after))
    assert now > first + 0.3 or now > 0.8
    assert (before.argmax(0) != after.argmax(0))[elsewhere].mean() < 0.005


def test_scalp_shows_at_half_strength(view, prepared):
    """Among the hairs there is more skin colour left than at full strength."""
    skin = (temples(view) > 0.8) & (view.hair < 0.2)
    assert skin.sum() > 300
    left = {
        strength: (np.abs(result(view, fill.draw(prepared, strength)) - view.rgb)
                   .max(-1)[skin] < 0.08).mean()
        for strength in (0.25, 0.5, 1.0)
    }  # fmt: skip
    assert left[0.25] > left[0.5] > left[1.0]
    assert left[0.5] > 0.1


def test_density_adds_hairs_and_moves_none(prepared):
    few = planting.plant(prepared.prepared.head, prepared.prepared.region, 500, 3)
    many = planting.plant(prepared.prepared.head, prepared.prepared.region, 1500, 3)
    kept = np.isin(many.item, few.item)
    assert 2 * few.item.size < many.item.size and kept.sum() == few.item.size > 20
    assert np.array_equal(many.points[kept], few.points)


def test_nothing_happens_far_from_the_region(view, prepared):
    alpha = fill.draw(prepared, 2.0).alpha
    reach = planting.LONGEST * view.iod
    away = cv2.distanceTransform((temples(view) < 0.05).astype(np.uint8), cv2.DIST_L2, 5)
    assert (away > reach).sum() > 50000 and not alpha[away > reach].any()


def test_preview_agrees_with_the_final(pixels, face, view, prepared):
    small = look(pixels, face, 0.5)
    region = temples(small)
    preview = result(small, fill.draw(fill.prepare(small, region), 1.0, seed=2))
    final = result(view, fill.draw(prepared, 1.0, seed=2))
    final = cv2.resize(final, preview.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(preview - final)[region > 0.3].mean() < 0.03


def test_an_empty_region_changes_nothing(view):
    empty = np.zeros(view.rgb.shape[:2], np.float32)
    assert not fill.draw(fill.prepare(view, empty), 1.0).alpha.any()


def test_hairs_run_into_the_hair(prepared):
    hairs = planting.plant(prepared.prepared.head, prepared.prepared.region, 1500, 0)
    at = (hairs.points - (canvas.LEFT, canvas.TOP)) * canvas.CELLS
    x, y = (np.ascontiguousarray(at[..., axis], np.float32) for axis in (0, 1))
    hair = cv2.remap(prepared.prepared.head.hair, x, y, cv2.INTER_LINEAR)
    assert hair[:, -1].mean() > hair[:, 0].mean() + 0.3
