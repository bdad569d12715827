"""478 face landmarks with MediaPipe's Face Landmarker (Apache-2.0)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_SIDE = 1280
MAX_FACES = 8

Landmarks = NDArray[np.float32]


def _detect(model: Path, rgb: NDArray[np.uint8]) -> list[Landmarks]:
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)), num_faces=MAX_FACES
    )
    image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
    size = np.array([rgb.shape[1], rgb.shape[0], rgb.shape[1]], np.float32)
    # Opened per call (20 ms): a landmarker alive at interpreter exit raises from its __del__.
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        faces = landmarker.detect(image).face_landmarks
    return [np.array([(p.x, p.y, p.z) for p in face], np.float32) * size for face in faces]


def detect(model: Path, rgb: NDArray[np.uint8]) -> list[Landmarks]:
    """All faces, largest first: (478, 3) float32 each, photo frame (z in pixels, towards camera < 0).

    ``rgb``: (H, W, 3) uint8. An empty list when no face is found.
    """
    scale = min(1.0, MAX_SIDE / max(rgb.shape[:2]))
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    corner_to_centre = np.array([0.5, 0.5, 0], np.float32)
    faces = [f / np.float32(scale) - corner_to_centre for f in _detect(model, small)]
    return sorted(faces, key=lambda f: -float(np.ptp(f[:, 0])))
