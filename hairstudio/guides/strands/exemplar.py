"""Lines through the person's own hair, along which its fine detail is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, chance
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.canvas import bilinear
from hairstudio.guides.strands.chance import normal, uniform
from hairstudio.guides.strands.growth import Strands
from hairstudio.imaging.geometry import Similarity
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

LINES = 160
HALF = 60
STEP = 0.015
"""Distance between a line's points, IOD."""
SPREAD = 0.0032
"""Sideways spread of the strands that read one line, IOD."""
BESIDE = 0.02
"""and of those that take its colours."""
OTHERS, MIXED, MIXTURE = 0.3, 60, 1 << 30
"""Share of strands that take another's, numbers of such lines, and where they begin."""
_LINE, _START, _SIDE = 40, 41, 42


@dataclass(frozen=True, eq=False)
class Exemplar:
    """``lines``: (n, 2 HALF, 2) float32 (u, v); ``counts``: (n,) points of each; ``middles``: (n,)
    point at which tracing began, in canvas cell ``cells``: (n,); ``frame``: from the pixels that
    hold the detail to the face in which the lines lie."""

    lines: Array
    counts: Ints
    middles: Ints
    cells: Ints
    frame: Similarity

    @cached_property
    def pixels(self) -> Array:
        """The lines in the pixels that hold the detail, (n, 2 HALF, 2) float32 (x, y)."""
        return self.frame.inverse.apply(self.lines).astype(np.float32)

    def take(self, keep: NDArray[np.bool_]) -> Exemplar:
        return Exemplar(np.ascontiguousarray(self.lines[keep]), self.counts[keep],
                        self.middles[keep], self.cells[keep], self.frame)  # fmt: skip


@kernel()
def _trace(cos2: Array, sin2: Array, hair: Array, starts: Array, lines: Array,
           counts: Ints, middles: Ints) -> None:  # fmt: skip
    for k in range(starts.shape[0]):
        low = HALF
        high = HALF
        lines[k, HALF, 0], lines[k, HALF, 1] = starts[k, 0], starts[k, 1]
        for sign in (-1, 1):
            u, v = starts[k, 0], starts[k, 1]
            du, dv = 0.0, float(sign)
            i = HALF
            while 0 < i < 2 * HALF - 1:
                x, y = (u - canvas.LEFT) * canvas.CELLS, (v - canvas.TOP) * canvas.CELLS
                angle = 0.5 * math.atan2(bilinear(sin2, x, y), bilinear(cos2, x, y))
                a, b = math.cos(angle), math.sin(angle)
                if a * du + b * dv < 0:
                    a, b = -a, -b
                du, dv = 0.6 * a + 0.4 * du, 0.6 * b + 0.4 * dv
                u += STEP * du
                v += STEP * dv
                x, y = (u - canvas.LEFT) * canvas.CELLS, (v - canvas.TOP) * canvas.CELLS
                if bilinear(hair, x, y) < 0.5:
                    break
                i += sign
                lines[k, i, 0], lines[k, i, 1] = u, v
            if sign < 0:
                low = i
            else:
                high = i
        counts[k] = high - low + 1
        middles[k] = HALF - low
        for i in range(counts[k]):
            lines[k, i, 0], lines[k, i, 1] = lines[k, low + i, 0], lines[k, low + i, 1]


def find(head: Head, detail: Array, near: Array, frame: Similarity) -> Exemplar:
    """Lines in clear hair near the edit; the longer ones.

    ``detail``: (HEIGHT, WIDTH) 1 where the view has hair detail; ``near``: distance from the
    edit in IOD, (HEIGHT, WIDTH); ``frame``: the view's pixels -> face frame.
    """
    weight = head.confidence * np.exp(-((near / 0.7) ** 2)) * (detail > 0.8)
    cells = np.flatnonzero(weight > 1e-6)
    if cells.size == 0:
        none = np.zeros(0, np.int64)
        return Exemplar(np.zeros((0, 2 * HALF, 2), np.float32), none, none, none, frame)
    # weighted sampling without replacement (Efraimidis and Spirakis, 2006)
    keys = -np.log(chance.uniforms(0, cells, 43) + 1e-9) / weight.ravel()[cells]
    chosen = cells[np.argsort(keys, kind="stable")[:LINES]]
    rows, columns = np.divmod(chosen, canvas.WIDTH)
    starts = np.stack([canvas.COLUMNS[columns], canvas.ROWS[rows]], 1)
    lines = np.zeros((chosen.size, 2 * HALF, 2), np.float32)
    counts, middles = np.zeros((2, chosen.size), np.int64)
    _trace(np.ascontiguousarray(head.flow[..., 0]), np.ascontiguousarray(head.flow[..., 1]),
           detail, starts, lines, counts, middles)  # fmt: skip
    long = counts * STEP > 0.3
    keep = long if long.sum() >= 12 else counts >= np.sort(counts)[-min(24, counts.size)]
    return Exemplar(lines, counts, middles, chosen, frame).take(keep)


@kernel()
def _choose(locks: Ints, cells: Ints, seed: int, lines: Ints) -> None:
    """A line for each lock: mostly the same one when a few lines are others."""
    for k in range(locks.size):
        best = -1.0
        for i in range(cells.size):
            draw = uniform(seed, locks[k] * 65536 + cells[i], _LINE)
            if draw > best:
                best, lines[k] = draw, i


