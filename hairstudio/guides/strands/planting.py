"""Planting single hairs into a region: roots by number, so that density adds hairs and never
moves the ones there were; each runs along the hair around it, into the hair."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, fields
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.canvas import bilinear
from hairstudio.guides.strands.chance import normal, uniform
from hairstudio.guides.strands.growth import Strands
from hairstudio.imaging.filters import fast_blur
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
Ints = NDArray[np.int64]

SHORTEST, LONGEST = 0.18, 0.42  # IOD
POINTS = 24
BACKWARDS = 0.1  # how soon, far from hair, hairs are combed straight back
SPLAY, CURL = 0.20, 0.26  # standard deviation of a hair's turn at the root and along it, radians
LOCK = 0.06  # size of what shares detail, IOD
PLASTIC_U, PLASTIC_V = 0.7548776662466927, 0.5698402909980532  # Roberts' R2 sequence
_U, _V, _KEEP, _LENGTH, _TURN, _BEND = range(60, 66)


def plant(head: Head, region: Array, density: float, seed: int) -> Strands:
    """Hairs rooted in a region ((HEIGHT, WIDTH) canvas 0..1), ``density`` per IOD^2 of bare skin.

    Fewer where hair grows already.
    """
    chosen = (region**1.6 * np.clip(1.12 - head.hair, 0, 1)).astype(np.float32)
    count = round(density * canvas.WIDTH * canvas.HEIGHT * canvas.PITCH**2)
    direction = _along_hair(head)
    room = int(density * float(chosen.sum()) * canvas.PITCH**2 * 1.3) + 64
    points = np.empty((room, POINTS, 2), np.float32)
    length, item = np.empty(room, np.float32), np.empty(room, np.int64)
    n = _plant(chosen, region, direction[..., 0].copy(), direction[..., 1].copy(), count, seed,
               points, length, item)  # fmt: skip
    points, length, item = points[:n], length[:n], item[:n]
    cell = np.floor(points[:, 0] / LOCK).astype(np.int64)
    lock = cell[:, 0] * 4096 + cell[:, 1]
    return Strands(points, length, np.zeros_like(length), points[:, 0, 0].copy(), lock, item)


def _along_hair(head: Head) -> Array:
    """Unit vectors from roots to tips: the own flow, pointing into the hair; on bare skin, where
    the flow is a guess, turned towards the hair if it runs along its edge."""
    spread = fast_blur(head.hair, 0.12 * canvas.CELLS) + fast_blur(head.hair, 0.4 * canvas.CELLS)
    inwards = np.dstack([cv2.Sobel(spread, cv2.CV_32F, 1, 0), cv2.Sobel(spread, cv2.CV_32F, 0, 1)])
    inwards[..., 1] -= np.float32(BACKWARDS)
    inwards /= np.linalg.norm(inwards, axis=2, keepdims=True) + 1e-6
    own = fields.align(head.flow, inwards)
    share = np.clip(2.2 * (own * inwards).sum(2, keepdims=True), 0.35, 1)
    share = np.maximum(share, head.hair[..., None])
    mixed = fast_blur(inwards + share * (own - inwards), 0.02 * canvas.CELLS)
    return mixed / (np.linalg.norm(mixed, axis=2, keepdims=True) + 1e-6)


@kernel()
def _plant(chosen: Array, region: Array, field_u: Array, field_v: Array, count: int, seed: int,
           points: Array, length: Array, item: Ints) -> int:  # fmt: skip
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
        size *= 0.45 + 0.55 * bilinear(region, x, y)  # short at the front
        turn, bend = SPLAY * normal(seed, k, _TURN), CURL * normal(seed, k, _BEND)
        step = size / (POINTS - 1)
        u, v = canvas.LEFT + x * canvas.PITCH, canvas.TOP + y * canvas.PITCH
        for j in range(POINTS):
            points[n, j, 0], points[n, j, 1] = u, v
            angle = turn + bend * j / (POINTS - 1)
            a, b = bilinear(field_u, x, y), bilinear(field_v, x, y)
            c, s = math.cos(angle), math.sin(angle)
            u, v = u + step * (a * c - b * s), v + step * (a * s + b * c)
            x, y = (u - canvas.LEFT) * canvas.CELLS, (v - canvas.TOP) * canvas.CELLS
        length[n], item[n] = size, k
        n += 1
    return n
