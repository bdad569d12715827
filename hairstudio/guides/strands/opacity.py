"""Width and opacity of strands, point by point: where they begin, thin out and end."""

from __future__ import annotations

import math
from typing import NamedTuple

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


class Grown(NamedTuple):
    """Of n strands, as in ``growth.Strands``: ``points`` (n, m, 2), the others (n,)."""

    points: Array
    length: Array
    entry: Array
    at: Array
    lock: Ints
    item: Ints


class Ground(NamedTuple):
    """``places``: planes of ``shading.Shader.places``; ``support``: the first of them again;
    ``bareness``: where roots are not hidden, (HEIGHT, WIDTH) each; ``ends``, ``corners``: (WIDTH,),
    as in ``bangs_shape.Outline``."""

    places: Array
    support: Array
    bareness: Array
    ends: Array
    corners: Array


class Make(NamedTuple):
    """Of a layer: ``half_width``, ``tapered`` and ``wisp_width`` in IOD; ``opacity``;
    ``bare_loss``: share left out on bare skin; ``hidden``: it lies under the others."""

    half_width: float
    opacity: float
    tapered: float
    wisp_width: float
    bare_loss: float
    hidden: bool
    seed: int


@kernel()
def _column(u: float) -> float:
    return (u - canvas.LEFT) * canvas.CELLS


@kernel()
def _row(v: float) -> float:
    return (v - canvas.TOP) * canvas.CELLS


@kernel()
def _lost(bare: float, root: float, tip: float, ends: Array, bare_loss: float) -> float:
    """Share of the strands there that are left out; ``root``, ``tip``: u."""
    begins = linear(ends, _column(root))
    aside = min(begins, linear(ends, _column(tip)))
    thinned = max(bare * (1 - aside), CORNER * (1 - begins))
    return 1 - (1 - bare_loss * bare) * (1 - thinned)


@kernel()
def _rank(lock: int, wisp: int, item: int, make: Make) -> float:
    """When a strand appears where new hair comes to be needed, 0..1 - COMES: by locks and wisps."""
    rank = 0.2 * uniform(make.seed, lock, _RANK) + 0.2 * uniform(make.seed + 1, wisp, _RANK)
    rank = min(max((rank + 0.6 * uniform(make.seed, item, _RANK) - 0.06) / 0.88, 0.0), 1.0)
    return (1 - COMES) * (0.5 + 0.5 * rank if make.hidden else rank) ** RARE


@kernel()
def _finer(left: float, thins: float, since: float, bare: float) -> float:
    """Width ``left`` before the tip, over the last ``thins``, and ``since`` the root is past."""
    thin, finer = max(1 - left / thins, 0.0), 0.6 + (FINE_ROOT - 0.6) * bare
    start = min(max(since, 0.0) / (0.08 + 0.3 * bare), 1.0)
    narrow = 1 - 0.8 * thin * thin * (3 - 2 * thin)
    return narrow * (finer + (1 - finer) * start * start * (3 - 2 * start))


@kernel()
def _ending(left: float, fades: float, melt: float) -> float:
    """Opacity ``left`` before the tip."""
    end = max(1 - left / fades, 0.0)
    return 1 - (0.6 + 0.4 * melt) * end * end * (3 - 2 * end)


@kernel()
def _strand(k: int, first: int, bare: float, melt: float, strands: Grown, ground: Ground,
            make: Make, width: Array, alpha: Array) -> None:  # fmt: skip
    """Set (m,) ``width`` and ``alpha`` of one strand."""
    points, length, item, seed = strands.points[k], strands.length[k], strands.item[k], make.seed
    m, place = len(points), np.empty(ground.places.shape[2], np.float32)
    wide = make.half_width * (0.7 + 0.65 * uniform(seed, item, _WIDTH))
    opaque = make.opacity * (0.75 + 0.35 * uniform(seed, item, _OPACITY))
    since = first / (m - 1) * length
    slow = late(seed, item, make.hidden)
    birth = _birth(since, length, strands.entry[k], strands.at[k], slow, seed) * bare
    fade = 0.04 + 0.10 * uniform(seed, item, _FADE)
    fade += bare * (0.05 + 0.3 * uniform(seed, item, _BIRTH + 100))
    free = max(length - ROOTED * strands.entry[k], 0.01)
    corner = 1 - linear(ground.corners, _column(points[m - 1, 0]))
    thins = min(make.tapered, 0.45 * free)
    thins += max(0.45 * free - make.tapered, 0) * corner
    fades = thins * (FADED + (MELTS - FADED) * corner)
    fades += (0.55 * free - fades) * melt
    wisp = lock_of(seed + 1, strands.at[k], make.wisp_width)
    rank = _rank(strands.lock[k], wisp, item, make)
    cut = 0.6 * uniform(seed, strands.lock[k], _END) + 0.4 * uniform(seed, item, _END)
    for j in range(m):
        way = j / (m - 1) * length
        width[j] = wide * _finer(length - way, thins, way - birth, bare)
        grown = min(max(way - birth, 0.0) / fade, 1.0)
        if grown == 0:
            continue
        seen = opaque * grown * grown * (1.2 - 0.2 * grown) * _ending(length - way, fades, melt)
        canvas.sample(ground.places, _column(points[j, 0]), _row(points[j, 1]), place)
        seen *= min(max((place[NEED] - rank) / COMES, 0.0), 1.0)
        allowed = (place[SUPPORT] - ENDS * cut) / (1 - ENDS)
        alpha[j] = min(max(seen * min(allowed, 1.0), 0.0), 1.0)


@kernel()
def cover(strands: Grown, ground: Ground, make: Make, bared: Array, melted: Array, width: Array,
          alpha: Array) -> None:  # fmt: skip
    """Set (n, m) ``width`` and ``alpha``, and (n,) how far roots lie on skin, ``bared``, and tips
    on own hair, ``melted``. What is left out keeps its zeros."""
    n, m, _ = strands.points.shape
    place = np.empty(ground.places.shape[2], np.float32)
    for k in range(n):
        line = strands.points[k]
        first = _first_seen(line, ground.support)
        bare = bilinear(ground.bareness, _column(line[first, 0]), _row(line[first, 1]))
        lost = _lost(bare, strands.at[k], line[m - 1, 0], ground.ends, make.bare_loss)
        if uniform(make.seed, strands.item[k], _SPARSE) < lost:
            continue
        canvas.sample(ground.places, _column(line[m - 1, 0]), _row(line[m - 1, 1]), place)
        melt = min(max(2 * place[HAIR] - 0.4, 0.0), 1.0)
        bared[k], melted[k] = bare, melt
        _strand(k, first, bare, melt, strands, ground, make, width[k], alpha[k])
