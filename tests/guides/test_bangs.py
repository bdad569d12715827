"""Bangs on the sample photo, through the real analysis."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hairstudio import resources
from hairstudio.editing.engine import installed_assets
from hairstudio.errors import UserError
from hairstudio.guides import bangs, styles
from hairstudio.guides.bangs import BangsParams
from hairstudio.guides.strands import (
    bangs_head,
    bangs_need,
    bangs_shape,
    canvas,
    fields,
    looks,
    stubble,
    tones,
)
from hairstudio.guides.strands.bangs_head import OwnCurl
from hairstudio.imaging.blend import to_float
from hairstudio.imaging.filters import disc
from hairstudio.imaging.photo import read_photo
from hairstudio.imaging.resample import crop
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
    assert (0.15 < inside < 0.65) if style == "airy" else inside > 0.4
    assert np.maximum(drawing.alpha, view.matte)[region > 0.5].mean() > 0.6
    away = cv2.distanceTransform((region < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / view.iod
    assert not drawing.alpha[away > 0.5].any()
    hair = cv2.dilate(np.maximum(view.hair, view.matte), disc(0.06 * view.iod))  # shades skin
    bare = (hair < 0.02) & (away > 0.16)
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


def test_strands_of_large_faces_are_as_fine_as_hair(pixels, face):
    view = look(pixels, face, 800)
    noise = np.random.default_rng(1).normal(0, 0.01, view.rgb.shape).astype(np.float32)
    view = replace(view, rgb=np.clip(view.rgb + noise, 0, 1))
    made = bangs.prepare(view, bangs.own_region(view, "full"))
    for strokes in bangs.drawn_strokes(view, BangsParams(), made):
        assert np.quantile(2 * strokes.half_width.max(1), 0.95) <= 3


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
    assert drawing.state.matte[region > 0.9].mean() > 0.8
    assert drawing.state.hairline.height < view.hairline.height - 0.01
    after = View(result(view, drawing), view.box, view.scale, view.analysis, drawing.state)
    assert bangs.draw(after, region, BangsParams("side-left")).alpha.any()


def test_a_region_over_the_background_grows_no_hair_there(view):
    everywhere = np.ones(view.rgb.shape[:2], np.float32)
    drawing = bangs.draw(view, everywhere, BangsParams())
    head = bangs.prepare(view, everywhere).head.inside
    outside = canvas.scatter(cv2.dilate(head, np.ones((9, 9))), view) < 0.01
    assert outside.any() and not drawing.alpha[outside].any()


def shaved(face, *classes):
    """The face with these classes taken for skin."""
    parsing = face.parsing.copy()
    for which in classes:
        parsing[Class.SKIN] = np.maximum(parsing[Class.SKIN], parsing[which])
        parsing[which] = 0
    return replace(face, parsing=parsing)


@pytest.fixture(scope="module")
def bald(pixels, face):
    return look(pixels, shaved(face, Class.HAIR), 100)


def test_without_hair_the_brows_give_the_colour(bald):
    drawing = bangs.draw(bald, bangs.own_region(bald, "full"), BangsParams())
    assert [w.code for w in drawing.warnings] == ["no_hair_to_sample"]
    covered = drawing.alpha > 0.95
    assert covered.any()
    skin = float(np.median(bald.luminance[bald.skin > 0.95]))
    assert float(np.median(drawing.rgb[covered])) < 0.6 * skin


@pytest.mark.parametrize(
    ("photo", "cropped"),
    [
        ("portraits/train/512/dan-newhouse", False),
        ("portraits/train/512/carlos-gimenez", False),  # white, with dark brows
        ("portraits/train/512/kevin-hern", False),  # fair, nearly as light as skin
        ("photos/flickr_3936883765", True),
        ("photos/az_detection5", True),
    ],
)
def test_white_and_fair_hair_is_hair_and_a_shaved_head_is_not(shared, photo, cropped):
    pixels = read_photo(shared / f"{photo}.jpg").pixels
    face = analyse(pixels, installed_assets())
    assert stubble.is_stubble(look(pixels, face, face.iod)) == cropped


@pytest.mark.parametrize(
    ("photo", "fringe"),
    [("sen_patty-murray.jpg", True), ("uns_anna-stampfli-hbum1ih2bpi.png", False)],
)
def test_says_that_an_own_fringe_stays(shared, photo, fringe):
    pixels = read_photo(shared / "photos" / photo).pixels
    face = analyse(pixels, installed_assets())
    view = look(pixels, face, face.iod)
    made = bangs.prepare(view, bangs.own_region(view, "curtain"))
    assert ("own_fringe" in {finding.code for finding in made.warnings}) == fringe


def test_the_tone_is_that_of_hair_above_the_forehead(view):
    head = bangs_head.read(view)
    near = np.zeros_like(canvas.V)
    beside = view.uv[1] > head.brow - head.height + 0.3
    greyer = np.minimum(view.rgb + np.float32(0.4) * beside[..., None], 1)
    plain, sides = (looks.measure(seen, head, near) for seen in (view, replace(view, rgb=greyer)))
    assert plain is not None and sides is not None
    assert sides.tones.levels[2] < plain.tones.levels[2] + 0.15


@pytest.mark.parametrize(
    ("photo", "dyed"),
    [
        ("uns_atikh-bana-2c0midsqke0.png", True),
        ("sen_tammy-duckworth.jpg", False),
    ],
)
def test_new_hair_becomes_lighter_downwards_as_dyed_lengths_do(shared, photo, dyed):
    pixels = read_photo(shared / "photos" / photo).pixels
    face = analyse(pixels, installed_assets())
    view = look(pixels, face, 100)
    region = bangs.own_region(view, "full")
    drawing = bangs.draw(view, region, BangsParams())
    _, v = view.uv
    bare = (drawing.alpha > 0.95) & (view.matte < 0.05)
    middle = float(np.median(v[bare]))
    upper, lower = (float(np.median(cv2.cvtColor(drawing.rgb, cv2.COLOR_RGB2LAB)[half & bare, 0]))
                    for half in (v < middle, v > middle))  # fmt: skip
    assert (lower > upper + 8) == dyed


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


def test_without_hair_and_brows_the_beard_gives_the_colour(pixels, face):
    without = shaved(face, Class.HAIR, Class.LEFT_BROW, Class.RIGHT_BROW)
    bald = look(pixels, without, 100)
    u, v = bald.uv
    beard = (v > 1.0) & (v < 1.6) & (np.abs(u) < 0.7) & (bald.skin > 0.5)
    bearded = replace(bald, rgb=np.where(beard[..., None], np.float32([0.3, 0.12, 0.05]), bald.rgb))
    region = bangs.own_region(bald, "full")
    red, plain = (bangs.prepare(seen, region) for seen in (bearded, bald))
    assert ["beard" in made.warnings[0].text for made in (red, plain)] == [True, False]
    tone = red.looks.tones.lut[64]
    assert tone[0] > 1.7 * tone[2]


def test_roots_on_bare_skin_are_sparse_and_fine(bald, view):
    head = bangs.prepare(bald, np.zeros(bald.rgb.shape[:2], np.float32)).head
    u, v = bald.uv
    painted = ((np.abs(u) < 0.7) & (v < head.brow) & (v > head.brow - 0.8)).astype(np.float32)
    made = bangs.prepare(bald, painted)
    assert not made.head.hair.any()
    assert not bangs.prepare(bald, painted, view).head.hair.any()  # another's hides no roots either
    alpha = bangs.draw(bald, painted, BangsParams(), made).alpha
    middle = np.abs(u - head.turn.centre) < 0.3
    below = v - (head.brow - 0.8)
    covered = [float(alpha[middle & (np.abs(below - at) < 0.04)].mean()) for at in (0, 0.15, 0.5)]
    assert covered[0] < 0.5 * covered[1] < 0.5 < 0.83 < covered[2]
    for strokes in bangs.drawn_strokes(bald, BangsParams(), made)[1:3]:
        shown = strokes.alpha > 0.05
        first = strokes.half_width[np.arange(len(shown)), shown.argmax(1)][shown.any(1)]
        assert np.median(first) < 0.75 * np.median(strokes.half_width.max(1))


@pytest.mark.parametrize("style", ["full", "airy", "curtain"])
def test_on_a_bald_head_bangs_come_over_the_scalp_from_behind(bald, view, style):
    region = bangs.own_region(bald, style)
    head = bangs.prepare(bald, region).head
    u, v = bald.uv
    top = float(v[(bald.all_skin > 0.5) & (np.abs(u - head.turn.centre) < 0.2)].min())
    assert head.crest == pytest.approx(top, abs=0.08)
    aside = (np.abs(u - head.turn.centre) > 0.2) & (np.abs(u - head.turn.centre) < 0.5)
    scalp = aside & (v < head.brow - head.height - 0.05) & (bald.all_skin > 0.9)
    alpha = bangs.draw(bald, region, BangsParams(style)).alpha
    assert alpha[scalp].mean() > (0.6 if style == "airy" else 0.9)
    with_hair = bangs.prepare(view, region).head
    assert not with_hair.scalp.any() and with_hair.crest == with_hair.brow - with_hair.height


def turning(strokes) -> float:
    """Mean way that strands turn altogether, radians."""
    along = np.diff(strokes[1].points, axis=1)
    angle = np.unwrap(np.arctan2(along[..., 1], along[..., 0]), axis=1)
    return float(np.abs(np.diff(angle, axis=1)).sum(1).mean())


def test_bangs_curl_as_the_own_hair_does(view):
    made = bangs.prepare(view, bangs.own_region(view, "full"))
    flow = made.head.flow.copy()
    straight = replace(made.head, flow=np.broadcast_to(np.float32([-1, 0]), flow.shape))
    angle = canvas.U / 0.02 + canvas.V / 0.03
    coils = replace(made.head, flow=np.dstack([np.cos(angle), np.sin(angle)]).astype(np.float32))
    assert bangs_head.own_curl(straight).amount == 0
    assert bangs_head.own_curl(coils).amount > 0.8
    turns = [turning(bangs.drawn_strokes(view, params, replace(made, curl=curl)))
             for params, curl in ((BangsParams(), OwnCurl()), (BangsParams(curl=1), OwnCurl()),
                                  (BangsParams(), OwnCurl(1, 0.15)))]  # fmt: skip
    assert turns[1] > 3 * turns[0] and turns[2] > 1.5 * turns[0]  # brushed out


@pytest.mark.parametrize(
    ("photo", "curls"),
    [
        ("uns_edward-howell-ch4taxdyfym.png", False),  # a tousled crop
        ("uns_elizeu-dias-2egnqazbamk.png", True),  # short coils
        ("uns_christian-buehner-ditylc26zvi.png", True),  # long curls
    ],
)
def test_tousled_short_hair_does_not_curl(shared, photo, curls):
    pixels = read_photo(shared / "photos" / photo).pixels
    face = analyse(pixels, installed_assets())
    curl = bangs_head.own_curl(bangs_head.read(look(pixels, face, 100)))
    assert (curl.amount > 0.3) == curls
    assert curls or curl.amount < 0.1


def test_in_tight_coils_every_style_coils_as_they_do():
    for name in STYLES:
        style = styles.natural(styles.style(name), 1.0, 0.2)
        radius, length = style.curl
        assert length < 0.15 and radius > 0.15 * length
        assert style.field == styles.style(name).field and style.edge == styles.style(name).edge
    loose, brushed = (styles.natural(styles.style("full"), c, 0.3) for c in (0.5, 0.3))
    assert 0.15 < loose.curl[1] < 0.3 < brushed.curl[1], "what hardly curls is brushed out"
    assert loose.curl[0] > brushed.curl[0] and loose.clump > style.clump


def test_hair_that_has_receded_grows_again_and_a_young_hairline_stays():
    turn, brow = bangs_head.Turn(0.0, 0.0), -0.2
    inside = (np.hypot(canvas.U, (canvas.V - brow) / 1.5) < 1.2).astype(np.float32)
    for height, grown in ((0.7, 0.7), (1.4, bangs_head.YOUNG)):
        line = np.full(canvas.WIDTH, brow - height, np.float32)
        hair = (line > canvas.V).astype(np.float32)
        new, scalp = bangs_head.regrown(line, turn, brow, inside, hair)
        middle = np.abs(canvas.COLUMNS) < 0.2
        assert brow - new[middle].mean() == pytest.approx(grown, abs=0.03)
        assert (scalp[:, middle] > 0.5).any() == (height > grown)


def test_bangs_go_on_to_the_hair_at_the_sides_and_rise_to_short_hair_or_none(view):
    head = replace(bangs_head.read(view), ears=np.zeros_like(canvas.V))
    style, frontal = styles.style("full"), head.turn.frontal(canvas.COLUMNS)
    long = np.maximum(head.hair, (np.abs(frontal) > 0.9).astype(np.float32))
    outlines = []
    for hair in (head.hair, np.zeros_like(head.hair), long):
        seen = replace(head, hair=hair)
        outlines.append(bangs_shape.edges(seen, bangs_shape.own(seen, style)).outline(0, 1))
    beside, alone, curtained = outlines
    corner = np.abs(frontal - 0.95) < 0.05
    for short in (beside, alone):
        assert (short.bottom < curtained.bottom - 0.2)[corner].all()
    first = np.argmin(np.abs(canvas.COLUMNS - alone.left))
    assert alone.ends[first : first + 5].max() < 0.4
    assert beside.ends[np.argmin(np.abs(canvas.COLUMNS - beside.left)) + 1] > 0.6


def test_a_fringe_is_swept_into_short_hair_beside_the_face_and_hangs_straight_without(view):
    head = bangs_head.read(view)
    style, frontal = styles.style("full"), head.turn.frontal(canvas.COLUMNS)
    ways = []
    for beside in (1.0, 0.0):
        near = (np.abs(frontal) > 0.95) & (head.brow + 0.3 > canvas.V)
        seen = replace(head, hair=near.astype(np.float32) * beside)
        edges = bangs_shape.edges(seen, bangs_shape.own(seen, style)).outline(0, 1)
        field = fields.target(seen, style, edges.top, 0).direction
        at = np.abs(canvas.V - head.brow + 0.25) < 0.1
        ways.append([field[at & (np.abs(frontal - u) < 0.05), 0].mean() for u in (-0.9, 0.9)])
    swept, straight = ways
    assert swept[0] < straight[0] - 0.3
    assert swept[1] > straight[1] + 0.3


def test_over_own_hair_a_fringe_runs_as_that_does(view):
    head = bangs_head.read(view)
    style = styles.style("full")
    edges = bangs_shape.edges(head, bangs_shape.own(head, style)).outline(0, 1)
    aside = np.zeros((*canvas.V.shape, 2), np.float32)
    aside[..., 1] = 1  # double angle of hair that falls to the right
    haired = replace(head, hair=np.ones_like(canvas.V), flow=aside)
    bare = replace(haired, hair=np.zeros_like(canvas.V))
    below = (edges.top + 0.1 < canvas.V) & (edges.bottom > canvas.V) & (np.abs(canvas.U) < 0.3)
    own, none = (
        fields.target(seen, style, edges.top, 0).direction[below] for seen in (haired, bare)
    )
    assert own[:, 0].mean() > none[:, 0].mean() + 0.25


def test_a_fringe_goes_under_hair_that_hangs_on_below_it(view):
    head = bangs_head.read(view)
    mask = bangs_shape.own(head, styles.style("full")) > 0.5
    left = head.turn.centre - 0.3 > canvas.U
    ended = replace(head, hair=(left & (head.brow - 0.1 > canvas.V)).astype(np.float32))
    long = replace(head, hair=left.astype(np.float32))
    ended, long = (replace(h, skin=np.zeros_like(canvas.V)) for h in (ended, long))
    here = mask & left & (head.brow - 0.1 > canvas.V) & (head.turn.centre - 0.5 < canvas.U)
    assert bangs_need.need(ended, mask)[here].mean() > 0.9
    assert bangs_need.need(long, mask)[here].mean() < 0.7


@pytest.mark.parametrize("style", ["side-left", "side-right"])
def test_swept_bangs_begin_at_the_hairline_without_a_corner(view, style):
    region = bangs_shape.own(bangs_head.read(view), styles.style(style))
    edges = bangs_shape.edges(bangs_head.read(view), region).outline(0, 1)
    end, side = (edges.right, -1) if style == "side-left" else (edges.left, 1)
    starts, soon = (
        float(np.interp(end + side * way, canvas.COLUMNS, edges.bottom - edges.top))
        for way in (0.03, 0.25)
    )
    assert starts < 0.15
    assert soon > 2.5 * starts


@pytest.mark.parametrize("style", ["side-left", "side-right", "curtain"])
def test_swept_hair_comes_out_of_the_hair_and_not_out_of_the_forehead(view, style):
    made = bangs.prepare(view, bangs.own_region(view, style))
    for strokes in bangs.drawn_strokes(view, BangsParams(style), made):
        u, v = view.frame.apply(strokes.points[:, 0]).T
        assert (v - np.interp(u, canvas.COLUMNS, made.head.hairline)).max() < 0.2


def test_new_hair_comes_gradually_out_of_the_own(view):
    region = bangs.own_region(view, "full")
    made = bangs.prepare(view, region)
    need = canvas.scatter(bangs_shape.edges(made.head, made.region).outline(0, 1).need, view)
    alpha = bangs.draw(view, region, BangsParams(), made).alpha
    above = (view.matte > 0.9) & (np.abs(view.uv[0] - made.head.turn.centre) < 0.4)
    shares = [alpha[above & (np.abs(need - at) < 0.1)].mean() for at in (0.1, 0.4, 0.7, 0.95)]
    assert shares[0] < 0.05 < shares[1] < 0.6 < shares[2] < shares[3]
    assert shares[3] > 0.9


def test_at_the_sides_of_an_own_fringe_new_hair_comes_out_of_it_by_and_by(view):
    head = bangs_head.read(view)
    haired = replace(head, hair=np.ones_like(canvas.V), skin=np.zeros_like(canvas.V))
    ends = np.float32(head.brow + 0.1) > canvas.V
    haired = replace(haired, hair=haired.hair * ends, inside=np.ones_like(canvas.V))
    mask = (np.abs(canvas.U - head.turn.centre) < 0.5) & (head.hairline < canvas.V) & ends
    row = round(float((head.brow - 0.2 - canvas.TOP) * canvas.CELLS))
    way = bangs_need.need(haired, mask)[row]
    edge = [float(np.interp(head.turn.centre + u, canvas.COLUMNS, way)) for u in (0, 0.4, 0.5, 0.6)]
    assert edge[0] > 0.9 > edge[1] > edge[2] > edge[3]
    assert 0.2 < edge[2] < 0.8, "no edge"


def test_a_pocket_of_skin_above_the_region_is_covered_and_a_bare_head_is_not(view):
    head = bangs_head.read(view)
    region = bangs_shape.own(head, styles.style("full"))
    rise = head.hairline - canvas.V
    place = (np.abs(canvas.U) < 0.1) & (rise > 0.1) & (rise < 0.3)
    shown = []
    for bare in (place, (np.abs(canvas.U) < 0.9) & (rise > 0)):
        seen = replace(head, hair=np.where(bare, np.float32(0), np.float32(1)))
        support = bangs_shape.edges(seen, region).outline(0, 1).support
        shown.append(float(support[place & (rise > 0.18)].min()))
    assert shown[0] > 0.9
    assert shown[1] < 0.1


def test_bangs_end_above_glasses_and_their_temples(view):
    head = bangs_head.read(view)
    rim = head.brow + 0.1
    glasses = ((np.abs(canvas.U) < 0.7) & (np.abs(canvas.V - rim - 0.2) < 0.2)).astype(np.float32)
    for style in ("full", "curtain"):
        region = bangs_shape.own(replace(head, glasses=glasses), styles.style(style))
        assert not (region > 0.5)[rim + 0.02 < canvas.V].any()


def test_beside_short_hair_bangs_end_higher_and_in_uneven_tips(view):
    head = bangs_head.read(view)
    beside = (np.abs(canvas.U) > 0.9) & (np.abs(canvas.U) < 1.4) & (canvas.V > -0.2)
    long, short = (replace(head, hair=np.where(beside, hair, head.hair),
                           ears=np.zeros_like(head.ears)) for hair in (1, 0))  # fmt: skip
    curtain = styles.style("curtain")
    lowest = [canvas.V[bangs_shape.own(seen, curtain) > 0.5].max() for seen in (long, short)]
    assert lowest[0] > lowest[1] + 0.2
    outlines = [bangs_shape.edges(seen, bangs_shape.own(seen, curtain)).outline(0, 1)
                for seen in (long, short)]  # fmt: skip
    corner = np.abs(np.abs(head.turn.frontal(canvas.COLUMNS)) - 0.9) < 0.05
    assert outlines[1].corners[corner].max() < 0.3 < outlines[0].corners[corner].min()


def test_on_a_bald_head_swept_hair_falls_to_both_sides(bald):
    head = bangs.prepare(bald, bangs.own_region(bald, "side-left")).head
    below = (head.hairline + 0.3 < canvas.V) & (head.turn.frontal(canvas.COLUMNS) > 0.6)
    for seen, covered in ((head, True), (replace(head, scalp=np.zeros_like(head.scalp)), False)):
        region = bangs_shape.own(seen, styles.style("side-left"))
        assert (region > 0.5)[below].any() == covered


def test_a_rim_around_the_hair_is_no_scalp():
    turn, brow = bangs_head.Turn(0.0, 0.0), -0.2
    radius = np.hypot(canvas.U, (canvas.V - brow) / 1.5)
    line = np.full(canvas.WIDTH, brow - 1.4, np.float32)
    hair = ((radius < 1.15) & (line > canvas.V)).astype(np.float32)
    _, scalp = bangs_head.regrown(line, turn, brow, (radius < 1.2).astype(np.float32), hair)
    assert not (scalp > 0.3)[brow - 1.5 > canvas.V].any()


def test_a_head_is_no_larger_than_it_is_seen_and_a_shaved_one_wants_new_hair_all_over(view):
    head, haired = bangs_head.read(view, stubble=True), bangs_head.read(view)
    parsed = (np.maximum(haired.hair, haired.skin) > 0.4).astype(np.uint8)
    beyond = (cv2.dilate(parsed, np.ones((3, 3))) == 0) & (head.brow > canvas.V)
    assert not (np.maximum(head.body, haired.body) > 0.5)[beyond].any()
    need = bangs_need.need(head, np.zeros(parsed.shape, bool))
    assert need[(haired.hair > 0.9) & (head.ears < 0.1) & (head.body > 0.9)].min() > 0.9


def test_new_hair_rises_over_a_bald_head_and_not_beside_it_and_fills_no_nook_of_own_hair():
    line, radius = np.full(canvas.WIDTH, -0.8, np.float32), np.hypot(canvas.U, canvas.V + 0.6)
    scalp = ((radius < 1) & (line > canvas.V)).astype(np.float32)
    bald = bangs_head._volume(radius < 1, scalp, np.zeros_like(scalp), line) > 0.5
    assert bald[(np.abs(canvas.U) < 0.2) & (radius < 1.05) & (radius > 1) & (line > canvas.V)].all()
    assert not bald[(np.abs(canvas.U) > 0.7) & (radius > 1.04)].any()
    nook = (np.abs(canvas.U) < 0.06) & (canvas.V < -1.66) & (canvas.V > -1.9)
    own = (radius < 1) | (np.abs(canvas.U) < 0.5) & (canvas.V > -1.9) & ~nook
    hair = (own & (canvas.V < -1.5)).astype(np.float32)
    scalp *= 1 - hair
    assert not (bangs_head._volume(own, scalp, hair, line) > 0.5)[nook].any()


def test_new_hair_has_no_smooth_outline_like_a_cap(bald):
    head = bangs_head.read(bald, True)
    column = head.inside[:, round((head.turn.centre - canvas.LEFT) * canvas.CELLS)]
    top = column[: int(column.argmax())]
    soft = np.count_nonzero((top > 0.1) & (top < 0.9)) / canvas.CELLS
    assert soft > 0.12, "strands end at different heights there"


def test_cold_hair_keeps_its_colour_where_its_highlights_have_it_too():
    grey = np.linspace(0.05, 0.95, 256, dtype=np.float32)[:, None]
    cold = np.array([-0.11, 0.03, 0.06], np.float32)
    everywhere, shadows = (np.clip(grey + share * cold, 0, 1) for share in (1, grey < 0.4))
    kept, cleaned = (tones.faced(lut.astype(np.float32), 0.6)[60] for lut in (everywhere, shadows))
    assert kept[2] - kept[0] > 0.12
    assert cleaned[2] - cleaned[0] < 0.09


def test_bangs_in_a_picture_without_colours_have_none():
    photo = read_photo(resources.path("samples/curie.png"))
    face = analyse(photo.pixels, installed_assets())
    box = bangs.working_box(face, 1.0)
    grey = View(crop(photo.pixels, box, 1.0), box, 1.0, face)
    drawing = bangs.draw(grey, bangs.own_region(grey, "side-left"), BangsParams("side-left"))
    shown = drawing.rgb[drawing.alpha > 0.02]
    assert np.ptp(shown, axis=1).max() < 0.02


def test_skin_does_not_glare_in_the_shade_of_a_fringe(view):
    region = bangs.own_region(view, "micro")
    u, v = view.uv
    hem = float(v[(region > 0.5) & (np.abs(u - view.analysis.centre) < 0.2)].max())
    spot = np.exp(-(((u - view.analysis.centre) / 0.12) ** 2) - ((v - hem) / 0.12) ** 2)
    glare = np.float32(0.8) * spot[..., None].astype(np.float32)
    glaring = replace(view, rgb=view.rgb + glare * (1 - view.rgb))
    made = bangs.prepare(glaring, region)
    even = replace(made, looks=replace(made.looks, shine=np.zeros_like(made.looks.shine)))
    dull, shiny = (bangs.draw(glaring, region, BangsParams("micro"), each) for each in (made, even))
    shaded = (spot > 0.5) & (dull.alpha > 0.1) & (dull.state.matte < 0.5)
    assert shaded.any()
    before, after = (result(glaring, each)[shaded].mean() for each in (shiny, dull))
    assert after < before - 0.01
    assert made.looks.shine.max() <= 0
    assert made.looks.shine.min() < -0.1


def test_cropped_hair_is_darker_and_richer_when_it_has_grown():
    seen = tones.Tones(np.zeros((256, 3), np.float32), np.linspace(0.1, 0.3, 6, dtype=np.float32))
    bands = np.full(3, 0.012, np.float32)
    little, much = (looks._grown_out(seen, bands, bands, area) for area in (0.1, 2.0))
    assert np.allclose(much[0].levels, seen.levels)
    assert np.allclose(much[1], bands)
    assert np.isclose(little[0].levels[2], seen.levels[0], atol=1e-6)
    assert (little[1] > bands).all()
