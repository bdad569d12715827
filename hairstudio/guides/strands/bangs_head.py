"""The head as strands see it: pose, hairline, own flow and silhouette on the canvas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas
from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.portrait import flow
from hairstudio.portrait.parsing import ALL_SKIN, EARS, FACE_SKIN, FEATURES, Class
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

HIGHEST, LOWEST, USUAL = 1.8, 0.45, 0.9
"""Bounds of a believable hairline above the brow line, IOD: beyond the one the head is balding,
below the other a fringe hides the hairline."""
HIDDEN = (0.2, 0.35)
"""A hairline so low is a fringe that comes from a usual one, and is none yet, IOD."""
YOUNG, YOUNG_SHARE = 1.0, 0.7
"""Height of the hairline that new hair has on a bald scalp: at most so many IOD, and this share of
the head's above the brow line."""
LEAST_SCALP, BALD = 5, (0.35, 0.7)
"""Fewer canvas cells above a hairline say little; so much of them bare is no head of hair yet, and
bald."""
RECEDING = (0.15, 0.35)
"""So far above young hair's (IOD) a hairline is not receding yet, and has gone."""
RECESSION = 5.0
"""seen over so many canvas cells (sigma)."""
MUCH_SCALP = 0.25
"""So much bare scalp (IOD^2) is a bald head."""
RIM = 0.1
"""What is narrower than twice this is no scalp, IOD."""
SCALP_HAIR, STANDS = (0.09, 0.03), (0.1, 0.8)
"""How high hair rises over a shaved head, and a bald one with hair beside; less and less between
these heights above its hairline, IOD."""
NOTCHES, FUZZY = 0.6, 0.065
"""Radius of notches between head and hair that it fills, and how soft its outline is, IOD."""

ROOM, HIDING = 0.10, 1.4
"""Roots are hidden by hair whose share within this distance (IOD), times this, is near 1."""
HORIZON = (0.05, 0.12)
"""Hair that is first seen so near to the head's outline, IOD, has its roots behind it."""

AROUND, ALONE = 0.25, (0.2, 0.04)
"""Share of hair within so many IOD, of a hairline and of none."""

CURLY = (0.55, 0.80)
"""Agreement of the flow within .1 IOD: of coils, and of straight hair."""
TIGHT, TURNS = (0.70, 0.93), (0.09, 0.42)
"""Agreement within .04 IOD of tight coils and of loose curls, and the length of their turns."""
CROPPED, LOOSE = (1.9, 2.6), (0.29, 0.36)
"""Hair on so little of the head (IOD^2) is too short for turns so long (IOD): it is tousled."""
LEAST_SEEN = 0.03
"""Less confident flow than this (IOD^2) says nothing about curls."""


@dataclass(frozen=True)
class Turn:
    """The head as a vertical cylinder turned by ``yaw`` (radians, > 0 = towards +u).

    ``centre``: u where the face's middle meets the forehead.
    """

    yaw: float
    centre: float

    def angle(self, u: Array) -> Array:
        """Angle from the face's middle around the head, radians, at face coordinate ``u``."""
        shift = (u - np.float32(self.centre)) * np.float32(np.cos(self.yaw))
        sine = np.clip(shift + np.float32(np.sin(self.yaw)), -0.995, 0.995)
        return np.arcsin(sine) - np.float32(self.yaw)

    def frontal(self, u: Array) -> Array:
        """The u that this place would have if the head looked at the camera."""
        near = np.clip(u, self.centre - 0.9, self.centre + 0.9).astype(np.float32)
        turned = np.sin(np.clip(self.angle(near), -1.45, 1.45))
        return turned + (u - near)  # straight on beyond the cylinder's silhouette

    def apparent(self, frontal: float) -> float:
        """The inverse of ``frontal`` near the middle."""
        sine = np.sin(np.arcsin(np.clip(frontal, -0.99, 0.99)) + self.yaw) - np.sin(self.yaw)
        return self.centre + float(sine / np.cos(self.yaw))


