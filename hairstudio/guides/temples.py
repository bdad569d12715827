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
from hairstudio.guides.fringe import BangsParams, Beside, Drawer
from hairstudio.guides.prepared import Prepared
from hairstudio.guides.strands import (
    bangs_head,
    canvas,
    chance,
    clumps,
    fields,
    growth,
    planting,
    stubble,
)
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.growth import Strands
from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

HOLLOW = 0.3  # IOD: half the width of a hollow that is filled
ASIDE = (0.5, 0.65)  # frontal u where temples begin, IOD
NEAR = (0.6, 0.4)  # from none on to full, by the distance to the hair beside the face, IOD
HEIGHT, BELOW = 1.0, (0.08, -0.3)  # above the brow line, and from none on to full about it, IOD
RAISED = 0.12  # IOD: so far above a hollow the first hairs that fall over it are rooted
AWAY, OWN, EVEN = 0.35, 1.0, 0.05  # from the face, beside downwards; weight of the own hair's flow
BESIDE = 0.08  # IOD from bangs hairs run as they do
PER_TURN = 20  # points of a hair
LOOSER = 0.8  # share of the gathering of bangs that these hairs have
ENDS, LATEST, SOONEST = 0.06, 0.05, 0.65  # IOD, and shares of the hollow, so soft, hairs end at
TOGETHER = 0.7  # how far those of a lock end together
AT_ROOT = 0.4  # share of the gathering of locks that they have at their roots
OPAQUE, FRONT = (0.75, 1.0), 0.6  # limits of a hair's opacity, and share of it at the bare front
GROWS, FADES = (-0.05, 0.28), 0.8
"""Share of a hair's length over which it appears, and by how much it fades where it tapers."""
MIXED = 0.12  # IOD from the own hair hairs take its colour
ASTRAY = 0.4  # these hairs leave their way less than planted ones do
COARSER = 3  # canvas cells
RIM, RIM_BELOW = 0.6, (0.35, -0.25)
"""Width of the short hair beside new hair on a bald head, and from none on to full about the brow
line, IOD:"""
RIM_ASIDE, SLANT, RIM_SOFT = 0.72, 0.25, 0.15
"""it begins at this frontal u on the brow line, further in by this share of the height above it,
and gets dense so softly, IOD."""
RIM_LENGTH, RIM_OPACITY = 0.3, 0.55  # of these hairs over those of others
OUTLINE, TURNED = (0.3, 0.12), (0.3, 0.45)
"""There is some at the outline of a head that is turned away too, so near to it, IOD, and from none
on to full at these frontal u."""
BESIDE_FACE, SHAVED = (0.6, 0.3), 0.09
"""Hair is looked for so far above and below the brow line, IOD; less than this, IOD^2, is none."""
_PULL, _OPACITY, _END = 20, 68, 75
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

    def joined(self, bangs: Drawer, cover: Array) -> Beside | None:
        """The hairs that join bangs to the hair beside the face (``fringe.Neighbour``)."""
        head, seed = self.prepared.head, bangs.params.seed
        covered, along = np.maximum(head.hair, cover), self.along(bangs, cover)
        hollow, around = hollows(covered, self.kept) * self.place, rim(head, covered)
        hollow = fast_blur(np.maximum(hollow, around), SOFT * canvas.CELLS)
        zone = planting.root_zone(replace(head, hair=covered), hollow, seed)
        rooted = _raised(hollow)
        made = replace(self.prepared, region=rooted)
        strands = planting.plant(
            head, rooted, zone, _density(bangs.params), seed, np.zeros_like(rooted), along, ASTRAY
        )
        if not strands.length.size:
            return None
        rimmed = bool(around.any())  # a rim is a haze of hair
        ends = np.ones_like(hollow) if rimmed else np.maximum(hollow, head.hair)
        longest = RIM_LENGTH if rimmed else 1.0
        strands, aside = _locked(strands, head, bangs)
        strands = _ended(strands, ends, seed, _points(bangs.style), longest)
        depth = _bent(strands, aside, head, bangs, 0.0 if rimmed else LOOSER)
        alpha = _solid(bangs.style, strands, zone, seed)
        if rimmed:
            alpha = RIM_OPACITY * fill.opacity(made, zone, strands, seed)
        colors = self.painted(bangs, strands, depth)
        hairs = fill.strokes(self.view, made, zone, strands, colors, alpha, seed)
        return Beside(hairs, fill.shown(made), along)

    def painted(self, bangs: Drawer, strands: Strands, depth: Array) -> Array:
        """(n, m, 3) RGB 0..1: as the bangs, and as the own hair where they come near to it."""
        near = fast_blur(self.prepared.head.hair, MIXED * canvas.CELLS)
        own = np.clip(2 * canvas.at(near, strands.points), 0, 1)[..., None]
        new = bangs.painted(strands, depth)
        mixed = new + own * (fill.colors(self.prepared, strands, bangs.params.seed) - new)
        return np.asarray(mixed, np.float32)

    def along(self, bangs: Drawer, cover: Array) -> Array:
        """(HEIGHT, WIDTH, 2) unit vectors: as the bangs run near them, which ``cover`` so much."""
        near = np.clip(2 * fast_blur(cover, BESIDE * canvas.CELLS), 0, 1)[..., None]
        mixed = self.falling + near * (bangs.field.direction - self.falling)
        length = cv2.magnitude(mixed[..., 0], mixed[..., 1]) + np.float32(1e-6)
        return mixed / length[..., None]


def prepare(view: View, prepared: Prepared) -> Temples:
    """Measure the temples for bangs that are ``prepared``."""
    head = prepared.head
    return Temples(view, prepared, falling(head), place(head), closed(head.hair))


