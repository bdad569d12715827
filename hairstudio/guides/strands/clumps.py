"""Locks: strands drawn to their lock's middle, waves and ringlets that a lock shares."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, growth
from hairstudio.guides.strands.canvas import bilinear
from hairstudio.guides.strands.chance import GOLDEN, normal, uniform
from hairstudio.guides.strands.growth import STEP, Ground, Strands, lock_of
from hairstudio.imaging.filters import fast_blur
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

(_PULL, _PHASE, _RADIUS, _LENGTH, _WANDER, _WANDER_LENGTH, _OWN_PHASE, _OWN_RADIUS, _STRAY,
 _OWN_STRAY, _FRIZZ, _SPLAY, _TILT, _QUICKER) = range(20, 34)  # fmt: skip
GATHERED, COILED = 0.6, 0.22
"""Strands have come as near to their lock's middle as they do so far below the hairline, IOD, and
those of ringlets so far."""
RIBBON = 0.7
"""A ringlet is a ribbon: its strands lie this far before and behind its middle, radians."""
VARIED = 0.32
"""By how much ringlets differ in size, standard deviation of its logarithm."""
FRIZZ, LOOSE = 0.03, 0.6
"""Share of strands that are out of step with their lock, and of those beneath locks, which would
leave gaps."""
SPLAY, SETTLED = 0.05, 0.35
"""How far roots on bare skin lie beside their strand's way, and how far below the region's edge
strands have found it, IOD."""
UNBOUND = 0.8
"""Few strands of a lock are gathered by so much less than the most."""
ALIKE = 0.55
"""How far locks beside each other are gathered alike."""
BESIDE = 0.03
"""Strands so near, IOD, are in the company of each other."""
WISPS = 0.3
"""Width of a wisp, the part of a lock whose strands stay together, in lock widths."""


@dataclass(frozen=True)
class Bend:
    """Lock shape: ``wave`` and ``curl`` (amplitude, wavelength) IOD, from ``curl_from`` of the
    way to the region on; ``stray``: how far locks (and wisps, and strands, each less) leave their
    path half an IOD below the root, IOD; ``width``: of locks; ``hair``: (HEIGHT, WIDTH), where it
    is 0 roots lie on bare skin and lead every which way; ``frizz``: share of strands that are out
    of step with their lock."""

    wave: tuple[float, float]
    curl: tuple[float, float]
    curl_from: float
    stray: float
    width: float
    hair: Array
    frizz: float = FRIZZ


@kernel()
def _pull(points: Array, length: Array, entry: Array, crossing: Array, guide: Ints, guides: Array,
          guide_crossing: Array, lock: Ints, item: Ints, seed: int, least: float, most: float,
          start: float, gathered: float, limit: float, offset: Array) -> None:  # fmt: skip
    n, m, _ = points.shape
    for k in range(n):
        g = guide[k]
        share = uniform(seed, lock[k], _PULL)
        share += ALIKE * (growth.grouped(seed, lock[k], _PULL) - share)
        strength = least + (most - least) * share
        strength *= 1 - UNBOUND * uniform(seed, item[k], _PULL) ** 3
        for j in range(m):
            s = j / (m - 1)
            where = (s * length[k] - crossing[k] + guide_crossing[g]) / STEP
            i = int(min(max(where, 0.0), guides.shape[1] - 2.0))
            f = min(max(where - i, 0.0), 1.0)
            gu = guides[g, i, 0] + (guides[g, i + 1, 0] - guides[g, i, 0]) * f
            gv = guides[g, i, 1] + (guides[g, i + 1, 1] - guides[g, i, 1]) * f
            tu = guides[g, i + 1, 0] - guides[g, i, 0]
            tv = guides[g, i + 1, 1] - guides[g, i, 1]
            scale = 1.0 / (math.sqrt(tu * tu + tv * tv) + 1e-6)
            nu, nv = -tv * scale, tu * scale
            gap = (gu - points[k, j, 0]) * nu + (gv - points[k, j, 1]) * nv
            if j == m // 2:
                offset[k] = -gap
            gap = min(max(gap, -limit), limit)
            way = s * length[k] / (entry[k] + gathered)  # not s: a longer strand keeps its path
            t = min(max((way - start) / (1 - start), 0.0), 1.0)
            gap *= strength * t**1.8
            points[k, j, 0] += nu * gap
            points[k, j, 1] += nv * gap


@kernel()
def _sine(angle: float) -> float:
    """Sine to .0003, in a fraction of the time."""
    x = angle - 6.283185307179586 * math.floor(angle / 6.283185307179586 + 0.5)
    q = x * x
    return x * (0.99926259 - q * (0.16565613 - q * (0.0079558461 - q * 0.00014494784)))


@kernel()
def _drift(seed: int, at: float, purpose: int) -> float:
    """Slow noise along the hairline, about -1..1; ``at``: IOD."""
    a, b = 6.2832 * uniform(seed, 1, purpose), 6.2832 * uniform(seed, 2, purpose)
    return 0.6 * math.sin(1.7 * at + a) + 0.4 * math.sin(3.3 * at + b)


@kernel()
def _swing(arc: Array, ease: Array, seed: int, lock: int, item: int, wisp: int, at: float,
           entry: float, crossing: float, wave: float, wave_length: float, frizzy: bool,
           across: Array) -> None:  # fmt: skip
    """Add a strand's waves to how far it lies ``across`` its way."""
    # neighbours swing nearly alike, as combed hair does: in step they would lie in rows
    swing = wave * (0.6 + 0.8 * uniform(seed, lock, _RADIUS))
    swing *= 1 + 0.5 * _drift(seed // 8, at, _RADIUS)
    length = wave_length * (1.1 + 0.15 * _drift(seed // 8, at, _LENGTH))
    length *= 0.75 + 0.5 * uniform(seed, lock, _LENGTH)
    phase = 1.8 * _drift(seed // 8, at, _PHASE) + 0.8 * normal(seed, lock, _PHASE)
    phase += 0.4 * normal(seed + 1, wisp, _PHASE)
    phase += 0.15 * normal(seed, item, _OWN_PHASE)
    if frizzy:
        phase += 2.5 * normal(seed, item, _FRIZZ)
    late = 0.6 * uniform(seed, lock, _WANDER_LENGTH)
    sway = 1.5 * _drift(seed // 8, at, _FRIZZ) + 0.5 * uniform(seed, lock, _FRIZZ)
    for j in range(arc.size):
        way = arc[j] - crossing
        angle = way / length * 6.2832 + phase
        angle += 0.6 * _sine(way / 1.1 * 6.2832 + sway)
        across[j] += swing * ease[j] * _sine(angle) * min(arc[j] / (entry + late), 1.4)


@kernel()
def _coil(arc: Array, ease: Array, seed: int, lock: int, item: int, wisp: int, crossing: float,
          curl: float, curl_length: float, frizzy: bool, across: Array, along: Array,
          depth: Array) -> None:  # fmt: skip
    """Add a strand's turns to how far it lies ``across`` and ``along`` its way, and set its
    ``depth``."""
    size = math.exp(VARIED * min(max(normal(seed, lock, _LENGTH), -1.0), 1.5))
    length = curl_length * size
    # some are tight and seen from above, as loops, most are loose
    tight = uniform(seed, lock, _RADIUS)
    radius = curl * size**1.2 * (0.65 + 0.75 * tight * tight)
    radius *= 1 + 0.12 * normal(seed, item, _OWN_RADIUS)
    tilt = 0.15 + 0.45 * uniform(seed, lock, _TILT) + 0.4 * tight
    quicker = 0.25 * (2 * uniform(seed, lock, _QUICKER) - 1)
    # neighbours turn at different heights: by chance alone some would stand in rows
    phase = 6.2832 * (GOLDEN * lock + 0.6 * uniform(seed, lock, _PHASE))
    phase += 0.2 * normal(seed + 1, wisp, _PHASE)
    phase += RIBBON * (2 * uniform(seed, item, _PHASE) - 1)
    if frizzy:
        phase += 2.5 * normal(seed, item, _FRIZZ)
        radius *= 1.3
    sway = 6.2832 * uniform(seed, lock, _FRIZZ)
    swell = 6.2832 * uniform(seed, lock, _SPLAY)
    hand = 1.0 if uniform(seed, lock, _WANDER) < 0.5 else -1.0
    for j in range(arc.size):
        way = arc[j] - crossing
        angle = hand * way / length * 6.2832 * (1 + quicker * way) + phase
        angle += 0.5 * _sine(way / 0.6 * 6.2832 + sway)
        wide = radius * ease[j] * (0.85 + 0.3 * _sine(way / 0.5 * 6.2832 + swell))
        across[j] += wide * _sine(angle)
        depth[j] = wide * _sine(angle + 1.5707963)
        along[j] = tilt * depth[j]


@kernel()
def _bend(points: Array, length: Array, entry: Array, crossing: Array, lock: Ints, at: Array,
          item: Ints, seed: int, wave: float, wave_length: float, curl: float, curl_length: float,
          curl_from: float, stray: float, frizz: float, wisp_width: float, hair: Array,
          since: Array, depth: Array) -> None:  # fmt: skip
    n, m, _ = points.shape
    old = np.empty((m, 2), np.float32)
    arc, ease, across, along = np.zeros((4, m), np.float32)
    for k in range(n):
        old[:] = points[k]
        wisp = lock_of(seed + 1, at[k], wisp_width)
        aside = normal(seed, lock[k], _STRAY) + 0.5 * normal(seed + 1, wisp, _STRAY)
        aside = stray * (aside + 0.4 * normal(seed, item[k], _OWN_STRAY))
        wander = 0.0048 * normal(seed, item[k], _WANDER)
        own_length = 0.28 + 0.36 * uniform(seed, item[k], _WANDER_LENGTH)
        own_phase = 6.2832 * uniform(seed, item[k], _OWN_PHASE)
        first_turn = 0.45 * (uniform(seed, lock[k], _WANDER_LENGTH) - 0.5)
        frizzy = uniform(seed, item[k], _OWN_RADIUS) < frizz  # out of step with its lock
        x, y = (old[0, 0] - canvas.LEFT) * canvas.CELLS, (old[0, 1] - canvas.TOP) * canvas.CELLS
        splay = SPLAY * normal(seed, item[k], _SPLAY) * (1 - bilinear(hair, x, y))
        for j in range(m):
            s = j / (m - 1)
            arc[j] = since[k] + s * length[k]
            begun = arc[j] - curl_from * entry[k] - first_turn
            begun = min(max(begun / (0.1 + 0.4 * curl_from), 0.0), 1.0)
            ease[j] = begun * begun * (3 - 2 * begun)
            soft = min(s / 0.4, 1.0)
            across[j] = wander * _sine(arc[j] / own_length * 6.2832 + own_phase) * soft * soft
            t = min(arc[j] / max(entry[k] + 0.5, 0.5), 1.6)
            across[j] += aside * t * t
        if wave > 0:
            _swing(arc, ease, seed, lock[k], item[k], wisp, at[k], entry[k], crossing[k], wave,
                   wave_length, frizzy, across)  # fmt: skip
        if curl > 0:
            _coil(arc, ease, seed, lock[k], item[k], wisp, crossing[k], curl, curl_length, frizzy,
                  across, along, depth[k])  # fmt: skip
        for j in range(m):
            i = min(max(j, 1), m - 2)
            tu, tv = old[i + 1, 0] - old[i - 1, 0], old[i + 1, 1] - old[i - 1, 1]
            scale = 1.0 / (math.sqrt(tu * tu + tv * tv) + 1e-6)
            tu, tv = tu * scale, tv * scale
            astray = max(1 - arc[j] / (entry[k] + SETTLED), 0.0)
            points[k, j, 0] += -tv * across[j] + tu * along[j] + splay * astray * astray
            points[k, j, 1] += tu * across[j] + tv * along[j]


def gather(strands: Strands, ground: Ground, seed: int, width: float, root: float,
           pull: tuple[float, float], start: float,
           gathered: float = GATHERED) -> Array:  # fmt: skip
    """Pull strands to the middle of their locks, in place; two nested levels.

    ``gathered``: how far below the hairline they are there, IOD.

    Returns (n,) each strand's distance from its lock's middle, half-way along, in lock widths.
    """
    offset = np.zeros(strands.length.size, np.float32)
    if offset.size == 0:
        return offset
    starts, guide = growth.lock_starts(ground, strands, seed, width)
    lines, crossing = growth.guides(ground, starts, root)
    _pull(strands.points, strands.length, strands.entry, strands.crossing, guide, lines, crossing,
          strands.lock, strands.item, seed, pull[0], pull[1], start, gathered, 1.6 * width,
          offset)  # fmt: skip
    return offset


def company(strands: Strands, alpha: Array, density: float) -> Array:
    """(n,) how many strands run along with each, where it begins to be seen and near its tip,
    over ``density`` per IOD; ``alpha``: (n, m) of the strands."""
    if not strands.length.size:
        return np.zeros_like(strands.length)
    cells = (strands.points - np.array([canvas.LEFT, canvas.TOP], np.float32)) * canvas.CELLS
    x, y = cv2.split(np.ascontiguousarray(cells, np.float32))
    column = np.clip(np.rint(x), 0, canvas.WIDTH - 1).astype(np.intp)
    row = np.clip(np.rint(y), 0, canvas.HEIGHT - 1).astype(np.intp)
    step = alpha * (strands.length[:, None] / (x.shape[1] - 1))
    size = canvas.HEIGHT * canvas.WIDTH
    ways = np.bincount((row * canvas.WIDTH + column).ravel(), step.ravel(), size)
    ways = ways.reshape(canvas.HEIGHT, canvas.WIDTH).astype(np.float32)
    around = fast_blur(ways, BESIDE * canvas.CELLS) * np.float32(canvas.CELLS**2 / density)
    near = cv2.remap(around, x, y, cv2.INTER_LINEAR)
    m = x.shape[1]
    seen = np.argmax(alpha > 0.5 * alpha.max(1, keepdims=True), 1)
    begins = near[np.arange(len(near)), seen]
    return np.minimum(near[:, m // 2 : m - m // 8].mean(1), begins)


def bend(strands: Strands, seed: int, shape: Bend, since: Array | None = None) -> Array:
    """Wander of single strands, waves and helices of locks, in place.

    ``since``: (n,) how far from its lock's root each begins, IOD; 0 if not given.

    Returns (n, m) depth towards the camera (> 0 = nearer), IOD.
    """
    depth = np.zeros(strands.points.shape[:2], np.float32)
    _bend(strands.points, strands.length, strands.entry, strands.crossing, strands.lock, strands.at,
          strands.item, seed, *shape.wave, *shape.curl, shape.curl_from, shape.stray, shape.frizz,
          WISPS * shape.width, shape.hair,
          np.zeros_like(strands.length) if since is None else since, depth)  # fmt: skip
    return depth
