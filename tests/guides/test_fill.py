"""Sparse areas filled on a real photo; the result is parsed again."""

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import installed_assets
from hairstudio.guides import fill
from hairstudio.guides.strands import canvas, planting
from hairstudio.guides.warp import band
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


def planted(context, density, seed):
    head, region = context.prepared.head, context.prepared.region
    return planting.plant(head, region, planting.root_zone(head, region, seed), density, seed)


def test_the_front_is_sparse_and_short(prepared):
    """Bare skin meets few and short hairs, not a row of roots."""
    hairs, zone = (
        planted(prepared, 9000, 1),
        planting.root_zone(prepared.prepared.head, prepared.prepared.region, 1),
    )
    at = (hairs.points[:, 0] - (canvas.LEFT, canvas.TOP)) * canvas.CELLS
    x, y = np.ascontiguousarray(at.T, np.float32)
    deep = cv2.remap(zone, x, y, cv2.INTER_LINEAR).ravel()
    front, back = deep < 0.4, deep > 0.8
    assert front.sum() > 20 and back.sum() > 50
    assert np.median(hairs.length[front]) < 0.75 * np.median(hairs.length[back])
    place = prepared.prepared.region > 0.3
    per_area = [mask.sum() / (place & there).sum() for mask, there in
                ((front, zone < 0.4), (back, zone > 0.8))]  # fmt: skip
    assert per_area[0] < 0.5 * per_area[1]


def test_the_real_root_band_comes_along(view, prepared):
    """Below a hairline the own hair moves into the region, by no more than the band's limit."""
    _, depth = prepared.band
    assert 0.05 < depth.max() <= band.LIMIT
    state = fill.draw(prepared, 1.0).state
    lowered = state.hairline.v - view.hairline.v
    assert 0.05 < np.nanmax(lowered) <= band.LIMIT + 1e-3 and np.nanmin(lowered) > -1e-3
    turned = np.abs(state.flow - view.flow).max(-1) > 0.01
    assert turned.any() and not turned[cv2.dilate(temples(view), np.ones((199, 199))) == 0].any()


def test_an_island_moves_no_band(view):
    u, v = view.uv
    top = float(np.nanmedian(view.hairline.v)) + 0.35
    island = np.clip(1.5 - np.hypot((u - view.analysis.centre) / 0.1, (v - top) / 0.06), 0, 1)
    assert fill.prepare(view, island.astype(np.float32)).band is None


def test_scalp_is_told_from_hair(view, prepared):
    sure = canvas.gather((view.hair > 0.98).astype(np.float32), view.frame, 0.0) > 0.99
    skin = canvas.gather((view.skin > 0.95).astype(np.float32), view.frame, 0.0) > 0.99
    assert prepared.scalp[sure].mean() < 0.25 < 0.6 < prepared.scalp[skin].mean()


def test_density_adds_hairs_and_moves_none(prepared):
    few, many = planted(prepared, 500, 3), planted(prepared, 1500, 3)
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
    hairs = planted(prepared, 1500, 0)
    at = (hairs.points - (canvas.LEFT, canvas.TOP)) * canvas.CELLS
    x, y = (np.ascontiguousarray(at[..., axis], np.float32) for axis in (0, 1))
    hair = cv2.remap(prepared.prepared.head.hair, x, y, cv2.INTER_LINEAR)
    assert hair[:, -1].mean() > hair[:, 0].mean() + 0.3
