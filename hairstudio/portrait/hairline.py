"""The hairline as a curve in the face frame, and its height H."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Similarity

COLUMNS = 61
HALF_WIDTH = 0.9
MIDDLE = 0.25
BROW_TOPS = (105, 334)
UPPER_BROW = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)


@dataclass(frozen=True, eq=False)
class HairlineCurve:
    """Hair's lower edge above the brows, face frame (u right, v down, unit IOD).

    ``u``: (61,) float32 ascending; ``v``: (61,) float32, nan where no hair was met;
    ``brow``: v of the brow line (mean of landmarks 105 and 334).
    """

    u: NDArray[np.float32]
    v: NDArray[np.float32]
    brow: float

    @property
    def middle(self) -> NDArray[np.bool_]:
        centre = float(self.u.mean())
        return np.abs(self.u - centre) <= MIDDLE + 1e-6

    @property
    def height(self) -> float:
        """H: brow line to hairline, median over the middle +-.25 IOD; nan when there is none."""
        values = self.v[self.middle]
        known = values[np.isfinite(values)]
        return self.brow - float(np.median(known)) if known.size >= 3 else float("nan")

    def at(self, u: NDArray[np.float32], smooth: float = 2.5) -> NDArray[np.float32]:
        """v of the smoothed curve at ``u``; constant beyond its ends. ``smooth`` in columns."""
        known = np.isfinite(self.v)
        if not known.any():
            return np.full_like(u, np.nan)
        filled = np.interp(self.u, self.u[known], self.v[known]).astype(np.float32)
        curve = cv2.GaussianBlur(filled[None], (0, 0), smooth, borderType=cv2.BORDER_REPLICATE)[0]
        return np.interp(u, self.u, curve).astype(np.float32)

    def shifted(self, dv: float) -> HairlineCurve:
        return HairlineCurve(self.u, self.v + np.float32(dv), self.brow)


def brow_line(landmarks: NDArray[np.floating], frame: Similarity) -> float:
    """v of the brow line: mean of landmarks 105 and 334."""
    return float(frame.apply(landmarks[list(BROW_TOPS), :2])[:, 1].mean())


def trace(
    hair: NDArray[np.float32],
    frame: Similarity,
    centre: float,
    brow: float,
    threshold: float = 0.5,
) -> HairlineCurve:
    """March up from the brows, column by column, to the first hair.

    ``hair``: (H, W) float32 probability or matte; ``frame``: its pixels -> face frame;
    ``centre``: u of the face's middle. The crossing is found to a fraction of a step.
    """
    u = np.linspace(centre - HALF_WIDTH, centre + HALF_WIDTH, COLUMNS, dtype=np.float32)
    v = np.linspace(brow - 0.05, brow - 1.9, 370, dtype=np.float32)
    uv = np.stack(np.meshgrid(u, v, indexing="ij"), -1)
    xy = frame.inverse.apply(uv).astype(np.float32)
    values = cv2.remap(hair, xy, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    above = values > threshold
    first = np.where(above.any(1), above.argmax(1), -1)
    return HairlineCurve(u, np.array([_crossing(values[i], v, j, threshold)
                                      for i, j in enumerate(first)], np.float32), brow)  # fmt: skip


def _crossing(
    column: NDArray[np.float32], v: NDArray[np.float32], index: int, threshold: float
) -> float:
    if index < 0:
        return float("nan")
    if index == 0:
        return float(v[0])
    low, high = float(column[index - 1]), float(column[index])
    part = (threshold - low) / max(high - low, 1e-6)
    return float(v[index - 1] + part * (v[index] - v[index - 1]))
