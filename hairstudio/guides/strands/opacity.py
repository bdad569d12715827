"""Width and opacity of strands, point by point: where they begin, thin out and end."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas
from hairstudio.guides.strands.canvas import bilinear, linear
from hairstudio.guides.strands.chance import normal, uniform
from hairstudio.guides.strands.growth import lock_of
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

SUPPORT, HAIR, NEED = range(3)
"""Planes of ``shading.Shader.places``."""
BARE_DEPTH, BARE_BELOW = 0.42, 0.28
"""On bare skin roots are spread so deep, from where it may change to no further than so far below
the region's edge, IOD,"""
RAGGED = ((0.30, 0.06), (0.09, 0.04))
"""Their front is ragged: wavelengths and sizes, IOD."""
ENDS = 0.7
"""Where their support fades, hairs and locks end here and there within this share of it."""
CORNER = 0.9
"""So much of the hair that begins at an end on bare skin is left out, where it would stand as a
corner."""
FINE_ROOT = 0.3
"""Hair is so much finer there at first."""
ROOTED = 0.6
"""Share of the way from root to region in which a strand is hardly seen."""
FADED, MELTS = 0.3, 0.4
"""Strands fade over this share of the end over which they grow finer: cut hair is dense and dark to
its tips; over the second beside the face, where they grow finer over more of it."""
COMES, RARE = 0.2, 0.6
"""Over so much of the way from own hair to where new hair is needed one strand appears; the less
the second, the later most of them do."""
_WIDTH, _FADE, _OPACITY, _, _BIRTH, _SPARSE, _END = range(63, 70)
_RANK = 72


@kernel()
def _noise(seed: int, t: float, purpose: int) -> float:
    """Smooth noise of about unit spread along t."""
    i = math.floor(t)
    f = t - i
    f *= f * (3 - 2 * f)
    a, b = normal(seed, i, purpose), normal(seed, i + 1, purpose)
    return 1.15 * (a + (b - a) * f)


@kernel()
def _first_seen(line: Array, support: Array) -> int:
    """The first point of a strand, (m, 2), that may be seen."""
    m = line.shape[0]
    for j in range(m):
        x = (line[j, 0] - canvas.LEFT) * canvas.CELLS
        y = (line[j, 1] - canvas.TOP) * canvas.CELLS
        if bilinear(support, x, y) > 0.2:
            return j
    return m - 1


@kernel()
def late(seed: int, item: int, hidden: bool) -> float:
    """How late a strand begins on bare skin, 0..1: few do at first; wide ones, ``hidden`` under the
    others, later."""
    late = math.sqrt(uniform(seed, item, _BIRTH))
    return 0.5 + 0.5 * late if hidden else late


@kernel()
def _birth(first: float, length: float, entry: float, at: float, late: float, seed: int) -> float:
    """How far from its root a strand begins on bare skin; ``first``: where it may be seen."""
    ahead = min(BARE_BELOW, 0.5 * (length - entry))
    birth = first + late * min(max(entry + ahead - first, 0.0), BARE_DEPTH)
    for wavelength, size in RAGGED:
        birth += size * _noise(seed, at / wavelength, _BIRTH)
    return max(birth, 0.0)


