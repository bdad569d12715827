"""478 face landmarks with MediaPipe's Face Landmarker (Apache-2.0).

Its detector looks at 128 px of whatever it is given and finds eye distances from about 1/20 to
1/2 of the picture's side. Smaller faces are found in overlapping tiles, larger ones after padding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Box
from hairstudio.portrait.alignment import eye_centres

MAX_SIDE = 1280
TILE_SIDE = 640
SMALLEST_TILE = 400
MAX_FACES = 20
PADDINGS = (0.3, 0.6)
# Eye distance over the searched side: below it a smaller face beside this one may be missed.
COMFORTABLE = 0.1
# The landmark network sees about 3 eye distances on 256 px: more pixels do not help it.
SHARP_IOD = 90.0

Landmarks = NDArray[np.float32]
Pixels = NDArray[Any]
Find = Callable[[NDArray[np.uint8]], list[Landmarks]]


def detect(model: Path, pixels: Pixels) -> list[Landmarks]:
    """All faces, largest first: (478, 3) float32, photo frame (z in pixels, towards camera < 0).

    ``pixels``: (H, W, 3) uint8 or uint16 RGB, upright within some 60 degrees. An empty list when
    no face is found. One pass when the first finds faces of a good size; else padded and tiled.
    """
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)), num_faces=MAX_FACES
    )
    # Opened per call (20 ms): a landmarker alive at interpreter exit raises from its __del__.
    with vision.FaceLandmarker.create_from_options(options) as landmarker:

        def find(rgb: NDArray[np.uint8]) -> list[Landmarks]:
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))
            size = np.array([rgb.shape[1], rgb.shape[0], rgb.shape[1]], np.float32)
            faces = landmarker.detect(image).face_landmarks
            return [np.array([(p.x, p.y, p.z) for p in face], np.float32) * size for face in faces]

        return sorted(_search(find, pixels), key=lambda face: -_extent(face))


def eye_distance(face: Landmarks) -> float:
    """IOD in pixels."""
    left, right = eye_centres(face)
    return float(np.hypot(*(right - left)))


def _extent(face: Landmarks) -> float:
    return float(np.hypot(*np.ptp(face[:, :2], axis=0)))


def _search(find: Find, pixels: Pixels) -> list[Landmarks]:
    height, width = pixels.shape[:2]
    scale = min(1.0, MAX_SIDE / max(height, width))
    first = _find_in(find, pixels, Box.of_size(width, height), MAX_SIDE)
    found = [_refined(find, pixels, f) if scale * eye_distance(f) < SHARP_IOD * (scale < 1) else f
             for f in first]  # fmt: skip
    faces = [f for f in found if f is not None]
    if not faces:
        faces = next(filter(None, (_find_padded(find, pixels, pad) for pad in PADDINGS)), [])
    side = max(height, width)
    while not _comfortable(faces, side) and side > SMALLEST_TILE:
        side = max(side // 2, SMALLEST_TILE)
        faces = _merged(faces, _find_tiled(find, pixels, side))
    return faces


def _comfortable(faces: list[Landmarks], side: int) -> bool:
    return any(eye_distance(face) >= COMFORTABLE * side for face in faces)


def _find_in(find: Find, pixels: Pixels, box: Box, side: int, pad: float = 0.0) -> list[Landmarks]:
    """Faces in one part of the photo, shown at most ``side`` pixels large."""
    scale = min(1.0, side / max(box.w, box.h))
    size = (max(1, round(box.w * scale)), max(1, round(box.h * scale)))
    part = cv2.resize(pixels[box.slices], size, interpolation=cv2.INTER_AREA)
    rgb = part if part.dtype == np.uint8 else (part >> 8).astype(np.uint8)
    margin = int(pad * max(size))
    if margin:
        rgb = cv2.copyMakeBorder(rgb, *[margin] * 4, cv2.BORDER_CONSTANT, value=(128, 128, 128))
    stretch = np.array([box.w / size[0], box.h / size[1], box.w / size[0]], np.float32)
    origin = np.array([box.x - 0.5, box.y - 0.5, 0], np.float32)
    inset = np.array([margin, margin, 0], np.float32)
    return [(face - inset) * stretch + origin for face in find(rgb)]


def _find_padded(find: Find, pixels: Pixels, pad: float) -> list[Landmarks]:
    """Tightly cropped faces: the detector wants some surroundings."""
    height, width = pixels.shape[:2]
    return _find_in(find, pixels, Box.of_size(width, height), MAX_SIDE, pad)


def _find_tiled(find: Find, pixels: Pixels, side: int) -> list[Landmarks]:
    """Faces seen in a tile and again in the middle of their own crop: a tile's edge cuts faces,
    and small tiles of foliage or rock look like one now and then."""
    faces: list[Landmarks] = []
    for tile in _tiles(pixels.shape[1], pixels.shape[0], side):
        for face in _find_in(find, pixels, tile, TILE_SIDE):
            sharper = _refined(find, pixels, face)
            faces = faces if sharper is None else _merged(faces, [sharper])
    return faces


def _tiles(width: int, height: int, side: int) -> Iterator[Box]:
    """Squares of ``side`` that overlap by half."""
    w, h = min(side, width), min(side, height)
    for y in _starts(height - h, side // 2):
        for x in _starts(width - w, side // 2):
            yield Box(x, y, w, h)


def _starts(room: int, step: int) -> list[int]:
    return [round(i) for i in np.linspace(0, room, -(-room // step) + 1)]


def _refined(find: Find, pixels: Pixels, face: Landmarks) -> Landmarks | None:
    """The same face again, from a crop of 5 eye distances; None when it is not seen there."""
    iod = eye_distance(face)
    centre = face[:, :2].mean(0)
    half = int(max(2.5 * iod, 0.75 * _extent(face)))
    box = Box(int(centre[0]) - half, int(centre[1]) - half, 2 * half, 2 * half)
    box = box.intersection(Box.of_size(pixels.shape[1], pixels.shape[0]))
    if box.empty:
        return None
    again = _find_in(find, pixels, box, TILE_SIDE)
    return next((other for other in again if _same(face, other)), None)


def _same(a: Landmarks, b: Landmarks) -> bool:
    apart = np.hypot(*(a[:, :2].mean(0) - b[:, :2].mean(0)))
    return bool(apart < 0.3 * max(_extent(a), _extent(b)))


def _merged(faces: list[Landmarks], more: list[Landmarks]) -> list[Landmarks]:
    return faces + [face for face in more if not any(_same(face, other) for other in faces)]
