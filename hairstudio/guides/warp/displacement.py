"""Where each point of the head comes from when the hairline moves: a smooth, fold-free field.

Column by column of the face frame, the hairline's neighbourhood moves as a rigid band; the
movement fades out linearly up to the head's silhouette and down to the brows, and sideways
towards the ears. It is defined at the *destination* (around the new hairline), where it can
be bounded: in the source domain large moves tear. Everything moves along v only, so the field
is fold-free when no column is squeezed to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import smoothstep
from hairstudio.imaging.geometry import Similarity
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.hairline import HALF_WIDTH, HairlineCurve
from hairstudio.portrait.parsing import BROWS, EARS, FACE_SKIN, Class

Array = NDArray[np.floating]

UPPER_BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)  # landmarks
CELLS = 64  # per IOD
REACH_U, ABOVE, BELOW = 1.35, 2.5, 0.1
BAND_UP = 0.2, 0.03, 0.12  # the rigid band above the hairline: share of the hair, bounds in IOD
# where the whole hairline comes down: share, most, and what must be left to stretch above, IOD:
# stretched roots and partings look smudged
LOWERED_BAND = 0.4, 0.24, 0.21
BAND_DOWN = 0.05  # and below it
BROW_MARGIN = 0.06
HAIR_REACH = 1.05  # hair higher than this above the photo's hairline stays, IOD
FLAT, GONE = 0.54, 1.1  # |u| where the sideways fade begins and ends
# largest local changes of length; hair gets new texture where it changes much, skin does not
HAIR_STRETCH, HAIR_SQUEEZE, SKIN_STRETCH, SKIN_SQUEEZE = 3.0, 4.0, 2.0, 2.6
EDGE = 0.15, 0.04, 0.12  # the silhouette's own soft edge: share of the hair, bounds in IOD
LEAST_HAIR = 0.16  # depth of hair that must stay, IOD
LEAST_MOVE = 0.08  # a head that allows less than this is left alone, IOD
SPARED = 5  # percent of the columns that may move less than the rest
GENTLE = 0.6  # how fast the move may change sideways: at a profile's silhouette, it is 0
# share of the hairline's own fall towards the ears by which a lowering may fade out, and limits:
# faster, it would turn the forehead's arch into a lid
FALL, FALLS = 0.45, (0.2, 0.7)
SAME_SHAPE = 0.025  # spread of the rise over the middle, IOD; less where the head does not allow
FULL = 0.99  # of the sideways fade
ROUND = 0.2  # share of a ramp that is curved at either end
SLOPE = 1 / (1 - ROUND)  # of a ramp where it is steepest


def ramp(t: Array) -> Array:
    """0 at t <= 0, 1 at t >= 1, linear between with rounded ends."""
    t = np.clip(t, 0, 1)
    low = SLOPE * t * t / (2 * ROUND)
    high = 1 - SLOPE * (1 - t) ** 2 / (2 * ROUND)
    straight = SLOPE * (t - ROUND / 2)
    return np.where(t < ROUND, low, np.where(t > 1 - ROUND, high, straight))


@dataclass(frozen=True, eq=False)
class FaceGrid:
    """A raster of the face frame, ``CELLS`` per IOD: the same for every view of a face."""

    left: float
    top: float
    width: int
    height: int

    @classmethod
    def around(cls, centre: float, brow: float) -> FaceGrid:
        width, height = round(2 * REACH_U * CELLS), round((ABOVE + BELOW) * CELLS)
        return cls(centre - REACH_U, brow - ABOVE, width, height)

    @property
    def to_face(self) -> Similarity:
        """Grid pixels -> face frame."""
        return Similarity(1 / CELLS, 0.0, self.left, self.top)

    @cached_property
    def u(self) -> Array:
        return (self.left + np.arange(self.width) / CELLS).astype(np.float32)

    @cached_property
    def v(self) -> Array:
        """(height, 1) column."""
        return (self.top + np.arange(self.height)[:, None] / CELLS).astype(np.float32)

    def sample(self, plane: NDArray[np.uint8], analysis: Analysis) -> Array:
        """Bring an (h, w) map from the analysis grid here, as 0..1; 0 outside the photo."""
        to_analysis = self.to_face.then(analysis.frame.inverse).then(analysis.grid.from_photo)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (self.width, self.height)
        return cv2.warpAffine(plane, to_analysis.matrix, size, flags=flags).astype(np.float32) / 255


@dataclass(frozen=True, eq=False)
class Displacement:
    """How far the hairline may move and what moves with it, in face units.

    Per column of ``grid``, (width,) float32 each: ``edge`` (the hairline), ``line`` (the same
    smoothed and bounded: what moves as it is), ``top`` (where the head ends above it), ``side``
    (0..1 fade towards the ears and whatever must stay), ``free`` (1 where a lowering may reach, or
    0) and ``fall`` (how fast it may fade out there);
    ``bottom``: v below which nothing moves, of all columns or of each; ``alike``: (n,) u to either
    side of the middle where a hairline is, which ought to move alike; ``within``: (grid height,
    width) share of the movement that is allowed, None for all of it.
    """

    grid: FaceGrid
    edge: Array
    line: Array
    top: Array
    side: Array
    free: Array
    fall: Array
    bottom: float | Array
    alike: Array
    within: Array | None = None

    @classmethod
    def of(cls, analysis: Analysis, hairline: HairlineCurve) -> Displacement:
        grid = FaceGrid.around(analysis.centre, hairline.brow)
        brows = analysis.frame.apply(analysis.landmarks[list(UPPER_BROWS), :2])[:, 1]
        bottom = float(brows.min()) - BROW_MARGIN
        line = _field_line(hairline, grid)
        head = analysis.probability(Class.HAIR, *FACE_SKIN, *EARS, *BROWS)
        kept = grid.sample(head, analysis) < 0.5
        between = (grid.v > line - 0.05) & (grid.v < bottom)
        obstacle = (kept & between).any(0, keepdims=True).astype(np.float32)
        obstacle = cv2.dilate(obstacle, np.ones((1, 9)))
        out = grid.u - analysis.centre
        away = np.abs(out)
        side = (1 - smoothstep(FLAT, GONE, away)) * (1 - _smooth(obstacle))
        free = cv2.erode((away < GONE) * (1 - obstacle), np.ones((1, 9)))[0]
        ceiling = analysis.hairline.brow - analysis.hairline.height - HAIR_REACH
        top = np.fmax(_head_top(kept, line, grid), ceiling)
        u, v = _met(hairline)
        edge = np.interp(grid.u, u, v).astype(np.float32)
        alike = u[np.abs(u - analysis.centre) < FLAT + 1e-3]
        hair = grid.sample(analysis.probability(Class.HAIR), analysis) > 0.5
        outline = np.where(away < HALF_WIDTH, edge, _lowest(hair & (grid.v < hairline.brow), grid))
        return cls(grid, edge, line, top, side, free, fall(outline, out), bottom, alike)

    def _band(self, raise_: bool) -> Array:
        """Height of what moves as it is above the hairline."""
        depth = self.line - self.top
        share, least, most = BAND_UP
        band = np.clip(share * depth, least, most)
        if raise_ or self.within is not None:
            return band
        share, most, rest = LOWERED_BAND
        return np.maximum(band, np.minimum(np.minimum(share * depth, most), depth - rest))

    def _above(self, raise_: bool) -> Array:
        return np.maximum(self.line - self._band(raise_) - self.top, 0)

    @property
    def _below(self) -> Array:
        return np.maximum(self.bottom - self.line - BAND_DOWN, 0)

    def _bounds(self, raise_: bool) -> NDArray[np.float32]:
        """The largest move of each column that stretches or squeezes no length beyond the limits.

        A ramp over a length L that grows by the move h stretches by 1 / (1 - s h / (L + h)),
        one that shrinks squeezes by 1 + s h / (L - h), with s = SLOPE.
        """
        above = self._above(raise_)
        if raise_:
            above = np.minimum(_shrinkage(HAIR_SQUEEZE) * above, self.line - self.top - LEAST_HAIR)
            bounds = np.minimum(above, _growth(SKIN_STRETCH) * self._below)
        else:
            bounds = np.minimum(
                _growth(HAIR_STRETCH) * above, _shrinkage(SKIN_SQUEEZE) * self._below
            )
        return np.maximum(bounds, 0).astype(np.float32)

    def reach(self, limit: float) -> tuple[float, float]:
        """The lowest and highest move that (almost) the whole middle of the head allows, IOD."""
        middle = np.flatnonzero(self.side > FULL)  # elsewhere it moves less anyway
        if middle.size == 0:
            return 0.0, 0.0
        bounds = [float(np.percentile(self._bounds(up)[middle], SPARED)) for up in (False, True)]
        low, high = (self._in_shape(sign * min(limit, bound))
                     for sign, bound in zip((-1, 1), bounds, strict=True))  # fmt: skip
        return low, high

    def _in_shape(self, height: float) -> float:
        """The largest part of a move that keeps the hairline's shape; 0 when that is too little."""
        while abs(height) >= LEAST_MOVE:
            if self.spread(height) <= SAME_SHAPE:
                return height
            height *= 0.95
        return 0.0

    def profile(self, height: float) -> Array:
        """(width,) float32: how far each column's hairline really moves, IOD, up positive."""
        moves = np.full_like(self.line, abs(height))
        sizes = self.bounded(moves, height > 0)
        return sizes if height > 0 else -np.maximum(sizes, self._arched(moves))

    def _arched(self, moves: Array) -> Array:
        """Sizes of a lowering that keeps the arch over the forehead as far out as it can."""
        bounds = self._bounds(False)
        gentle = _gentle(np.minimum(moves, bounds) * self.free, np.cumsum(self.fall) / CELLS)
        return np.minimum(_smooth(gentle[None]), bounds)

    def bounded(self, moves: Array, raise_: bool) -> Array:
        """Sizes of moves, (width,) IOD, cut to what each column allows."""
        bounds = self._bounds(raise_)
        rise = np.arange(moves.size, dtype=np.float32) * np.float32(GENTLE / CELLS)
        gentle = _gentle(np.minimum(moves, bounds) * self.side, rise)
        return np.minimum(_smooth(gentle[None]), bounds)

    def rise(self, height: float) -> Array:
        """(width,): how far the hairline itself gets, IOD, up positive: less than its column where
        it runs down to the brows."""
        return self.edge - self.carried(self.field(height))

    def spread(self, height: float) -> float:
        """How unevenly the hairline rises where it ought to move alike, IOD."""
        rise = np.interp(self.alike, self.grid.u, self.rise(height))
        return float(rise.std()) if rise.size else 0.0

    def carried(self, field: Array) -> Array:
        """(width,): v at which a field shows the hairline."""
        source, columns = self.grid.v + field, np.arange(self.grid.width)
        row = np.clip((source < self.edge).sum(0), 1, self.grid.height - 1)
        above, below = source[row - 1, columns], source[row, columns]
        part = (self.edge - above) / np.maximum(below - above, 1e-6)
        return (self.grid.top + (row - 1 + part) / CELLS).astype(np.float32)

    def field(self, height: float) -> Array:
        """(grid height, width) float32 v displacement of what appears at each destination point.

        ``height`` in IOD, positive = hairline higher: (u, v) shows what was at (u, v + field).
        """
        return self.field_of(self.profile(height))

    def field_of(self, moves: Array) -> Array:
        """The same for a move of each column, (width,) IOD, up positive."""
        new, v = self.line - moves, self.grid.v
        band = self._band(bool(moves.max() > 0))
        up = ramp((v - self.top) / np.maximum(new - band - self.top, 0.02))
        down = ramp((self.bottom - v) / np.maximum(self.bottom - new - BAND_DOWN, 0.02))
        field = moves * up * down
        return (field if self.within is None else field * self.within).astype(np.float32)


