"""Brush strokes into a mask.

A stroke is one shape, not a row of stamps: for every pixel it keeps the strongest cover that the
moving brush ever gave (so soft edges stay as soft as the brush) and how long the brush was over it
(what flow builds up from). Both come from the geometry of the path alone: neither how often the
pointer was asked nor rounding in earlier events changes the result, and there is no spacing
to be seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, hypot, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Box
from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.tiles import SIDE, Change, Mask, Place, TiledMask, places

Array = NDArray[np.float32]
Knot = tuple[float, float, float, float]
"""x, y, radius, rate: -ln(1 - flow), optical depth per pass."""

SMALLEST = 0.1
"""Part of the size that is left without pressure."""

_FULL = 0.9995
"""Flow that counts as whole."""

_CORNER = 0.5
"""Cosine of the turn from which on the line is not rounded."""

_EMPTY = np.zeros((SIDE, SIDE), np.uint8)


@dataclass(frozen=True, slots=True)
class Brush:
    """``size``: diameter in photo pixels at full pressure; ``hardness`` 0..1: the part of the
    radius that is wholly covered; ``flow`` 0..1: what one straight pass, or one click, leaves in
    the middle. ``pressure_size``, ``pressure_flow``: what the pen's pressure steers."""

    size: float = 80.0
    hardness: float = 0.6
    flow: float = 1.0
    pressure_size: bool = True
    pressure_flow: bool = False

    @property
    def radius(self) -> float:
        return self.size / 2

    def knot(self, x: float, y: float, pressure: float) -> Knot:
        """The brush at a point of the path under ``pressure`` 0..1."""
        size = SMALLEST + (1 - SMALLEST) * pressure if self.pressure_size else 1.0
        flow = self.flow * (pressure if self.pressure_flow else 1.0)
        return x, y, max(0.5, self.radius * size), -log(1 - min(flow, _FULL))


@dataclass(frozen=True, slots=True)
class Axis:
    """A line in the photo frame: strokes are mirrored about it. (``dx``, ``dy``) need not be
    of unit length."""

    x: float
    y: float
    dx: float
    dy: float

    def mirrored(self, x: float, y: float) -> tuple[float, float]:
        """The point on the other side."""
        norm = self.dx * self.dx + self.dy * self.dy
        along = ((x - self.x) * self.dx + (y - self.y) * self.dy) / norm
        return (2 * (self.x + along * self.dx) - x, 2 * (self.y + along * self.dy) - y)


@dataclass(eq=False)
class _Trace:
    """What a stroke did to one tile: strongest cover, and depth where flow is not whole."""

    cover: Mask
    depth: Array


@dataclass(eq=False)
class BrushStroke:
    """A stroke that is being painted into ``mask``, mirrored about ``axis`` too."""

    mask: TiledMask
    brush: Brush
    erase: bool = False
    axis: Axis | None = None
    _knots: list[Knot] = field(default_factory=list[Knot])
    _at: Knot = (0.0, 0.0, 0.0, 0.0)
    _traces: dict[Place, _Trace] = field(default_factory=dict[Place, _Trace])

    def __post_init__(self) -> None:
        self._before = self.mask.snapshot()
        self._whole = self.brush.flow >= _FULL and not self.brush.pressure_flow
        self._clicks = np.zeros((0, 4), np.float32)
        self._box = Box(0, 0, 0, 0)

    @property
    def box(self) -> Box:
        """All that the stroke touched, photo frame."""
        return self._box

    def start(self, x: float, y: float, pressure: float = 1.0) -> Box:
        """Put the brush down; the box of the photo that changed."""
        knot = self.brush.knot(x, y, pressure)
        self._knots, self._at = [knot], knot
        return self._click(knot)

    def to(self, x: float, y: float, pressure: float = 1.0) -> Box:
        """Move on. The line is drawn to half way: it is rounded through the points."""
        knot, last = self.brush.knot(x, y, pressure), self._knots[-1]
        if len(self._knots) == 1 and hypot(x - last[0], y - last[1]) < 1:
            if knot[2:] == last[2:]:
                return Box(0, 0, 0, 0)
            return self._click(knot)  # a pen that is still being pressed down
        self._knots.append(knot)
        middle = _between(last, knot, 0.5)
        return self._sweep(_curve(self._at, last, middle), middle)

    def finish(self) -> tuple[Change, Box]:
        """Draw to the end. The change is the step to undo; the box is what was drawn last."""
        box = Box(0, 0, 0, 0)
        if len(self._knots) > 1:
            box = self._sweep([self._at, self._knots[-1]], self._knots[-1])
        return self.mask.since(self._before), box

    def abort(self) -> Box:
        """Take the stroke back; the box of the photo that changed."""
        self.mask.undo(self.mask.since(self._before))
        return self._box

    def _click(self, knot: Knot) -> Box:
        dabs = [knot, *self._mirrored([knot])]
        if not self._whole:
            self._clicks = np.vstack([self._clicks, np.array(dabs, np.float32)])
        return self._paint([(dab, dab) for dab in dabs])

    def _sweep(self, path: list[Knot], at: Knot) -> Box:
        self._at = at
        mirrored = self._mirrored(path)
        pairs = list(pairwise(path))
        return self._paint(pairs + list(pairwise(mirrored)))

    def _mirrored(self, path: list[Knot]) -> list[Knot]:
        if self.axis is None:
            return []
        return [(*self.axis.mirrored(x, y), radius, rate) for x, y, radius, rate in path]

    def _paint(self, pairs: list[tuple[Knot, Knot]]) -> Box:
        """Sweep the brush along straight pieces."""
        boxes = [_reach(pair).intersection(self.mask.frame) for pair in pairs]
        pieces = np.array([a + b for a, b in pairs], np.float32)
        touched = dict[Place, list[int]]()
        for index, box in enumerate(boxes):
            for place in places(box):
                touched.setdefault(place, []).append(index)
        for place, found in touched.items():
            self._paint_tile(place, np.ascontiguousarray(pieces[found]))
        dirty = Box(0, 0, 0, 0)
        for box in boxes:
            dirty = dirty.union(box)
        self._box = self._box.union(dirty)
        return dirty

    def _paint_tile(self, place: Place, pieces: Array) -> None:
        trace = self._traces.get(place)
        if trace is None:
            side = 0 if self._whole else SIDE
            trace = _Trace(_EMPTY.copy(), np.zeros((side, side), np.float32))
            self._traces[place] = trace
        base = self._before.tile(place)
        x, y = place[0] * SIDE, place[1] * SIDE
        width, height = (
            min(SIDE, end - at) for at, end in zip((x, y), self.mask.size, strict=True)
        )
        _paint_rows(
            trace.cover, trace.depth, _EMPTY if base is None else base, self.mask.writable(place),
            pieces, self._clicks, x, y, width, height, self.brush.hardness, self.erase,
        )  # fmt: skip
        self.mask.written(place)