def reach(view: View, region: Array) -> Array:
    """A style's own region, (h, w), with the temples that its ends may need."""
    head = bangs_head.read(view, stubble.is_stubble(view))
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


def _points(style: styles.Style) -> int:
    """Points of a hair: enough for its turns."""
    shortest = min(way for size, way in (style.wave, style.curl, (1.0, 1.0)) if size)
    return max(planting.POINTS, round(PER_TURN * planting.LONGEST / shortest))


def _ended(strands: Strands, there: Array, seed: int, points: int, longest: float) -> Strands:
    """Hairs that end where ``there`` (HEIGHT, WIDTH) does, one sooner and one later, or after so
    much of their length."""
    soft = fast_blur(there, ENDS * canvas.CELLS)
    seen = canvas.at(soft, strands.points)
    luck = TOGETHER * chance.uniforms(seed, strands.lock, _END)
    luck += (1 - TOGETHER) * chance.uniforms(seed, strands.item, _END)
    least = LATEST + (SOONEST - LATEST) * luck
    last = np.argmax(np.hstack([seen < least[:, None], np.ones((len(seen), 1), bool)]), 1) - 1
    last = np.minimum(np.maximum(last, 2), longest * (seen.shape[1] - 1)).astype(np.float32)
    place = last[:, None] * np.linspace(0, 1, points, dtype=np.float32)
    before = np.minimum(place.astype(np.intp), strands.points.shape[1] - 2)
    line, after = np.arange(len(last))[:, None], (place - before)[..., None]
    cut = (1 - after) * strands.points[line, before] + after * strands.points[line, before + 1]
    length = strands.length * last / np.float32(strands.points.shape[1] - 1)
    return replace(strands, points=cut.astype(np.float32), length=length)


def _solid(style: styles.Style, strands: Strands, zone: Array, seed: int) -> Array:
    """(n, m) opacity of hairs that hang in locks, as the bangs' do: not of a haze."""
    s = np.linspace(0, 1, strands.points.shape[1], dtype=np.float32)
    along = smoothstep(*GROWS, s) * (1 - FADES * smoothstep(1 - style.tapered, 1, s))
    low, high = OPAQUE
    own = low + (high - low) * chance.uniforms(seed, strands.item, _OPACITY)[:, None]
    front = FRONT + (1 - FRONT) * canvas.at(zone, strands.points[:, :1])
    return np.asarray(style.opacity * own * front * along, np.float32)


def _since(strands: Strands, head: Head) -> Array:
    """(n,) how far from its lock's root each begins, IOD."""
    return (strands.points[:, 0, 1] - np.float32(head.brow - HEIGHT)).astype(np.float32)


def _locked(strands: Strands, head: Head, bangs: Drawer) -> tuple[Strands, Array]:
    """Hairs with their locks, and (n,) how far aside the middles of these lie, IOD."""
    u = strands.points[:, 0, 0]
    slanted = AWAY * np.sign(u - np.float32(head.turn.centre)) * _since(strands, head)
    at = (u - slanted).astype(np.float32)
    lock, aside = growth.locks_at(8 * bangs.params.seed + 1, at, bangs.style.clump)
    return replace(strands, at=at, lock=lock), aside


def _bent(strands: Strands, aside: Array, head: Head, bangs: Drawer, gathered: float) -> Array:
    """Gather hairs in their locks so far as those of the bangs, and give them their waves, in
    place. Returns how near they are to the camera, (n, m) IOD."""
    style, key = bangs.style, 8 * bangs.params.seed + 1
    least, most = style.pull
    pull = gathered * (least + (most - least) * chance.uniforms(key, strands.lock, _PULL))
    pull *= 1 - clumps.UNBOUND * chance.uniforms(key, strands.item, _PULL) ** 3
    s = np.linspace(AT_ROOT, 1, strands.points.shape[1], dtype=np.float32)
    strands.points[..., 0] += (pull * aside)[:, None] * s
    shape = clumps.Bend(style.wave, style.curl, style.curl_from, 0.5 * style.stray, style.clump,
                        np.ones_like(head.hair))  # fmt: skip
    return clumps.bend(strands, key, shape, _since(strands, head))


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
    there, it fades into short hair towards the ears, or its edge would be that of a wig."""
    if not head.bald:
        return np.zeros_like(covered)
    alone = head.alone * shaved(head)
    if not alone.any():
        return np.zeros_like(covered)
    out = np.abs(head.turn.frontal(canvas.COLUMNS))
    below = canvas.V - np.float32(head.brow)
    first = RIM_ASIDE + np.float32(SLANT) * np.clip(below, -1, 0)
    outline = cv2.distanceTransform((head.inside > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    beside = smoothstep(*OUTLINE, outline * np.float32(canvas.PITCH)) * smoothstep(*TURNED, out)
    aside = np.maximum(smoothstep(0.0, RIM_SOFT, out - first), beside)
    aside *= smoothstep(*RIM_BELOW, below)
    around = cv2.dilate((covered > 0.5).astype(np.float32), disc(RIM * canvas.CELLS))
    return around * alone * aside * head.inside * (head.ears < 0.5)


def shaved(head: Head) -> NDArray[np.bool_]:
    """(WIDTH,) whether next to no hair grows beside the face on this side of it."""
    out = head.turn.frontal(canvas.COLUMNS)
    rows = (head.brow - BESIDE_FACE[0] < canvas.ROWS) & (head.brow + BESIDE_FACE[1] > canvas.ROWS)
    hair = (head.hair[rows] > 0.5).sum(0) * np.float32(canvas.PITCH**2)
    left, right = (float(hair[side * out > ASIDE[0]].sum()) for side in (-1, 1))
    return np.where(out < 0, left, right) < SHAVED


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
