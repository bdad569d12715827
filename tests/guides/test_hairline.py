"""The hairline edit on real photos, through the real analysis; what it did is measured again."""

import cv2
import numpy as np
import pytest

from hairstudio.editing.edits import Hairline
from hairstudio.editing.engine import installed_assets
from hairstudio.evaluation.subject import Subject
from hairstudio.guides import hairline as guide
from hairstudio.guides.warp.locks import Locks, lengthwise
from hairstudio.imaging.blend import to_float
from hairstudio.imaging.photo import read_photo
from hairstudio.metrics.hairline import shape_rms
from hairstudio.portrait import flow
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.view import View

SUBJECT = "photos/uns_behrouz-sasani-1b22ubpk1pw.png"


@pytest.fixture(scope="module")
def pixels(shared):
    return read_photo(shared / SUBJECT).pixels


@pytest.fixture(scope="module")
def face(pixels):
    return analyse(pixels, installed_assets())


def look(pixels, face, scale=1.0):
    box = guide.working_box(face, scale)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return View(to_float(small[box.slices]), box, scale, face)


@pytest.fixture(scope="module")
def prepared(pixels, face):
    return guide.prepare(look(pixels, face))


def result(prepared, drawing):
    alpha = drawing.alpha[..., None]
    return prepared.view.rgb * (1 - alpha) + drawing.rgb * alpha


def test_zero_changes_nothing(prepared):
    assert not guide.draw(prepared, 0.0, 0).alpha.any()


def test_height_follows_the_slider_and_keeps_its_shape(shared):
    subject = Subject.open(shared / SUBJECT, installed_assets())
    curves = [
        subject.see(subject.edit(Hairline(amount=v)).pixels).curve if v else subject.before.curve
        for v in (-1.0, -0.3, 0.0, 0.3, 1.0)
    ]
    heights = [curve.height for curve in curves]
    assert heights == sorted(heights)
    assert heights[2] - heights[0] > 0.15 * heights[2]
    assert heights[4] - heights[2] > 0.15 * heights[2]
    assert max(shape_rms(curves[2], curve) for curve in curves) < 0.03


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_nothing_below_the_brows_is_touched(prepared, amount):
    brow = prepared.view.hairline.brow
    assert not guide.draw(prepared, amount, 0).alpha[prepared.view.uv[1] > brow].any()


def test_hair_beyond_the_box_stays(shared):
    photo = read_photo(shared / "photos/sen_rand-paul.jpg").pixels
    tall = cv2.copyMakeBorder(photo, 300, 0, 0, 0, cv2.BORDER_REFLECT)
    prepared = guide.prepare(look(tall, analyse(tall, installed_assets())))
    assert prepared.view.box.y > 0
    for amount in (-1.0, 1.0):
        alpha = guide.draw(prepared, amount, 0).alpha
        assert not np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]]).any()


def test_the_state_says_where_the_hair_went(prepared):
    before, after = prepared.view.hairline, guide.draw(prepared, -1.0, 0).state
    assert after.hairline.height == pytest.approx(before.height - guide.LIMIT, abs=0.01)
    strip = np.abs(prepared.view.uv[1] - (before.brow - before.height + guide.LIMIT / 2)) < 0.04
    strip &= np.abs(prepared.view.uv[0] - prepared.view.analysis.centre) < 0.2
    assert after.matte[strip].mean() > prepared.view.matte[strip].mean() + 0.3


def test_strands_turn_with_the_warp(prepared):
    view, drawing = prepared.view, guide.draw(prepared, -1.0, 0)
    light = cv2.cvtColor(result(prepared, drawing), cv2.COLOR_RGB2GRAY)
    found = flow.measure(light, drawing.state.matte, view.unit)
    moved = found[..., 2] * (np.abs(view.uv[0] - view.analysis.centre) < 0.5)

    def agreement(guess):
        return np.average((guess[..., :2] * found[..., :2]).sum(-1), weights=moved)

    assert agreement(drawing.state.flow) > 0.8
    assert agreement(drawing.state.flow) > agreement(view.flow) + 0.05


def test_curls_stay_curls(shared):
    """A warp alone would draw them out along its movement (to about .26, from .08)."""
    curly = read_photo(shared / "photos/uns_elizeu-dias-2egnqazbamk.png").pixels
    prepared = guide.prepare(look(curly, analyse(curly, installed_assets())))
    view, drawing = prepared.view, guide.draw(prepared, -1.0, 0)
    inside = (np.abs(view.uv[0] - view.analysis.centre) < 0.4) & (drawing.state.matte > 0.9)
    inside &= drawing.alpha > 0.9

    def drawn_out(rgb):
        locks = Locks(rgb, inside.astype(np.float32), view.unit, (0.0, 1.0), 1.0)
        return lengthwise(locks.relief, prepared.texture.down, 12 * view.unit)[inside].mean()

    before, after = drawn_out(view.rgb), drawn_out(result(prepared, drawing))
    assert prepared.texture.layers.curliness > 0.8
    assert abs(after - before) < 0.1


def test_straight_hair_is_not_taken_for_curls(prepared):
    assert prepared.texture.layers.curliness < 0.2


def test_the_same_picture_comes_from_a_new_preparation(prepared):
    again = guide.draw(guide.prepare(prepared.view), -0.6, 5)
    assert np.array_equal(again.rgb, guide.draw(prepared, -0.6, 5).rgb)


@pytest.mark.parametrize("amount", [-1.0, 1.0])
def test_preview_agrees_with_the_final(pixels, face, prepared, amount):
    small = guide.prepare(look(pixels, face, 0.5))
    preview = result(small, guide.draw(small, amount, 0))
    final = result(prepared, guide.draw(prepared, amount, 0))
    final = cv2.resize(final, preview.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(preview - final).mean() < 0.03


def test_a_fringe_is_left_alone(astronaut):
    sample = read_photo(astronaut).pixels
    drawing = guide.draw(guide.prepare(look(sample, analyse(sample, installed_assets()))), -1.0, 0)
    assert [w.code for w in drawing.warnings] == ["hairline_hidden"]
    assert not drawing.alpha.any()


def test_a_bald_head_has_no_hairline(shared):
    bald = read_photo(shared / "photos/sen_tim-scott.jpg").pixels
    drawing = guide.draw(guide.prepare(look(bald, analyse(bald, installed_assets()))), -1.0, 0)
    assert [w.code for w in drawing.warnings] == ["no_hair_to_sample"]
    assert not drawing.alpha.any()


def test_a_receding_head_says_where_its_limit_is(shared):
    receding = read_photo(shared / "photos/sen_robert-casey.jpg").pixels
    prepared = guide.prepare(look(receding, analyse(receding, installed_assets())))
    codes = {v: [w.code for w in guide.draw(prepared, v, 0).warnings] for v in (-0.5, 1.0)}
    assert codes == {-0.5: [], 1.0: ["hairline_limited"]}