def _between(a: Knot, b: Knot, t: float) -> Knot:
    x, y, radius, rate = (p + t * (q - p) for p, q in zip(a, b, strict=True))
    return x, y, radius, rate


def _curve(start: Knot, control: Knot, end: Knot) -> list[Knot]:
    """A quadratic curve as straight pieces, true to a tenth of a pixel or 1 % of the radius; sharp
    turns are corners."""
    before, after = (np.subtract(b[:2], a[:2]) for a, b in ((start, control), (control, end)))
    if before @ after < _CORNER * hypot(*before) * hypot(*after):
        return [start, control, end]
    deviation = hypot(*(control[i] - (start[i] + end[i]) / 2 for i in (0, 1))) / 2
    count = min(32, max(1, ceil(sqrt(deviation / max(0.1, 0.01 * end[2])))))
    steps = (i / count for i in range(count + 1))
    return [_between(_between(start, control, t), _between(control, end, t), t) for t in steps]


def _reach(pair: tuple[Knot, Knot]) -> Box:
    reach = max(pair[0][2], pair[1][2]) + 1
    points = np.array([pair[0][:2], pair[1][:2]])
    return Box.around(np.vstack([points - reach, points + reach]))


@kernel()
def _paint_rows(
    cover: Mask, depth: Array, base: Mask, out: Mask, pieces: Array, clicks: Array, left: int,
    top: int, width: int, height: int, hardness: float, erase: bool,
) -> None:  # fmt: skip
    """Add the pieces to one tile's cover and depth, and write the mask's pixels that changed."""
    hard = np.float32(hardness)
    values = np.empty(width, np.float32)
    for row in range(height):
        first, last = width, 0
        y = top + row
        for k in range(pieces.shape[0]):
            start, end = _span(pieces[k], np.float32(y), left, width)
            if start < end:
                first, last = min(first, start), max(last, end)
                _cover_row(cover[row, start:end], pieces[k], left + start, y, hard)
                if depth.shape[0]:
                    _depth_row(depth[row, start:end], pieces[k], left + start, y)
        if first >= last:
            continue
        covered, old, new = cover[row, first:last], base[row, first:last], out[row, first:last]
        if depth.shape[0]:
            grown = values[: last - first]
            _grown_row(covered, depth[row, first:last], grown)
            for k in range(clicks.shape[0]):
                _click_row(clicks[k], left + first, y, hard, grown)
            _mix_row(grown, old, new, erase)
        else:
            _mix_row(covered, old, new, erase)


# Slices of rows, counted from 0: only loops that surely stay inside run on vectors.


