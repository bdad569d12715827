"""Temples beside a fringe: short hair between its ends and the hair beside the face.

A fringe whose ends stop on bare skin next to the side hair has the outline of a wig. Hair that
really falls over a forehead goes over into the hair beside it: in the hollow between the two hairs
are planted that run into the side hair, fewer and shorter towards the face.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import fill, styles
from hairstudio.guides.fringe import BangsParams, Beside, Paint, Prepared
from hairstudio.guides.strands import bangs_head, canvas, fields, planting
from hairstudio.guides.strands import looks as hair_looks
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

HOLLOW = 0.3  # IOD: half the width of a hollow that is filled
ASIDE = (0.5, 0.65)  # frontal u where temples begin, IOD
NEAR = (0.45, 0.3)  # from none on to full, by the distance to the hair beside the face, IOD
HEIGHT, BELOW = 1.0, (0.08, -0.3)  # above the brow line, and from none on to full about it, IOD
RAISED = 0.12  # IOD: so far above a hollow the first hairs that fall over it are rooted
AWAY, OWN, EVEN = 0.35, 1.0, 0.05  # from the face, beside downwards; weight of the own hair's flow
ASTRAY = 0.4  # these hairs leave their way less than planted ones do
COARSER = 3  # canvas cells
RIM, RIM_ASIDE, RIM_BELOW = 0.25, (0.6, 0.9), (-0.1, -0.4)
"""Width of the rim of hair on a bald head, from which frontal u on there is one, and from none on
to full above the brow line, IOD."""
SOFT = 0.02  # sigma of the hollow's outline, IOD


@dataclass(frozen=True, eq=False)
class Temples:
    """The temples of a view, ready to be joined to bangs: ``falling``: (HEIGHT, WIDTH, 2), see
    there; ``place``: (HEIGHT, WIDTH) 0..1 where hairs may be rooted, ``kept``: and how far the own
    hair covers it or encloses it already."""

    view: View
    prepared: Prepared
    falling: Array
    place: Array
    kept: Array

    def joined(self, params: BangsParams, covered: Array, paint: Paint) -> Beside | None:
        """The hairs that join bangs to the hair beside the face (``fringe.Neighbour``)."""
        head, seed = self.prepared.head, params.seed
        covered = np.maximum(head.hair, covered)
        hollow = np.maximum(hollows(covered, self.kept) * self.place, rim(head, covered))
        hollow = fast_blur(hollow.astype(np.float32), SOFT * canvas.CELLS)
        zone = planting.root_zone(replace(head, hair=covered), hollow, seed)
        rooted = _raised(hollow)
        made = replace(self.prepared, region=rooted)
        strands = planting.plant(
            head, rooted, zone, _density(params), seed, np.zeros_like(rooted), self.falling, ASTRAY
        )
        if not strands.length.size:
            return None
        hairs = fill.strokes(self.view, made, zone, strands, paint(strands), seed)
        return Beside(hairs, fill.shown(made), self.falling)


def prepare(view: View, prepared: Prepared) -> Temples:
    """Measure the temples for bangs that are ``prepared``."""
    head = prepared.head
    return Temples(view, prepared, falling(head), place(head), closed(head.hair))


def reach(view: View, region: Array) -> Array:
    """A style's own region, (h, w), with the temples that its ends may need."""
    head = bangs_head.read(view, hair_looks.is_stubble(view))
    covered = np.maximum(head.hair, canvas.gather(region, view.frame, 0.0))
    hollow = np.maximum(hollows(covered, closed(head.hair)) * place(head), rim(head, covered))
    return np.maximum(region, np.clip(canvas.scatter(hollow, view), 0, 1))


def falling(head: Head) -> Array:
    """Unit vectors (HEIGHT, WIDTH, 2) along which hair falls over the temples: as the hair beside
    the face lies, downwards."""
    out = np.sign(canvas.U - np.float32(head.turn.centre))
    down = np.dstack([AWAY * out, np.ones_like(out)]).astype(np.float32)
    own = fields.align(head.flow, down)
    mixed = fast_blur((down + OWN * own).astype(np.float32), EVEN * canvas.CELLS)
    return mixed / (np.linalg.norm(mixed, axis=2, keepdims=True) + np.float32(1e-6))


def _raised(hollow: Array) -> Array:
    """Where its hairs are rooted: in the hair above it too."""
    up = np.zeros((2 * round(RAISED * canvas.CELLS) + 1, 1), np.uint8)
    up[len(up) // 2 :] = 1
    return cv2.dilate(hollow, up)


def _density(params: BangsParams) -> float:
    """Hairs per IOD^2: as dense as the fringe."""
    usual = min(styles.style(params.style).density * (1 + 0.5 * params.density), 1)
    return fill.FULL * params.strength * usual


def place(head: Head) -> Array:
    """Bare temples near hair, (HEIGHT, WIDTH) 0..1."""
    out = np.abs(head.turn.frontal(canvas.COLUMNS))
    v = canvas.V - np.float32(head.brow)
    here = smoothstep(*ASIDE, out) * (v > -HEIGHT) * smoothstep(*BELOW, v)
    away = cv2.distanceTransform((head.hair < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    near = smoothstep(*NEAR, away * np.float32(canvas.PITCH))
    return here * near * head.inside * (head.ears < 0.5)


def rim(head: Head, covered: Array) -> Array:
    """Beside the hair that a bald head is given, (HEIGHT, WIDTH) 0..1: where none of its own grows
    there, it has the short front of every hairline, or its edge would be that of a wig."""
    alone = planting.alone(head)
    if not head.bald or not alone.any():
        return np.zeros_like(covered)
    out = np.abs(head.turn.frontal(canvas.COLUMNS))
    above = smoothstep(*RIM_BELOW, canvas.V - np.float32(head.brow))
    around = cv2.dilate((covered > 0.5).astype(np.float32), disc(RIM * canvas.CELLS))
    aside = smoothstep(*RIM_ASIDE, out) * above * head.inside * (head.ears < 0.5)
    return around * alone * aside


def hollows(covered: Array, own: Array) -> Array:
    """What hair, own and new (``covered``), encloses and the ``own``, closed, does not: (HEIGHT,
    WIDTH) 0..1."""
    return np.clip(2 * (closed(covered) - np.maximum(covered, own)), 0, 1)


def closed(hair: Array) -> Array:
    """With its hollows filled; worked out on a coarser raster."""
    small = cv2.resize(hair, None, fx=1 / COARSER, fy=1 / COARSER, interpolation=cv2.INTER_AREA)
    shape = disc(HOLLOW * canvas.CELLS / COARSER)
    edge = shape.shape[0]
    around = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(around, cv2.MORPH_CLOSE, shape)[edge:-edge, edge:-edge]
    return cv2.resize(closed, (canvas.WIDTH, canvas.HEIGHT), interpolation=cv2.INTER_LINEAR)
