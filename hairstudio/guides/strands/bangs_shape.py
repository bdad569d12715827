"""Where bangs lie: a style's own region, and the outline of a painted one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.bangs_need import FACE, need
from hairstudio.guides.styles import Style
from hairstudio.imaging.filters import disc, smoothstep

Array = NDArray[np.float32]

LONGER = 0.3
"""The longest bangs reach so many heights of their region further down."""
MARGIN = 0.12
"""How far bangs may leave the region, IOD."""
ROOTS = 0.45
"""How far above the region roots may lie in the own hair, IOD."""
USUAL_REACH, FARTHEST_REACH, INTO_HAIR = 1.2, 1.5, 0.26
"""Frontal u (IOD) where a style's region ends; the furthest that it goes to meet the hair at the
side, and how far into that."""
CORNER, ROUNDED = (0.55, 1.15), 0.4
"""Without hair at the side the lower edge rises so far (IOD) between these half-widths."""
EDGE, SCALP_EDGE = 0.30, 0.5
"""Hair thins out this far from where the region ends on bare skin, on a bald head by the second,
IOD."""
BESIDE, BELOW = 0.2, 0.15
"""Hair within this distance beyond an end is beside it, down to so far below it, IOD."""
FRINGE = 0.1
"""Hair that hangs so far below the hairline is a fringe, IOD."""
MERGES = 0.2
"""On a bald head new hair grows among the own so far beside the bare scalp too, IOD."""
POCKET = 0.15
"""Bare skin between the region and own hair no farther than twice this is covered too, IOD."""
HANGS, HANGS_WITHIN, SHOWN = (0.6, 1.0), 1.5, 0.04
"""Where hair is seen beside the face if it is long: v, and frontal u; and how much of an ear shows
if it is not (IOD^2),"""
SHORT = (0.06, 0.16)
"""and how far below the brow line bangs end beside the face if it is not, less at the ends, IOD;"""
ARCH, ARCHED = 0.26, (0.6, 1.15)
"""a fringe rises so far (IOD) between these frontal u, up to the hairline at the temples: straight
across short hair it would be the rim of a cap."""
TAPERS = (0.5, 1.0)
"""Frontal u between which tips come to lie at more and more different heights there."""
THINS, THIN, THINNED = (0.7, 1.1), 0.4, 0.5
"""Between these frontal u hair thins out over so much of its end (IOD), and by so much of it,
where no hair grows beside the face."""
SWEPT = (0.62, 1.1)
"""Between these frontal u a fringe is swept into short hair beside the face."""
AT_RIM = 0.06
"""Hair that ends so near above glasses is cut off by them, IOD."""


@dataclass(frozen=True, eq=False)
class _Bounds:
    """``top``, ``bottom``: (WIDTH,) v of a region's edges, canvas columns; ``left``, ``right``: its
    u limits; ``ends``: (WIDTH,) falling from 1 to 0 where the region ends on bare skin, and
    ``corners`` where its fringe does; ``need``: (HEIGHT, WIDTH) 1 where new hair has to cover what
    lies below, falling to 0 in the own hair around."""

    top: Array
    bottom: Array
    left: float
    right: float
    ends: Array
    corners: Array
    need: Array


@dataclass(frozen=True, eq=False)
class Outline(_Bounds):
    """Where bangs of one length lie. ``support``: (HEIGHT, WIDTH) 0..1, where strands may be seen
    at all."""

    support: Array

    @property
    def width(self) -> float:
        return self.right - self.left


@dataclass(frozen=True, eq=False)
class Edges(_Bounds):
    """What of an outline no slider moves; ``bottom`` is that of hair of the usual length.
    ``thins``: (WIDTH,) how far hair thins out towards its end; ``roots``: (HEIGHT, WIDTH) 0..1
    where it may be seen as it comes out of the own."""

    head: Head
    region: Array
    thins: Array
    roots: Array

    def outline(self, length: float, strength: float) -> Outline:
        """``length`` -1..1 moves the lower edge: half the region's height up, or a part of what
        hangs below the hairline down; ``strength`` 0..1 lets it grow down from the upper edge."""
        bottom = self._lower(length, 0.3 + 0.7 * strength)
        return Outline(self.top, bottom, self.left, self.right, self.ends, self.corners,
                       self.need * self._left(bottom), self._support(bottom))  # fmt: skip

    def _lower(self, length: float, grown: float) -> Array:
        top, bottom = self.top, self.bottom
        shorter = top + (bottom - top) * np.float32((1 + 0.5 * min(length, 0)) * grown)
        hanging = np.maximum(bottom - np.maximum(top, self.head.hairline), 0)
        return (shorter + hanging * np.float32(LONGER * max(length, 0) * grown)).astype(np.float32)

    def _left(self, bottom: Array) -> Array:
        """(HEIGHT, WIDTH) share of the hair that is left above the lower edge."""
        return 1 - self.thins * smoothstep(-THIN, 0.0, canvas.V - bottom)

    def _support(self, bottom: Array) -> Array:
        """The region grown by .12 IOD, and the own hair above it, within the head."""
        below = (self.top <= canvas.V) & (bottom >= canvas.V)
        below &= (self.left <= canvas.U) & (self.right >= canvas.U)
        outside = ~((self.region > 0.5) | below)
        away = cv2.distanceTransform(outside.astype(np.uint8), cv2.DIST_L2, 5)
        near = 1 - smoothstep(0.07, MARGIN, away * np.float32(canvas.PITCH))
        return np.maximum(near, self.roots) * self.head.inside


def own(head: Head, style: Style, parting: float = 0.0) -> Array:
    """The style's own region, (HEIGHT, WIDTH) canvas float32 0..1; on a bald head it is the scalp
    too, or hair would start in the middle of it.

    ``parting`` moves the part, IOD.
    """
    frontal = head.turn.frontal(canvas.COLUMNS)
    d, share, drop = np.array(style.edge, np.float32).T
    relative = frontal / np.float32(style.half_width)
    part = style.part + parting
    edge_v = np.interp(relative - parting, d, drop - share * head.height) + head.brow
    columns, rounded = _columns(head, frontal, relative)
    if (
        style.side
    ):  # hair falls from the part to the other side too, but is drawn on bald heads only
        aside = style.side * (part - frontal)
        if head.bald:
            edge_v = np.where(aside > 0, _far_edge(head, style, aside, part), edge_v)
        else:
            columns &= aside < 0
    edge_v = edge_v - np.maximum(edge_v - _shortest(head, style, frontal), 0)
    temple = np.interp(np.sign(frontal) * CORNER[1], frontal, head.hairline)
    edge_v = edge_v - np.minimum(rounded, np.maximum(edge_v - temple, 0))
    if style.field != "part":  # it would hang out below
        edge_v = np.maximum(edge_v, _tips(head, frontal))
    inside = (head.hairline - 0.03 < canvas.V) & (edge_v > canvas.V) & columns
    # hair that ended below glasses would come out of them
    inside &= _rim(head.glasses > 0.5) > canvas.V
    inside |= _with_hair_beside(head) & (columns | head.bald)
    region = inside.astype(np.float32) * ((head.inside > 0.5) & (head.ears < 0.5))
    return cv2.GaussianBlur(region, (0, 0), 4 * canvas.UNIT)


def _with_hair_beside(head: Head) -> NDArray[np.bool_]:
    """The bare scalp and the hair beside it, out of which the new comes by and by."""
    away = cv2.distanceTransform((head.scalp < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    beside = (head.hairline > canvas.V) & (head.hair > 0.5)
    near = away < np.where(beside, MERGES * canvas.CELLS, 1)
    return near & (head.scalp > 0.5).any()


def _tips(head: Head, frontal: Array) -> Array:
    """(WIDTH,) v down to which the own hair hangs over the forehead."""
    hangs = (head.hair > 0.5) | (head.hairline + 0.05 > canvas.V)
    lowest = canvas.ROWS[np.minimum(hangs.argmin(0), canvas.HEIGHT - 1)]
    lowest = np.where(np.abs(frontal) < FACE, np.minimum(lowest, head.brow), canvas.ROWS[0])
    return cv2.blur(lowest[None].astype(np.float32), (9, 1))[0]


def _far_edge(head: Head, style: Style, aside: Array, part: float) -> Array:
    """(WIDTH,) v of the lower edge, ``aside`` of the part."""
    d, share, drop = np.array(style.far, np.float32).T
    way = aside / np.float32(style.half_width + style.side * part)
    return np.asarray(np.interp(way, d, drop - share * head.height) + head.brow, np.float32)


def hanging(head: Head) -> Array:
    """(WIDTH,) how much hair hangs beside the face on this side of it, 0 = it ends above the jaw or
    lies behind the ear."""
    frontal = head.turn.frontal(canvas.COLUMNS)
    rows = (HANGS[0] < canvas.ROWS) & (HANGS[1] > canvas.ROWS)
    long = np.empty(canvas.WIDTH, np.float32)
    for side in (-1, 1):
        beside = (side * frontal > FACE) & (side * frontal < HANGS_WITHIN)
        hangs = float((head.hair[rows][:, beside] > 0.5).any(1).mean())
        ear = float((head.ears[:, side * frontal > 0] > 0.5).sum()) / canvas.CELLS**2
        long[side * frontal >= 0] = hangs * max(1 - ear / SHOWN, 0.0)
    return long


def _shortest(head: Head, style: Style, frontal: Array) -> Array:
    """(WIDTH,) v of the lowest edge beside the face, where short hair ends."""
    out = np.abs(frontal)
    limit = head.brow + SHORT[0] - SHORT[1] * smoothstep(0.7, 1.1, out)
    if style.field != "part":
        limit -= np.float32(ARCH - SHORT[1]) * smoothstep(*ARCHED, out)
    return np.where(out > 0.5, limit + 3 * hanging(head), canvas.ROWS[-1]).astype(np.float32)


def _tapered(head: Head) -> Array:
    """(WIDTH,) from 1 down to -1 beside the face, where tips are lost in short hair."""
    out = np.abs(head.turn.frontal(canvas.COLUMNS))
    beside = smoothstep(*TAPERS, out) + smoothstep(TAPERS[1], TAPERS[1] + 0.35, out)
    return np.asarray(1 - (1 - hanging(head)) * beside, np.float32)


def _thins(head: Head) -> Array:
    """(WIDTH,) share of the hair beside the face that is lost towards the lower edge."""
    frontal = head.turn.frontal(canvas.COLUMNS)
    bare = [not np.isfinite(_first_beside(head, side)) for side in (-1, 1)]
    aside = smoothstep(*THINS, np.abs(frontal)) * np.where(frontal < 0, *bare)
    return np.float32(THINNED) * aside


def _rim(glasses: NDArray[np.bool_]) -> Array:
    """(WIDTH,) v of the upper rim of glasses, and of their temples, which the parser misses; far
    down where there are none."""
    columns = np.flatnonzero(glasses.any(0))
    if not columns.size:
        return np.full(canvas.WIDTH, canvas.ROWS[-1], np.float32)
    rim = canvas.ROWS[glasses.argmax(0)][columns]
    return np.interp(np.arange(canvas.WIDTH), columns, rim).astype(np.float32)


def _above_glasses(head: Head, bottom: Array) -> Array:
    """(WIDTH,) 0 where a region ends at glasses beside the face, else 1: hair would be cut off in a
    line there."""
    aside = np.abs(head.turn.frontal(canvas.COLUMNS)) > TAPERS[0]
    ends = (bottom > _rim(head.glasses > 0.5) - AT_RIM) & aside
    return 1 - cv2.GaussianBlur(ends[None].astype(np.float32), (0, 0), 4)[0]


def _columns(head: Head, frontal: Array, relative: Array) -> tuple[NDArray[np.bool_], Array]:
    """The columns of a style's region, (WIDTH,): on to the hair at the sides where there is some;
    and how much higher its lower edge lies, which is rounded where there is none."""
    columns, rounded = np.abs(relative) < USUAL_REACH, np.zeros_like(relative)
    for side in (-1, 1):
        out, first = side * frontal, _first_beside(head, side)
        if np.isfinite(first):
            columns |= (out > 0) & (out < first + INTO_HAIR)
        else:
            rounded += np.float32(ROUNDED) * smoothstep(*CORNER, side * relative)
    return columns, rounded


def _first_beside(head: Head, side: int) -> float:
    """Frontal u, positive, where hair begins on this side of the face; infinite without any."""
    out = side * head.turn.frontal(canvas.COLUMNS)
    rows = (head.brow - 0.4 < canvas.ROWS) & (head.brow + 0.1 > canvas.ROWS)
    beside = ((head.hair[rows] > 0.5).mean(0) > 0.5) & (out > 0.8) & (out < FARTHEST_REACH)
    return float(out[beside].min()) if beside.any() else float("inf")


def swept(head: Head) -> Array:
    """(WIDTH,) -1..1: how far hair is swept aside there, into short hair beside the face."""
    frontal = head.turn.frontal(canvas.COLUMNS)
    haired = [np.isfinite(_first_beside(head, side)) for side in (-1, 1)]
    there = np.where(frontal < 0, *haired) * (1 - hanging(head))
    return np.asarray(np.sign(frontal) * smoothstep(*SWEPT, np.abs(frontal)) * there, np.float32)


def edges(head: Head, region: Array, parted: bool = False) -> Edges | None:
    """Edges of a region, (HEIGHT, WIDTH) float32; None when it is empty.

    ``parted``: as hair that falls from a part does, it begins deep in the own hair everywhere.
    """
    region = region * head.inside
    mask = region > 0.5
    columns = np.flatnonzero(mask.any(0))
    if columns.size < 3:
        return None
    top = _crossing(region, mask.argmax(0), -1)
    bottom = _crossing(region, canvas.HEIGHT - 1 - mask[::-1].argmax(0), 1)
    top = _smooth(top, columns, 3.0)
    bottom = _smooth(bottom, columns, 2.2)
    fringe = columns[(bottom - head.hairline)[columns] > FRINGE]
    ends = _ends(head, columns, top, bottom)
    corners = _ends(head, fringe, top, bottom) if fringe.size else ends
    corners = np.minimum(np.minimum(corners, _tapered(head)), _above_glasses(head, bottom))
    left, right = float(canvas.COLUMNS[columns[0]]), float(canvas.COLUMNS[columns[-1]])
    return Edges(top, bottom, left, right, ends, corners, need(head, mask, parted), head, region,
                 _thins(head), _roots(head, mask, top, left, right))  # fmt: skip


def lengthened(region: Array) -> Array:
    """A region, (HEIGHT, WIDTH), as far down as the longest bangs in it reach."""
    mask = region > 0.5
    first, last = mask.argmax(0), canvas.HEIGHT - 1 - mask[::-1].argmax(0)
    rows = np.arange(canvas.HEIGHT)[:, None]
    longer = mask.any(0) & (first <= rows) & (rows <= last + LONGER * (last - first))
    return np.maximum(region, longer.astype(np.float32))


def _ends(head: Head, columns: NDArray[np.intp], top: Array, bottom: Array) -> Array:
    """(WIDTH,): 0 up to the first and from the last of ``columns`` on, 1 from EDGE inside of them;
    1 at once where hair grows beside them."""
    ends = np.ones(canvas.WIDTH, np.float32)
    for end, side in ((columns[0], -1), (columns[-1], 1)):
        reach = end + side * np.arange(round(BESIDE * canvas.CELLS))
        reach = np.clip(reach, 0, canvas.WIDTH - 1)
        rows = (top[end] <= canvas.ROWS) & (bottom[end] + BELOW >= canvas.ROWS)
        hair = head.hair[rows][:, reach].max(1).mean() if rows.any() else 0.0
        edge = np.float32(SCALP_EDGE if head.bald else EDGE)
        inwards = side * (canvas.COLUMNS[end] - canvas.COLUMNS) / edge
        margin = np.maximum(np.clip(inwards, 0, 1), np.float32(hair))
        ends = np.minimum(ends, np.where(inwards >= 0, margin, 0)).astype(np.float32)
    return ends


def _crossing(region: Array, rows: NDArray[np.intp], step: int) -> Array:
    """v where each column of the region falls through .5 beside the given row."""
    columns = np.arange(canvas.WIDTH)
    beside = np.clip(rows + step, 0, canvas.HEIGHT - 1)
    inner, outer = region[rows, columns], region[beside, columns]
    part = np.clip((inner - 0.5) / np.maximum(inner - outer, 1e-3), 0, 1)
    return (canvas.ROWS[rows] + step * part * canvas.PITCH).astype(np.float32)


def _smooth(curve: Array, columns: NDArray[np.intp], sigma: float) -> Array:
    filled = np.interp(np.arange(canvas.WIDTH), columns, curve[columns]).astype(np.float32)
    return cv2.GaussianBlur(filled[None], (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[0]


def _roots(head: Head, mask: NDArray[np.bool_], top: Array, left: float, right: float) -> Array:
    """(HEIGHT, WIDTH) 0..1: the own hair up to .45 IOD above the region."""
    rise = top - canvas.V
    side = np.maximum(np.maximum(left - canvas.U, canvas.U - right), 0)
    roots = (rise > -MARGIN) * (1 - smoothstep(ROOTS - 0.06, ROOTS, np.hypot(rise, side)))
    own = cv2.morphologyEx(
        np.maximum(head.hair, mask), cv2.MORPH_CLOSE, disc(POCKET * canvas.CELLS)
    )
    return roots * smoothstep(0.2, 0.5, own)