@dataclass(frozen=True, eq=False)
class Head:
    """What does not depend on style or scale; maps are (HEIGHT, WIDTH[, 2]) canvas float32.

    ``hair``, ``skin``, ``glasses``, ``ears``: probability; ``flow``: (.., 2) double-angle vectors
    of the own hair in face axes, spread everywhere, ``confidence`` where it was really seen;
    ``inside``: 1 in the head and its hair, ``body``: without new hair's volume;
    ``hairline``: (WIDTH,) v of a believable
    hairline;
    ``brow``: v of the brow line; ``scalp``: 0..1, bare head above the hairline, where bangs need
    hair that they come from; ``crest``: v of the hairline, or the top of the bald scalp, in the
    middle.
    """

    turn: Turn
    hair: Array
    skin: Array
    glasses: Array
    ears: Array
    flow: Array
    confidence: Array
    inside: Array
    body: Array
    hairline: Array
    brow: float
    scalp: Array
    crest: float

    @property
    def bald(self) -> bool:
        """Whether much of the scalp is bare, and not a temple only."""
        return float(self.scalp.sum()) > MUCH_SCALP * canvas.CELLS**2

    @property
    def height(self) -> float:
        """Brow line to the believable hairline in the middle, IOD."""
        middle = np.abs(canvas.COLUMNS - self.turn.centre) < 0.25
        return self.brow - float(np.median(self.hairline[middle]))

    @cached_property
    def bare(self) -> Array:
        """Where the hair is too little to hide roots, (HEIGHT, WIDTH) 0..1."""
        around = HIDING * fast_blur(self.hair, ROOM * canvas.CELLS)
        hidden = np.clip(2 * np.minimum(self.hair, around) - np.float32(0.3), 0, 1)
        return np.asarray((1 - hidden) * self._this_side(), np.float32)

    @cached_property
    def alone(self) -> Array:
        """(HEIGHT, WIDTH) float32: 0 in hair and near it, 1 far from it."""
        around = fast_blur(self.hair, AROUND * canvas.CELLS)
        return (1 - smoothstep(ALONE[1], ALONE[0], around)) * (1 - self.hair)

    def _this_side(self) -> Array:
        """0 at the top of the head, where hair comes over from behind, 1 elsewhere."""
        inside = (self.inside > 0.3).astype(np.uint8)
        inside[self.brow < canvas.V] = 1
        depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5) * np.float32(canvas.PITCH)
        return smoothstep(*HORIZON, depth)


@dataclass(frozen=True)
class OwnCurl:
    """How the own hair curls by itself. ``amount``: 0 = straight, 1 = fully; ``turn``: length of
    one turn, IOD."""

    amount: float = 0.0
    turn: float = 0.3


def own_curl(head: Head) -> OwnCurl:
    """Read off how little the flow agrees with itself nearby: coils turn within a short way."""
    weight = head.confidence * (head.hair > 0.8)
    if float(weight.sum()) < LEAST_SEEN * canvas.CELLS**2:
        return OwnCurl()
    near, far = (_agreement(head.flow, weight, around) for around in (0.04, 0.1))
    amount, turn = 1 - np.interp(far, CURLY, (0, 1)), np.interp(near, TIGHT, TURNS)
    area = head.hair.sum() / canvas.CELLS**2
    tousled = np.interp(area, CROPPED, (1, 0)) * np.interp(turn, LOOSE, (0, 1))
    return OwnCurl(float(amount * (1 - tousled)), float(turn))


def _agreement(flow: Array, weight: Array, around: float) -> float:
    """Mean length of the mean double-angle vector within ``around`` IOD."""
    mean = fast_blur(flow * weight[..., None], around * canvas.CELLS)
    length = np.hypot(mean[..., 0], mean[..., 1]) / (
        fast_blur(weight, around * canvas.CELLS) + 1e-6
    )
    return float((length * weight).sum() / weight.sum())


