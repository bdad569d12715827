"""Faces are found whatever their size in the photo, once each, the largest first."""

import cv2
import numpy as np
import pytest

from hairstudio.portrait.landmarks import detect, eye_distance

SAMPLE_IOD = 41.5


@pytest.fixture(scope="module")
def find(assets):
    return lambda pixels: detect(assets.landmarker, pixels)


def scaled(pixels, factor):
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=method)


def turned(pixels, degrees):
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    moved = cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return moved, matrix


def test_the_sample_has_one_face(find, small):
    (face,) = find(small)
    assert face.shape == (478, 3)
    assert face.dtype == np.float32
    assert eye_distance(face) == pytest.approx(SAMPLE_IOD, abs=1)


@pytest.mark.parametrize("iod", [26, 60, 300])
def test_a_face_in_a_24_megapixel_landscape(find, small, landscape, iod):
    part = scaled(small[0:250, 110:330], iod / SAMPLE_IOD)
    photo = landscape.copy()
    photo[1900 : 1900 + len(part), 3100 : 3100 + part.shape[1]] = part
    (face,) = find(photo)
    assert eye_distance(face) == pytest.approx(iod, rel=0.06)
    (alone,) = find(part)
    difference = face[:, :2] - (3100, 1900) - alone[:, :2]
    assert np.median(np.hypot(*difference.T)) < 0.06 * iod


def test_no_face_in_a_landscape_a_cat_or_noise(find, landscape):
    from skimage import data

    noise = np.random.default_rng(1).integers(0, 256, (600, 800, 3), np.uint8)
    for pixels in (scaled(landscape, 0.25), data.chelsea(), scaled(data.chelsea(), 3), noise):
        assert find(pixels) == []


def test_a_crop_as_tight_as_the_features(find, head):
    (whole,) = find(head)
    left, top = (whole[:, :2].min(0) + (100, 110)).astype(int)
    right, bottom = (whole[:, :2].max(0) - (100, 20)).astype(int)
    crop = np.ascontiguousarray(head[top:bottom, left:right])
    assert eye_distance(whole) > 0.6 * crop.shape[1]
    (face,) = find(crop)
    inside = face[:, :2] + (left, top) - whole[:, :2]
    assert np.median(np.hypot(*inside.T)) < 0.1 * eye_distance(whole)


@pytest.mark.parametrize("degrees", [-30, 25])
def test_a_tilted_head(find, head, degrees):
    photo, matrix = turned(head, degrees)
    (face,), (upright,) = find(photo), find(head)
    expected = upright[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    assert np.median(np.hypot(*(face[:, :2] - expected).T)) < 0.05 * eye_distance(upright)


def test_three_faces_of_different_size_once_each(find, small):
    canvas = np.full((1400, 3000, 3), 150, np.uint8)
    portrait = small[0:250, 110:330]
    for factor, x in ((2.0, 100), (4.0, 1000), (2.7, 2400)):
        part = scaled(portrait, factor)
        canvas[200 : 200 + len(part), x : x + part.shape[1]] = part
    faces = find(canvas)
    found = [eye_distance(face) / SAMPLE_IOD for face in faces]
    assert found == pytest.approx([4, 2.7, 2], rel=0.08)


def test_16_bit_photos_give_the_same_landmarks(find, head):
    (deep,), (face,) = find(head.astype(np.uint16) * 257), find(head)
    np.testing.assert_allclose(deep, face, atol=1e-3)
