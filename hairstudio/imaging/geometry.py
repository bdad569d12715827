"""Boxes and similarity transforms. x right, y down, pixel centres at integers (OpenCV)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]


class Box(NamedTuple):
    """Integer pixel rectangle: left, top, width, height. Empty when w or h is 0."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def empty(self) -> bool:
        return self.w <= 0 or self.h <= 0

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index a (H, W, ...) array: ``array[box.slices]``."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def shifted(self, dx: int, dy: int) -> Box:
        return Box(self.x + dx, self.y + dy, self.w, self.h)

    def grown(self, margin: int) -> Box:
        return Box(self.x - margin, self.y - margin, self.w + 2 * margin, self.h + 2 * margin)

    def intersection(self, other: Box) -> Box:
        x, y = max(self.x, other.x), max(self.y, other.y)
        w = max(0, min(self.right, other.right) - x)
        h = max(0, min(self.bottom, other.bottom) - y)
        return Box(x, y, w, h)

    def union(self, other: Box) -> Box:
        if self.empty or other.empty:
            return other if self.empty else self
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def scaled(self, scale: float) -> Box:
        """The smallest box that covers this one in the frame scaled by ``scale``."""
        x, y = int(np.floor(self.x * scale)), int(np.floor(self.y * scale))
        right, bottom = int(np.ceil(self.right * scale)), int(np.ceil(self.bottom * scale))
        return Box(x, y, right - x, bottom - y)

    @classmethod
    def of_size(cls, width: int, height: int) -> Box:
        return cls(0, 0, width, height)

    @classmethod
    def around(cls, points: Points) -> Box:
        """The smallest box that holds all (N, 2) points."""
        lo = np.floor(points.min(0)).astype(int)
        hi = np.ceil(points.max(0)).astype(int)
        return cls(int(lo[0]), int(lo[1]), int(hi[0] - lo[0]) + 1, int(hi[1] - lo[1]) + 1)

    @classmethod
    def of_mask(cls, mask: NDArray[np.generic]) -> Box:
        """The smallest box that holds all non-zero pixels of an (H, W) mask."""
        rows, cols = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if rows.size == 0:
            return cls(0, 0, 0, 0)
        x, y = int(cols[0]), int(rows[0])
        return cls(x, y, int(cols[-1]) - x + 1, int(rows[-1]) - y + 1)


@dataclass(frozen=True, slots=True)
class Similarity:
    """(x, y) -> (a x - b y + tx, b x + a y + ty): rotation, uniform scale, shift; float64.

    ``first.then(second)`` applies ``first``, then ``second``; ``inverse`` is exact to rounding.
    """

    a: float
    b: float
    tx: float
    ty: float

    @property
    def scale(self) -> float:
        return float(np.hypot(self.a, self.b))

    @property
    def matrix(self) -> NDArray[np.float64]:
        """2 x 3 matrix for cv2.warpAffine."""
        return np.array([[self.a, -self.b, self.tx], [self.b, self.a, self.ty]])

    @property
    def inverse(self) -> Similarity:
        n = self.a * self.a + self.b * self.b
        a, b = self.a / n, -self.b / n
        return Similarity(a, b, -(a * self.tx - b * self.ty), -(b * self.tx + a * self.ty))

    def then(self, other: Similarity) -> Similarity:
        a = other.a * self.a - other.b * self.b
        b = other.b * self.a + other.a * self.b
        tx = other.a * self.tx - other.b * self.ty + other.tx
        ty = other.b * self.tx + other.a * self.ty + other.ty
        return Similarity(a, b, tx, ty)

    def apply(self, points: Points) -> NDArray[np.float64]:
        """Map (..., 2) points."""
        x, y = points[..., 0], points[..., 1]
        return np.stack(
            [self.a * x - self.b * y + self.tx, self.b * x + self.a * y + self.ty], axis=-1
        )

    @classmethod
    def resize(cls, scale: float, origin: tuple[float, float] = (0.0, 0.0)) -> Similarity:
        """Photo frame -> the frame scaled by ``scale`` whose pixel ``origin`` becomes (0, 0)."""
        shift = 0.5 * scale - 0.5
        return cls(scale, 0.0, shift - origin[0], shift - origin[1])