def read(view: View, stubble: bool = False) -> Head:
    """Measure the head of a view; the untouched photo's head is the same at every scale.

    ``stubble``: what hair there is hides no scalp. Where the head is bald above its hairline, that
    is lowered to where young hair would begin.
    """
    analysis = view.analysis
    frame = analysis.grid.from_photo.inverse.then(analysis.frame)

    def probability(*classes: Class) -> Array:
        return canvas.gather(np.float32(1 / 255) * analysis.probability(*classes), frame)

    hair, skin = probability(Class.HAIR), probability(*ALL_SKIN)
    seen = canvas.gather(analysis.flow, frame, 0.0)
    if view.state is not None:
        hair, seen = _after_edits(view, hair, seen)
    turned = _turn(seen, analysis.frame.a, analysis.frame.b)
    turn = Turn(float(np.radians(analysis.pose.yaw)), analysis.centre)
    if stubble:
        skin, hair = np.maximum(skin, hair), np.zeros_like(hair)
    body = inside = _inside(np.maximum(np.maximum(skin, probability(*FEATURES)), hair))
    line, brow = _believable(view, turn, probability(*FACE_SKIN)), analysis.hairline.brow
    line, scalp = regrown(line, turn, brow, inside, hair)
    if (scalp > 0.5).any():
        volume = fast_blur(_volume(inside > 0.5, scalp, hair, line), FUZZY * canvas.CELLS)
        inside, scalp = np.maximum(inside, volume), np.maximum(scalp, volume * (1 - body))
    return Head(
        turn, hair, skin, probability(Class.GLASSES), probability(*EARS),
        flow.diffuse(turned, canvas.UNIT), np.ascontiguousarray(turned[..., 2]),
        inside, body, line, brow, scalp, _crest(line, scalp, turn),
    )  # fmt: skip


def regrown(
    line: Array, turn: Turn, brow: float, inside: Array, hair: Array
) -> tuple[Array, Array]:
    """The hairline, (WIDTH,), no higher than young hair's where it has receded or the head is bald
    above it, and the bare scalp above it, (HEIGHT, WIDTH) 0..1."""
    middle = np.abs(turn.frontal(canvas.COLUMNS)) < 0.5
    above = ((inside > 0.5) & (line > canvas.V)).astype(np.float32)
    cells, bare = above.sum(0), (above * (1 - hair)).sum(0)
    whole = float(bare[middle].sum()) / max(float(cells[middle].sum()), LEAST_SCALP)
    around = fast_blur(bare[None], 6)[0] / np.maximum(fast_blur(cells[None], 6)[0], LEAST_SCALP)
    bald = np.interp(np.maximum(whole, around), BALD, (0, 1)).astype(np.float32)
    young = _young(turn, brow, inside > 0.5)
    recession = cv2.GaussianBlur((young - line)[None].astype(np.float32), (0, 0), RECESSION)[0]
    recession = np.maximum(recession, recession[middle].mean())
    bald = np.maximum(bald, smoothstep(*RECEDING, recession))
    line = (line + bald * np.maximum(young - line, 0)).astype(np.float32)
    scalp = (inside > 0.5) * (1 - hair) * bald * (line > canvas.V)
    # the head is a little larger than its hair: a rim around that is no scalp
    scalp = cv2.morphologyEx(scalp.astype(np.float32), cv2.MORPH_OPEN, disc(RIM * canvas.CELLS))
    return line, np.asarray(fast_blur(scalp, 2.0), np.float32)


def _young(turn: Turn, brow: float, inside: NDArray[np.bool_]) -> Array:
    """The hairline of young hair on this head, however it is turned and seen from below: (WIDTH,)
    v."""
    rows = np.where(inside.any(0), brow - canvas.ROWS[inside.argmax(0)], 0)
    highest = cv2.GaussianBlur(rows[None].astype(np.float32), (0, 0), RECESSION)[0]
    middle = np.abs(turn.frontal(canvas.COLUMNS)) < 0.5
    height = float(rows[middle].max()) if rows[middle].any() else YOUNG
    arch = _arch(turn, brow, min(YOUNG, YOUNG_SHARE * height))
    return np.maximum(arch, brow - np.maximum(YOUNG_SHARE * highest, 0)).astype(np.float32)


