"""The judge must tell good edits from bad ones: engines that fail in a known way are controls."""

import json
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from PIL import Image

from hairstudio.editing.edits import Hairline
from hairstudio.evaluation import judge
from hairstudio.evaluation.criteria import judge_hairline, judge_shade
from hairstudio.guides import palette
from hairstudio.imaging.blend import Patch
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Finding
from hairstudio.portrait.parsing import ALL_SKIN, Class
from hairstudio.portrait.view import View

FAST = (-1.0, -0.5, 0.0, 0.5, 1.0)  # of the 11 steps


@dataclass
class Drawn:
    patches: tuple
    warnings: tuple = ()
    state: object = None


class Rubber:
    """Shifts all hair up or down, the forehead being of rubber: no artist, but even."""

    def __init__(self, move=lambda v: v, columns=slice(None), warnings=()):
        self.move, self.columns, self.warnings = move, columns, warnings

    def render(self, photo, analysis, edits, **_):
        amount = self.move(edits[0].amount)
        if amount == 0:
            return Drawn(())
        box = Box.of_size(*photo.size)
        view = View(np.float32(photo.pixels / 255), box, 1.0, analysis)
        height = (analysis.hairline.brow - view.uv[1]) / analysis.hairline.height
        weight = np.clip(height, 0, 1)
        x, y = np.meshgrid(np.arange(box.w), np.arange(box.h))
        source = y + 0.24 * amount * weight * analysis.iod
        moved = cv2.remap(photo.pixels, np.float32(x), np.float32(source), cv2.INTER_CUBIC,
                          borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
        alpha = np.zeros((box.h, box.w), np.uint8)
        alpha[:, self.columns] = (weight[:, self.columns] > 0) * np.uint8(255)
        return Drawn((Patch(box, moved, alpha),), self.warnings)


class Painter:
    """Lays one colour over the hair; ``texture`` of the colour is up to the paint."""

    def __init__(self, paint, spill=0):
        self.paint, self.spill = paint, spill

    def render(self, photo, analysis, edits, **_):
        box = Box.of_size(*photo.size)
        view = View(np.float32(photo.pixels / 255), box, 1.0, analysis)
        hair = cv2.dilate(np.uint8(view.hair > 0.5), np.ones((2 * self.spill + 1,) * 2))
        lab = palette.shade(edits[0].shade).lab
        rgb = np.clip(self.paint(view, view.hair > 0.8, lab), 0, 1)
        return Drawn((Patch(box, np.uint8(np.rint(rgb * 255)), hair * np.uint8(255)),))


def own_structure(view, hair, lab):
    own = cv2.cvtColor(view.rgb, cv2.COLOR_RGB2LAB)
    own[..., 0] += lab[0] - np.median(own[hair][:, 0])
    own[..., 1:] = lab[1:]
    return cv2.cvtColor(own, cv2.COLOR_LAB2RGB)


def flat(view, hair, lab):
    return np.full_like(view.rgb, cv2.cvtColor(np.float32([[lab]]), cv2.COLOR_LAB2RGB)[0, 0])


def blurred(view, hair, lab):
    return cv2.GaussianBlur(own_structure(view, hair, lab), (0, 0), 3)


def noisy(view, hair, lab):
    noise = np.random.default_rng(0).normal(0, 0.12, view.rgb.shape[:2])
    return flat(view, hair, lab) + noise[..., None].astype(np.float32)


def failed(verdict):
    return {name for name, passed in verdict.checks.items() if not passed}


def hairline(subject, engine):
    return judge_hairline(replace(subject, engine=engine), FAST)


def shade(subject, *painter):
    return judge_shade(replace(subject, engine=Painter(*painter)), "brown")


def test_an_even_move_of_the_real_pixels_passes(subject):
    verdict = hairline(subject, Rubber())
    assert failed(verdict) <= {"classes"}
    assert verdict.sweep.raised > 0.3
    assert len(verdict.textures) > 0


def test_an_engine_that_does_nothing_fails(subject):
    assert failed(hairline(subject, Rubber(lambda v: 0))) == {"monotone", "range", "steps"}


def test_an_engine_that_jumps_fails(subject):
    assert "steps" in failed(hairline(subject, Rubber(lambda v: 1.0 * (v > 0.6))))


def test_an_edit_at_zero_is_noticed(subject):
    assert "identical at 0" in failed(hairline(subject, Rubber(lambda v: v or 0.01)))


def test_a_torn_hairline_fails(subject):
    middle = int(np.mean(subject.analysis.landmarks[:, 0]))
    torn = Rubber(columns=slice(middle - 4, None))
    assert "shape" in failed(hairline(subject, torn))


@pytest.mark.parametrize("code", ["hairline_hidden", "hairline_limited"])
def test_an_edit_that_declines_is_not_judged(subject, code):
    declined = Rubber(lambda v: 0, warnings=(Finding(code, 0, 0, ""),))
    declined.render = lambda *_, **__: Drawn((), declined.warnings)
    assert hairline(subject, declined) == code


def test_a_recolouring_with_its_own_structure_passes(subject):
    assert failed(shade(subject, own_structure)) <= {"classes", "skin"}


@pytest.mark.parametrize("paint", [flat, blurred, noisy])
def test_flat_blurred_and_noisy_hair_fails(subject, paint):
    assert "texture" in failed(shade(subject, paint))


def test_colour_spilled_over_the_skin_fails(subject):
    assert "skin" in failed(shade(subject, own_structure, 12))


def test_a_change_outside_the_patch_fails(subject):
    edited = subject.edit(Hairline(amount=0.5))
    pixels = edited.pixels.copy()
    pixels[-1, -1] ^= 1

    class Careless(type(subject)):
        def edit(self, edit):
            return replace(edited, pixels=pixels)

    careless = Careless(subject.photo, subject.analysis, subject.engine, subject.assets)
    assert "outside" in failed(judge_shade(careless, "brown"))


def test_photos_that_cannot_be_edited_are_listed_with_the_reason(tmp_path, assets):
    landscape, text = tmp_path / "sky.png", tmp_path / "text.png"
    Image.linear_gradient("L").convert("RGB").save(landscape)
    text.write_text("not a picture")
    report = judge.judge([landscape, text], judge.Plan(shades=["copper"]))
    assert all(photo.refused for photo in report.photos)
    assert report.passed == {}
    assert "sky.png" in judge.as_text(report)


def test_the_report_is_json(tmp_path, astronaut):
    out = tmp_path / "report.json"
    assert judge.main([str(astronaut), "--no-hairline", "--shades", "copper", "--bangs", "airy",
                       "--fill", "temples", "--volume=-1,1", "--json", str(out)]) == 0  # fmt: skip
    report = json.loads(out.read_bytes())
    assert report["photos"][0]["colors"][0]["shade"] == "copper"
    assert report["passed"]["color: chroma"][1] == 1
    assert report["photos"][0]["iod"] > 24


def test_skin_and_hair_are_what_the_photo_shows(subject):
    """The figures above mean nothing if the parsed hair were not hair."""
    before = subject.before
    assert 0.1 < np.mean(before.labels == Class.HAIR) < 0.6
    assert np.mean(np.isin(before.labels, ALL_SKIN)) > 0.1


def test_left_and_right_are_one_class(subject):
    """The network confuses them where nothing changed; a judge that counts this judges nothing."""
    seen = set(np.unique(subject.before.labels))
    assert Class.LEFT_BROW in seen
    assert not seen & {Class.RIGHT_BROW, Class.RIGHT_EYE, Class.RIGHT_EAR}


def test_what_the_network_sees_beyond_the_photo_is_not_judged(subject):
    near = subject.near
    x, y = np.rint(near.apply(subject.analysis.landmarks[1, :2])).astype(int)  # the nose
    assert not subject.beyond[y, x]
    shifted = replace(subject)
    shifted.__dict__["near"] = replace(near, tx=near.tx + 512 - near.apply(np.zeros((1, 2)))[0, 0])
    assert shifted.beyond.all()