@kernel()
def _read(detail: Array, pixels: Array, counts: Ints, middles: Ints, step: float, length: Array,
          entry: Array, lock: Ints, line_of: Ints, item: Ints, offset: Array, spread: float,
          seed: int, out: Array) -> None:  # fmt: skip
    n, m = out.shape
    for k in range(n):
        line = line_of[k]
        points = counts[line]
        if points < 4:
            continue
        start = middles[line] + (uniform(seed, lock[k], _START) - 0.5) * HALF
        aside = offset[k] + spread * normal(seed, item[k], _SIDE)
        period = 2.0 * (points - 2)
        for j in range(m):
            t = (j / (m - 1) * length[k] - entry[k]) / step + start
            t -= math.floor(t / period) * period
            if t > points - 2:
                t = period - t
            i = min(int(t), points - 2)
            f = t - i
            du = pixels[line, i + 1, 0] - pixels[line, i, 0]
            dv = pixels[line, i + 1, 1] - pixels[line, i, 1]
            scale = aside / (math.sqrt(du * du + dv * dv) + 1e-6)
            x = pixels[line, i, 0] + du * f - dv * scale
            y = pixels[line, i, 1] + dv * f + du * scale
            out[k, j] = bilinear(detail, x, y)
        before = out[k, 0]
        for j in range(1, m - 1):  # what crosses the line is not this strand's
            here = out[k, j]
            out[k, j] = 0.25 * before + 0.5 * here + 0.25 * out[k, j + 1]
            before = here


@kernel()
def _tint(known: Array, lines: Array, counts: Ints, line_of: Ints, item: Ints, offset: Array,
          seed: int, out: Array) -> None:  # fmt: skip
    here = np.empty(3, np.float32)
    for k in range(out.shape[0]):
        line = line_of[k]
        i = int(uniform(seed, item[k], _START) * (counts[line] - 1))
        u, v = lines[line, i]
        du, dv = lines[line, i + 1, 0] - u, lines[line, i + 1, 1] - v
        scale = (offset[k] + BESIDE * normal(seed, item[k], _SIDE)) / STEP
        x, y = u - dv * scale, v + du * scale
        canvas.sample(
            known, (x - canvas.LEFT) * canvas.CELLS, (y - canvas.TOP) * canvas.CELLS, here
        )
        out[k] = here


@kernel()
def _invent(length: Array, entry: Array, lock: Ints, item: Ints, seed: int, out: Array) -> None:
    """Detail without an example: value noise along locks and strands."""
    n, m = out.shape
    for k in range(n):
        own = 0.14 * normal(seed, item[k], _SIDE)
        for j in range(m):
            t = (j / (m - 1) * length[k] - entry[k]) / 0.09 + 64
            i = math.floor(t)
            f = t - i
            f = f * f * (3 - 2 * f)
            a, b = lock[k] * 128 + i, item[k] * 128 + i
            shared = normal(seed, a, _LINE) * (1 - f) + normal(seed, a + 1, _LINE) * f
            single = normal(seed, b, _START) * (1 - f) + normal(seed, b + 1, _START) * f
            out[k, j] = own + 0.12 * shared + 0.14 * single


def read(exemplar: Exemplar, detail: Array, strands: Strands, offset: Array, seed: int) -> Array:
    """Fine detail for strands: a lock reads one line, its strands beside each other.

    ``detail``: (h, w) of the view in which the exemplar lies; ``offset`` (n,) from the lock's
    middle, IOD. Returns (n, m) float32 log luminance.
    """
    out = np.zeros(strands.points.shape[:2], np.float32)
    if not exemplar.counts.size:
        _invent(strands.length, strands.entry, strands.lock, strands.item, seed, out)
    else:
        iod = 1 / exemplar.frame.scale
        _read(detail, exemplar.pixels, exemplar.counts, exemplar.middles, STEP, strands.length,
              strands.entry, strands.lock, _lines(exemplar, strands.lock, seed), strands.item,
              offset * np.float32(iod), SPREAD * iod, seed, out)  # fmt: skip
    return out


def tints(exemplar: Exemplar, known: Array, strands: Strands, offset: Array, seed: int) -> Array:
    """The colours of strands, each that of one hair: beside the line that its lock reads, or others
    beside another, (n, 3).

    ``known``: (HEIGHT, WIDTH, 3) of the head in whose face frame the lines lie.
    """
    out = np.zeros((strands.length.size, 3), np.float32)
    if exemplar.counts.size:
        other = chance.uniforms(seed, strands.item, _LINE)
        mixed = MIXTURE + np.floor(MIXED * other).astype(np.int64)
        keys = np.where(other < OTHERS, mixed, strands.lock)
        _tint(known, exemplar.lines, exemplar.counts, _lines(exemplar, keys, seed), strands.item,
              offset, seed, out)  # fmt: skip
    return out


def _lines(exemplar: Exemplar, keys: Ints, seed: int) -> Ints:
    """A line for each key, (n,)."""
    locks, at = np.unique(keys, return_inverse=True)
    lines = np.zeros(locks.size, np.int64)
    _choose(locks, exemplar.cells, seed, lines)
    return lines[at]
