"""How much else changes: outside the region of a pair, at an equal measured change of the
attribute, by the pair and by a direction applied to the pair's source.

A direction seldom gets as far as a pair does. Both are then compared where the direction gets to:
a pair has every change on the way to its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

GROWN = 0.1 / 4  # of the frame's side: .1 IOD
TOLERANCE = 0.1  # of the wanted change
AMOUNTS = 2.0, 4.0, 8.0  # steps along a direction that are looked at
LEAST = 0.15  # of the pair's change, or of the usual one: less may be noise of the measurement
WORTH = 0.9  # of the largest change: a direction is not taken further for less
TRIES, LEAST_SHARE = 8, 0.15  # to draw nearer, each time by this share of the way at least
RESAMPLED, SEED = 2000, 0

Measure = Callable[[float], float | None]
"""The change of the attribute at an amount; None where it cannot be seen."""


@dataclass(frozen=True)
class Match:
    """One face, changed equally: ``share`` of the pair's own change of the attribute; ``ours``,
    ``theirs``: change outside the region (0..1)."""

    method: str
    pair: str
    share: float
    ours: float
    theirs: float


@dataclass(frozen=True)
class Score:
    """Over ``faces`` that a direction changes visibly, of ``tried``; on ``whole`` of them as much
    as the pair does; ``share``: of the pair's change (median). ``ours``, ``theirs``: mean change
    outside (0..1); ``ratio``: median of theirs over ours, and its 95 % interval over faces
    (bootstrap)."""

    method: str
    tried: int
    faces: int
    whole: int
    share: float
    ours: float
    theirs: float
    ratio: float
    low: float
    high: float


def change_outside(before: Tensor, after: Tensor, region: Tensor) -> float:
    """Mean absolute difference (0..1) where the region, grown by .1 IOD, is not. Pictures
    (1, 3, R, R) in -1..1, ``region``: (1, 1, R, R)."""
    reach = max(1, round(GROWN * region.shape[-1]))
    outside = 1 - F.max_pool2d(region, 2 * reach + 1, 1, reach)
    gap = (before.clamp(-1, 1) - after.clamp(-1, 1)).abs() / 2
    return float((gap * outside).sum() / (3 * outside.sum()).clamp(min=1e-6))


def furthest(measure: Measure, wanted: float) -> tuple[float, float] | None:
    """The amount and the change there, where ``measure`` is within 10 % of ``wanted``, or gets
    nearest to it from below: None where that is hardly anything."""
    sign, near, seen = math.copysign(1.0, wanted), (0.0, 0.0), list[tuple[float, float]]()
    for amount in AMOUNTS:
        value = measure(sign * amount)
        if value is None:
            break
        here = sign * amount, value
        if value / wanted > 1 - TOLERANCE:
            return matched(measure, wanted, near, here)
        seen.append(here)
        near = here
    most = max((value / wanted for _, value in seen), default=0.0)
    if most < LEAST:
        return None
    return next(here for here in seen if here[1] / wanted >= WORTH * most)


def matched(
    measure: Measure, wanted: float, near: tuple[float, float], far: tuple[float, float]
) -> tuple[float, float] | None:
    """Amount and change, within 10 % of ``wanted``, between ``near`` (amount, change), which has
    less, and ``far``, which has as much or more; None where none is found."""
    for here in (far, near):
        if _equal(here[1], wanted):
            return here
    for _ in range(TRIES):
        amount = _between(near, far, wanted)
        value = measure(amount)
        if value is None:
            return None
        here = amount, value
        if _equal(value, wanted):
            return here
        near, far = (near, here) if value / wanted > 1 else (here, far)
    return None


def _equal(value: float, wanted: float) -> bool:
    return abs(value - wanted) <= TOLERANCE * abs(wanted)


def _between(near: tuple[float, float], far: tuple[float, float], wanted: float) -> float:
    """Where a line from ``near`` to ``far`` has the wanted value, not too close to either."""
    share = (wanted - near[1]) / (far[1] - near[1])
    share = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
    return near[0] + share * (far[0] - near[0])


def score(method: str, tried: int, matches: Sequence[Match]) -> Score:
    """Of one method's faces."""
    if not matches:
        return Score(method, tried, 0, 0, *[math.nan] * 6)
    shares, a, b = (np.array([getattr(each, name) for each in matches])
                    for name in ("share", "ours", "theirs"))  # fmt: skip
    ratios = b / np.maximum(a, 1e-6)
    whole = int((shares >= 1 - TOLERANCE).sum())
    return Score(method, tried, len(matches), whole, float(np.median(shares)), float(a.mean()),
                 float(b.mean()), float(np.median(ratios)), *_interval(ratios))  # fmt: skip


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    chance = np.random.default_rng(SEED)
    rows = chance.integers(0, len(values), (RESAMPLED, len(values)))
    low, high = np.percentile(np.median(values[rows], axis=1), [2.5, 97.5])
    return float(low), float(high)
