"""Bangs and fills that take their hair from another photo."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hairstudio.editing import document, references
from hairstudio.editing.composite import composite
from hairstudio.editing.document import Document
from hairstudio.editing.edits import Bangs, Fill
from hairstudio.errors import UserError
from hairstudio.imaging.photo import Photo, read_photo

FULL = (Bangs(style="full", hair_from=1),)


def write(path, pixels):
    assert cv2.imwrite(str(path), np.ascontiguousarray(pixels[..., ::-1]))
    return path


@pytest.fixture(scope="module")
def fair(astronaut, tmp_path_factory):
    """The sample in other light and twice as large: much lighter and bluer, hair and all."""
    pixels = cv2.resize(read_photo(astronaut).pixels, None, fx=2, fy=2)
    lit = np.clip(pixels * np.float32([0.7, 0.9, 1.2]) + 60, 0, 255).astype(np.uint8)
    return references.read(write(tmp_path_factory.mktemp("reference") / "fair.png", lit))


def drawn(engine, face, edits, **options):
    return engine.render(face.photo, face.analysis, edits, scale=0.5, **options)


def color(rendered):
    patch = rendered.patches[0]
    return np.median(patch.rgb[patch.alpha > 240], 0)


def test_colours_come_from_the_other_photo(engine, face, fair):
    own = color(drawn(engine, face, [replace_source(FULL[0], None)]))
    taken = color(drawn(engine, face, FULL, references={1: fair}))
    assert taken.mean() > own.mean() + 30
    assert taken[2] - taken[0] > own[2] - own[0] + 20


def replace_source(edit, number):
    return Bangs(style=edit.style, hair_from=number)


def test_fills_take_it_too(engine, face, fair):
    x, y = face.analysis.landmarks[10, :2].astype(int)
    region = np.zeros(face.photo.pixels.shape[:2], np.uint8)
    cv2.circle(region, (int(x), int(y) - 10), 40, 255, -1)
    own, taken = (
        drawn(engine, face, [Fill(region=1, hair_from=number)], regions={1: region},
              references={1: fair}).patches for number in (None, 1)
    )  # fmt: skip
    small = cv2.resize(face.photo.pixels, None, fx=0.5, fy=0.5)
    change = composite(small, taken).astype(int) - composite(small, own)
    assert (change > 20).any(-1).sum() > 5 * (change < -20).any(-1).sum() + 50


def test_a_document_opens_where_the_other_photo_is_not(engine, face, fair, tmp_path):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        folder.mkdir()
        write(folder / "face.png", face.photo.pixels)
    other = home / "fair.png"
    other.write_bytes(fair.data)
    photo = read_photo(home / "face.png")
    made = Document(photo, FULL, references={1: references.read(other)})
    document.save(made, home / "look.hairstudio")
    (home / "look.hairstudio").rename(elsewhere / "look.hairstudio")
    other.unlink()
    opened = document.load(elsewhere / "look.hairstudio")
    assert opened.edits == FULL
    pixels = [composite(photo.pixels, drawn_full(engine, each)) for each in (made, opened)]
    assert np.array_equal(*pixels)


def drawn_full(engine, opened):
    analysis = engine.analyse(opened.photo)
    return engine.render(opened.photo, analysis, opened.edits, references=opened.references).patches


def test_what_cannot_be_taken_is_named(engine, face, fair):
    with pytest.raises(UserError, match="bangs edit needs reference photo 1"):
        drawn(engine, face, FULL)
    sky = replace(fair, name="sky.png", photo=Photo(np.full((300, 300, 3), 200, np.uint8)))
    with pytest.raises(UserError, match=r"sky\.png: .*face"):
        drawn(engine, face, FULL, references={1: sky})


def test_a_bald_reference_is_refused(engine, face, shared):
    bald = references.read(shared / "photos/sen_tim-scott.jpg")
    with pytest.raises(UserError, match=r"sen_tim-scott\.jpg: no hair"):
        drawn(engine, face, FULL, references={1: bald})
