"""All we know of one face, measured once per photo."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Similarity
from hairstudio.imaging.resample import crop
from hairstudio.portrait import appearance, findings, flow, hairline, landmarks, parsing, pose
from hairstudio.portrait.alignment import face_frame
from hairstudio.portrait.appearance import Appearance
from hairstudio.portrait.findings import Finding, Refusal
from hairstudio.portrait.hairline import HairlineCurve
from hairstudio.portrait.heads import keep_own_hair
from hairstudio.portrait.parsing import FACE_SKIN, FEATURES, Class, Grid
from hairstudio.portrait.pose import Pose

__all__ = ["Analysis", "Assets", "Finding", "Refusal", "analyse"]


@dataclass(frozen=True)
class Assets:
    """The model files that analysis needs."""

    landmarker: Path
    parser: Path


@dataclass(frozen=True, eq=False)
class Analysis:
    """One face of one photo.

    ``landmarks``: (478, 3) float32, photo frame; ``frame``: photo frame -> face frame;
    ``grid``: the raster of ``parsing`` ((19, h, w) uint8, 255 = certain) and ``flow``
    ((h, w, 3) float32: cos 2t, sin 2t, confidence); ``hairline``: face frame. Arrays are
    read-only. ``face`` counts from 0 (largest) of ``faces``.
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
    appearance: Appearance
    warnings: tuple[Finding, ...] = field(default=())

    @property
    def iod(self) -> float:
        """Distance between the eye centres in photo pixels."""
        return 1 / self.frame.scale

    @cached_property
    def centre(self) -> float:
        """u of the face's middle (landmark 10, top of the forehead)."""
        return hairline.middle_of(self.landmarks, self.frame)

    @cached_property
    def pose(self) -> Pose:
        return pose.measure(self.landmarks)

    def probability(self, *classes: Class) -> NDArray[np.uint8]:
        """Summed probability of some classes on the grid, (h, w) uint8."""
        total = self.parsing[list(classes)].sum(0, dtype=np.uint16)
        return np.minimum(total, 255).astype(np.uint8)


def analyse(pixels: NDArray[Any], assets: Assets, face: int = 0) -> Analysis:
    """Measure one face (0 = largest) of upright (H, W, 3) uint8/uint16 RGB pixels.

    Raises Refusal (``no_face``, ``face_cut_off``, ``face_too_small``, ``face_turned``) when
    nothing sensible can be edited, UserError when there is no such face.
    """
    found = landmarks.detect(assets.landmarker, pixels)
    photo_size = (pixels.shape[1], pixels.shape[0])
    points = findings.usable_face(found, face, photo_size)
    frame = face_frame(points)
    grid, planes = parsing.parse(assets.parser, pixels, points)
    findings.require_person(points, grid, planes)
    keep_own_hair(planes, grid, found, face)
    hair = planes[Class.HAIR].astype(np.float32) / 255
    analysis = Analysis(
        photo_size=photo_size,
        face=face,
        faces=len(found),
        landmarks=_published(points),
        frame=frame,
        grid=grid,
        parsing=_published(planes),
        flow=_published(flow.on_grid(pixels, hair, grid, 1 / frame.scale)),
        hairline=_hairline(planes, grid, points, frame),
        appearance=appearance.measure(
            pixels, crop(pixels, grid.box, grid.scale), planes, grid, frame, points
        ),
    )
    return replace(analysis, warnings=findings.warnings(analysis))


def _published(array: Any) -> Any:
    array.setflags(write=False)
    return array


def _hairline(
    planes: NDArray[np.uint8], grid: Grid, points: NDArray[np.float32], frame: Similarity
) -> HairlineCurve:
    hair, *face = (planes[name].astype(np.float32) / 255
                   for name in (Class.HAIR, *FACE_SKIN, *FEATURES))  # fmt: skip
    return hairline.trace(
        hair,
        grid.from_photo.inverse.then(frame),
        hairline.middle_of(points, frame),
        hairline.brow_line(points, frame),
        face=np.sum(face, axis=0),
    )
