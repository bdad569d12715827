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
BANDS = 4
MIN_HALF_WIDTH = 0.22
MAX_HAIRS = 7
HAIR_TONE = 0.07


@kernel()
def _segment(out: Array, ax: float, ay: float, bx: float, by: float, w0: float, w1: float,
             a0: float, a1: float, c0: Array, c1: Array, low: int, high: int) -> None:  # fmt: skip
    """Blend one tapered segment into the rows low..high-1 of (h, w, 4).

    The projection is half-open (0 <= t < 1), so joints are not blended twice.
    """
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    if square < 1e-6:
        return
    length = math.sqrt(square)
    reach = max(w0, w1) + SOFT
    first = max(math.ceil(min(ay, by) - reach), low)
    last = min(math.floor(max(ay, by) + reach), high - 1)
    left = math.ceil(min(ax, bx) - reach)
    right = math.floor(max(ax, bx) + reach)
    for y in range(first, last + 1):
        ey = y - ay
        lo, hi = left, right
        if abs(dy) > 1e-3 * length:  # within the strip around the line
            middle, half = ax + ey * dx / dy, reach * length / abs(dy)
            lo, hi = max(lo, math.ceil(middle - half)), min(hi, math.floor(middle + half))
        for x in range(max(int(lo), 0), min(int(hi), out.shape[1] - 1) + 1):
            ex = x - ax
            t = (ex * dx + ey * dy) / square
            if t < 0.0 or t >= 1.0:
                continue
            wide = w0 + (w1 - w0) * t
            cover = wide + SOFT - abs(ex * dy - ey * dx) / length
            if cover <= 0:
                continue
            if wide >= SOFT:
                cover = min(cover / (2 * SOFT), 1.0)
                cover = cover * cover * (3 - 2 * cover)
            else:
                cover = cover / (wide + SOFT)
                cover = cover * cover * (3 - 2 * cover) * (1.8 * wide / (wide + SOFT) + 0.1)
            alpha = (a0 + (a1 - a0) * t) * min(cover, 1.0)
            if alpha < 0.003:
                continue
            rest = 1 - alpha
            for c in range(3):
                out[y, x, c] = out[y, x, c] * rest + (c0[c] + (c1[c] - c0[c]) * t) * alpha
            out[y, x, 3] = out[y, x, 3] * rest + alpha


@kernel(parallel=True)
def _draw(out: Array, points: Array, half_width: Array, alpha: Array, color: Array) -> None:
    h = out.shape[0]
    for band in numba.prange(BANDS):
        low, high = band * h // BANDS, (band + 1) * h // BANDS
        for k in range(points.shape[0]):
            for i in range(points.shape[1] - 1):
                a0, a1 = alpha[k, i], alpha[k, i + 1]
                if a0 <= 0.004 and a1 <= 0.004:
                    continue
                ay, by = points[k, i, 1], points[k, i + 1, 1]
                reach = max(half_width[k, i], half_width[k, i + 1]) + SOFT
                if max(ay, by) + reach < low or min(ay, by) - reach >= high:
                    continue
                _segment(out, points[k, i, 0], ay, points[k, i + 1, 0], by, half_width[k, i],
                         half_width[k, i + 1], a0, a1, color[k, i], color[k, i + 1],
                         low, high)  # fmt: skip


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
    near = np.clip(0.5 + 2.5 * depth, 0, 1).astype(np.float32)
    n = len(locks)
    order = np.lexsort((np.arange(2 * n) // n, np.concatenate([locks] * 2)))
    which = order % n
    alpha = np.concatenate([strokes.alpha * (1 - near), strokes.alpha * near])[order]
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