def rate(field: Array) -> Array:
    """Source length per destination length along v: above 1 squeezed, below 1 stretched."""
    return np.maximum(1 + np.gradient(field, axis=0) * CELLS, 0.1)


def _growth(stretch: float) -> float:
    """How much a ramp may grow, as a share of its length, to stretch it so many times."""
    return (1 - 1 / stretch) / (SLOPE - 1 + 1 / stretch)


def _shrinkage(squeeze: float) -> float:
    """How much a ramp may shrink, as a share of its length, to squeeze it so many times."""
    return (squeeze - 1) / (squeeze - 1 + SLOPE)


def _gentle(row: Array, rise: Array) -> Array:
    """(width,) lowered until nowhere steeper than ``rise``, which only grows."""
    row = np.minimum.accumulate(row - rise) + rise
    return (np.minimum.accumulate((row + rise)[::-1])[::-1] - rise).astype(np.float32)


def fall(outline: Array, out: Array) -> Array:
    """(width,) how fast a lowering may fade out, IOD per IOD, beneath an outline, (width,) v;
    ``out``: u from the middle."""
    slope = np.gradient(_smooth(outline.astype(np.float32)[None])) * CELLS * np.sign(out)
    return np.clip(FALL * slope, *FALLS).astype(np.float32)


def _lowest(hair: NDArray[np.bool_], grid: FaceGrid) -> Array:
    """v of the lowest hair in each column, the grid's top where there is none."""
    last = grid.height - 1 - hair[::-1].argmax(0)
    return np.where(hair.any(0), grid.top + last / CELLS, grid.top)


