"""The matte on a synthetic head of hair whose true alpha is known."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from hairstudio.portrait.loose import growing_strands, loose_strands
from hairstudio.portrait.matte import Parsed, reduce, soft_hair

SIZE, UNIT = 480, 1.0
FREE = np.zeros((SIZE, SIZE), np.uint8)
HAIR, BACKDROP = np.float32([0.20, 0.13, 0.09]), np.float32([0.75, 0.78, 0.80])


def scene(hair=HAIR, behind=BACKDROP, noise=0.01):
    """A solid half of hair, strands reaching out over a backdrop, and what a parser says of it."""
    alpha = np.zeros((SIZE, SIZE), np.float32)
    alpha[:, :200] = 1
    for y in range(20, SIZE, 40):
        cv2.line(alpha, (195, y), (240, y - 12), 1.0, 2, cv2.LINE_AA)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.7)
    rng = np.random.default_rng(1)
    grain = rng.normal(0, noise, (SIZE, SIZE, 1)).astype(np.float32)
    rgb = alpha[..., None] * hair + (1 - alpha[..., None]) * behind + grain
    rough = np.zeros((SIZE, SIZE), np.float32)
    rough[:, :200] = 1
    rough = reduce(cv2.GaussianBlur(rough, (0, 0), 3), UNIT)
    return np.clip(rgb, 0, 1), alpha, Parsed(rough, *np.zeros((7, *rough.shape), np.float32))


def test_strands_that_the_parser_missed_are_found():
    rgb, alpha, parsed = scene()
    found = soft_hair(rgb, parsed, UNIT, FREE)
    strands = (alpha > 0.8) & (np.arange(SIZE) > 206)
    gaps = (alpha < 0.01) & (np.arange(SIZE) > 206)
    assert found[strands].mean() > 0.7
    assert found[gaps].mean() < 0.02


def test_inside_is_solid_and_far_away_is_exactly_zero():
    rgb, _, parsed = scene()
    found = soft_hair(rgb, parsed, UNIT, FREE)
    assert found[:, :120].min() == 1
    assert not found[:, 300:].any()


def test_what_is_solid_stays_out():
    rgb, _, parsed = scene()
    barred = FREE.copy()
    barred[:, 206:] = 255
    found = soft_hair(rgb, parsed, UNIT, barred)
    assert not found[:, 206:].any()
    assert np.array_equal(found[:, :206], soft_hair(rgb, parsed, UNIT, FREE)[:, :206])


def test_skin_seen_through_a_fringe_does_not_pass_for_hair():
    """A lock parted over skin, more likely hair to the parser: the skin between is told apart."""
    rgb, _, parsed = scene(behind=np.float32([0.72, 0.52, 0.42]))
    rgb[200:280, 120:200] = (0.72, 0.52, 0.42)
    rgb[240:243, 120:200] = HAIR
    parsed.hair[100:140, 60:100] = np.minimum(parsed.hair[100:140, 60:100], 0.8)
    found = soft_hair(rgb, parsed, UNIT, FREE)[:, 150:195]
    assert found[241].mean() > 0.9
    assert found[210:230].mean() < 0.3
    assert found[100:190].min() > 0.85


@pytest.mark.parametrize("hair", [HAIR, np.float32([0.74, 0.77, 0.8])])
def test_edge_is_soft_but_not_wide_even_when_colours_do_not_part(hair):
    rgb, _, parsed = scene(hair=hair)
    rows = np.arange(0, SIZE, 40)  # between the strands
    profile = soft_hair(rgb, parsed, UNIT, FREE)[rows].mean(0)
    assert profile[170:190].min() > 0.8
    assert profile[225:].max() < 0.1


def test_a_rim_around_brows_and_eyes_stays_out():
    rgb, _, parsed = scene()
    features = np.zeros_like(parsed.hair)
    features[:, 107:112] = 1
    dyed = soft_hair(rgb, parsed, UNIT, FREE)[:, 214:222].sum()
    spared = soft_hair(rgb, replace(parsed, features=features), UNIT, FREE)[:, 214:222].sum()
    assert spared < 0.1 * dyed


SKIN = np.float32([0.80, 0.62, 0.54])


def before_skin(start: int):
    """Hair, and over sure skin beside it one long strand from the column ``start`` on."""
    rgb, _, parsed = scene(behind=SKIN)
    rgb[:, 206:] = SKIN
    parsed.skin[:, 103:] = 1
    alpha = np.zeros((SIZE, SIZE), np.float32)
    cv2.line(alpha, (start, 110), (380, 330), 1.0, 3, cv2.LINE_AA)
    barred = FREE.copy()
    barred[:, 206:] = 255
    return rgb + alpha[..., None] * (HAIR - rgb), parsed, barred, alpha > 0.9


def test_a_strand_that_hangs_before_sure_skin_is_hair():
    rgb, parsed, barred, strand = before_skin(190)
    found = soft_hair(rgb, parsed, UNIT, barred)[:, 215:]
    assert found[strand[:, 215:]].mean() > 0.8
    assert not found[cv2.dilate(strand[:, 215:].astype(np.uint8), np.ones((9, 9))) == 0].any()


def test_a_line_on_the_skin_that_is_not_joined_to_hair_stays():
    rgb, parsed, barred, _ = before_skin(260)
    assert not soft_hair(rgb, parsed, UNIT, barred)[:, 210:].any()


def test_lashes_stay():
    rgb, parsed, barred, _ = before_skin(190)
    eyes = np.zeros_like(parsed.hair)
    eyes[50:175, 107:200] = 1
    assert not soft_hair(rgb, replace(parsed, eyes=eyes), UNIT, barred)[:, 216:].any()


def test_an_earring_is_not_dyed_where_the_parser_takes_it_for_hair_and_hair_around_it_is():
    rgb, _, parsed = scene()
    rgb[200:240, 95:115] = 0.9  # larger than the parser sees it
    earrings = np.zeros_like(parsed.hair)
    earrings[100:120, 50:55] = 1
    found = soft_hair(rgb, replace(parsed, earrings=earrings), UNIT, FREE)
    assert not found[205:235, 98:112].any()
    assert found[205:235, 118:124].min() == 1
    assert found[205:235, 40:80].min() == 1


def test_a_strand_before_the_face_is_loose_hair_and_a_mesh_of_pores_is_not():
    position, mesh = np.zeros((200, 300), np.float32), np.zeros((200, 300), np.float32)
    position[:20] = 1  # hair above skin
    strand = cv2.line(np.zeros_like(position), (60, 15), (80, 120), 1.0, 2)
    for k in range(150, 290, 9):
        cv2.line(mesh, (k, 15), (k, 120), 1.0, 1)
        cv2.line(mesh, (150, k - 130), (290, k - 130), 1.0, 1)
    lines = np.maximum(0.7 * strand, 0.28 * mesh)
    distance = np.maximum(np.arange(200, dtype=np.float32)[:, None] - 19, 0) + 0 * position
    one, none = np.ones_like(position), np.zeros_like(position)
    found = loose_strands(np.maximum(position, lines), one, distance, one, none, none, 0.5)
    below = distance > 10
    assert found[(strand > 0) & below].mean() > 0.9
    assert not found[(mesh > 0) & below].any()


def test_a_long_faint_strand_is_loose_hair_but_not_beside_an_eye():
    position, line = np.zeros((200, 300), np.float32), np.zeros((200, 300), np.float32)
    position[:20] = 1
    cv2.line(line, (60, 15), (80, 120), 0.17, 2)
    line[40:50] *= 2
    distance = np.maximum(np.arange(200, dtype=np.float32)[:, None] - 19, 0) + 0 * position
    one, none, eye = np.ones_like(position), np.zeros_like(position), np.zeros_like(position)
    eye[130:140, 80:100] = 1
    below = (line > 0) & (distance > 10) & (distance < 80)
    for eyes, share in ((none, 1), (eye, 0)):
        found = loose_strands(np.maximum(position, line), one, distance, one, none, eyes, 0.5)
        assert abs(found[below].mean() - share) < 0.1


def test_hairs_that_grow_side_by_side_are_found_with_gaps_and_wrinkles_are_not():
    rng = np.random.default_rng(3)
    position = rng.normal(0, 0.01, (200, 300)).astype(np.float32)
    hairs, wrinkles, dots = np.zeros((3, 200, 300), np.float32)
    for x in range(20, 140, 6):
        cv2.line(hairs, (x, 15), (x + 8, 36), 0.12, 1, cv2.LINE_AA)
    for y in (26, 32):
        cv2.line(wrinkles, (160, y), (220, y), 0.3, 1, cv2.LINE_AA)
    dots[rng.integers(22, 36, 40), rng.integers(240, 290, 40)] = 0.12
    position += hairs + wrinkles + cv2.GaussianBlur(dots, (0, 0), 0.7)
    down = np.arange(-19, 181, dtype=np.float32)[:, None]
    position = position + np.clip(-down / 10, 0, 1)  # hair above skin
    distance = 2 * down + 0 * position
    skin = (distance > 0).astype(np.float32)
    zone = (distance < 40).astype(np.float32)
    found = growing_strands(position, distance, skin, zone, 0.5)[24:36]
    assert found[hairs[24:36] > 0.08].mean() > 0.5
    assert found[:, 30:130].min(axis=0).mean() < 0.1
    assert (found[:, 30:130] == 0).mean() > 0.2  # skin between them stays
    assert not found[:, 150:].any()
