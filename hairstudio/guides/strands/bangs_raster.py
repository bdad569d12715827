"""Strands to pixels: painter's order, antialiased, premultiplied."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import chance
from hairstudio.imaging.checkpoint import checkpoint
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

SOFT, STEEP = np.float32(0.6), np.float32(1 / 1.2)
"""How far beyond its half-width a line fades, pixels; one over twice that."""
FINE, LEAST = np.float32(1.8), np.float32(0.1)
"""How much lines finer than that cover, by their share of it."""
HIDDEN, FAINT = np.float32(0.004), np.float32(0.003)
"""Where so little shows through, nothing more is drawn below; and what covers so little is not."""
ZERO, ONE, TWO, THREE = np.arange(4, dtype=np.float32)
"""Single numbers of double precision would take twice the time."""
MIN_HALF_WIDTH = 0.22
MAX_HAIRS = 7
HAIR_TONE = 0.07


@kernel()
def _cover(wide: np.float32, away: np.float32) -> np.float32:
    """How much of a pixel lies under a line of half-width ``wide``, ``away`` from its middle."""
    inside = wide + SOFT - away
    if inside <= ZERO:
        return ZERO
    if wide >= SOFT:
        inside = min(inside * STEEP, ONE)
        return inside * inside * (THREE - TWO * inside)
    inside = inside / (wide + SOFT)
    return min(
        inside * inside * (THREE - TWO * inside) * (FINE * wide / (wide + SOFT) + LEAST), ONE
    )


@kernel()
def _segment(out: Array, points: Array, half_width: Array, color: Array, k: int, i: int,
             a0: np.float32, a1: np.float32, low: int, high: int) -> None:  # fmt: skip
    """Lay segment i of stroke k beneath what the rows low..high-1 of (h, w, 4) show already.

    The projection is half-open (0 <= t < 1), so joints are not blended twice.
    """
    ax, ay, bx, by = points[k, i, 0], points[k, i, 1], points[k, i + 1, 0], points[k, i + 1, 1]
    w0, w1 = half_width[k, i], half_width[k, i + 1]
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    if square < 1e-6:
        return
    length = np.float32(math.sqrt(square))
    shorter = ONE / length
    dx, dy = dx * shorter, dy * shorter
    reach = max(w0, w1) + SOFT
    beside = reach * abs(dx)
    left, right = min(ax, bx) - reach, max(ax, bx) + reach
    steep, flat = abs(dy) > 1e-3, abs(dx) > 1e-3
    slope, half = (dx / dy, reach / abs(dy)) if steep else (ZERO, ZERO)
    tilt, across = (dy / dx, length / dx) if flat else (ZERO, ZERO)
    red, green, blue = color[k, i, 0], color[k, i, 1], color[k, i, 2]
    more_red = color[k, i + 1, 0] - red
    more_green = color[k, i + 1, 1] - green
    more_blue = color[k, i + 1, 2] - blue
    first = max(math.ceil(min(ay, by) - beside), low)
    last = min(math.floor(max(ay, by) + beside), high - 1)
    for y in range(first, last + 1):
        ey = np.float32(y) - ay
        lo, hi = left, right
        if steep:  # within the strip around the line
            middle = ax + ey * slope
            lo, hi = max(lo, middle - half), min(hi, middle + half)
        if flat:  # and between its ends
            start = ax - ey * tilt
            end = start + across
            lo, hi = max(lo, min(start, end)), min(hi, max(start, end))
        for x in range(max(math.ceil(lo), 0), min(math.floor(hi), out.shape[1] - 1) + 1):
            free = ONE - out[y, x, 3]
            if free < HIDDEN:
                continue
            ex = np.float32(x) - ax
            t = (ex * dx + ey * dy) * shorter
            if t < ZERO or t >= ONE:
                continue
            alpha = (a0 + (a1 - a0) * t) * _cover(w0 + (w1 - w0) * t, abs(ex * dy - ey * dx))
            if alpha < FAINT:
                continue
            alpha *= free
            out[y, x, 0] += (red + more_red * t) * alpha
            out[y, x, 1] += (green + more_green * t) * alpha
            out[y, x, 2] += (blue + more_blue * t) * alpha
            out[y, x, 3] += alpha


@kernel()
def _draw(out: Array, points: Array, half_width: Array, alpha: Array, color: Array, low: int,
          high: int) -> None:  # fmt: skip
    """Rows low..high-1. The last stroke first: what lies under others is not drawn at all."""
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
    return layers(size, [strokes])[0]


def layers(size: tuple[int, int], strokes: list[Strokes]) -> list[Array]:
    """One picture for each, on all cores, the largest first."""
    checkpoint()
    cores = os.cpu_count() or 1
    made = [np.zeros((size[1], size[0], 4), np.float32) for _ in strokes]
    bands = range(-(-cores // len(strokes)))
    largest_first = sorted(range(len(strokes)), key=lambda i: -strokes[i].alpha.size)
    with ThreadPoolExecutor(cores) as pool:
        done = [
            pool.submit(_band, made[i], strokes[i], band / len(bands), (band + 1) / len(bands))
            for i in largest_first
            for band in bands
        ]
    for each in done:
        each.result()
    return made


def _band(picture: Array, strokes: Strokes, low: float, high: float) -> None:
    """Draw the rows from ``low`` to ``high``, 0..1 of the picture."""
    wide = np.maximum(strokes.half_width, np.float32(MIN_HALF_WIDTH))
    alpha = np.asarray(strokes.alpha * (strokes.half_width / wide), np.float32)  # wider, less dense
    first, end = int(low * picture.shape[0]), int(high * picture.shape[0])
    _draw(picture, strokes.points, wide, alpha, strokes.color, first, end)


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
