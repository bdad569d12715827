"""All we know of one face, measured once per photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.errors import UserError
from hairstudio.imaging.geometry import Similarity
from hairstudio.portrait import flow, hairline, landmarks, parsing
from hairstudio.portrait.alignment import face_frame
from hairstudio.portrait.hairline import HairlineCurve
from hairstudio.portrait.parsing import Class, Grid


@dataclass(frozen=True)
class Assets:
    """The model files that analysis needs."""

    landmarker: Path
    parser: Path


@dataclass(frozen=True)
class Finding:
    """A named condition of the photo or of an edit: a code with its value and threshold."""

    code: str
    value: float
    threshold: float
    text: str


class Refusal(UserError):
    """The photo cannot be edited; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


@dataclass(frozen=True, eq=False)
class Analysis:
    """One face of one photo.

    ``landmarks``: (478, 3) float32, photo frame; ``frame``: photo frame -> face frame;
    ``grid``: the raster of ``parsing`` ((19, h, w) uint8, 255 = certain) and ``flow``
    ((h, w, 3) float32: cos 2t, sin 2t, confidence); ``hairline``: face frame.
    """

    photo_size: tuple[int, int]
    face: int
    faces: int
    landmarks: NDArray[np.float32]
    frame: Similarity
    grid: Grid
    parsing: NDArray[np.uint8]
    flow: NDArray[np.float32]
    hairline: HairlineCurve
    warnings: tuple[Finding, ...] = field(default=())

    @property
    def iod(self) -> float:
        """Distance between the eye centres in photo pixels."""
        return 1 / self.frame.scale

    @cached_property
    def centre(self) -> float:
        """u of the face's middle (landmark 10, top of the forehead)."""
        return float(self.frame.apply(self.landmarks[10, :2])[0])

    def probability(self, *classes: Class) -> NDArray[np.uint8]:
        """Summed probability of some classes on the grid, (h, w) uint8."""
        total = self.parsing[list(classes)].sum(0, dtype=np.uint16)
        return np.minimum(total, 255).astype(np.uint8)


Progress = Callable[[str, float], None]


def grid_luminance(pixels: NDArray[np.generic], grid: Grid) -> NDArray[np.float32]:
    """Luma of the photo on a grid, (h, w) float32 0..1."""
    top = float(np.iinfo(pixels.dtype).max)
    box = grid.box.scaled(1 / grid.scale)
    height, width = pixels.shape[:2]
    part = pixels[max(0, box.y) : min(height, box.bottom), max(0, box.x) : min(width, box.right)]
    size = (grid.box.w, grid.box.h)
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.float32) / top
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


def to_u8(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    return pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)


def analyse(pixels: NDArray[np.generic], assets: Assets, face: int = 0) -> Analysis:
    """Measure one face (0 = largest) of upright (H, W, 3) uint8/uint16 RGB pixels.

    Raises Refusal (``no_face``, ...) when nothing sensible can be edited.
    """
    found = landmarks.detect(assets.landmarker, to_u8(pixels))
    if not found:
        raise Refusal(Finding("no_face", 0, 1, "no face found"))
    points = found[face]
    size = (pixels.shape[1], pixels.shape[0])
    frame = face_frame(points)
    grid = parsing.grid_around(frame, size)
    planes = parsing.parse(assets.parser, pixels, points, grid)
    hair = planes[Class.HAIR].astype(np.float32) / 255
    unit = grid.scale / frame.scale / 250
    orientation = flow.measure(grid_luminance(pixels, grid), hair, unit)
    brow = hairline.brow_line(points, frame)
    centre = float(frame.apply(points[10, :2])[0])
    curve = hairline.trace(hair, grid.from_photo.inverse.then(frame), centre, brow)
    return Analysis(size, face, len(found), points, frame, grid, planes, orientation, curve)
