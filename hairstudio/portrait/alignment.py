"""Landmarks -> face frame and FFHQ crop frame.

The crop is the FFHQ quad (Karras et al., CVPR 2019) built from MediaPipe landmarks; as a
similarity it has an exact inverse, so an edited crop returns to its place in the photo.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Similarity

RIGHT_EYE, LEFT_EYE, MOUTH = (33, 133), (362, 263), (61, 291)


def eye_centres(landmarks: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres of the eyes at the left and at the right of the picture, (2,) each, photo frame."""
    points = landmarks[:, :2].astype(np.float64)
    return points[list(RIGHT_EYE)].mean(0), points[list(LEFT_EYE)].mean(0)


def face_frame(landmarks: NDArray[np.floating]) -> Similarity:
    """Photo frame -> face frame: origin between the eyes, u right, v down, unit IOD."""
    left, right = eye_centres(landmarks)
    (ex, ey), (cx, cy) = right - left, (left + right) / 2
    iod2 = ex * ex + ey * ey
    a, b = ex / iod2, -ey / iod2
    return Similarity(a, b, -(a * cx - b * cy), -(b * cx + a * cy))


def crop_frame(landmarks: NDArray[np.floating], size: int, zoom_out: float = 1.0) -> Similarity:
    """Photo frame -> FFHQ-style crop frame of ``size`` pixels; ``zoom_out`` 2 sees twice as far."""
    left, right = eye_centres(landmarks)
    mouth = landmarks[list(MOUTH), :2].astype(np.float64).mean(0)
    eyes, eye_to_eye = (left + right) / 2, right - left
    eye_to_mouth = mouth - eyes
    x = eye_to_eye - np.array([-eye_to_mouth[1], eye_to_mouth[0]])
    x /= np.hypot(*x)
    half = max(2 * np.hypot(*eye_to_eye), 1.8 * np.hypot(*eye_to_mouth)) * zoom_out
    centre = eyes + 0.1 * eye_to_mouth
    scale = size / (2 * half)
    a, b = scale * x[0], -scale * x[1]
    middle = (size - 1) / 2
    tx = middle - (a * centre[0] - b * centre[1])
    ty = middle - (b * centre[0] + a * centre[1])
    return Similarity(float(a), float(b), float(tx), float(ty))
