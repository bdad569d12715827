"""The drawn front of recoloured hair, on the sample with her fringe stretched away."""

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import installed_assets
from hairstudio.guides import color, dye, front, palette
from hairstudio.imaging.blend import to_float
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.view import View


@pytest.fixture(scope="module")
def face(bare_forehead):
    return bare_forehead, analyse(bare_forehead, installed_assets())


def prepared(face, scale=1.0):
    pixels, analysis = face
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    box = color.working_box(analysis, scale)
    return color.prepare(View(to_float(small[box.slices]), box, scale, analysis))


@pytest.fixture(scope="module")
def hair(face):
    return prepared(face)


def share(hair):
    return cv2.resize(hair.maps[..., dye.FRONT], hair.view.size)


def test_front_is_drawn_where_hair_grows_out_of_skin_only(hair):
    assert (share(hair) > 0.5).mean() > 0.002
    even = np.zeros(hair.maps.shape[:2], np.float32)
    assert np.array_equal(front.draw(hair.view, even, even).alpha, hair.view.matte)


def test_hairs_stand_where_the_matte_is_smooth(hair):
    """A smooth alpha ramp between skin and hair gets the fine structure of hairs."""
    band = (share(hair) > 0.5) & (hair.view.matte > 0.1) & (hair.view.matte < 0.9)
    smooth = cv2.GaussianBlur(hair.view.matte, (0, 0), 3)
    ramp = cv2.resize(smooth, hair.maps.shape[1::-1], interpolation=cv2.INTER_AREA)
    drawn = front.draw(hair.view, ramp, hair.maps[..., dye.FRONT]).alpha
    fine = drawn - cv2.GaussianBlur(drawn, (0, 0), 2)
    before = smooth - cv2.GaussianBlur(smooth, (0, 0), 2)
    assert fine[band].std() > 4 * before[band].std()


def test_hairs_are_the_same_at_every_scale(face, hair):
    half = prepared(face, 0.5)
    reduced = cv2.resize(hair.front.alpha, half.view.size, interpolation=cv2.INTER_AREA)
    band = share(half) > 0.5
    assert np.abs(reduced - half.front.alpha)[band].mean() < 0.1


def test_own_hair_does_not_show_between_the_new_hairs(hair):
    """Where dark hair grew and none is drawn skin is seen, not a dark rim."""
    drawing = color.draw(hair, palette.shade("platinum"))
    gone = (share(hair) > 0.4) & (hair.view.matte - hair.front.alpha > 0.1)
    assert gone.sum() > 20
    alpha = drawing.alpha[..., None]
    after = hair.view.rgb + (drawing.rgb - hair.view.rgb) * alpha
    brighter = after[gone].mean() - hair.view.rgb[gone].mean()
    assert brighter > 0.02
