"""A fringe's ends on a real head with short hair beside the face."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import installed_assets
from hairstudio.guides import bangs, temples
from hairstudio.guides.strands import canvas
from hairstudio.imaging.filters import disc
from hairstudio.imaging.photo import read_photo
from hairstudio.imaging.resample import crop
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.view import View


@pytest.fixture(scope="module")
def view(shared):
    pixels = read_photo(shared / "photos/sen_patrick-toomey.jpg").pixels
    face = analyse(pixels, installed_assets())
    box = bangs.working_box(face, 1.0)
    return View(crop(pixels, box, 1.0), box, 1.0, face)


@pytest.fixture(scope="module")
def fringe(view):
    """Region, what was measured, parameters and the bare drawing."""
    region = bangs.own_region(view, "full")
    made, params = bangs.prepare(view, region), bangs.BangsParams("full")
    return region, made, params, bangs.draw(view, region, params, made)


def covered(drawing, view, head):
    return np.maximum(head.hair, canvas.gather(drawing.state.matte, view.frame, 0.0))


def test_hair_covers_the_hollows_beside_a_fringe_and_nothing_else(view, fringe):
    _, made, params, drawing = fringe
    beside = temples.prepare(view, made)
    joined = bangs.draw(view, fringe[0], params, made, neighbour=beside.joined)
    hollow = temples.hollows(covered(drawing, view, made.head), beside.kept) * beside.place > 0.5
    assert hollow.any()
    before, after = (covered(each, view, made.head)[hollow].mean() for each in (drawing, joined))
    assert after > before + 0.2
    changed = np.abs(joined.alpha - drawing.alpha) > 0.02
    changed = canvas.gather(changed.astype(np.float32), view.frame, 0.0)
    middle = np.abs(canvas.U - made.head.turn.centre) < 0.3
    assert not (changed * middle).any()
    assert not changed[made.head.brow + 0.6 < canvas.V].any()


def test_the_reach_holds_the_temples(view, fringe):
    region = fringe[0]
    reach = temples.reach(view, region)
    assert (reach >= region).all()
    assert (reach > region + 0.5).any()


def test_without_hair_beside_the_face_nothing_is_joined(view, fringe):
    made = fringe[1]
    bald = replace(made.head, hair=np.zeros_like(made.head.hair))
    assert not temples.prepare(view, replace(made, head=bald)).place.any()


def test_hair_on_a_bald_head_has_a_rim_beside_the_forehead(view, fringe):
    head = fringe[1].head
    scalp = ((head.brow - 0.7 > canvas.V) & (head.inside > 0.5)).astype(np.float32)
    own = temples.rim(head, head.hair)[head.hair > 0.9]
    assert own.max() < 0.01, "there its own hair grows"
    shaved = replace(head, hair=np.zeros_like(head.hair), scalp=scalp)
    rim = temples.rim(shaved, scalp)
    out = np.abs(head.turn.frontal(canvas.COLUMNS))
    assert rim[:, out > 0.9].max() > 0.5
    assert not rim[:, out < 0.3].any()
    assert not rim[head.brow + 0.36 < canvas.V].any()


def beside_a(view, fringe, style):
    """The hairs beside bangs of a style, and the way that they follow."""
    region, made, _, _ = fringe
    found = []

    def seen(drawer, covered):
        found.append(temples.prepare(view, made).joined(drawer, covered))
        return found[0]

    bangs.draw(view, region, bangs.BangsParams(style), made, neighbour=seen)
    return found[0]


def turning(strokes):
    """How far hairs turn to and fro, radians on their whole way, median."""
    along = np.diff(strokes.points, axis=1)
    angle = np.unwrap(np.arctan2(along[..., 1], along[..., 0]), axis=1)
    return np.median(np.abs(np.diff(angle, axis=1)).sum(1))


def test_beside_curly_and_wavy_bangs_hair_curls_and_waves_too(view, fringe):
    straight, wavy, curly = (
        turning(beside_a(view, fringe, style).strokes) for style in ("full", "wavy", "curly")
    )
    assert straight < wavy < curly
    assert straight < 0.5
    assert curly > 2 * straight


def test_hair_beside_a_fringe_ends_where_the_hollow_does_at_different_lengths(view, fringe):
    _, made, _, drawing = fringe
    beside = temples.prepare(view, made)
    hollow = temples.hollows(covered(drawing, view, made.head), beside.kept) * beside.place
    near = cv2.dilate(np.maximum(hollow, made.head.hair), disc(0.15 * canvas.CELLS))
    tips = view.frame.apply(beside_a(view, fringe, "full").strokes.points[:, -1])
    cells = np.round((tips - [canvas.LEFT, canvas.TOP]) * canvas.CELLS).astype(int)
    at = near[cells[:, 1], cells[:, 0]]
    assert (at > 0.1).mean() > 0.9


def test_bangs_lie_over_the_hair_beside_them(view, fringe):
    region, made, params, drawing = fringe
    joined = bangs.draw(view, region, params, made, neighbour=temples.prepare(view, made).joined)
    opaque = drawing.state.matte - view.matte > 0.98
    assert np.abs(joined.rgb - drawing.rgb).mean(-1)[opaque].mean() < 0.02