def _smooth(row: Array) -> Array:
    """(1, width) -> (width,), blurred along u by .06 IOD."""
    return cv2.GaussianBlur(row, (0, 0), 0.06 * CELLS, borderType=cv2.BORDER_REPLICATE)[0]


def _field_line(hairline: HairlineCurve, grid: FaceGrid) -> Array:
    """The hairline without stray strands, bounded about its middle height, smooth in u."""
    middle = hairline.brow - hairline.height
    known = np.isfinite(hairline.v)
    values = np.interp(hairline.u, hairline.u[known], hairline.v[known]).astype(np.float32)
    values = cv2.medianBlur(np.clip(values, middle - 0.35, middle + 0.3)[None], 5)[0]
    return HairlineCurve(hairline.u, values, hairline.brow).at(grid.u)


def _met(hairline: HairlineCurve) -> tuple[Array, Array]:
    """u and v of the hairline where it is known; of a single unknown column, the lower neighbour's:
    hair hangs there."""
    v = hairline.v.copy()
    inner, lower = v[1:-1], np.maximum(v[:-2], v[2:])
    v[1:-1] = np.where(np.isfinite(inner), inner, lower)
    met = np.isfinite(v)
    return hairline.u[met], v[met]


def _head_top(kept: NDArray[np.bool_], line: Array, grid: FaceGrid) -> Array:
    """v of the first thing above the hairline that must stay (background, hat), per column."""
    above = kept & (grid.v < line - 0.05)
    last = grid.height - 1 - above[::-1].argmax(0)
    top = np.where(above.any(0), grid.top + last / CELLS, grid.top).astype(np.float32)
    top = _smooth(cv2.dilate(top[None], np.ones((1, 5))))
    share, least, most = EDGE
    return top + np.clip(share * (line - top), least, most)
