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
FOREHEAD_TOP = 10
REACH = 1.9  # how far above the brow line hair is looked for
STEP = 0.005
FINE = 3  # samples per column
STRAND = 13  # samples across (0.13 IOD): narrower hair counts as loose strands
GAP = 0.04  # of something else between skin and hair that is forgiven
SURE = 0.8  # hair is this certain somewhere in the DEPTH above its edge, or it is a leak
DEPTH = 0.3


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


def middle_of(landmarks: NDArray[np.floating], frame: Similarity) -> float:
    """u of the face's middle at the hairline (landmark 10, top of the forehead)."""
    return float(frame.apply(landmarks[FOREHEAD_TOP, :2])[0])


def trace(
    hair: NDArray[np.float32],
    frame: Similarity,
    centre: float,
    brow: float,
    threshold: float = 0.5,
    face: NDArray[np.float32] | None = None,
) -> HairlineCurve:
    """March up from the brows, column by column, to the first hair.

    ``hair``: (H, W) float32 probability or matte; ``frame``: its pixels -> face frame;
    ``centre``: u of the face's middle; ``face``: like ``hair``, probability of skin and features:
    when given, a column counts only if skin leads up to its hair (not background behind a bald
    head, nor a hat). Strands thinner than STRAND are looked through; hair that is nowhere certain
    is none. The crossing is found to a fraction of a step.
    """
    u = np.linspace(centre - HALF_WIDTH, centre + HALF_WIDTH, COLUMNS, dtype=np.float32)
    margin = STRAND // 2
    fine = u[0] + np.arange(-margin, (COLUMNS - 1) * FINE + margin + 1) * (u[1] - u[0]) / FINE
    v = np.arange(brow - 0.05, brow - REACH, -STEP, dtype=np.float32)
    xy = frame.inverse.apply(np.stack(np.meshgrid(fine, v), -1)).astype(np.float32)
    values = _sampled(hair, xy)
    columns = slice(margin, -margin, FINE)
    solid = cv2.morphologyEx(values, cv2.MORPH_OPEN, np.ones((1, STRAND), np.uint8))[:, columns]
    line = np.array([_crossing(column, v, threshold) for column in solid.T], np.float32)
    if face is not None:
        head = (values + _sampled(face, xy))[:, columns]
        line[~_reached_over(head, solid > threshold)] = np.nan
    return HairlineCurve(u, line, brow)


def _sampled(plane: NDArray[np.float32], xy: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.remap(plane, xy, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def _reached_over(head: NDArray[np.float32], hair: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Columns of (v, u) samples on which nothing but the head lies below the first hair."""
    below = np.cumsum(hair, axis=0) == 0
    return (below & (head < 0.5)).sum(0) * STEP <= GAP


def _crossing(column: NDArray[np.float32], v: NDArray[np.float32], threshold: float) -> float:
    above = column > threshold
    index = int(above.argmax())
    if column[index : index + round(DEPTH / STEP)].max() < max(SURE, threshold):
        return float("nan")
    if index == 0:
        return float(v[0])
    low, high = float(column[index - 1]), float(column[index])
    part = (threshold - low) / max(high - low, 1e-6)
    return float(v[index - 1] + part * (v[index] - v[index - 1]))
