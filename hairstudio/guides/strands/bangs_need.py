"""Where a head needs new hair: on bare skin, and over a fringe that it has already."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.imaging.filters import smoothstep

Array = NDArray[np.float32]

DEEP, ASIDE = 0.48, 0.26
"""New hair begins and ends in the own hair up to so far above, and beside, what is bare, IOD."""
OUTER = (0.04, 0.24)
"""Own hair so near to the head's outline stays on top: strands across it would stick out, IOD."""
SHOULDER, SHALLOW = 0.55, 0.25
"""Within so much (IOD) of a region's ends it begins less deep, at the ends by this factor: roots
that all began at one height would stand there as a horn."""
FACE = 0.8
"""Frontal u within which own hair below the hairline is a fringe that the new one replaces;"""
SIDES = 0.12
"""at its sides, so softly (IOD), the own hair stays;"""
ON, AROUND = 0.15, 0.5
"""own hair that is still there so far below, IOD, is none; and how far around, as bangs swept from
a part end higher there."""


def need(head: Head, mask: NDArray[np.bool_], parted: bool = False) -> Array:
    """1 on bare skin and on a fringe that ``mask`` covers, 0 in own hair far from these, and on the
    background above the hairline; ``parted``: see ``bangs_shape.edges``."""
    replaced = (np.abs(head.turn.frontal(canvas.COLUMNS)) < FACE) & ~_goes_on(head, mask)
    replaced &= mask.any(0)
    bare = (head.skin > 0.5) & (head.ears < 0.5) & (head.hair < 0.5) | (head.scalp > 0.5)
    fringe = mask & replaced & (head.hairline < canvas.V) & ~bare
    depth = np.ones(canvas.WIDTH, np.float32) if parted else _depth(mask)
    needed = _around(bare, depth)
    if fringe.any():  # at its sides new hair comes out of it by and by
        columns = cv2.GaussianBlur(replaced[None].astype(np.float32), (0, 0), SIDES * canvas.CELLS)
        needed = np.maximum(needed, columns * _around(bare | fringe, depth))
    needed *= 1 - head.hair * (1 - smoothstep(*OUTER, _depth_inside(head)))
    behind = (head.hairline > canvas.V) * (
        1 - np.clip(2 * (head.hair + head.skin + head.scalp), 0, 1)
    )
    return needed * (1 - behind)


def _around(base: NDArray[np.bool_], depth: Array) -> Array:
    """1 on ``base``, (HEIGHT, WIDTH), falling to 0 around it; ``depth``: of that, see there."""
    rows = round(canvas.HEIGHT * ASIDE / DEEP)  # distances weigh less upwards
    free = 1 - base.astype(np.uint8)
    squeezed = cv2.resize(free, (canvas.WIDTH, rows), interpolation=cv2.INTER_NEAREST)
    away = cv2.distanceTransform(squeezed, cv2.DIST_L2, 5) / np.float32(ASIDE * canvas.CELLS)
    size = (canvas.WIDTH, canvas.HEIGHT)
    away = cv2.resize(away, size, interpolation=cv2.INTER_LINEAR) / depth
    return np.clip(1 - away, 0, 1)


def _goes_on(head: Head, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(WIDTH,) where own hair hangs on below a mask, where that is deepest around: it is no fringe
    that ends there."""
    last = np.where(mask.any(0), canvas.HEIGHT - 1 - mask[::-1].argmax(0), 0)
    near = np.ones((1, 2 * round(AROUND * canvas.CELLS) + 1), np.uint8)
    last = cv2.dilate(last[None].astype(np.float32), near)[0]
    below = (np.arange(canvas.HEIGHT)[:, None] - last) * np.float32(canvas.PITCH)
    just = (below > 0) & (below < ON)
    return (head.hair * just).sum(0) > 0.7 * np.maximum(just.sum(0), 1)


def _depth_inside(head: Head) -> Array:
    """(HEIGHT, WIDTH) how far inside the head's outline, IOD."""
    inside = (head.inside > 0.5).astype(np.uint8)
    return cv2.distanceTransform(inside, cv2.DIST_L2, 5) * np.float32(canvas.PITCH)


def _depth(mask: NDArray[np.bool_]) -> Array:
    """(WIDTH,) share of the usual depth in the own hair at which new hair begins above a region."""
    columns = np.flatnonzero(mask.any(0))
    if not columns.size:
        return np.ones(canvas.WIDTH, np.float32)
    place = np.arange(canvas.WIDTH)
    inwards = np.minimum(place - columns[0], columns[-1] - place) * canvas.PITCH
    return SHALLOW + (1 - SHALLOW) * smoothstep(0.0, SHOULDER, inwards.astype(np.float32))
