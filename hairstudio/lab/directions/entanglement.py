"""How much else changes: outside the region of a pair, at an equal measured change of the
attribute, by the pair and by a direction applied to the pair's source."""

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
FURTHEST, TRIES = 12.0, 12  # steps along a direction, and pictures looked at for a match
LEAST_SHARE = 0.15  # of the way between two amounts that the next try goes at least
RESAMPLED, SEED = 2000, 0


@dataclass(frozen=True)
class Score:
    """Over ``faces`` where a direction reached the pair's change of the attribute, of ``tried``.
    ``ours``, ``theirs``: mean change outside (0..1); ``ratio``: median of theirs over ours, and its
    95 % interval over faces (bootstrap)."""

    method: str
    tried: int
    faces: int
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


def matched(measure: Callable[[float], float | None], wanted: float) -> float | None:
    """The amount at which ``measure`` (the change of the attribute, None: not to be seen) is within
    10 % of ``wanted``; None where there is none. Goes further until it has passed it, then draws
    nearer from both sides.
    """
    sign = math.copysign(1.0, wanted)
    near, far, amount = (0.0, 0.0), None, 1.0
    for _ in range(TRIES):
        value = measure(sign * amount)
        if value is not None and abs(value - wanted) <= TOLERANCE * abs(wanted):
            return sign * amount
        if value is None or value * sign > abs(wanted):
            far = amount, value
        else:
            near = amount, value
        amount = 2 * amount if far is None else _between(near, far, wanted)
        if amount > FURTHEST:
            return None
    return None


def _between(near: tuple[float, float], far: tuple[float, float | None], wanted: float) -> float:
    """Where a line from ``near`` to ``far`` (amount, value) has the wanted value, not too close to
    either; the middle where the far value cannot be seen."""
    share = 0.5
    if far[1] is not None:
        share = min(max((wanted - near[1]) / (far[1] - near[1]), LEAST_SHARE), 1 - LEAST_SHARE)
    return near[0] + share * (far[0] - near[0])


def score(method: str, tried: int, ours: Sequence[float], theirs: Sequence[float]) -> Score:
    """``ours``, ``theirs``: change outside of the faces that were matched."""
    if not ours:
        nothing = float("nan")
        return Score(method, tried, 0, nothing, nothing, nothing, nothing, nothing)
    a, b = np.array(ours), np.array(theirs)
    ratios = b / np.maximum(a, 1e-6)
    low, high = _interval(ratios)
    return Score(method, tried, len(ours), float(a.mean()), float(b.mean()),
                 float(np.median(ratios)), low, high)  # fmt: skip


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    chance = np.random.default_rng(SEED)
    rows = chance.integers(0, len(values), (RESAMPLED, len(values)))
    low, high = np.percentile(np.median(values[rows], axis=1), [2.5, 97.5])
    return float(low), float(high)
