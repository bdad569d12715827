"""What ``analyze`` prints and paints."""

import json

import numpy as np
import pytest

from hairstudio.imaging.photo import read_photo
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.describe import describe
from hairstudio.portrait.overlay import overlay
from hairstudio.portrait.parsing import Class


def test_the_description_is_plain_json_with_the_measured_numbers(analysis):
    text = json.dumps(describe(analysis), allow_nan=False)
    said = json.loads(text)
    assert said["face"] == 1
    assert said["landmarks"] == 478
    assert said["iod"] == pytest.approx(analysis.iod, abs=0.01)
    assert said["height"] == pytest.approx(analysis.hairline.height, abs=1e-4)
    expected = said["height"] * said["iod"]
    assert said["height_px"] == pytest.approx(expected, abs=0.1)
    assert len(said["hairline"]) == np.isfinite(analysis.hairline.v).sum()
    box = said["box"]
    assert box["x"] <= analysis.landmarks[:, 0].min() <= box["x"] + box["width"]
    assert 0.1 < said["hair_share"] < 0.5
    assert [each["code"] for each in said["warnings"]] == ["hairline_hidden"]
    assert said["palette"]["whole"]["hex"].isalnum()


def test_unknown_values_are_null(shared, assets):
    photo = read_photo(shared / "photos" / "sen_tim-scott.jpg")
    said = json.loads(json.dumps(describe(analyse(photo.pixels, assets)), allow_nan=False))
    assert (said["height"], said["height_px"], said["hairline"]) == (None, None, [])
    assert said["palette"] is None


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_the_overlay_tints_hair_and_leaves_the_background(head, analysis, depth):
    pixels = head if depth == np.uint8 else head.astype(np.uint16) * 257
    picture = overlay(pixels, analysis)
    assert picture.shape == head.shape
    assert picture.dtype == np.uint8
    changed = picture.astype(int) - head
    x, y = analysis.frame.inverse.apply(np.array([0.3, -1.1]))
    assert analysis.parsing[Class.HAIR].max() == 255
    assert changed[round(y), round(x)][0] > changed[round(y), round(x)][1] + 20
    assert not changed[:40, :40].any()


def test_the_overlay_of_a_large_photo_is_reduced(head, analysis):
    import cv2

    large = cv2.resize(head, None, fx=3, fy=3)
    assert max(overlay(large, analysis).shape) == 2048
