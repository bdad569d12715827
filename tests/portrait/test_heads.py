"""Hair of the neighbour and of the background is not this head's."""

import cv2
import numpy as np
import pytest

from hairstudio.imaging.geometry import Box
from hairstudio.imaging.photo import read_photo
from hairstudio.portrait.analysis import analyse
from hairstudio.portrait.heads import keep_own_hair
from hairstudio.portrait.parsing import Class, Grid

SIZE = 500
GRID = Grid(Box(0, 0, SIZE, SIZE), 1.0)


def landmarks_at(x, y, analysis, iod=50.0):
    """The sample's landmarks, moved and scaled; eyes centred on (x, y)."""
    points = analysis.landmarks.copy()
    eyes = points[[33, 133, 362, 263], :2].mean(0)
    points[:, :2] = (points[:, :2] - eyes) * (iod / analysis.iod) + (x, y)
    return points


def kept(hair, faces, face=0):
    planes = np.zeros((len(Class), SIZE, SIZE), np.uint8)
    planes[Class.HAIR] = 255 * hair.astype(np.uint8)
    planes[Class.BACKGROUND] = 255 - planes[Class.HAIR]
    keep_own_hair(planes, GRID, faces, face)
    assert (planes.sum(0, dtype=int) == 255).all()
    return planes[Class.HAIR] > 127


def shape(draw):
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    draw(canvas)
    return canvas > 0


def test_long_hair_is_kept_and_a_far_blob_is_not(analysis):
    def long_hair(c):
        cv2.ellipse(c, (250, 120), (70, 60), 0, 0, 360, 255, -1)
        cv2.rectangle(c, (300, 120), (330, 480), 255, -1)

    own = shape(long_hair)
    blob = shape(lambda c: cv2.circle(c, (80, 420), 40, 255, -1))
    found = kept(own | blob, [landmarks_at(250, 150, analysis)])
    assert (found & own).sum() > 0.99 * own.sum()
    assert not (found & blob).any()


def test_touching_heads_share_nothing(analysis):
    left, right = landmarks_at(170, 200, analysis), landmarks_at(330, 200, analysis)
    caps = [shape(lambda c, x=x: cv2.ellipse(c, (x, 165), (85, 70), 0, 0, 360, 255, -1))
            for x in (170, 330)]  # fmt: skip
    hair = caps[0] | caps[1]
    first, second = kept(hair, [left, right]), kept(hair, [left, right], 1)
    assert (first & second).sum() < 0.01 * hair.sum()
    assert (first | second).sum() > 0.97 * hair.sum()
    assert first[165, 120]
    assert second[165, 380]


def test_hair_behind_an_ear_is_kept(analysis):
    planes = np.zeros((len(Class), SIZE, SIZE), np.uint8)
    planes[Class.HAIR] = 255 * shape(
        lambda c: cv2.ellipse(c, (250, 120), (70, 40), 0, 0, 360, 255, -1)
    )
    planes[Class.LEFT_EAR] = 255 * shape(lambda c: cv2.circle(c, (320, 190), 28, 255, -1))
    behind = shape(lambda c: cv2.rectangle(c, (318, 222), (340, 250), 255, -1))
    planes[Class.HAIR][behind] = 255
    keep_own_hair(planes, GRID, [landmarks_at(250, 180, analysis)], 0)
    assert (planes[Class.HAIR][behind] > 127).mean() > 0.95


def test_a_neighbour_changes_nothing(head, analysis, assets):
    pair = np.hstack([head, head[:, 40:]])
    area = [(a.probability(Class.HAIR) > 127).sum() / a.grid.scale**2
            for a in (analysis, analyse(pair, assets, 0), analyse(pair, assets, 1))]  # fmt: skip
    assert area[1:] == pytest.approx([area[0]] * 2, rel=0.06)


def test_a_mother_s_hair_is_not_the_child_s(shared, assets):
    pixels = read_photo(shared / "photos" / "az_detection5.jpg").pixels
    analyses = [analyse(pixels, assets, face) for face in range(3)]
    mother, child = (min(analyses, key=lambda a: a.landmarks[1, 0]), analyses[2])
    at = child.grid.from_photo.apply(mother.frame.inverse.apply(np.array([0.9, -1.2])))
    x, y = np.clip(np.rint(at), 0, np.array(child.grid.box[2:]) - 1).astype(int)
    assert child.parsing[Class.HAIR, y, x] < 20
    assert (mother.probability(Class.HAIR) > 127).sum() > 5 * (
        child.probability(Class.HAIR) > 127
    ).sum()
