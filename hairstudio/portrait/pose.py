"""Which way the head looks, from the landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RIGHT_SIDE, LEFT_SIDE = (127, 234, 93), (356, 454, 323)
TOP, CHIN = 10, 152


@dataclass(frozen=True)
class Pose:
    """Degrees. ``yaw`` > 0: turned to the right of the picture; ``pitch`` > 0: looking up;
    ``roll`` > 0: tilted clockwise."""

    yaw: float
    pitch: float
    roll: float


def measure(landmarks: NDArray[np.floating]) -> Pose:
    """Pose of one face from (478, 3) landmarks (z in pixels, towards the camera < 0).

    Axes through the sides of the face and from forehead to chin; within 3 degrees of the
    landmarker's own transformation in yaw and roll, some 4 lower in pitch.
    """
    points = landmarks.astype(np.float64)
    across = points[list(LEFT_SIDE)].mean(0) - points[list(RIGHT_SIDE)].mean(0)
    across /= np.linalg.norm(across)
    down = points[CHIN] - points[TOP]
    down -= across * (across @ down)
    down /= np.linalg.norm(down)
    x, y, z = -np.cross(across, down)  # out of the face
    yaw, pitch = np.arctan2(x, -z), -np.arcsin(y)
    roll = np.arctan2(across[1], across[0])
    return Pose(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))
