"""The drawn front of recoloured hair, on the sample with her fringe stretched away."""

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import installed_assets
from hairstudio.guides import color, dye, front, palette
from hairstudio.imaging.blend import to_float
from hairstudio.portrait import unmixing
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


def test_hairs_are_drawn_where_hair_thins_out_before_skin_only(hair):
    drawn = share(hair) > 0
    assert 0.002 < drawn.mean() < 0.3
    assert (hair.view.all_skin[drawn] + hair.view.hair[drawn]).mean() > 0.8
    nowhere = front.draw(hair.view, np.zeros(hair.maps.shape[:2], np.float32))
    assert not nowhere.streaks.any()


def test_hairs_take_away_as_much_as_they_add(hair):
    streaks = hair.front.streaks[share(hair) > 0.5]
    assert abs(streaks.mean()) < 0.1
    assert 0.3 < streaks.std() < 1.2


def test_hairs_are_the_same_at_every_scale(face, hair):
    half = prepared(face, 0.5)
    reduced = cv2.resize(hair.front.streaks, half.view.size, interpolation=cv2.INTER_AREA)
    band = share(half) > 0.5
    assert np.corrcoef(reduced[band], half.front.streaks[band])[0, 1] > 0.5


def test_grey_strands_before_skin_are_hair():
    """Dark and white strands, as light as skin between them: hue tells them apart."""
    skin, size = np.array([0.8, 0.55, 0.45]), (240, 240)
    rng = np.random.default_rng(1)
    light = rng.uniform(0.1, 0.9, size).astype(np.float32)[..., None]
    hair = np.zeros(size, np.float32)
    hair[:120] = 1
    rgb = np.where(hair[..., None] > 0, light * [1, 0.95, 0.9], skin * (0.9 + 0.2 * light))
    nothing = np.zeros(size, np.float32)
    parsed = unmixing.Parsed(hair, 1 - hair, nothing, nothing, nothing, nothing, 1 - hair, nothing)
    layers = unmixing.separate(rgb.astype(np.float32), parsed, 1.0)
    share, told = unmixing.seen_through(rgb.astype(np.float32), parsed, layers, 1.0)
    assert told[:110].min() > 0.5
    assert share[60:100].std() < 0.3 < abs(rgb[60:100].mean(-1) - skin.mean()).max()
    assert share[160:].mean() == pytest.approx(0, abs=0.1)


def test_fair_hair_in_its_own_shadow_is_hair():
    """White strands before darker skin, some as dark as it: they have no skin's hue."""
    rng = np.random.default_rng(2)
    light = rng.uniform(0.65, 0.9, (240, 240)).astype(np.float32)[..., None]
    hair = np.zeros((240, 240), np.float32)
    hair[:120] = 1
    rgb = np.where(hair[..., None] > 0, light, np.array([0.7, 0.55, 0.45]) * (0.2 + light))
    shadow = slice(100, 115), slice(60, 180)
    rgb[shadow] = 0.55
    nothing = np.zeros_like(hair)
    parsed = unmixing.Parsed(hair, 1 - hair, nothing, nothing, nothing, nothing, 1 - hair, nothing)
    layers = unmixing.separate(rgb.astype(np.float32), parsed, 1.0)
    share, _ = unmixing.seen_through(rgb.astype(np.float32), parsed, layers, 1.0)
    assert share[shadow].mean() > 0.8
    assert share[160:].mean() < 0.1


def test_hair_gets_no_bright_edge_where_skin_shines_through(hair):
    """Half-covered dark skin is no light hair: bleached, it is no lighter than the hair."""
    drawing = color.draw(hair, palette.shade("platinum"))
    alpha = drawing.alpha[..., None]
    after = (hair.view.rgb + (drawing.rgb - hair.view.rgb) * alpha).mean(-1)
    edge = (share(hair) > 0.5) & (hair.view.matte > 0.5)
    whole = cv2.dilate(edge.astype(np.uint8), np.ones((41, 41))) * (hair.view.matte > 0.99) > 0
    assert edge.sum() > 50
    assert after[edge].mean() < after[whole].mean()
