"""Yaw, pitch and roll follow a known turn of the head."""

import numpy as np
import pytest

from hairstudio.portrait import pose

AXES = {"yaw": (2, 0), "pitch": (1, 2), "roll": (0, 1)}


def rotated(landmarks, axes, degrees):
    angle = np.radians(degrees)
    matrix = np.eye(3)
    first, second = axes
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[second, first], matrix[first, second] = np.sin(angle), -np.sin(angle)
    return landmarks @ matrix.T


def frontal(landmarks):
    """The sample's head turned to face the camera squarely."""
    for _ in range(4):
        found = pose.measure(landmarks)
        landmarks = rotated(landmarks, AXES["roll"], -found.roll)
        landmarks = rotated(landmarks, AXES["yaw"], found.yaw)
        landmarks = rotated(landmarks, AXES["pitch"], found.pitch)
    return landmarks


@pytest.mark.parametrize("name", AXES)
@pytest.mark.parametrize("degrees", [-35, 20])
def test_one_turn_changes_one_angle(analysis, name, degrees):
    found = pose.measure(rotated(frontal(analysis.landmarks), AXES[name], degrees))
    for other in AXES:
        expected = degrees if other == name else 0
        assert abs(getattr(found, other)) == pytest.approx(abs(expected), abs=0.5)


def test_signs(analysis):
    head = frontal(analysis.landmarks)
    nose = head[1, :2] - head[[234, 454], :2].mean(0)
    for name, axis in (("yaw", 0), ("pitch", 1)):
        turned = rotated(head, AXES[name], 20)
        moved = turned[1, :2] - turned[[234, 454], :2].mean(0) - nose
        towards = 1 if name == "yaw" else -1  # right; up
        assert np.sign(getattr(pose.measure(turned), name)) == towards * np.sign(moved[axis])
    clockwise = rotated(head, AXES["roll"], 20)
    assert clockwise[454, 1] > clockwise[234, 1]
    assert pose.measure(clockwise).roll > 0


def test_the_sample_looks_at_the_camera(analysis):
    found = pose.measure(analysis.landmarks)
    assert abs(found.yaw) < 8
    assert abs(found.pitch) < 16
    assert 0 < found.roll < 6
