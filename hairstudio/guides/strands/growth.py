"""Growing strands through a direction field, in the face frame.

A strand is a row of points (u, v) from root to tip. Its place comes from its number alone, so
strand k is the same strand at every scale, density and length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas
from hairstudio.guides.strands.canvas import linear
from hairstudio.guides.strands.chance import GOLDEN, normal, uniform
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

STEP = 0.024
"""Tracing step, IOD."""
SPAN = 3.5
"""Width of the strip of u over which strand numbers are spread."""
PARTED, PART_LOCK = 0.06, 1 << 20
"""Strands that enter so far below the upper edge (IOD) come out of a part line; numbers of their
locks begin here."""
SHORTEST = 0.6
"""Strands at the ends are no more than this share of what hangs shorter."""
GROUP, APART = 2.6, 1.3
"""Locks of a group, and by how much groups differ in length, over the jitter."""
ROUNDED = 20
"""Points of a strand whose corners are rounded off by the mean of neighbours, twice."""
DEEP = 1.3
"""Seeds inside the region lie at most this far below its top edge."""
_U, _V, _ROOT, _INSIDE, _JITTER, _CELL, _CELL_JITTER, _CELL_SIZE, _EDGE, _SIDE = range(10)
_GROUP_JITTER = 12


@dataclass(frozen=True, eq=False)
class Strands:
    """``points``: (n, m, 2) float32 (u, v), root to tip; ``length``: (n,) IOD; ``entry``,
    ``crossing``: (n,) arc length from the root to where the strand enters the region, and to where
    it crosses the ground's seam; ``at``: (n,) u of that place, as if the part line were unfolded;
    ``lock``: (n,) number of the lock it belongs to; ``item``: (n,) the strand's own number;
    ``below``: (n,) how far below the seam it begins, which it does at a part line only."""

    points: Array
    length: Array
    entry: Array
    crossing: Array
    at: Array
    lock: Ints
    item: Ints
    below: Array

    def take(self, keep: NDArray[np.bool_]) -> Strands:
        return Strands(self.points[keep], self.length[keep], self.entry[keep], self.crossing[keep],
                       self.at[keep], self.lock[keep], self.item[keep],
                       self.below[keep])  # fmt: skip


@kernel()
def lock_centre(seed: int, cell: int, width: float) -> float:
    """u of the middle of lock ``cell``: an irregular row of locks ``width`` IOD apart."""
    return (cell + 0.5 + 0.9 * (uniform(seed, cell, _CELL) - 0.5)) * width


@kernel()
def lock_of(seed: int, u: float, width: float) -> int:
    """The lock to which u belongs; some locks are wider than others."""
    cell = math.floor(u / width)
    best, distance = cell, 1e9
    for c in range(cell - 1, cell + 2):
        d = abs(u - lock_centre(seed, c, width)) / (0.4 + uniform(seed, c, _CELL_SIZE))
        if d < distance:
            best, distance = c, d
    return best


@kernel()
def _place(seed: int, at: Array, width: float, lock: Ints, aside: Array) -> None:
    for k in range(at.size):
        lock[k] = lock_of(seed, at[k], width)
        aside[k] = lock_centre(seed, lock[k], width) - at[k]


def locks_at(seed: int, at: Array, width: float) -> tuple[Ints, Array]:
    """The locks to which (n,) places u belong, and how far their middles lie from there, IOD."""
    lock, aside = np.empty(at.size, np.int64), np.empty_like(at)
    _place(seed, at, width, lock, aside)
    return lock, aside


@kernel()
def _smooth(points: Array, rounds: int) -> None:
    """Each point the mean of itself and its neighbours, so many times."""
    quarter, half = np.float32(0.25), np.float32(0.5)
    for k in range(points.shape[0]):
        for _ in range(rounds):
            u, v = points[k, 0, 0], points[k, 0, 1]
            for j in range(1, points.shape[1] - 1):
                x, y = points[k, j, 0], points[k, j, 1]
                points[k, j, 0] = half * x + quarter * (u + points[k, j + 1, 0])
                points[k, j, 1] = half * y + quarter * (v + points[k, j + 1, 1])
                u, v = x, y


def smooth(strands: Strands) -> None:
    """Round off corners where the field turns at once, in place: alike with more points."""
    points = strands.points
    _smooth(points, min(round(2 * (points.shape[1] / ROUNDED) ** 2), 30))


@kernel()
def grouped(seed: int, lock: int, purpose: int) -> float:
    """A number in [0, 1) that locks beside each other nearly share: they hang in groups."""
    at = lock / GROUP + uniform(seed, 0, purpose)
    first = math.floor(at)
    a, b = uniform(seed, first, purpose), uniform(seed, first + 1, purpose)
    f = at - first
    return a + (b - a) * f * f * (3 - 2 * f)


@kernel()
def _sampled(field: Array, halt: Array, x: float, y: float) -> tuple[float, float, float]:
    """A (h, w, 2) field and an (h, w) map at pixel (x, y), clamped to their borders."""
    x = min(max(x, 0.0), halt.shape[1] - 1.001)
    y = min(max(y, 0.0), halt.shape[0] - 1.001)
    i, j = int(x), int(y)
    a, b = x - i, y - j
    p, q, r, s = (1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b
    along = (p * field[j, i, 0] + q * field[j, i + 1, 0]
             + r * field[j + 1, i, 0] + s * field[j + 1, i + 1, 0])  # fmt: skip
    down = (p * field[j, i, 1] + q * field[j, i + 1, 1]
            + r * field[j + 1, i, 1] + s * field[j + 1, i + 1, 1])  # fmt: skip
    until = p * halt[j, i] + q * halt[j, i + 1] + r * halt[j + 1, i] + s * halt[j + 1, i + 1]
    return along, down, until


@kernel()
def _walk(field: Array, halt: Array, u: float, v: float, sign: float,
          reach: float, path: Array) -> float:  # fmt: skip
    """Follow the field from (u, v) until ``halt`` reaches ``reach``. Returns steps made.

    Point i of ``path`` lies i steps on; the last step may be a part of one.
    """
    x, y = (u - canvas.LEFT) * canvas.CELLS, (v - canvas.TOP) * canvas.CELLS
    a, b, before = _sampled(field, halt, x, y)
    path[0, 0], path[0, 1] = u, v
    for i in range(1, path.shape[0]):
        scale = sign * STEP / (math.sqrt(a * a + b * b) + 1e-6)
        u += a * scale
        v += b * scale
        x, y = (u - canvas.LEFT) * canvas.CELLS, (v - canvas.TOP) * canvas.CELLS
        if x < 1 or y < 1 or x > canvas.WIDTH - 2 or y > canvas.HEIGHT - 2:
            return float(i - 1)
        a, b, now = _sampled(field, halt, x, y)
        path[i, 0], path[i, 1] = u, v
        if now > reach:
            part = max((reach - before) / (now - before), 0.0) if now > before else 0.0
            path[i, 0] = path[i - 1, 0] + (u - path[i - 1, 0]) * part
            path[i, 1] = path[i - 1, 1] + (v - path[i - 1, 1]) * part
            return i - 1 + part
        before = now
    return float(path.shape[0] - 1)


@kernel()
def _cut(path: Array, steps: float, by: float) -> float:
    """Make a path of so many steps shorter. Returns the steps left."""
    left = max(steps - by, 0.0)
    i, last = int(left), int(steps)
    part = left - i
    if i == last and steps > last:  # of its last, partial step
        part /= steps - last
    path[i + 1, 0] = path[i, 0] + (path[i + 1, 0] - path[i, 0]) * part
    path[i + 1, 1] = path[i, 1] + (path[i + 1, 1] - path[i, 1]) * part
    return left


@kernel()
def _resample(path: Array, steps: float, out: Array) -> None:
    """Spread a path of so many steps evenly over the rows of ``out``."""
    last = out.shape[0] - 1
    whole = int(steps)
    rest = steps - whole
    for j in range(last + 1):
        t = j * steps / last
        i = min(int(t), max(whole - (0 if rest > 1e-3 else 1), 0))
        f = t - i
        if i == whole:
            f = f / rest
        out[j, 0] = path[i, 0] + (path[i + 1, 0] - path[i, 0]) * f
        out[j, 1] = path[i, 1] + (path[i + 1, 1] - path[i, 1]) * f


@kernel()
def _nearest(path: Array, count: int, curve: Array) -> tuple[float, float]:
    """How many steps along a path it crosses the height of (WIDTH,) ``curve``, or comes nearest to
    it, and how near its points come."""
    nearest, place = 1e9, 0
    for i in range(count):
        gap = linear(curve, (path[i, 0] - canvas.LEFT) * canvas.CELLS) - path[i, 1]
        if abs(gap) < abs(nearest):
            nearest, place = gap, i
    i = min(place, count - 2)
    falls = path[i + 1, 1] - path[i, 1] if count > 1 else 0.0
    part = min(max(nearest / falls, -0.5), 0.5) if falls > 0.1 * STEP else 0.0
    return max(place + part, 0.0), abs(nearest)


@kernel()
def _grow(field: Array, rise: Array, drop: Array, fall: Array, top: Array,
          bottom: Array, seam: Array, ends: Array, corners: Array, first: int, seed: int,
          layer: int, locks: int, width: float, root: float, jitter: float, apart: float,
          short: float, uneven: float, points: Array, length: Array, entry: Array,
          crossing: Array, at: Array, lock: Ints, item: Ints, below: Array) -> int:  # fmt: skip
    back = np.empty((160, 2), np.float32)
    ahead = np.empty((160, 2), np.float32)
    path = np.empty((360, 2), np.float32)
    n = 0
    for k in range(first):
        number = layer * 1048576 + k
        u = SPAN * ((k * GOLDEN + uniform(seed, layer, _U)) % 1.0 - 0.5)
        column = (u - canvas.LEFT) * canvas.CELLS
        margin = linear(ends, column)
        if margin * margin * (3 - 2 * margin) < uniform(seed, number, _EDGE):
            continue
        v = linear(top, column)
        if uniform(seed, number, _INSIDE) < 0.45:
            v += DEEP * uniform(seed, number, _V)
            if v > linear(bottom, column) - 0.02:
                continue
        reach = root * (0.8 + 0.2 * uniform(seed, number, _ROOT))
        behind = int(_walk(field, rise, u, v, -1.0, reach, back)) + 1
        for i in range(behind):
            path[i, 0], path[i, 1] = back[behind - 1 - i, 0], back[behind - 1 - i, 1]
        place = _nearest(path, behind, top)[0]
        cross, gap = _nearest(path, behind, seam)
        side = path[min(int(cross + 0.5), behind - 1), 0]
        if v < linear(seam, column) - STEP:  # its lock shows where hair falls over the forehead
            on = _walk(field, fall, u, v, 1.0, 0.0, ahead)
            end = math.ceil(on)  # where the last step ends, a whole one or not
            cross, side = behind - 1 + on, ahead[end, 0]
            gap = abs(ahead[end, 1] - linear(seam, (side - canvas.LEFT) * canvas.CELLS))
        deep = max(gap - PARTED, 0.0)
        side += deep if path[behind - 1, 0] >= side else -deep
        cell = lock_of(locks, side, width)
        if deep > 0:  # its lock comes from the part line, not from the upper edge
            cell += PART_LOCK
        own = -abs(normal(seed, number, _JITTER)) * 1.3 * jitter - short
        own += 0.75 * normal(locks, cell, _CELL_JITTER) * apart
        own += APART * (grouped(locks, cell, _GROUP_JITTER) - 0.5) * apart
        steps = behind - 1 + _walk(field, drop, u, v, 1.0, max(own, -0.35),
                                   path[behind - 1 :])  # fmt: skip
        tip = (path[int(steps), 0] - canvas.LEFT) * canvas.CELLS
        share = math.sqrt(uniform(seed, number, _SIDE)) * (0.5 + 0.5 * uniform(locks, cell, _SIDE))
        shorter = min(uneven, SHORTEST * (linear(bottom, tip) - linear(top, tip)))
        shorter = max(shorter, 0.0) * (1 - linear(corners, tip)) * share
        steps = _cut(path, steps, shorter / STEP)
        if steps * STEP < 0.12:
            continue
        _resample(path, steps, points[n])
        length[n], entry[n], crossing[n] = steps * STEP, place * STEP, cross * STEP
        at[n], lock[n], item[n], below[n] = side, cell, number, deep
        n += 1
    return n


@kernel()
def _guides(field: Array, rise: Array, starts: Array, root: float,
            points: Array, entry: Array) -> None:  # fmt: skip
    back = np.empty((160, 2), np.float32)
    path = np.empty((360, 2), np.float32)
    never = np.full(rise.shape, -1.0, np.float32)
    for g in range(starts.shape[0]):
        u, v = starts[g]
        behind = int(_walk(field, rise, u, v, -1.0, root, back)) + 1
        for i in range(behind):
            path[i, 0], path[i, 1] = back[behind - 1 - i, 0], back[behind - 1 - i, 1]
        entry[g] = (behind - 1) * STEP
        room = min(path.shape[0], points.shape[1]) - behind + 1
        count = behind + int(_walk(field, never, u, v, 1.0, 0.0,
                                   path[behind - 1 : behind - 1 + room]))  # fmt: skip
        for i in range(points.shape[1]):
            j = min(i, count - 1)
            points[g, i, 0], points[g, i, 1] = path[j, 0], path[j, 1]


@dataclass(frozen=True, eq=False)
class Ground:
    """What strands grow on. ``field``: (HEIGHT, WIDTH, 2) float32 (du, dv); ``rise``: how far above
    the region's top (1e4 on a part line), ``drop``: how far below its bottom, (HEIGHT, WIDTH)
    float32, IOD;
    ``top``, ``bottom``: (WIDTH,) v; ``seam``: (WIDTH,) v at which locks have their width: the upper
    edge, or the hairline on a bald head, where hair spreads from the crown; ``ends``, ``corners``:
    (WIDTH,) 0..1, less where hair thins out and where it grows shorter; ``left``, ``right``: u."""

    field: Array
    rise: Array
    drop: Array
    top: Array
    bottom: Array
    seam: Array
    ends: Array
    corners: Array
    left: float
    right: float


def grow(ground: Ground, density: float, seed: int, layer: int, locks: int, width: float,
         root: float, jitter: float, short: float, points: int, uneven: float = 0.0,
         apart: float | None = None) -> Strands:  # fmt: skip
    """Grow ``density`` strands per IOD of the region's width.

    ``locks``: seed of the row of locks, ``width``: of locks, ``root``: how far above the region
    roots lie, ``jitter``: of lengths, ``apart``: of those of locks, the same if not given,
    ``short``: how far above its lower edge strands end at
    most, ``uneven``: by how much their lengths differ at the ends, all IOD; ``points``: per strand.
    A higher density keeps the
    strands there were.
    """
    first = int(density * SPAN)
    room = int(density * (ground.right - ground.left) * 1.1) + 64
    room = min(room, first)
    path = np.empty((room, points, 2), np.float32)
    length, entry, crossing, at, below = np.empty((5, room), np.float32)
    lock, item = np.empty((2, room), np.int64)
    fall = (canvas.V - ground.seam).astype(np.float32)
    n = _grow(ground.field, ground.rise, ground.drop, fall, ground.top,
              ground.bottom, ground.seam, ground.ends, ground.corners, first, seed, layer, locks,
              width, root, jitter, jitter if apart is None else apart, short, uneven, path,
              length, entry, crossing, at, lock, item, below)  # fmt: skip
    return Strands(path[:n], length[:n], entry[:n], crossing[:n], at[:n], lock[:n], item[:n],
                   below[:n])  # fmt: skip


def guides(ground: Ground, starts: Array, root: float) -> tuple[Array, Array]:
    """Middle lines of locks through ``starts`` (n, 2), where they cross the seam: one point per
    STEP, (n, m, 2), and the way from their roots to there (n,)."""
    points = np.empty((len(starts), 120, 2), np.float32)
    entry = np.empty(len(starts), np.float32)
    _guides(ground.field, ground.rise, starts, root, points, entry)
    return points, entry


def lock_starts(ground: Ground, strands: Strands, seed: int, width: float) -> tuple[Array, Ints]:
    """Where locks cross the seam, (n, 2), and which one every strand belongs to, (k,)."""
    cells, first, which = np.unique(strands.lock, return_index=True, return_inverse=True)
    u = np.array([lock_centre(seed, int(cell), width) for cell in cells], np.float32)
    below = strands.below[first]  # of the strand with the lowest number: density keeps it
    parted = cells > PART_LOCK // 2
    reach = np.sign(strands.points[first, -1, 0] - strands.points[first, 0, 0]) * below
    u = np.where(parted, strands.at[first] - reach, u)
    x = (u - canvas.LEFT) * canvas.CELLS
    v = np.interp(x, np.arange(canvas.WIDTH), ground.seam) + np.where(parted, below + PARTED, 0)
    return np.stack([u, v], 1).astype(np.float32), which
