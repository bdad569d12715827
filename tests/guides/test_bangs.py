"""Bangs on the sample photo, through the real analysis."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import installed_assets
from hairstudio.errors import UserError
from hairstudio.guides import bangs, styles
from hairstudio.guides.bangs import BangsParams
from hairstudio.guides.strands import canvas
from hairstudio.imaging.blend import to_float
from hairstudio.imaging.photo import read_photo
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.parsing import Class
from hairstudio.portrait.view import View

STYLES = ("full", "micro", "side-left", "side-right", "curtain", "airy", "wispy", "wavy", "curly")


@pytest.fixture(scope="module")
def pixels(astronaut):
    return read_photo(astronaut).pixels


@pytest.fixture(scope="module")
def face(pixels):
    return analyse(pixels, installed_assets())


def look(pixels, face, iod: float) -> View:
    scale = iod / face.iod
    large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    box = bangs.working_box(face, scale)
    return View(to_float(np.ascontiguousarray(large[box.slices])), box, scale, face)


@pytest.fixture(scope="module")
def view(pixels, face):
    return look(pixels, face, 100)


def result(view, drawing):
    alpha = drawing.alpha[..., None]
    return view.rgb * (1 - alpha) + drawing.rgb * alpha


def test_all_styles_are_there():
    assert styles.names() == STYLES
    with pytest.raises(UserError, match="no style 'mullet'"):
        styles.style("mullet")


@pytest.mark.parametrize("style", STYLES)
def test_a_style_covers_its_own_region_and_nothing_far_from_it(view, style):
    region = bangs.own_region(view, style)
    drawing = bangs.draw(view, region, BangsParams(style))
    inside = drawing.alpha[region > 0.5].mean()
    assert (0.25 < inside < 0.65) if style == "airy" else inside > 0.6
    away = cv2.distanceTransform((region < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / view.iod
    assert not drawing.alpha[away > 0.5].any()
    bare = (view.hair < 0.02) & (away > 0.16)
    assert drawing.alpha[bare].max() < 0.02
    assert drawing.rgb.min() >= 0 and drawing.rgb.max() <= 1


def test_no_strength_and_no_region_change_nothing(view):
    region = bangs.own_region(view, "full")
    assert not bangs.draw(view, region, BangsParams(strength=0)).alpha.any()
    assert not bangs.draw(view, np.zeros_like(region), BangsParams()).alpha.any()


def test_hair_grows_with_strength(view):
    region = bangs.own_region(view, "full")
    made = bangs.prepare(view, region)
    covered = [
        float((bangs.draw(view, region, BangsParams(strength=s), made).alpha > 0.5).mean())
        for s in (0.2, 0.6, 1.0)
    ]
    assert 0 < 1.1 * covered[0] < covered[1] < 0.9 * covered[2]


def test_preview_looks_like_the_final_made_small(pixels, face):
    small, large = look(pixels, face, 100), look(pixels, face, 400)
    pictures = []
    for view in (small, large):
        region = bangs.own_region(view, "full")
        drawing = bangs.draw(view, region, BangsParams(seed=3))
        pictures.append((result(view, drawing), drawing.alpha))
    matrix = small.frame.then(large.frame.inverse).matrix
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    shrunk = cv2.warpAffine(cv2.blur(pictures[1][0], (4, 4)), matrix, small.size, flags=flags)
    patch = pictures[0][1] > 0.02
    assert np.abs(shrunk - pictures[0][0])[patch].mean() <= 0.03


def test_a_seed_is_reproducible_and_another_differs(view):
    region = bangs.own_region(view, "wispy")
    first, again, other = (
        bangs.draw(view, region, BangsParams("wispy", seed=seed)).rgb for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.05


def test_the_next_edit_sees_the_bangs(view):
    region = bangs.own_region(view, "full")
    drawing = bangs.draw(view, region, BangsParams())
    assert drawing.state.matte[region > 0.9].mean() > 0.9
    assert drawing.state.hairline.height < 0.5 * view.hairline.height
    after = View(result(view, drawing), view.box, view.scale, view.analysis, drawing.state)
    assert bangs.draw(after, region, BangsParams("side-left")).alpha.any()


def test_a_region_over_the_background_grows_no_hair_there(view):
    everywhere = np.ones(view.rgb.shape[:2], np.float32)
    drawing = bangs.draw(view, everywhere, BangsParams())
    head = bangs.prepare(view, everywhere).head.inside
    outside = canvas.scatter(cv2.dilate(head, np.ones((9, 9))), view) < 0.01
    assert outside.any() and not drawing.alpha[outside].any()


def test_without_hair_the_brows_give_the_colour(view, face):
    shaved = face.parsing.copy()
    shaved[Class.SKIN] = np.maximum(shaved[Class.SKIN], shaved[Class.HAIR])
    shaved[Class.HAIR] = 0
    bald = View(view.rgb, view.box, view.scale, replace(face, parsing=shaved))
    drawing = bangs.draw(bald, bangs.own_region(bald, "full"), BangsParams())
    assert [w.code for w in drawing.warnings] == ["no_hair_to_sample"]
    covered = drawing.alpha > 0.95
    assert covered.any()
    skin = float(np.median(bald.luminance[bald.skin > 0.95]))
    assert float(np.median(drawing.rgb[covered])) < 0.6 * skin


def test_hair_follows_the_strokes(view):
    region = bangs.own_region(view, "full")
    strokes = np.zeros((*region.shape, 2), np.float32)
    strokes[region > 0.2] = (0.8, 0.6)
    flows = []
    for combed in (None, strokes):
        state = bangs.draw(view, region, BangsParams(), strokes=combed).state
        flow = state.flow[region > 0.9].mean(0)
        flows.append(np.degrees(np.arctan2(flow[1], flow[0])) / 2 % 180)
    assert abs(flows[0] - 90) < 15  # straight down
    assert flows[1] == pytest.approx(np.degrees(np.arctan2(0.6, 0.8)), abs=15)
