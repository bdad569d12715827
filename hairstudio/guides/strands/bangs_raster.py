"""Strands to pixels: painter's order, antialiased, premultiplied."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import chance
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

SOFT = 0.6
HIDDEN = 0.004
"""Where so little shows through, nothing more is drawn below."""
BANDS = 4
MIN_HALF_WIDTH = 0.22
MAX_HAIRS = 7
HAIR_TONE = 0.07


@kernel()
def _cover(wide: float, away: float) -> float:
    """How much of a pixel lies under a line of half-width ``wide``, ``away`` from its middle."""
    inside = wide + SOFT - away
    if inside <= 0:
        return 0.0
    if wide >= SOFT:
        inside = min(inside / (2 * SOFT), 1.0)
        return inside * inside * (3 - 2 * inside)
    inside = inside / (wide + SOFT)
    return min(inside * inside * (3 - 2 * inside) * (1.8 * wide / (wide + SOFT) + 0.1), 1.0)


@kernel()
def _segment(out: Array, points: Array, half_width: Array, color: Array, k: int, i: int,
             a0: float, a1: float, low: int, high: int) -> None:  # fmt: skip
    """Lay segment i of stroke k beneath what the rows low..high-1 of (h, w, 4) show already.

    The projection is half-open (0 <= t < 1), so joints are not blended twice.
    """
    ax, ay = points[k, i]
    bx, by = points[k, i + 1]
    w0, w1 = half_width[k, i], half_width[k, i + 1]
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    if square < 1e-6:
        return
    length = math.sqrt(square)
    reach = max(w0, w1) + SOFT
    dx, dy = dx / length, dy / length
    beside = reach * abs(dx)
    first = max(math.ceil(min(ay, by) - beside), low)
    last = min(math.floor(max(ay, by) + beside), high - 1)
    for y in range(first, last + 1):
        ey = y - ay
        lo, hi = min(ax, bx) - reach, max(ax, bx) + reach
        if abs(dy) > 1e-3:  # within the strip around the line
            middle, half = ax + ey * dx / dy, reach / abs(dy)
            lo, hi = max(lo, middle - half), min(hi, middle + half)
        if abs(dx) > 1e-3:  # and between its ends
            start, end = ax - ey * dy / dx, ax + (length - ey * dy) / dx
            lo, hi = max(lo, min(start, end)), min(hi, max(start, end))
        for x in range(max(math.ceil(lo), 0), min(math.floor(hi), out.shape[1] - 1) + 1):
            left = 1 - out[y, x, 3]
            if left < HIDDEN:
                continue
            ex = x - ax
            t = (ex * dx + ey * dy) / length
            if t < 0.0 or t >= 1.0:
                continue
            wide = w0 + (w1 - w0) * t
            alpha = (a0 + (a1 - a0) * t) * _cover(wide, abs(ex * dy - ey * dx))
            if alpha < 0.003:
                continue
            alpha *= left
            early, late = (1 - t) * alpha, t * alpha
            for c in range(3):
                out[y, x, c] += color[k, i, c] * early + color[k, i + 1, c] * late
            out[y, x, 3] += alpha


@kernel(parallel=True)
def _draw(out: Array, points: Array, half_width: Array, alpha: Array, color: Array) -> None:
    """The last stroke first: what lies under others is not drawn at all."""
    h = out.shape[0]
    for band in numba.prange(BANDS):
        low, high = band * h // BANDS, (band + 1) * h // BANDS
        for k in range(points.shape[0] - 1, -1, -1):
            for i in range(points.shape[1] - 2, -1, -1):
                a0, a1 = alpha[k, i], alpha[k, i + 1]
                if a0 <= 0.004 and a1 <= 0.004:
                    continue
                ay, by = points[k, i, 1], points[k, i + 1, 1]
                reach = max(half_width[k, i], half_width[k, i + 1]) + SOFT
                if max(ay, by) + reach < low or min(ay, by) - reach >= high:
                    continue
                _segment(out, points, half_width, color, k, i, a0, a1, low, high)


@dataclass(frozen=True, eq=False)
class Strokes:
    """What to draw, lowest first. ``points``: (n, m, 2) pixels; ``half_width`` in pixels and
    ``alpha``: (n, m); ``color``: (n, m, 3) RGB 0..1; float32."""

    points: Array
    half_width: Array
    alpha: Array
    color: Array


def draw(size: tuple[int, int], strokes: Strokes) -> Array:
    """Draw into an empty picture of ``size`` (w, h): (h, w, 4) premultiplied RGBA float32."""
    out = np.zeros((size[1], size[0], 4), np.float32)
    wide = np.maximum(strokes.half_width, np.float32(MIN_HALF_WIDTH))
    alpha = strokes.alpha * (strokes.half_width / wide)  # what is drawn wider covers less
    _draw(out, strokes.points, wide, alpha.astype(np.float32), strokes.color)
    return out


def turns(
    strokes: Strokes, depth: Array, locks: NDArray[np.int64]
) -> tuple[Strokes, NDArray[np.intp]]:
    """Helices that pass behind themselves, lock by lock: the far half of a lock's turns is drawn
    before their near half.

    ``depth``: (n, m) -1 far .. 1 near; ``locks``: (n,) number of the lock of each, the lowest
    drawn first. Returns the strokes and which one each of them was.
    """
    near = np.clip(0.5 + 1.5 * depth, 0, 1).astype(np.float32)
    n = len(locks)
    order = np.lexsort((np.arange(2 * n) // n, np.concatenate([locks] * 2)))
    which = order % n
    front = strokes.alpha * near
    behind = (strokes.alpha - front) / np.maximum(1 - front, 1e-3)  # both cover what one did
    alpha = np.concatenate([behind, front])[order]
    return Strokes(
        strokes.points[which], strokes.half_width[which], alpha, strokes.color[which]
    ), which


def split(strokes: Strokes, real: float, items: NDArray[np.int64], seed: int) -> Strokes:
    """Draw strokes wider than ``real`` (half-width in pixels) as bundles of fine hairs.

    The bundle covers what the stroke did, so that a large picture made small again looks like the
    small one. ``items``: (n,) the strands' numbers; there may be none.
    """
    if not items.size:
        return strokes
    hairs = min(MAX_HAIRS, int(float(np.median(strokes.half_width.max(1))) / real))
    if hairs < 2:
        return strokes
    number = (items[:, None] * MAX_HAIRS + np.arange(hairs)).ravel()
    which = np.repeat(np.arange(items.size), hairs)
    place = (np.tile(np.arange(hairs), items.size) + chance.uniforms(seed, number, 80)) / hairs
    tone = 1 + np.float32(HAIR_TONE) * chance.normals(seed, number, 81)
    points, wide = strokes.points[which], strokes.half_width[which]
    along = np.gradient(points, axis=1)
    across = np.stack([-along[..., 1], along[..., 0]], -1)
    across /= np.hypot(along[..., 0], along[..., 1])[..., None] + 1e-6
    aside = (2 * place - 1)[:, None] * wide * np.float32(1 - 0.5 / hairs)
    return Strokes(
        (points + across * aside[..., None]).astype(np.float32),
        wide * np.float32(1.25 / hairs),
        strokes.alpha[which],
        np.clip(strokes.color[which] * tone[:, None, None], 0, 1).astype(np.float32),
    )
