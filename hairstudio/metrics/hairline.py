"""Does the hairline slider move the hairline, evenly and without changing its shape?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hairstudio.metrics.ranks import spearman
from hairstudio.portrait.hairline import HairlineCurve

MIN_SPEARMAN = 0.99
MIN_RANGE = 0.15
MAX_SHAPE_RMS = 0.03
MAX_STEP_RATIO = 2.0
MIDDLE_SHARE = 0.6
MAX_LOST = 0.1
MIN_STEPS = 3


@dataclass(frozen=True)
class HairlineSweep:
    """``heights``: H per slider value, in slider order, IOD; ``spearman``: of value and H;
    ``lowered`` and ``raised``: |H(-1) - H(0)| and |H(1) - H(0)| over H(0), None when the head does
    not allow that end; ``shape_rms``: largest RMS change of shape, IOD; ``step_ratio``: largest
    step between neighbours over the mean step."""

    heights: tuple[float, ...]
    spearman: float
    lowered: float | None
    raised: float | None
    shape_rms: float
    step_ratio: float

    @property
    def checks(self) -> dict[str, bool]:
        reach = [r for r in (self.lowered, self.raised) if r is not None]
        return {
            "monotone": self.spearman >= MIN_SPEARMAN,
            "range": all(r >= MIN_RANGE for r in reach),
            "shape": self.shape_rms <= MAX_SHAPE_RMS,
            "steps": self.step_ratio <= MAX_STEP_RATIO,
        }

    @property
    def passed(self) -> bool:
        return all(self.checks.values())


def judge_sweep(
    steps: Sequence[tuple[float, HairlineCurve]], limited: Collection[float] = ()
) -> HairlineSweep:
    """Judge hairlines measured in edited photos.

    ``steps``: slider value (0 among them) and curve, any order; ``limited``: values at which the
    edit said ``hairline_limited``; they are left out, except as a shape. A curve that was lost
    (height nan) fails every check that it belongs to. Raises ValueError without a step at 0 or
    with fewer than 3 steps that are not limited.
    """
    ordered = sorted(steps, key=lambda step: step[0])
    free = [(v, curve.height) for v, curve in ordered if v not in limited]
    start = next((curve for v, curve in ordered if v == 0), None)
    if start is None or len(free) < MIN_STEPS:
        raise ValueError("a sweep needs the value 0 and at least 3 values that are not limited")
    heights = dict(free)
    jumps = np.abs(np.diff([h for _, h in free]))
    return HairlineSweep(
        tuple(curve.height for _, curve in ordered),
        _spearman(free),
        _reach(heights, -1.0, start.height),
        _reach(heights, 1.0, start.height),
        max(shape_rms(start, curve) for _, curve in ordered),
        float(jumps.max() / jumps.mean()) if jumps.mean() > 0 else float("inf"),
    )


def _spearman(free: Sequence[tuple[float, float]]) -> float:
    values, heights = zip(*free, strict=True)
    return spearman(values, heights) if np.isfinite(heights).all() else float("nan")


def _reach(heights: dict[float, float], value: float, start: float) -> float | None:
    return abs(heights[value] - start) / start if value in heights else None


def shape_rms(old: HairlineCurve, new: HairlineCurve, share: float = MIDDLE_SHARE) -> float:
    """RMS of new - old minus its mean, over the middle ``share`` of the columns, in IOD.

    Columns in which the old curve met no hair say nothing. Where the new one lost more than a tenth
    of the others, the shape is infinitely wrong; the parser loses a column or two by itself.
    """
    known = _middle(old, share) & np.isfinite(old.v)
    shift = (new.v - old.v)[known].astype(np.float64)
    found = shift[np.isfinite(shift)]
    if found.size == 0 or found.size < (1 - MAX_LOST) * shift.size:
        return float("inf")
    return float(found.std())


def _middle(curve: HairlineCurve, share: float) -> NDArray[np.bool_]:
    centre, half = float(curve.u.mean()), float(np.ptp(curve.u)) / 2
    return np.abs(curve.u - centre) <= share * half + 1e-6
