"""Refusals and warnings: code, value, threshold and what to do."""

import cv2
import numpy as np
import pytest

from hairstudio.errors import UserError
from hairstudio.imaging.photo import read_photo
from hairstudio.portrait.analysis import Refusal, analyse
from hairstudio.portrait.findings import usable_face

FRINGES = ("sen_patty-murray", "flickr_5172802343", "flickr_3936777541")
FOREHEADS = ("flickr_4733974817", "uns_edward", "uns_christian", "uns_behrouz", "sen_robert-casey")


def codes(analysis):
    return {finding.code for finding in analysis.warnings}


def refusal(pixels, assets):
    with pytest.raises(Refusal) as caught:
        analyse(pixels, assets)
    finding = caught.value.finding
    assert str(caught.value) == finding.text
    assert "\n" not in finding.text
    return finding


def test_a_cat_is_refused(assets):
    from skimage import data

    assert refusal(data.chelsea(), assets).code == "no_face"
    large = cv2.resize(data.chelsea(), None, fx=10, fy=10, interpolation=cv2.INTER_CUBIC)
    assert refusal(large, assets).code == "no_face"


def test_a_drawn_face_is_refused(assets):
    smiley = np.full((800, 800, 3), 255, np.uint8)
    cv2.circle(smiley, (400, 400), 300, (0, 0, 0), 6)
    for eye in (300, 500):
        cv2.circle(smiley, (eye, 320), 40, (0, 0, 0), cv2.FILLED)
    cv2.ellipse(smiley, (400, 450), (150, 120), 0, 20, 160, (0, 0, 0), 8)
    finding = refusal(smiley, assets)
    assert finding.code == "no_face"
    assert 0 < finding.value < finding.threshold


def test_a_face_cut_by_the_edge_is_refused(head, analysis, assets):
    middle = int(analysis.landmarks[1, 0])
    finding = refusal(np.ascontiguousarray(head[:, middle - 20 :]), assets)
    assert finding.code == "face_cut_off"
    assert finding.value > finding.threshold


def test_a_face_of_20_pixels_is_refused(small, assets):
    finding = refusal(cv2.resize(small, (256, 256), interpolation=cv2.INTER_AREA), assets)
    assert finding.code == "face_too_small"
    assert finding.value < finding.threshold == 24


def turned(landmarks, degrees):
    """The same head after turning about its vertical axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    centre = landmarks.mean(0)
    moved = (landmarks - centre) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return (moved + centre).astype(np.float32)


@pytest.mark.parametrize(("degrees", "refused"), [(-60, True), (40, False), (60, True)])
def test_a_face_turned_beyond_50_degrees_is_refused(analysis, degrees, refused):
    faces = [turned(analysis.landmarks, degrees)]
    if refused:
        with pytest.raises(Refusal) as caught:
            usable_face(faces, 0, analysis.photo_size)
        assert caught.value.finding.code == "face_turned"
        assert caught.value.finding.value == pytest.approx(60, abs=5)
    else:
        assert usable_face(faces, 0, analysis.photo_size) is faces[0]


def test_a_face_that_is_not_there(head, assets):
    with pytest.raises(UserError, match=r"^the photo has 1 face, so there is no face 9$"):
        analyse(head, assets, face=8)


def test_the_sample_has_a_fringe_and_a_small_face(analysis, small, assets):
    assert codes(analysis) == {"hairline_hidden"}
    assert codes(analyse(small, assets)) == {"hairline_hidden", "face_small"}


def test_two_faces_are_mentioned_and_can_be_chosen(head, assets):
    smaller = cv2.resize(head, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    margin = len(head) - len(smaller)
    pair = np.hstack([np.pad(smaller, ((margin, 0), (0, 0), (0, 0)), mode="edge"), head])
    first, second = (analyse(pair, assets, face) for face in (0, 1))
    assert "several_faces" in codes(first) & codes(second)
    assert first.iod > 1.2 * second.iod
    assert first.landmarks[1, 0] > smaller.shape[1] > second.landmarks[1, 0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("az_dubai", {"hair_occluded", "no_hair_to_sample", "face_small"}),
        ("flickr_2890368131", {"hair_occluded"}),
        ("sen_tim-scott", {"no_hair_to_sample"}),
        ("az_detection5", {"several_faces"}),
    ],
)
def test_warnings_on_real_photos(shared, assets, name, expected):
    (path,) = (shared / "photos").glob(f"{name}*")
    assert codes(analyse(read_photo(path).pixels, assets)) == expected


@pytest.mark.parametrize("name", [*FRINGES, *FOREHEADS])
def test_only_fringes_hide_the_hairline(shared, assets, name):
    (path,) = (shared / "photos").glob(f"{name}*")
    analysis = analyse(read_photo(path).pixels, assets)
    assert ("hairline_hidden" in codes(analysis)) == (name in FRINGES)
