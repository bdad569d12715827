"""The colour edit on real photos: what the issue promises, measured on the result."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import installed_assets
from hairstudio.errors import UserError
from hairstudio.guides import color, palette, undertone
from hairstudio.guides.reading import Reading
from hairstudio.imaging.blend import to_float
from hairstudio.imaging.filters import normalised_blur
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.photo import read_photo
from hairstudio.metrics import texture
from hairstudio.metrics.color import hair_entirely, judge_color, sure_skin
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.matte import LUMA
from hairstudio.portrait.parsing import ALL_SKIN, BROWS, Class
from hairstudio.portrait.view import View

STRAND = 7  # pixels: a few loose hairs side by side
SHADES = ("black", "chestnut", "platinum", "blue")


def prepared_for(path, scale=1.0):
    pixels = read_photo(path).pixels
    face = analyse(pixels, installed_assets())
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    whole = Box.of_size(small.shape[1], small.shape[0])
    box = color.working_box(face, scale).intersection(whole)
    return color.prepare(View(to_float(small[box.slices]), box, scale, face))


@pytest.fixture(scope="module")
def woman(shared):
    """Brown hair drawn back, loose strands over the face and the background."""
    return prepared_for(shared / "photos/uns_behrouz-sasani-1b22ubpk1pw.png", 0.5)


@pytest.fixture(scope="module")
def astronaut_hair(astronaut):
    return prepared_for(astronaut)


def result(prepared, drawing):
    alpha = drawing.alpha[..., None]
    return prepared.view.rgb * (1 - alpha) + drawing.rgb * alpha


def to_u8(rgb):
    return np.rint(rgb * 255).astype(np.uint8)


def sure_hair(view):
    return cv2.erode((view.hair > 0.9).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


@pytest.mark.parametrize("name", SHADES)
def test_shade_is_reached_and_structure_kept(woman, name):
    view, shade = woman.view, palette.shade(name)
    after = result(woman, color.draw(woman, shade))
    hair, skin = sure_hair(view), view.probability(*ALL_SKIN)
    whole = hair_entirely(hair, skin, view.iod)
    match = judge_color(to_u8(view.rgb), to_u8(after), whole, skin, shade.lab, STRAND)
    assert match.skin_levels == 0
    assert match.chroma_distance <= 6
    assert abs(match.lightness) <= 8
    assert match.spearman >= 0.95
    own, new = (texture.measure(rgb, hair, view.unit) for rgb in (view.rgb, after))
    assert texture.compare(new, own).passed


@pytest.mark.parametrize("name", ["black", "platinum"])
def test_small_face_too(astronaut_hair, name):
    view, shade = astronaut_hair.view, palette.shade(name)
    after = result(astronaut_hair, color.draw(astronaut_hair, shade))
    skin, strand = view.probability(*ALL_SKIN), round(0.05 * view.iod)
    match = judge_color(to_u8(view.rgb), to_u8(after), sure_hair(view), skin, shade.lab, strand)
    assert match.passed, match


def test_skin_brows_and_background_are_not_touched(woman):
    view = woman.view
    alpha = color.draw(woman, palette.shade("platinum")).alpha
    assert alpha.max() == 1
    skin = alpha * sure_skin(view.probability(*ALL_SKIN))
    assert skin.any()  # the strands that hang before the face
    assert not cv2.morphologyEx(skin, cv2.MORPH_OPEN, np.ones((STRAND, STRAND))).any()
    assert not alpha[view.probability(*BROWS) > 0.5].any()
    far = cv2.dilate((view.hair > 0.02).astype(np.uint8), np.ones((75, 75), np.uint8)) == 0
    assert (view.probability(Class.BACKGROUND) > 0.9)[far].any()
    assert not alpha[far].any()


def test_hair_dyes_where_the_parser_is_sure_of_skin_too_early(woman):
    """Beside the hair, a strip narrower than a strand: thin hair there would stay as a dark rim."""
    alpha = color.draw(woman, palette.shade("platinum")).alpha
    assert ((alpha > 0) & sure_skin(woman.view.probability(*ALL_SKIN))).sum() > 400


def test_lights_of_bleached_hair_are_not_flat(woman):
    """Where own hair is brightest its strands still differ as in the photo, or nearly so."""
    after = result(woman, color.draw(woman, palette.shade("platinum"))).astype(np.float32)
    own, new = (cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[..., 0] for rgb in (woman.view.rgb, after))
    hair, smooth = sure_hair(woman.view), cv2.GaussianBlur(own, (0, 0), 3)
    lights = hair & (smooth > np.quantile(own[hair], 0.8))
    strands = [(lum - cv2.GaussianBlur(lum, (0, 0), 3))[lights].std() for lum in (own, new)]
    assert 0.6 < strands[1] / strands[0] < 1.5


def test_crushed_blacks_make_no_blotches(shared):
    """How deep they are in the photo is hardly known: light dye shades them, but not to holes."""
    prepared = prepared_for(shared / "photos/sen_tammy-duckworth.jpg")
    after = result(prepared, color.draw(prepared, palette.shade("platinum"))).astype(np.float32)
    own, new = (cv2.cvtColor(p, cv2.COLOR_RGB2LAB)[..., 0] for p in (prepared.view.rgb, after))
    hair = sure_hair(prepared.view) & (prepared.view.matte > 0.98)
    crushed = hair & (cv2.GaussianBlur(own, (0, 0), 3) < 2)
    assert crushed.sum() > 500
    assert np.median(new[hair]) - np.quantile(new[crushed], 0.1) < 36


@pytest.mark.parametrize(("name", "depth"), [("platinum", 8), ("copper", 6), ("blue", 4)])
def test_black_hair_has_depth_and_strands_in_light_dye(shared, name, depth):
    prepared = prepared_for(shared / "photos/sen_tammy-duckworth.jpg")
    after = result(prepared, color.draw(prepared, palette.shade(name))).astype(np.float32)
    own, new = (cv2.cvtColor(p, cv2.COLOR_RGB2LAB)[..., 0] for p in (prepared.view.rgb, after))
    hair = sure_hair(prepared.view) & (prepared.view.matte > 0.98)
    black = hair & (cv2.GaussianBlur(own, (0, 0), 6) < 4)
    assert black.sum() > 5000
    smooth = cv2.GaussianBlur(new, (0, 0), 6)
    assert np.median(new[hair]) - np.median(smooth[black]) > depth
    strands = [(p - cv2.GaussianBlur(p, (0, 0), 3))[black].std() for p in (own, new)]
    assert strands[1] > 1.3 * strands[0]


def test_noise_in_black_hair_is_drawn_out_along_the_strands(shared):
    hair = Reading(prepared_for(shared / "photos/sen_tammy-duckworth.jpg").view)
    quiet, base = undertone.quiet(hair.view, hair.undertone), cv2.resize(hair.base, hair.view.size)
    assert not quiet[base > 12].any()
    own = cv2.cvtColor(hair.view.rgb, cv2.COLOR_RGB2LAB)[..., 0]
    black = sure_hair(hair.view) & (base < 3)
    fine = [(p - cv2.GaussianBlur(p, (0, 0), 2))[black].std() for p in (own, own + quiet)]
    assert fine[1] < 0.8 * fine[0]


def test_changes_lie_on_the_matte(woman):
    drawing = color.draw(woman, palette.shade("copper"))
    near = cv2.dilate(woman.view.matte, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
    assert not drawing.alpha[near == 0].any()
    assert np.array_equal(drawing.rgb[drawing.alpha == 0], woman.view.rgb[drawing.alpha == 0])


def test_arms_of_glasses_in_the_hair_are_not_dyed(shared):
    """A red line across the hair, from where the parser is made to see glasses."""
    view = prepared_for(shared / "photos/sen_tammy-duckworth.jpg").view
    u, v = np.abs(view.uv[0]), view.uv[1]
    line = (np.abs(v + 0.2) < 0.02) & (u > 0.85) & (u < 1.1) & sure_hair(view)
    assert line.sum() > 50
    painted = np.where(line[..., None], np.float32([0.7, 0.1, 0.15]), view.rgb).astype(np.float32)
    planes = view.analysis.parsing.copy()
    to_grid = view.analysis.frame.inverse.then(view.analysis.grid.from_photo)
    corners = np.rint(to_grid.apply(np.array([[-0.85, -0.3], [0.85, -0.1]]))).astype(int)
    (x0, y0), (x1, y1) = corners.tolist()
    planes[Class.GLASSES, y0:y1, x0:x1] = 255
    analysis = replace(view.analysis, parsing=planes)
    prepared = color.prepare(View(painted, view.box, view.scale, analysis))
    change = np.abs(result(prepared, color.draw(prepared, palette.shade("platinum"))) - painted)
    assert np.median(change[line]) < 0.02 < np.median(change[sure_hair(view) & ~line])


def test_thin_strands_keep_what_is_behind_them(woman):
    """Half transparent hair changes about half as much as solid hair."""
    view = woman.view
    after = result(woman, color.draw(woman, palette.shade("platinum")))
    change = (after - view.rgb).mean(-1)
    half = (view.matte > 0.4) & (view.matte < 0.6)
    assert 0.3 < np.median(change[half]) / np.median(change[view.matte > 0.98]) < 0.8


@pytest.mark.parametrize(
    ("colour", "kept"), [((0.75, 0.55, 0.15), True), ((0.55, 0.32, 0.2), False)]
)
def test_an_earring_that_the_parser_does_not_see_is_not_dyed(shared, colour, kept):
    """A golden drop painted on black hair beside the cheek; a lock that the sun shines through."""
    view = prepared_for(shared / "photos/sen_tammy-duckworth.jpg").view
    low = sure_hair(view) & (view.uv[1] > 0.4)
    depth = cv2.distanceTransform(low.astype(np.uint8), cv2.DIST_L2, 5)
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    drop = np.zeros(low.shape, np.uint8)
    cv2.ellipse(drop, (int(x), int(y)), (4, 12), 0, 0, 360, 1, -1)
    painted = np.where(drop[..., None] > 0, np.float32(colour), view.rgb)
    prepared = color.prepare(View(painted, view.box, view.scale, view.analysis))
    change = np.abs(result(prepared, color.draw(prepared, palette.shade("blue"))) - painted).max(-1)
    around = cv2.dilate(drop, np.ones((41, 41))) - cv2.dilate(drop, np.ones((21, 21)))
    assert (change[drop > 0].max() < 0.05) == kept
    assert np.median(change[(around > 0) & low]) > 0.1


@pytest.mark.parametrize(("idea", "kept"), [(20, True), (0, False)])
def test_a_pearl_of_which_the_parser_has_a_faint_idea_is_not_dyed(shared, idea, kept):
    """Grey as hair may be, far from an ear."""
    view = prepared_for(shared / "photos/sen_tammy-duckworth.jpg").view
    low = sure_hair(view) & (view.uv[1] > 0.4)
    depth = cv2.distanceTransform(low.astype(np.uint8), cv2.DIST_L2, 5)
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    pearl = cv2.circle(np.zeros(low.shape, np.uint8), (int(x), int(y)), 4, 1, -1)
    painted = np.where(pearl[..., None] > 0, np.float32(0.6), view.rgb)
    planes = view.analysis.parsing.copy()
    to_grid = view.frame.then(view.analysis.frame.inverse).then(view.analysis.grid.from_photo)
    center = np.rint(to_grid.apply(np.array([[x, y]]))[0]).astype(int).tolist()
    cv2.circle(planes[Class.EARRING], center, 6, idea, -1)
    analysis = replace(view.analysis, parsing=planes)
    prepared = color.prepare(View(painted, view.box, view.scale, analysis))
    change = np.abs(result(prepared, color.draw(prepared, palette.shade("blue"))) - painted).max(-1)
    assert (np.median(change[pearl > 0]) < 0.05) == kept


def test_no_dark_rim_where_white_hair_meets_a_dark_background(woman):
    """Pixels of the outline become the same mixture of dyed hair and background."""
    view = woman.view
    outer = cv2.GaussianBlur(view.matte, (0, 0), 1.5)  # softer than the parser sees it
    painted = np.repeat((0.05 + 0.9 * outer)[..., None], 3, axis=-1).astype(np.float32)
    free = cv2.GaussianBlur(1 - view.probability(Class.HAIR, Class.BACKGROUND), (0, 0), 20) < 0.02
    painted = np.where(view.all_skin[..., None] > 0.5, view.rgb, painted)
    prepared = color.prepare(View(painted, view.box, view.scale, view.analysis))
    after = result(prepared, color.draw(prepared, palette.shade("copper"))).mean(-1)
    dyed = np.median(after[free & (outer > 0.99)])
    half = free & (outer > 0.4) & (outer < 0.8)
    wanted = 0.05 + outer * (dyed - 0.05)
    assert half.sum() > 200
    assert np.median(np.abs(after - wanted)[half]) < 0.05


def test_fair_hair_begins_softly_before_dark_skin(woman):
    """As light as it is deeper in the hair only where the skin is no darker."""
    planes, platinum = woman.planes, palette.shade("platinum")
    dark, light = (
        result(woman, color.draw(replace(woman, planes=replace(planes, behind=behind)), platinum))
        for behind in (np.zeros_like(planes.behind), np.full_like(planes.behind, 100))
    )
    darker = (light - dark).mean(-1)
    front = cv2.resize(planes.front, woman.view.size)
    assert np.median(darker[(front < -0.5) & (woman.view.matte > 0.5)]) > 0.03
    assert not darker[front == 0].any()


def test_light_hair_throws_no_red_shadow_on_the_skin(shared):
    """Skin beside dark hair is redder than the skin around, beside fair hair much less so."""
    prepared = prepared_for(shared / "portraits/train/512/haley-stevens.jpg")
    view = prepared.view
    lab = [
        cv2.cvtColor(np.clip(rgb, 0, 1).astype(np.float32), cv2.COLOR_RGB2LAB)
        for rgb in (view.rgb, result(prepared, color.draw(prepared, palette.shade("platinum"))))
    ]
    rim = (view.matte > 0.05) & (view.matte < 0.4) & (view.skin > 0.5) & (view.uv[1] < 0.2)
    skin = sure_skin(view.skin) & (view.uv[1] < 0)
    redder = [float(np.median(a[rim][:, 1]) - np.median(lab[0][skin][:, 1])) for a in lab]
    assert np.count_nonzero(rim) > 100
    assert redder[0] > 4
    assert redder[1] < 0.65 * redder[0]


def test_strength_zero_is_the_photo(woman):
    drawing = color.draw(woman, palette.shade("blue"), 0.0)
    assert not drawing.alpha.any()
    assert np.array_equal(drawing.rgb, woman.view.rgb)


def test_strength_mixes_evenly(woman):
    hair = sure_hair(woman.view)
    steps = [
        np.median(result(woman, color.draw(woman, palette.shade("platinum"), s))[hair])
        for s in (0.0, 0.5, 1.0)
    ]
    assert steps[0] < steps[1] < steps[2]
    assert abs(steps[1] - (steps[0] + steps[2]) / 2) < 0.06


def test_roots_stay_darker_only_near_the_scalp(woman):
    plain = result(woman, color.draw(woman, palette.shade("platinum")))
    grown = result(woman, color.draw(woman, palette.shade("platinum"), roots=1.0))
    darker = (plain - grown).mean(-1)
    v, hair = woman.view.uv[1], sure_hair(woman.view)
    assert np.median(darker[hair & (v < -0.7)]) > 0.1
    assert abs(np.median(darker[hair & (v > 1.2)])) < 0.02


def test_same_pixels_every_time(woman):
    first, again = (color.draw(woman, palette.shade("auburn"), 0.7, 0.4) for _ in range(2))
    assert np.array_equal(first.rgb, again.rgb)
    assert np.array_equal(first.alpha, again.alpha)


def test_names_and_codes():
    assert palette.shade("Dark Brown") == palette.shade("dark-brown")
    assert palette.shade("#FF8000").rgb == palette.shade("ff8000").rgb == (1.0, 128 / 255, 0.0)
    assert (
        palette.shade("white").lab[0]
        > palette.shade("blond").lab[0]
        > palette.shade("black").lab[0]
    )


@pytest.mark.parametrize("name", ["blurple", "", "12345", "ff80001", "#gg0000"])
def test_unknown_colours_are_refused(name):
    with pytest.raises(UserError, match=f"unknown colour '{name}': use one of .*black.* or RRGGBB"):
        palette.shade(name)


def test_black_hair_gets_strands_that_do_not_depend_on_the_scale(shared):
    path = shared / "photos/sen_tammy-duckworth.jpg"
    large, small = (prepared_for(path, scale) for scale in (1.0, 0.5))
    assert not large.planes.locks[large.planes.base > 12].any()
    black = (small.planes.base < 3) & (small.planes.locks != 0)
    assert black.sum() > 1000
    assert small.planes.locks[black].std() > 1
    again = cv2.resize(
        large.planes.locks, small.planes.locks.shape[::-1], interpolation=cv2.INTER_AREA
    )
    assert np.corrcoef(again[black], small.planes.locks[black])[0, 1] > 0.7


def test_gaps_in_the_outline_show_a_bright_background(shared):
    """Dark hair ends strand by strand before a light wall: dyed fair, it lets it be seen."""
    photo = shared / "portraits/train/512/veronica-escobar.jpg"
    hair = Reading(prepared_for(photo).view)
    brighter = (hair.layers.behind - hair.layers.hair) @ LUMA > 0.25
    depth, position = -hair.layers.distance, hair.layers.position(hair.rgb)
    outline = brighter & (hair.parsed.skin < 0.1) & (depth > 6) & (depth < 20)
    gaps, strands = outline & (position < 0.4), outline & (position > 0.9)
    assert min(gaps.sum(), strands.sum()) > 40
    assert hair.covered[gaps].mean() < 0.49
    assert hair.covered[strands].mean() > 0.9


def test_a_fair_fringe_ends_in_single_hairs_before_fair_skin(shared):
    """Where no colour tells one from the other: no step that dark dye would show as cut."""
    hair = Reading(prepared_for(shared / "portraits/train/512/kay-granger.jpg").view)
    u, v = (cv2.resize(each, hair.size) for each in hair.view.uv)
    forehead = (np.abs(u - hair.view.analysis.centre) < 0.6) & (v > -0.9) & (v < -0.2)
    edge = np.hypot(*(cv2.Sobel(hair.covered, -1, *way) / 8 for way in ((1, 0), (0, 1))))
    assert (edge > 0.05)[forehead].mean() > 0.01
    assert (edge > 0.2)[forehead].mean() < 0.0018


@pytest.mark.parametrize("name", ["uns_elizeu-dias-2egnqazbamk.png", "flickr_3936813347.jpg"])
def test_shadows_on_sure_skin_are_not_dyed(shared, name):
    """Nothing wider than a few loose hairs changes there, whatever looks like hair."""
    prepared = prepared_for(shared / "photos" / name)
    view = prepared.view
    before = to_u8(view.rgb)
    after = to_u8(result(prepared, color.draw(prepared, palette.shade("platinum"))))
    skin = sure_skin(view.probability(*ALL_SKIN))
    change = cv2.absdiff(before, after).max(-1) * skin
    strand = np.ones((round(0.05 * view.iod),) * 2, np.uint8)
    assert not cv2.morphologyEx(change, cv2.MORPH_OPEN, strand).any()


def test_no_dark_line_where_bleached_hair_meets_a_bright_wall(shared):
    """What sharpening left of one is as light as the hair within."""
    prepared = prepared_for(shared / "portraits/train/512/sara-jacobs.jpg")
    hair = Reading(prepared.view)
    after = result(prepared, color.draw(prepared, palette.shade("platinum"))).mean(-1)
    solid = (hair.alpha > 0.95).astype(np.uint8)
    rim = (solid > 0) & (cv2.erode(solid, np.ones((5, 5), np.uint8)) == 0)
    rim &= ((hair.layers.behind - hair.layers.hair) @ LUMA > 0.4) & (hair.parsed.skin < 0.02)
    rim = cv2.resize(rim.astype(np.uint8), prepared.view.size, interpolation=cv2.INTER_NEAREST) > 0
    assert rim.sum() > 200
    inside = cv2.resize(solid, prepared.view.size) * np.float32(1) * ~rim
    within = normalised_blur(after, inside, 4)
    assert np.quantile((after - within)[rim], 0.02) > -0.11
