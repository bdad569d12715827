"""Where each point of the head comes from when the hairline moves: a smooth, fold-free field.

Column by column of the face frame, the hairline's neighbourhood moves as a rigid band; the
movement fades out linearly up to the head's silhouette and down to the brows, and sideways
towards the ears. It is defined at the *destination* (around the new hairline), where it can
be bounded: in the source domain large moves tear.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import smoothstep
from hairstudio.imaging.geometry import Similarity
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.hairline import UPPER_BROW, HairlineCurve
from hairstudio.portrait.parsing import EARS, FACE_SKIN, FEATURES, Class

Array = NDArray[np.float32]

CELLS = 64  # per IOD
REACH_U, ABOVE, BELOW = 1.35, 2.5, 0.1
BAND_UP, BAND_DOWN = 0.06, 0.05  # half-widths of the rigid band, IOD
BROW_MARGIN = 0.06
FLAT, GONE = 0.5, 1.08  # |u| where the sideways fade begins and ends
STRETCH, SQUEEZE = 2.6, 2.6  # allowed local change of length
ROUND = 0.3


def ramp(t: Array) -> Array:
    """0 at t <= 0, 1 at t >= 1, linear between with rounded ends (largest slope 1 / (1 - ROUND))."""
    t = np.clip(t, 0, 1)
    slope = np.float32(1 / (1 - ROUND))
    low = slope * t * t / (2 * ROUND)
    high = 1 - slope * (1 - t) ** 2 / (2 * ROUND)
    straight = slope * (t - ROUND / 2)
    return np.where(t < ROUND, low, np.where(t > 1 - ROUND, high, straight))


@dataclass(frozen=True, eq=False)
class FaceGrid:
    """A raster of the face frame, ``CELLS`` per IOD: the same for every view of a face."""

    left: float
    top: float
    width: int
    height: int

    @classmethod
    def around(cls, centre: float, brow: float) -> FaceGrid:
        width, height = round(2 * REACH_U * CELLS), round((ABOVE + BELOW) * CELLS)
        return cls(centre - REACH_U, brow - ABOVE, width, height)

    @property
    def to_face(self) -> Similarity:
        """Grid pixels -> face frame."""
        return Similarity(1 / CELLS, 0.0, self.left, self.top)

    @cached_property
    def u(self) -> Array:
        return self.left + np.arange(self.width, dtype=np.float32) / CELLS

    @cached_property
    def v(self) -> Array:
        """(height, 1) column."""
        return self.top + np.arange(self.height, dtype=np.float32)[:, None] / CELLS

    def sample(self, plane: NDArray[np.uint8], analysis: Analysis) -> Array:
        """Bring an (h, w) map from the analysis grid here, as 0..1; 0 outside the photo."""
        to_analysis = self.to_face.then(analysis.frame.inverse).then(analysis.grid.from_photo)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (self.width, self.height)
        return cv2.warpAffine(plane, to_analysis.matrix, size, flags=flags).astype(np.float32) / 255


@dataclass(frozen=True, eq=False)
class Displacement:
    """How far the hairline may move and what moves with it, in face units.

    Per column of ``grid``: ``line`` (smoothed hairline), ``top`` (where hair ends above it),
    ``side`` (0..1 fade towards the ears); ``free``: (height, width) 0..1, 0 on what must stay
    (background, hats, glasses, brows).
    """

    grid: FaceGrid
    line: Array
    top: Array
    bottom: float
    side: Array
    free: Array

    @classmethod
    def of(cls, analysis: Analysis, hairline: HairlineCurve) -> Displacement:
        grid = FaceGrid.around(analysis.centre, hairline.brow)
        line = _field_line(hairline, grid)
        movable = analysis.probability(Class.HAIR, *FACE_SKIN, *EARS)
        head = grid.sample(movable, analysis)
        kept = (head < 0.5) | (grid.sample(analysis.probability(*FEATURES), analysis) > 0.5)
        distance = cv2.distanceTransform((~kept).astype(np.uint8), cv2.DIST_L2, 5) / CELLS
        brows = analysis.frame.apply(analysis.landmarks[list(UPPER_BROW), :2])[:, 1]
        bottom = float(brows.min()) - BROW_MARGIN
        side = 1 - smoothstep(FLAT, GONE, np.abs(grid.u - analysis.centre))
        free = cv2.GaussianBlur(smoothstep(0.0, 0.12, distance), (0, 0), 0.03 * CELLS)
        return cls(grid, line, _hair_top(kept, line, grid), bottom, side, free)

    def field(self, height: float) -> Array:
        """(height, width) float32 v displacement of the content now at each destination point.

        ``height`` in IOD, positive = hairline higher. The content at (u, v) comes from
        (u, v + field).
        """
        new = self.line - height * self.side
        v = self.grid.v
        up = ramp((v - self.top) / np.maximum(new - BAND_UP - self.top, 0.02))
        down = ramp((self.bottom - v) / np.maximum(self.bottom - new - BAND_DOWN, 0.02))
        return (height * self.side * up * down * self.free).astype(np.float32)

    def allowed(self, height: float) -> float:
        """The largest part of ``height`` that stretches nothing beyond the limits."""
        if self._bearable(height):
            return height
        low, high = 0.0, 1.0
        for _ in range(6):
            middle = (low + high) / 2
            low, high = (middle, high) if self._bearable(middle * height) else (low, middle)
        return low * height

    def _bearable(self, height: float) -> bool:
        rate = 1 + np.diff(self.field(height), axis=0) * CELLS  # source length per new length
        middle = np.abs(self.grid.u - self.grid.u.mean()) < 0.4
        low = np.percentile(rate[:, middle].min(0), 25)
        high = np.percentile(rate[:, middle].max(0), 25)
        return bool(rate.min() > 0.1 and low > 1 / STRETCH and high < SQUEEZE)


def _field_line(hairline: HairlineCurve, grid: FaceGrid) -> Array:
    """The hairline without stray strands, bounded about its middle height, smooth in u."""
    middle = hairline.brow - hairline.height
    known = np.isfinite(hairline.v)
    values = np.interp(hairline.u, hairline.u[known], hairline.v[known]).astype(np.float32)
    values = cv2.medianBlur(np.clip(values, middle - 0.35, middle + 0.3)[None], 5)[0]
    return HairlineCurve(hairline.u, values, hairline.brow).at(grid.u)


def _hair_top(kept: NDArray[np.bool_], line: Array, grid: FaceGrid) -> Array:
    """v of the first thing above the hairline that must stay (background, hat), per column."""
    above = kept & (grid.v < line - 0.05)
    last = grid.height - 1 - above[::-1].argmax(0)
    top = np.where(above.any(0), grid.top + last / CELLS, grid.top).astype(np.float32)
    top = np.minimum(top, line - 0.12)
    return cv2.GaussianBlur(top[None], (0, 0), 0.06 * CELLS, borderType=cv2.BORDER_REPLICATE)[0]