@kernel()
def cover(points: Array, length: Array, entry: Array, at: Array, lock: Ints, item: Ints,
           wisp_width: float, bare_loss: float, hidden: bool, places: Array, support: Array,
           bareness: Array, ends: Array, corners: Array, half_width: float, opacity: float,
           tapered: float, seed: int, bared: Array, melted: Array, width: Array,
           alpha: Array) -> None:  # fmt: skip
    """Set (n, m) ``width`` and ``alpha``, and (n,) how far roots lie on skin, ``bared``, and tips
    on own hair, ``melted``. What is left out keeps its zeros."""
    n, m, _ = points.shape
    place = np.empty(places.shape[2], np.float32)
    for k in range(n):
        first = _first_seen(points[k], support)
        x = (points[k, first, 0] - canvas.LEFT) * canvas.CELLS
        y = (points[k, first, 1] - canvas.TOP) * canvas.CELLS
        bare = bilinear(bareness, x, y)
        tip = points[k, m - 1, 0]
        begins = linear(ends, (at[k] - canvas.LEFT) * canvas.CELLS)
        aside = min(begins, linear(ends, (tip - canvas.LEFT) * canvas.CELLS))
        thinned = max(bare * (1 - aside), CORNER * (1 - begins))
        lost = 1 - (1 - bare_loss * bare) * (1 - thinned)
        if uniform(seed, item[k], _SPARSE) < lost:
            continue
        wisp = lock_of(seed + 1, at[k], wisp_width)
        wide = half_width * (0.7 + 0.65 * uniform(seed, item[k], _WIDTH))
        fade = 0.04 + 0.10 * uniform(seed, item[k], _FADE)
        x = (tip - canvas.LEFT) * canvas.CELLS
        y = (points[k, m - 1, 1] - canvas.TOP) * canvas.CELLS
        canvas.sample(places, x, y, place)
        melt = min(max(2 * place[HAIR] - 0.4, 0.0), 1.0)
        bared[k], melted[k] = bare, melt
        birth = first / (m - 1) * length[k]
        birth = _birth(birth, length[k], entry[k], at[k], late(seed, item[k], hidden), seed) * bare
        fade += bare * (0.05 + 0.3 * uniform(seed, item[k], _BIRTH + 100))
        opaque = opacity * (0.75 + 0.35 * uniform(seed, item[k], _OPACITY))
        root = ROOTED * entry[k]
        free = max(length[k] - root, 0.01)
        corner = 1 - linear(corners, (tip - canvas.LEFT) * canvas.CELLS)
        thins = 0.45 * free
        thins = min(tapered, thins) + max(thins - tapered, 0) * corner
        faded = thins * (FADED + (MELTS - FADED) * corner)
        rank = 0.2 * uniform(seed, lock[k], _RANK) + 0.2 * uniform(seed + 1, wisp, _RANK)
        rank = min(max((rank + 0.6 * uniform(seed, item[k], _RANK) - 0.06) / 0.88, 0.0), 1.0)
        rank = (1 - COMES) * (0.5 + 0.5 * rank if hidden else rank) ** RARE
        cut = ENDS * (0.6 * uniform(seed, lock[k], _END) + 0.4 * uniform(seed, item[k], _END))
        for j in range(m):
            s = j / (m - 1)
            left = (1 - s) * length[k]
            thin = max(1 - left / thins, 0.0)
            start = min(max(s * length[k] - birth, 0.0) / (0.08 + 0.3 * bare), 1.0)
            finer = 0.6 + (FINE_ROOT - 0.6) * bare
            width[k, j] = (
                wide
                * (1 - 0.8 * thin * thin * (3 - 2 * thin))
                * (finer + (1 - finer) * start * start * (3 - 2 * start))
            )
            grown = min(max(s * length[k] - birth, 0.0) / fade, 1.0)
            if grown == 0:
                continue
            end = max(1 - left / (faded + (0.55 * free - faded) * melt), 0.0)
            grown *= grown * (1.2 - 0.2 * grown)
            seen = opaque * grown * (1 - (0.6 + 0.4 * melt) * end * end * (3 - 2 * end))
            x = (points[k, j, 0] - canvas.LEFT) * canvas.CELLS
            y = (points[k, j, 1] - canvas.TOP) * canvas.CELLS
            canvas.sample(places, x, y, place)
            seen *= min(max((place[NEED] - rank) / COMES, 0.0), 1.0)
            allowed = (place[SUPPORT] - cut) / (1 - ENDS)
            alpha[k, j] = min(max(seen * min(allowed, 1.0), 0.0), 1.0)
