"""Own hair that hangs into the forehead below new bangs, and the skin that it hides."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.drawing import Drawing
from hairstudio.guides.strands import bangs_shape, canvas
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.imaging.filters import disc, fast_blur, normalised_blur, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.parsing import BROWS
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
Bools = NDArray[np.bool_]

LEAST_HAIR = 0.004
"""Less hair below the bangs is not seen, IOD^2."""
SEEN, CLEAN = 0.04, 0.01
"""Alpha of hair that is seen, and of skin without any."""
EDGE = 0.02
"""What hair shades beside it, IOD."""
LOWEST = 0.1
"""Hair that reaches so far below the brow line stays, IOD; so does what reaches the brows: between
their hairs none can be taken away, and half a lock looks worse than a whole one."""
OVERLAP, REACH = (-0.07, 0.01), (0.33, 0.43)
"""From the lower edge of the new hair on, and so far below it, the own gives way, IOD."""
TONES = ((0.03, 1.0), (0.09, 0.03), (0.25, 0.0005))
"""The tone of hidden skin is that of the nearest: sigmas in IOD and weights."""
NEAR, SURE = 0.12, (0.03, 0.12)
"""so sure by how much clean skin lies within this distance, IOD."""
GRAIN, STRONGEST = 0.05, 2.5
"""Skin's texture is finer than this (IOD) and no stronger than so many of its own deviations, or it
is a hair; it is copied from the best of so many places, a grid of"""
PLACES = 9


@dataclass(frozen=True, eq=False)
class Under:
    """``box``: the part of the view that is known here; ``skin``: (h, w, 3) its pixels without hair
    on the forehead; ``hair``: (h, w) 0..1 how much of them was hair."""

    box: Box
    skin: Array
    hair: Array

    def share(self, view: View, edges: bangs_shape.Outline) -> Array:
        """How much of the bare skin shows below the new hair, (h, w)."""
        drop = canvas.V - edges.bottom
        below = smoothstep(*OVERLAP, drop) * (1 - smoothstep(*REACH, drop))
        below = below * ((edges.left < canvas.U) & (edges.right > canvas.U))
        return np.clip(self.hair * canvas.scatter(below, view)[self.box.slices], 0, 1)


def find(view: View, head: Head, edges: bangs_shape.Outline) -> Under | None:
    """None where no own hair hangs below the bangs, or too little skin is seen beside it."""
    lowest = head.brow + np.float32(LOWEST)
    forehead = (head.hairline < canvas.V) & (lowest > canvas.V)
    forehead &= np.abs(head.turn.frontal(canvas.COLUMNS)) < bangs_shape.FACE
    box = Box.around(_corners(forehead, view)).intersection(Box.of_size(*view.size))
    if box.empty:
        return None
    sl, edge = box.slices, disc(EDGE * view.iod)

    def here(plane: NDArray[np.bool_]) -> Array:
        return canvas.scatter(plane.astype(np.float32), view)[sl]

    brows = cv2.dilate((view.probability(*BROWS)[sl] > 0.2).astype(np.uint8), edge) > 0
    halfway = edges.bottom - 0.5 * (edges.bottom - edges.top)  # as short as they can be made
    hangs = (view.matte[sl] > SEEN) & (here(forehead & (halfway < canvas.V)) > 0.5)
    hangs &= ~_reaching(hangs, brows | (here(lowest - 0.04 < canvas.V) > 0.5))
    hidden = cv2.dilate(hangs.astype(np.uint8), edge) > 0
    shows = hangs & (here(edges.bottom < canvas.V) > 0.5)
    if shows.sum() < LEAST_HAIR * view.iod**2:
        return None
    hair = cv2.dilate((view.matte[sl] > SEEN).astype(np.uint8), edge) > 0
    known = ~hair & ~brows & (view.matte[sl] < CLEAN) & (view.skin[sl] > 0.8)
    known &= here(forehead) > 0.5
    sure = smoothstep(*SURE, fast_blur(known.astype(np.float32), NEAR * view.iod))
    skin, whole = hidden_skin(view.rgb[sl], hidden, known, view.iod)
    soft = fast_blur((hidden & ~brows & whole).astype(np.float32), 0.4 * EDGE * view.iod)
    return Under(box, skin, soft * sure)


def reveal(drawing: Drawing, under: Under, share: Array) -> Drawing:
    """The drawing with ``share``, (h, w) 0..1, of the bare skin under it."""
    sl = under.box.slices
    rgb, alpha, matte = drawing.rgb.copy(), drawing.alpha.copy(), drawing.state.matte.copy()
    over = alpha[sl]
    both = over + (1 - over) * share
    seen = rgb[sl] * over[..., None] + under.skin * ((1 - over) * share)[..., None]
    rgb[sl] = np.where(both[..., None] > 1e-3, seen / np.maximum(both, 1e-3)[..., None], rgb[sl])
    alpha[sl] = both
    matte[sl] *= 1 - (1 - over) * share
    return replace(drawing, rgb=rgb, alpha=alpha, state=replace(drawing.state, matte=matte))


def _reaching(hangs: Bools, end: Bools) -> Bools:
    """The pieces of ``hangs`` that reach ``end``."""
    _, pieces = cv2.connectedComponents(hangs.astype(np.uint8))
    return np.isin(pieces, np.unique(pieces[end & hangs])) & hangs


def hidden_skin(rgb: Array, hidden: Bools, known: Bools, iod: float) -> tuple[Array, Bools]:
    """Skin in the tone of the nearest, with the texture of a place that is seen, (h, w, 3), and
    where that place has any, (h, w)."""
    weight = known.astype(np.float32)
    tone, mass = np.zeros_like(rgb), np.zeros_like(weight)
    for sigma, share in TONES:
        tone += np.float32(share) * fast_blur(rgb * weight[..., None], sigma * iod)
        mass += np.float32(share) * fast_blur(weight, sigma * iod)
    grain = (rgb - normalised_blur(rgb, weight, GRAIN * iod)) * weight[..., None]
    limit = STRONGEST * grain[known].std(0) if known.any() else np.float32(0)
    dx, dy = _like(hidden, known)
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
    size = (rgb.shape[1], rgb.shape[0])
    grain = cv2.warpAffine(np.clip(grain, -limit, limit), matrix, size, flags=cv2.INTER_NEAREST)
    whole = cv2.warpAffine(known.astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST) > 0
    skin = np.clip(tone / (mass[..., None] + 1e-9) + grain, 0, 1).astype(np.float32)
    return skin, whole


def _like(hidden: Bools, known: Bools) -> tuple[int, int]:
    """The shift that brings most known pixels onto the hidden ones."""
    height, width = hidden.shape
    best, shift = -1, (0, 0)
    for dy in np.linspace(-height // 2, height // 2, PLACES).astype(int):
        for dx in np.linspace(-width // 2, width // 2, PLACES).astype(int):
            there = hidden[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]
            from_ = known[max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)]
            count = int(np.count_nonzero(there & from_))
            if count > best:
                best, shift = count, (int(dx), int(dy))
    return shift


def _corners(mask: Bools, view: View) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    places = np.stack([canvas.COLUMNS[columns], canvas.ROWS[rows]], 1)
    return view.frame.inverse.apply(places)
