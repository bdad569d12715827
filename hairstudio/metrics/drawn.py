"""Is what an edit drew hair, in the eyes of the parsing network and of a ruler?"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Bools = NDArray[np.bool_]

FULL_SHARE = 0.85
RISE, ENOUGH = 0.3, 0.8
AIRY_ALPHA, AIRY_SKIN, SAME_COLOR = (0.25, 0.65), 0.15, 5.0
MAX_LIGHTNESS_GAP = 8.0
MAX_PREVIEW_GAP = 0.03
MAX_STRAND_WIDTH, THINNER = 3.0, 95.0  # pixels at an eye distance of 800, percent of the strands
SAME_STRAND = 0.02  # IOD between a strand and its old self


@dataclass(frozen=True)
class Grown:
    """Mean hair probability of a region before and after, 0..1."""

    before: float
    after: float

    @property
    def passed(self) -> bool:
        return self.after >= min(self.before + RISE, ENOUGH)


def grown(before: Array, after: Array, region: Bools) -> Grown:
    """``before``, ``after``: (H, W) hair probability. Raises ValueError for an empty region."""
    return Grown(_mean(before, region), _mean(after, region))


@dataclass(frozen=True)
class Airiness:
    """``alpha``: mean of what was drawn over the region; ``skin``: share of the region that looks
    as before (within 5 dE)."""

    alpha: float
    skin: float

    @property
    def checks(self) -> dict[str, bool]:
        low, high = AIRY_ALPHA
        return {"alpha": low <= self.alpha <= high, "skin shows": self.skin >= AIRY_SKIN}


def airiness(before: Array, after: Array, alpha: Array, region: Bools) -> Airiness:
    """``before``, ``after``: (H, W, 3) float32 0..1, sRGB; ``alpha``: (H, W) 0..1, as rendered."""
    change = np.linalg.norm(_lab(after) - _lab(before), axis=2)
    return Airiness(_mean(alpha, region), _mean(change <= SAME_COLOR, region))


def lightness_gap(drawn: Array, drawn_hair: Bools, own: Array, own_hair: Bools) -> float:
    """Median L* of drawn hair minus that of own hair; pictures (H, W, 3) float32 0..1."""
    return float(np.median(_lab(drawn)[drawn_hair, 0]) - np.median(_lab(own)[own_hair, 0]))


def preview_gap(preview: Array, final: Array, patch: Bools) -> float:
    """Mean absolute difference (0..1) of a preview and the reduced final, inside the patch."""
    return _mean(np.abs(preview - final).mean(2), patch)


def strand_width(half_width: Array, alpha: Array) -> float:
    """Width in pixels that 95 % of the strands stay below, each at its widest visible place.

    ``half_width``, ``alpha``: (n, m) along n strands.
    """
    widest = 2 * np.where(alpha > 0.05, half_width, 0).max(1)
    return float(np.percentile(widest[widest > 0], THINNER))


def strand_shift(few: Array, many: Array) -> float:
    """How far strands have moved from those of another slider value: the 95th percentile over
    ``few`` of the distance to the nearest of ``many``, compared over their common length.

    (n, m, 2) points each, in IOD. 0 when all were kept.
    """
    lengths = [_along(few), _along(many)]
    roots = many[:, 0]
    shifts = [
        _nearest(strand, length, many, roots, lengths[1])
        for strand, length in zip(few, lengths[0], strict=True)
    ]
    return float(np.percentile(shifts, 95))


def _along(strands: Array) -> Array:
    """(n, m): way from the root to every point."""
    steps = np.linalg.norm(np.diff(strands, axis=1), axis=2)
    return np.concatenate([np.zeros_like(steps[:, :1]), steps.cumsum(1)], 1)


def _nearest(strand: Array, along: Array, many: Array, roots: Array, lengths: Array) -> float:
    order = np.argsort(np.linalg.norm(roots - strand[0], axis=1), kind="stable")[:12]
    return min(_apart(strand, along, many[k], lengths[k]) for k in order)


def _apart(a: Array, along_a: Array, b: Array, along_b: Array) -> float:
    """Mean distance of two strands at equal distances from their roots."""
    at = np.linspace(0, min(float(along_a[-1]), float(along_b[-1])), 16)
    points = [
        np.stack([np.interp(at, along, each[:, axis]) for axis in (0, 1)], 1)
        for each, along in ((a, along_a), (b, along_b))
    ]  # fmt: skip
    return float(np.linalg.norm(points[0] - points[1], axis=1).mean())


def _mean(plane: NDArray[np.generic], region: Bools) -> float:
    if not region.any():
        raise ValueError("an empty region")
    return float(plane[region].mean(dtype=np.float64))


def _lab(rgb: Array) -> Array:
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
