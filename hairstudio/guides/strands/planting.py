"""Planting single hairs into a region: roots by number, so that density adds hairs and never
moves the ones there were; each runs along the hair around it, into the hair."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, chance, fields
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.canvas import bilinear
from hairstudio.guides.strands.chance import normal, uniform
from hairstudio.guides.strands.growth import Strands
from hairstudio.imaging.filters import fast_blur, smoothstep
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

SHORTEST, LONGEST = 0.18, 0.42  # IOD
POINTS, FINER = 12, 2
"""Points of a hair, and how many times as finely its way is followed."""
POLE = -2.3  # v towards which hair far from any other is combed back, IOD
ALONE_LENGTH = 0.6  # of hairs far from any other
SPLAY, CURL = 0.20, 0.26  # standard deviation of a hair's turn at the root and along it, radians
ZONE = 0.13  # hairs get thicker, longer and denser over this depth behind the bare front, IOD
THIN = 0.6  # or over this share of the depth of a thin region
RAGGED = ((0.05, 0.2), (0.16, 0.15))  # the front's irregularity: wavelength in IOD, share of ZONE
EVEN = 0.09  # sigma over which directions on bare skin agree, IOD
LOCK = 0.06  # size of what shares detail, IOD
PLASTIC_U, PLASTIC_V = 0.7548776662466927, 0.5698402909980532  # Roberts' R2 sequence
_U, _V, _KEEP, _LENGTH, _TURN, _BEND = range(60, 66)
_FRONT = 74


def root_zone(head: Head, region: Array, seed: int) -> Array:
    """(HEIGHT, WIDTH) float32: 0 where a region meets bare skin, 1 deep in it and near hair.

    Irregular, as the front of every hairline is.
    """
    bare = (region < 0.15) & (head.hair < 0.4)
    depth = cv2.distanceTransform((~bare).astype(np.uint8), cv2.DIST_L2, 5)
    depth *= np.float32(canvas.PITCH)
    inside = region > 0.5
    whole = min(ZONE, THIN * float(depth[inside].max())) if inside.any() else ZONE
    for purpose, (wavelength, size) in enumerate(RAGGED):
        depth += np.float32(size * whole) * _noise(wavelength, seed, purpose)
    return smoothstep(0.0, whole, depth)


@lru_cache(maxsize=8)
def _noise(wavelength: float, seed: int, purpose: int) -> Array:
    """Smooth noise of unit spread, (HEIGHT, WIDTH); ``wavelength``: IOD."""
    cells = np.arange(canvas.HEIGHT * canvas.WIDTH, dtype=np.int64)
    noise = chance.normals(seed, cells, _FRONT + purpose).reshape(canvas.HEIGHT, canvas.WIDTH)
    noise = fast_blur(noise, wavelength * canvas.CELLS / 3)
    return noise / noise.std()


def plant(
    head: Head, region: Array, zone: Array, density: float, seed: int,
    covered: Array | None = None, along: Array | None = None, astray: float = 1.0,
) -> Strands:  # fmt: skip
    """Hairs rooted in a region ((HEIGHT, WIDTH) canvas 0..1), ``density`` per IOD^2 of bare skin.

    Fewer where hair grows already (``covered``, the same as ``head.hair`` if not given: (HEIGHT,
    WIDTH)), and towards the bare front; ``zone`` comes from ``root_zone``. ``along``: (HEIGHT,
    WIDTH, 2) unit vectors from roots to tips, ``direction`` if not given; ``astray``: how much
    hairs leave it, 1 = as usual.
    """
    covered = head.hair if covered is None else covered
    bare = np.clip(1.12 - covered, 0, 1)
    chosen = (region * zone * bare).astype(np.float32)
    count = round(density * canvas.WIDTH * canvas.HEIGHT * canvas.PITCH**2)
    room = int(density * float(chosen.sum()) * canvas.PITCH**2 * 1.3) + 64
    points = np.empty((room, POINTS, 2), np.float32)
    length, item = np.empty(room, np.float32), np.empty(room, np.int64)
    size = (0.35 + 0.65 * zone) * (1 - (1 - ALONE_LENGTH) * head.alone)
    across, down = cv2.split(direction(head) if along is None else along)
    n = _plant(chosen, size.astype(np.float32), across, down, count, seed, astray, points,
               length, item)  # fmt: skip
    points, length, item = points[:n], length[:n], item[:n]
    cell = np.floor(points[:, 0] / LOCK).astype(np.int64)
    lock = cell[:, 0] * 4096 + cell[:, 1]
    none = np.zeros_like(length)
    return Strands(points, length, none, none, points[:, 0, 0].copy(), lock, item, none)


def direction(head: Head) -> Array:
    """Unit vectors from roots to tips: the own flow, pointing into the hair; on bare skin, where
    the flow is a guess, turned towards the hair if it runs along its edge; far from hair back."""
    spread = fast_blur(head.hair, 0.12 * canvas.CELLS) + fast_blur(head.hair, 0.4 * canvas.CELLS)
    inwards = np.dstack([cv2.Sobel(spread, cv2.CV_32F, 1, 0), cv2.Sobel(spread, cv2.CV_32F, 0, 1)])
    inwards /= np.linalg.norm(inwards, axis=2, keepdims=True) + 1e-6
    back = np.dstack([np.float32(head.turn.centre) - canvas.U, np.float32(POLE) - canvas.V])
    back /= np.linalg.norm(back, axis=2, keepdims=True)
    inwards += head.alone[..., None] * (back - inwards)
    own = fields.align(head.flow, inwards)
    share = np.clip(2.2 * (own * inwards).sum(2, keepdims=True), 0.35, 1)
    share = np.maximum(share * (1 - head.alone[..., None]), head.hair[..., None])
    mixed = inwards + share * (own - inwards)
    even, local = (fast_blur(mixed, sigma * canvas.CELLS) for sigma in (EVEN, 0.02))
    mixed = even + head.hair[..., None] * (local - even)
    return mixed / (np.linalg.norm(mixed, axis=2, keepdims=True) + 1e-6)


@kernel()
def _plant(chosen: Array, scale: Array, field_u: Array, field_v: Array, count: int, seed: int,
           astray: float, points: Array, length: Array, item: Ints) -> int:  # fmt: skip
    n = 0
    shift_u, shift_v = uniform(seed, 0, _U), uniform(seed, 0, _V)
    for k in range(count):
        if n == points.shape[0]:
            break
        x = (k * PLASTIC_U + shift_u) % 1.0 * (canvas.WIDTH - 1)
        y = (k * PLASTIC_V + shift_v) % 1.0 * (canvas.HEIGHT - 1)
        if bilinear(chosen, x, y) <= uniform(seed, k, _KEEP):
            continue
        size = SHORTEST + (LONGEST - SHORTEST) * uniform(seed, k, _LENGTH)
        size *= bilinear(scale, x, y)
        turn, bend = SPLAY * normal(seed, k, _TURN), CURL * normal(seed, k, _BEND)
        turn, bend = astray * turn, astray * bend
        last = FINER * (POINTS - 1)
        step = size / last
        u, v = canvas.LEFT + x * canvas.PITCH, canvas.TOP + y * canvas.PITCH
        for j in range(last + 1):
            if j % FINER == 0:
                points[n, j // FINER, 0], points[n, j // FINER, 1] = u, v
            angle = turn + bend * j / last
            a, b = bilinear(field_u, x, y), bilinear(field_v, x, y)
            c, s = math.cos(angle), math.sin(angle)
            u, v = u + step * (a * c - b * s), v + step * (a * s + b * c)
            x, y = (u - canvas.LEFT) * canvas.CELLS, (v - canvas.TOP) * canvas.CELLS
        length[n], item[n] = size, k
        n += 1
    return n
