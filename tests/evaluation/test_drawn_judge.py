"""Bangs, fills and volume under judgement: bad painters are the controls."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest

from hairstudio.evaluation import drawn_criteria, judge, places
from hairstudio.guides import bangs
from hairstudio.imaging.blend import Patch, to_float
from hairstudio.portrait.view import View

OWN_TONE = np.float32([0.23, 0.17, 0.14])


@dataclass
class Drawn:
    patches: tuple
    warnings: tuple = ()
    state: object = None


class Painter:
    """Paints the region of a full fringe, whatever is asked, with what ``paint`` makes."""

    def __init__(self, paint, opacity=1.0, grow=0):
        self.paint, self.opacity, self.grow = paint, opacity, grow

    def render(self, photo, analysis, edits, scale=1.0, regions=None):
        box = bangs.working_box(analysis, scale)
        small = cv2.resize(photo.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        view = View(to_float(np.ascontiguousarray(small[box.slices])), box, scale, analysis)
        region = bangs.own_region(view, "full")
        if self.grow:
            region = cv2.dilate(region, np.ones((2 * self.grow + 1,) * 2))
        rgb = np.uint8(np.clip(self.paint(view), 0, 1) * 255)
        return Drawn((Patch(box, rgb, np.uint8(255 * self.opacity * region)),))


def flat(view):
    return np.broadcast_to(OWN_TONE, view.rgb.shape)


def noise(view):
    grain = np.random.default_rng(0).normal(0, 0.15, (*view.rgb.shape[:2], 1))
    return flat(view) * (1 + grain)


def blurred(view):
    """The own hair from above, softened."""
    hair = np.roll(view.rgb, round(0.45 * view.iod), 0)
    return cv2.GaussianBlur(hair, (0, 0), 4)


def skin(view):
    return view.rgb


def failed(verdict):
    return {name for name, passed in verdict.checks.items() if not passed}


def painted(subject, style, *painter, **options):
    engine = Painter(*painter, **options)
    return drawn_criteria.judge_bangs(replace(subject, engine=engine), style)


@pytest.mark.parametrize("paint", [flat, blurred, noise])
def test_flat_blurred_and_noisy_bangs_fail(bare, paint):
    assert "texture" in failed(painted(bare, "full", paint))


def test_bangs_that_are_not_there_fail(bare):
    verdict = painted(bare, "full", skin)
    assert "hair" in failed(verdict) and verdict.figures["hair"] < 0.4


def test_a_veil_is_not_airy(bare):
    assert failed(painted(bare, "airy", flat, 0.5)) - {"classes"} == {"skin shows"}
    assert {"alpha", "skin shows"} <= failed(painted(bare, "airy", flat))


def test_bangs_beyond_their_region_fail(bare):
    grown = round(0.3 * bare.analysis.iod)
    assert "outside" in failed(painted(bare, "full", flat, grow=grown))


def test_a_preview_of_other_pixels_fails(bare):
    def by_scale(view):
        return noise(view) if view.scale == 1 else flat(view) * 2

    assert "preview" in failed(painted(bare, "full", by_scale))


def test_drawn_bangs_keep_their_strands_and_are_hair(bare):
    verdict = drawn_criteria.judge_bangs(bare, "full")
    assert verdict.checks["same strands"] and verdict.checks["hair"] and verdict.checks["outside"]
    assert verdict.checks["preview"]


@pytest.mark.parametrize("paint", [flat, blurred, noise])
def test_flat_blurred_and_noisy_fills_fail(bare, paint):
    engine = Painter(paint)
    verdict = drawn_criteria.judge_fill(replace(bare, engine=engine), "temples")
    assert failed(verdict) & {"texture", "hair"}


def test_places_lie_on_the_head(bare):
    centre = bare.analysis.frame.inverse.apply(np.array([[bare.analysis.centre, -1.0]]))[0]
    for place in ("temples", "crown"):
        y, x = np.nonzero(places.paint(bare, place) > 127)
        assert abs(x.mean() - centre[0]) < 0.2 * bare.analysis.iod
        assert y.mean() < bare.analysis.landmarks[:, 1].min() + 0.8 * bare.analysis.iod


def test_volume_that_does_nothing_or_the_opposite_fails(bare):
    grown = drawn_criteria.judge_volume(bare, 1.0)
    assert not failed(grown) & {"area", "preview"}

    class Contrary(type(bare)):
        def edit(self, edit, regions=None):
            return super().edit(replace_amount(edit), regions)

    def replace_amount(edit):
        return type(edit)(amount=-edit.amount)

    contrary = Contrary(bare.photo, bare.analysis, bare.engine, bare.assets)
    assert "area" in failed(drawn_criteria.judge_volume(contrary, 1.0))


def test_one_table_a_photo():
    made = drawn_criteria.DrawnVerdict("bangs full", {"hair": 0.9}, {"hair": True})
    photo = judge.PhotoVerdict("a.png", None, 100, drawn=(made, "no_parting"))
    text = judge.as_text(judge.Report((photo,), judge.summary([photo])))
    assert "bangs full" in text and "no_parting" in text
    assert judge.summary([photo]) == {"bangs full: hair": (1, 1), "bangs full: everything": (1, 1)}