@kernel()
def _mix_row(values: NDArray[Any], base: Mask, out: Mask, erase: bool) -> None:
    """Rounded away from the old value: faint strokes, repeated, get all the way."""
    for x in range(out.size):
        old, value = np.int32(base[x]), np.int32(np.uint8(np.int32(values[x])))
        room = old if erase else np.int32(255) - old
        change = (room * value + np.int32(254)) // np.int32(255)
        out[x] = old - change if erase else old + change


@kernel()
def _grown_row(cover: Mask, depth: Array, values: Array) -> None:
    """The cover that flow has built up, in levels, rounded when read as whole numbers."""
    for x in range(values.size):
        left = max(np.float32(1) - depth[x] * np.float32(1 / 1024), np.float32(0))
        for _ in range(10):  # exp(-depth), to 2e-4
            left *= left
        values[x] = np.float32(cover[x]) * (np.float32(1) - left) + np.float32(0.5)


@kernel()
def _click_row(click: Array, left: int, y: int, hardness: np.float32, values: Array) -> None:
    """Cover by where the brush was put down."""
    dy, reach = np.float32(y) - click[1], click[2] + np.float32(1)
    if abs(dy) >= reach:
        return
    flow, offset = np.float32(1) - np.exp(-click[3]), np.float32(left) - click[0]
    for x in range(values.size):
        dx = offset + np.float32(np.int32(x))
        cover = _profile(np.sqrt(dx * dx + dy * dy), click[2], hardness)
        values[x] = max(values[x], flow * cover + np.float32(0.5))


@kernel()
def _span(piece: Array, y: np.float32, left: int, width: int) -> tuple[int, int]:
    """The pixels of a tile's row that a piece may touch."""
    reach = max(piece[2], piece[6]) + np.float32(1)
    low, high = min(piece[1], piece[5]), max(piece[1], piece[5])
    away = max(low - y, y - high, np.float32(0))
    if away >= reach:
        return 0, 0
    half = np.sqrt(reach * reach - away * away)
    start = int(np.ceil(min(piece[0], piece[4]) - half)) - left
    end = int(np.floor(max(piece[0], piece[4]) + half)) + 1 - left
    return max(start, 0), min(end, width)


@kernel()
def _profile(distance: np.float32, radius: np.float32, hardness: np.float32) -> np.float32:
    """Cover 0..255 at a distance from the middle: whole up to ``hardness``, at least one pixel of
    smooth edge. Without branches: loops over it run on vectors."""
    inner = min(hardness * radius, radius - np.float32(0.5))
    outer = max(radius, inner + np.float32(1))
    t = np.divide(outer - distance, outer - inner)  # unlike /, without a test for 0 in every turn
    t = min(max(t, np.float32(0)), np.float32(1))
    return np.float32(255) * t * t * (np.float32(3) - np.float32(2) * t)


@kernel()
def _cover_row(cover: Mask, piece: Array, left: int, y: int, hardness: np.float32) -> None:
    dx, dy, first, growth = piece[4] - piece[0], piece[5] - piece[1], piece[2], piece[6] - piece[2]
    squared = dx * dx + dy * dy
    scale = np.float32(1) / squared if squared > 0 else np.float32(0)
    offset, py = np.float32(left) - piece[0], np.float32(y) - piece[1]
    for x in range(cover.size):
        px = offset + np.float32(np.int32(x))
        t = min(max((px * dx + py * dy) * scale, np.float32(0)), np.float32(1))
        qx, qy = px - t * dx, py - t * dy
        away = np.sqrt(qx * qx + qy * qy)
        value = np.int32(_profile(away, first + t * growth, hardness) + np.float32(0.5))
        cover[x] = np.uint8(max(np.int32(cover[x]), value))


@kernel()
def _depth_row(depth: Array, piece: Array, left: int, y: int) -> None:
    """Add how long the brush was over each pixel: 1 x rate for a straight pass over its middle."""
    dx, dy = piece[4] - piece[0], piece[5] - piece[1]
    length = np.sqrt(dx * dx + dy * dy)
    if length == 0:
        return
    ux, uy = dx / length, dy / length
    diameter = piece[2] + piece[6]
    squared = diameter * diameter * np.float32(0.25)
    weight = (piece[3] + piece[7]) * np.float32(0.5) / diameter
    offset, py = np.float32(left) - piece[0], np.float32(y) - piece[1]
    for x in range(depth.size):
        px = offset + np.float32(np.int32(x))
        along = px * ux + py * uy
        across = px * uy - py * ux
        half = np.sqrt(max(squared - across * across, np.float32(0)))
        inside = min(length, along + half) - max(np.float32(0), along - half)
        depth[x] += weight * max(inside, np.float32(0))


def warm_up() -> None:
    """Load the compiled loops; not in the GUI thread."""
    for flow in (1.0, 0.5):
        stroke = BrushStroke(TiledMask((8, 8)), Brush(4, flow=flow))
        stroke.start(2, 2)
        stroke.to(5, 5)
        stroke.finish()
