"""More and less volume on real photos, through the real analysis."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import installed_assets
from hairstudio.guides import volume as guide
from hairstudio.guides.warp import border, completion
from hairstudio.imaging.photo import read_photo
from hairstudio.imaging.resample import crop
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.view import View


def look(pixels, face, scale=1.0):
    box = guide.working_box(face, scale)
    return View(crop(pixels, box, scale), box, scale, face)


@pytest.fixture(scope="module")
def pixels(shared):
    return read_photo(shared / "photos/sen_tammy-duckworth.jpg").pixels


@pytest.fixture(scope="module")
def face(pixels):
    return analyse(pixels, installed_assets())


@pytest.fixture(scope="module")
def prepared(pixels, face):
    return guide.prepare(look(pixels, face))


def result(prepared, drawing):
    alpha = drawing.alpha[..., None]
    return prepared.view.rgb * (1 - alpha) + drawing.rgb * alpha


def covered(matte, iod):
    """Hair area in squared eye distances."""
    return float(matte.sum()) / iod**2


def test_zero_changes_nothing(prepared):
    assert not guide.draw(prepared, 0.0, 0).alpha.any()


def test_the_hair_grows_and_shrinks_with_the_slider(prepared):
    view = prepared.view
    areas = [covered(guide.draw(prepared, v, 0).state.matte, view.iod) for v in (-1, -0.5, 0.5, 1)]
    own = covered(view.matte, view.iod)
    assert areas == sorted(areas)
    assert areas[0] < own - 0.3
    assert areas[3] > own + 0.5


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_the_face_does_not_move(prepared, amount):
    view, drawing = prepared.view, guide.draw(prepared, amount, 0)
    face = cv2.erode((view.skin > 0.9).astype(np.uint8), np.ones((9, 9))) > 0
    assert face.sum() > 20000
    assert np.abs(result(prepared, drawing) - view.rgb)[face].max() < 0.01


def test_the_background_stays_beside_grown_hair(prepared):
    view, drawing = prepared.view, guide.draw(prepared, 1.0, 0)
    seen = (cv2.dilate(drawing.state.matte, np.ones((5, 5))) < 0.003) & (view.matte < 0.003)
    assert seen.sum() > 100000
    assert np.abs(result(prepared, drawing) - view.rgb)[seen].max() < 1e-6


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_locks_stand_apart_in_full_hair_and_lie_together_in_flat_hair(
    prepared, amount, monkeypatch
):
    def contrast() -> float:
        drawing = guide.draw(prepared, amount, 0)
        rgb, iod = result(prepared, drawing), prepared.view.iod
        inside = cv2.erode((drawing.state.matte > 0.95).astype(np.uint8), np.ones((25, 25))) > 0
        small, large = (cv2.GaussianBlur(rgb, (0, 0), sigma * iod) for sigma in guide.LOCKS)
        return float((small - large)[inside].std())

    made = contrast()
    monkeypatch.setattr(guide, "LOOSER", 0.0)
    assert amount * (made - contrast()) > 0.05 * made


def test_uncovered_background_is_not_hair(shared):
    """A dark head before a bright even sky: what the hair leaves looks like the sky."""
    pixels = read_photo(shared / "photos/sen_robert-casey.jpg").pixels
    prepared = guide.prepare(look(pixels, analyse(pixels, installed_assets())))
    view, drawing = prepared.view, guide.draw(prepared, -1.0, 0)
    left = (view.matte > 0.95) & (drawing.state.matte < 0.02) & (view.uv[1] < -1.0)
    assert left.sum() > 500
    sky = np.median(view.rgb[:20, :20], axis=(0, 1))
    assert np.abs(view.rgb[left] - sky).mean() > 0.35
    assert np.abs(result(prepared, drawing)[left] - sky).mean() < 0.08


def test_hair_that_the_photo_cuts_off_is_drawn_in_as_if_it_were_whole(shared):
    """A photo with the top of the head cut off changes like the whole photo: no lump stays."""
    pixels = read_photo(shared / "photos/sen_robert-casey.jpg").pixels
    mattes = []
    for top in (0, 120):
        part = np.ascontiguousarray(pixels[top:])
        prepared = guide.prepare(look(part, analyse(part, installed_assets())))
        box = prepared.view.box
        own, drawn = (np.zeros((1024, 1024), np.float32) for _ in range(2))
        there = box.shifted(0, top).slices
        own[there], drawn[there] = prepared.view.matte, guide.draw(prepared, -1.0, 0).state.matte
        mattes.append((own, drawn))
    (whole, expected), (cut, drawn) = mattes
    near = slice(120, 170)
    assert (cut[120] > 0.5).sum() > 100
    lost = whole[near].sum() - expected[near].sum()
    assert np.abs(drawn - expected)[near].sum() < 0.4 * lost


@pytest.mark.parametrize("height", [30, 60])
def test_a_round_outline_stays_round_beyond_the_border(height):
    """A disc cut by the top border, ``height`` cells above its centre, is whole again."""
    y, x = np.mgrid[-20:140, 0:200]
    disc = (x - 100) ** 2 + (y - height) ** 2 < 70**2
    pad = border.Sides(0, 20, 0, 0)
    assert (border.continued(disc[20:], pad, 2.0, 3) != disc).mean() < 0.008


def test_what_meets_the_hair_goes_on_behind_it_where_no_copy_fits(shared):
    """Bands of ever other colours run into the hair: what was behind it has its neighbour's."""
    pixels = read_photo(shared / "photos/sen_robert-casey.jpg").pixels
    view = look(pixels, analyse(pixels, installed_assets()))
    u, _ = view.uv
    bands = np.stack([0.5 + 0.4 * np.sin(k * u + k) for k in (6, 10, 17)], -1).astype(np.float32)
    alpha = view.matte[..., None]
    painted = np.where(view.all_skin[..., None] > 0.5, view.rgb, bands)
    seen = replace(view, rgb=alpha * view.rgb + (1 - alpha) * painted)
    drawing = guide.draw(guide.prepare(seen), -1.0, 0)
    made = seen.rgb + drawing.alpha[..., None] * (drawing.rgb - seen.rgb)
    left = (view.matte > 0.95) & (drawing.state.matte < 0.02) & (np.abs(u) < 0.4)
    assert left.sum() > 300
    assert np.abs(made - bands)[left].mean() < 0.105


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_preview_agrees_with_the_final(pixels, face, prepared, amount):
    small = guide.prepare(look(pixels, face, 0.5))
    preview = result(small, guide.draw(small, amount, 3))
    final = result(prepared, guide.draw(prepared, amount, 3))
    final = cv2.resize(final, preview.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(preview - final).mean() < 0.02


def test_the_flow_goes_along(prepared):
    """Strands lean with the movement where hair moved, and stay as they were elsewhere."""
    view = prepared.view
    still = cv2.erode((view.skin > 0.9).astype(np.uint8), np.ones((9, 9))) > 0
    turned = {}
    for amount in (-1.0, 1.0):
        flow = guide.draw(prepared, amount, 0).state.flow
        assert np.abs(flow - view.flow)[still].max() < 1e-5
        moved = (view.matte > 0.9) & (np.abs(flow - view.flow).max(-1) > 0.05)
        assert moved.sum() / (view.matte > 0.9).sum() > 0.05
        sure = moved & (flow[..., 2] > 0.3)
        agreeing = (flow[..., :2] * view.flow[..., :2]).sum(-1)[sure]
        assert np.median(agreeing) > 0.7
        turned[amount] = flow
    assert np.abs(turned[1.0] - turned[-1.0]).max() > 0.1


def test_a_dark_hole_in_a_dark_picture_is_not_black():
    """Copies of a lighter place take the dark place's tone without running out of it."""
    picture = (stripes() * np.linspace(0.15, 0.9, 160, dtype=np.float32)[None, :, None]) + 0.02
    hole = np.zeros(picture.shape[:2], bool)
    hole[40:80, :50] = True
    filled, _ = completion.fill(
        np.where(hole[..., None], 0, picture), hole, ~hole, one_kind(hole), 64.0
    )
    assert filled[hole].min() > 0.015
    assert abs(np.median(filled[hole]) - np.median(picture[hole])) < 0.05


def test_the_same_picture_comes_from_a_new_preparation(prepared):
    again = guide.draw(guide.prepare(prepared.view), -0.6, 5)
    assert np.array_equal(again.rgb, guide.draw(prepared, -0.6, 5).rgb)


def test_a_bald_head_has_nothing_to_edit(shared):
    bald = read_photo(shared / "photos/sen_tim-scott.jpg").pixels
    assert guide.working_box(analyse(bald, installed_assets()), 1.0).empty


def one_kind(hole):
    return np.zeros(hole.shape, np.float32)


def stripes(width=160, height=120):
    """Vertical stripes, 10 pixels wide, with a little noise."""
    bars = (np.arange(width) // 10 % 2).astype(np.float32) * 0.5 + 0.25
    noise = np.random.default_rng(0).normal(0, 0.01, (height, width, 3))
    return (bars[None, :, None] + noise).astype(np.float32)


def test_straight_lines_go_on_straight_into_a_hole():
    picture = stripes()
    hole = np.zeros(picture.shape[:2], bool)
    hole[50:75, 30:130] = True
    damaged = np.where(hole[..., None], 0, picture).astype(np.float32)
    filled, _ = completion.fill(damaged, hole, ~hole, one_kind(hole), 64.0)
    beyond = cv2.dilate(hole.astype(np.uint8), np.ones((7, 7))) == 0
    assert np.array_equal(filled[beyond], picture[beyond])
    assert np.abs(filled - picture)[hole].mean() < 0.04


def stars(width=220, height=160):
    """White stars on blue, 40 pixels apart."""
    picture = np.full((height, width, 3), (0.12, 0.15, 0.4), np.float32)
    angle, radius = np.arange(10) * np.pi / 5, np.where(np.arange(10) % 2, 4.5, 11)
    star = np.stack([radius * np.sin(angle), -radius * np.cos(angle)], -1)
    for x, y in np.mgrid[20:width:40, 20:height:40].reshape(2, -1).T:
        corners = np.rint((star + (x, y)) * 16).astype(np.int32)
        cv2.fillPoly(picture, [corners], (0.85,) * 3, cv2.LINE_AA, 4)
    return picture


@pytest.mark.parametrize("left", [96, 182])
def test_stars_that_the_hole_cuts_are_completed(left):
    picture = stars()
    hole = np.zeros(picture.shape[:2], bool)
    hole[30:130, left : left + 34] = True
    damaged = np.where(hole[..., None], 0, picture).astype(np.float32)
    filled, _ = completion.fill(damaged, hole, ~hole, one_kind(hole), 64.0)
    assert np.abs(filled - picture)[hole].mean() < 0.01


def test_without_anything_known_the_picture_comes_back():
    picture = stripes()
    nothing = np.zeros(picture.shape[:2], bool)
    filled, _ = completion.fill(picture, ~nothing, nothing, one_kind(nothing), 64.0)
    assert np.array_equal(filled, picture)