def _volume(inside: NDArray[np.bool_], scalp: Array, hair: Array, line: Array) -> Array:
    """Where hair of a bald scalp is seen, above the hairline, 0..1: it rises over a shaved head,
    less and less towards the temples, and is level with hair beside it."""
    reach = NOTCHES * canvas.CELLS
    edge = int(reach) + 2
    around = cv2.copyMakeBorder(inside.astype(np.uint8), edge, 0, edge, edge, cv2.BORDER_CONSTANT)
    grown = (cv2.distanceTransform(1 - around, cv2.DIST_L2, 5) <= reach).astype(np.uint8)
    closed = (cv2.distanceTransform(grown, cv2.DIST_L2, 5) > reach)[edge:, edge:-edge]
    bare, on_top = scalp > 0.5, smoothstep(*STANDS, line - canvas.V)
    filled = closed * _grown(bare, 0.5 * NOTCHES)
    top = np.where(bare.any(0), canvas.ROWS[bare.argmax(0)], canvas.ROWS[0])
    rises = (top > canvas.V) & (top - canvas.V < SCALP_HAIR[int(hair.any())] * on_top)
    notches = ((filled * (on_top > 0) > 0) & ~inside).astype(np.uint8)
    notches = cv2.morphologyEx(notches, cv2.MORPH_OPEN, disc(RIM / 3 * canvas.CELLS))
    return (rises | bare | _touching(notches, _grown(bare, RIM))).astype(np.float32)


def _touching(pieces: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The pieces that the mask reaches."""
    labels = cv2.connectedComponents(pieces)[1]
    return (labels > 0) & np.isin(labels, labels[mask > 0])


def _crest(line: Array, scalp: Array, turn: Turn) -> float:
    middle = np.abs(canvas.COLUMNS - turn.centre) < 0.25
    rows = np.flatnonzero((scalp[:, middle] > 0.5).any(1))
    top = float(np.median(line[middle]))
    return min(top, float(canvas.ROWS[rows[0]])) if rows.size else top


def _after_edits(view: View, hair: Array, seen: Array) -> tuple[Array, Array]:
    known = canvas.gather(np.ones(view.rgb.shape[:2], np.float32), view.frame, 0.0)
    hair += (canvas.gather(view.matte, view.frame) - hair) * known
    seen += (canvas.gather(view.flow, view.frame) - seen) * known[..., None]
    return hair, seen


def _turn(seen: Array, a: float, b: float) -> Array:
    """Double-angle flow in photo axes -> face axes."""
    angle = 2 * np.arctan2(b, a)
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    x, y = seen[..., 0], seen[..., 1]
    return np.dstack([c * x - s * y, s * x + c * y, seen[..., 2]]).astype(np.float32)


def _inside(parsed: Array) -> Array:
    """Head pixels, soft over .05 IOD, the largest piece only: new hair that reached further would
    stand off the own as spikes."""
    mask = (parsed > 0.5).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if len(stats) > 1:
        mask = (labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8)
    return cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.02 * canvas.CELLS)


def _grown(mask: NDArray[np.bool_], reach: float) -> NDArray[np.uint8]:
    """A mask grown by ``reach`` IOD."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc(reach * canvas.CELLS)), np.uint8)


def _arch(turn: Turn, brow: float, height: float) -> Array:
    """A hairline shaped like a forehead, ``height`` IOD above the brow line: v, (WIDTH,)."""
    shape = np.sqrt(np.clip(1 - (turn.frontal(canvas.COLUMNS) / 1.15) ** 2, 0.02, 1))
    return np.asarray(brow - height * shape, np.float32)


def _believable(view: View, turn: Turn, skin: Array) -> Array:
    """The person's hairline, kept between bounds shaped like a forehead.

    Where skin shows above the first hair (strands hang into the face) it lies above that skin.
    """
    brow = view.analysis.hairline.brow
    own = view.hairline.at(canvas.COLUMNS)
    own = np.where(np.isfinite(own), own, _arch(turn, brow, USUAL))
    forehead = (skin > 0.5) & (brow - USUAL < canvas.V) & (brow > canvas.V)
    forehead &= np.abs(turn.frontal(canvas.COLUMNS)) < 0.6
    skin_top = np.where(forehead.any(0), canvas.ROWS[forehead.argmax(0)], own)
    lifted = cv2.GaussianBlur(np.minimum(skin_top - own, 0)[None].astype(np.float32), (0, 0), 4)
    middle = np.abs(turn.frontal(canvas.COLUMNS)) < 0.5
    hidden = 1 - np.interp(brow - float(np.median(own[middle])), HIDDEN, (0, 1))
    own = own + lifted[0]
    lowest, usual, highest = (_arch(turn, brow, height) for height in (LOWEST, USUAL, HIGHEST))
    own = np.clip(own, highest, lowest)
    return (own + np.float32(hidden) * np.minimum(usual - own, 0)).astype(np.float32)
