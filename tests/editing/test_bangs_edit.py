"""Bangs through the engine: painted or own region, caches, documents' numbers."""

import numpy as np
import pytest

from hairstudio import resources
from hairstudio.editing import edits
from hairstudio.editing.composite import composite
from hairstudio.editing.edits import Bangs, Color, Fill
from hairstudio.editing.engine import Engine
from hairstudio.errors import UserError
from hairstudio.guides import styles
from hairstudio.imaging.photo import read_photo


def drawn(engine, face, edit, **options):
    (step,) = engine.render(face.photo, face.analysis, [edit], scale=0.5, **options).steps
    return step


def same(first, second):
    return first.box == second.box and (first.rgb == second.rgb).all()


def test_own_region_follows_the_style_in_spite_of_caches(engine, assets, face):
    full = drawn(engine, face, Bangs(style="full")).patch
    micro = drawn(engine, face, Bangs(style="micro")).patch
    assert not same(full, micro)
    assert same(micro, drawn(Engine(assets, 0), face, Bangs(style="micro")).patch)
    assert same(full, drawn(engine, face, Bangs(style="full")).patch)


def test_a_painted_region_limits_the_fringe(engine, face):
    width, height = face.photo.size
    region = np.zeros((height, width), np.uint8)
    x, y = face.analysis.frame.inverse.apply(np.array([0.0, -0.45])).astype(int)
    region[y - 20 : y + 20, x - 25 : x + 25] = 255
    edit = Bangs(style="full", region=3)
    patch = drawn(engine, face, edit, regions={3: region}).patch
    reach = 0.12 * face.analysis.iod / 2 + 3
    assert patch.box.x > (x - 25) / 2 - reach
    assert patch.box.right < (x + 25) / 2 + reach
    assert patch.box.bottom < (y + 20) / 2 + reach
    with pytest.raises(UserError, match="bangs edit needs region 3, which is not painted"):
        drawn(engine, face, edit)


@pytest.mark.parametrize("radius", [1, 4, 12])
def test_a_stroke_that_has_just_begun_is_no_error(engine, face, radius):
    """Some layers of strands have no room there."""
    width, height = face.photo.size
    for v in (-0.3, -0.6, -0.9):
        x, y = face.analysis.frame.inverse.apply(np.array([0.1, v])).astype(int)
        region = np.zeros((height, width), np.uint8)
        region[y - radius : y + radius, x - radius : x + radius] = 255
        for style in styles.names():
            drawn(engine, face, Bangs(style=style, region=1), regions={1: region})


def test_hair_follows_the_comb(engine, face):
    """Strokes to one side turn the flow there, and survive a document's JSON."""
    to_photo = face.analysis.frame.inverse
    rows = [to_photo.apply(np.array([[-0.4, v], [0.4, v - 0.1]])) for v in (-0.65, -0.5, -0.35)]
    combed = tuple(tuple((float(x), float(y)) for x, y in row) for row in rows)
    edit = Bangs(style="full", combed=combed)
    assert edits.loads(edits.dumps((edit,))) == (edit,)
    plain, turned = drawn(engine, face, Bangs(style="full")), drawn(engine, face, edit)
    x, y = (to_photo.apply(np.array([0.0, -0.5])) * 0.5).astype(int)
    place = (y - plain.state.box.y, x - plain.state.box.x)
    along = [0.5 * np.arctan2(s.state.flow[place][1], s.state.flow[place][0])
             for s in (plain, turned)]  # fmt: skip
    upright, level = (np.degrees(abs(angle)) for angle in along)
    assert upright > 60 and level < 35


def test_strength_zero_and_disabled_change_nothing(engine, face):
    for edit in (Bangs(style="full", strength=0), Bangs(style="full", enabled=False)):
        assert not engine.render(face.photo, face.analysis, [edit], scale=0.5).patches


@pytest.mark.parametrize("edit", [Bangs(style="airy"), Fill(region=1)], ids=["bangs", "fill"])
def test_a_grey_photo_stays_grey(engine, edit):
    photo = read_photo(resources.path("samples/curie.png"))
    region = np.zeros(photo.pixels.shape[:2], np.uint8)
    region[60:220, 250:560] = 255
    rendered = engine.render(photo, engine.analyse(photo), [edit], regions={1: region})
    pixels = composite(photo.pixels, rendered.patches).astype(int)
    assert np.abs(pixels - photo.pixels).max() > 50
    assert np.ptp(pixels, axis=2).max() <= 1  # rounding


def test_json(tmp_path):
    stack = (Bangs(style="curtain", length=-0.2, region=1), Color(shade="copper"))
    assert edits.loads(edits.dumps(stack)) == stack
    with pytest.raises(UserError, match=r"e\.json: \$\[0\]\.style: bangs: no style 'bowl'"):
        edits.loads('[{"kind": "bangs", "style": "bowl"}]', "e.json")
