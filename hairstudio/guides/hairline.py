"""Move the hairline: the person's own root band slides over the forehead.

Height follows the design: H(v) = H(0) + 0.24 v; positive uncovers forehead, negative covers it.
Hair, baby hairs, their shadow and the skin between them move together, so nothing has to be
cut out: there is no old line left behind and the new one is the person's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.drawing import Drawing
from hairstudio.guides.warp.detail import Texture, remap, wander
from hairstudio.guides.warp.displacement import CELLS, GONE, HAIR_REACH, Displacement, rate
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Analysis, Finding
from hairstudio.portrait.hairline import HairlineCurve
from hairstudio.portrait.view import HairState, View

Array = NDArray[np.float32]

LIMIT = 0.24
# a "hairline" nearer to the brows than this over such a part of the forehead is a fringe
HIDDEN, FRINGE = 0.3, 33  # IOD, percent
FOREHEAD = 0.54  # half of its width, IOD
MARGIN = 0.1  # read around what may move, IOD
PATCH_SIZE = 0.12  # of texture that moves as one, IOD
LIVELY, LIVELY_ROOTS = 0.1, 0.35  # contrast that stretched hair gains; roots alone are too dull
FEATHER = (0.02, 0.35)  # pixels of displacement over which alpha rises


def working_box(analysis: Analysis, scale: float) -> Box:
    """What the edit touches and reads, in the photo frame scaled by ``scale``."""
    brow, centre = analysis.hairline.brow, analysis.centre
    height = analysis.hairline.height
    top = brow - (height if np.isfinite(height) else 0.8) - HAIR_REACH - MARGIN
    u, v = (centre - GONE - MARGIN, centre + GONE + MARGIN), (top, brow + MARGIN)
    corners = analysis.frame.inverse.apply(np.array([[x, y] for x in u for y in v]))
    width, height_ = analysis.photo_size
    return Box.around(corners).intersection(Box.of_size(width, height_)).scaled(scale)


@dataclass(frozen=True, eq=False)
class HairlineContext:
    """What a view's hairline edit needs whatever the slider says. ``confined``: what may move,
    if it is not all of the hairline."""

    view: View
    confined: Displacement | None = None

    @cached_property
    def refusal(self) -> Finding | None:
        """Why there is no hairline to move, if so."""
        curve = self.view.hairline
        if not np.isfinite(curve.height):
            return Finding("no_hair_to_sample", 0, 3, "no hair above the forehead to move")
        height = curve.brow - float(np.nanpercentile(curve.v[_shown(curve)], 100 - FRINGE))
        if height < HIDDEN:
            text = "hair covers the hairline (a fringe): it cannot be moved"
            return Finding("hairline_hidden", height, HIDDEN, text)
        return None

    @cached_property
    def displacement(self) -> Displacement:
        return self.confined or Displacement.of(self.view.analysis, self.view.hairline)

    @cached_property
    def reach(self) -> tuple[float, float]:
        """The lowest and highest move the head allows, IOD."""
        return self.displacement.reach(LIMIT)

    @cached_property
    def rest(self) -> tuple[Array, Array]:
        """Every pixel's own coordinates, (h, w) float32 each."""
        x, y = np.meshgrid(
            np.arange(self.view.box.w, dtype=np.float32),
            np.arange(self.view.box.h, dtype=np.float32),
        )
        return x, y

    @cached_property
    def texture(self) -> Texture:
        return Texture(self.view)

    def from_grid(self, plane: NDArray[np.floating], flags: int = cv2.INTER_LINEAR) -> Array:
        """Bring a map of the face grid to the view, (h, w) float32."""
        to_grid = self.view.frame.then(self.displacement.grid.to_face.inverse).matrix
        flags |= cv2.WARP_INVERSE_MAP
        plane = plane.astype(np.float32)
        return cv2.warpAffine(
            plane, to_grid, self.view.size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )


def prepare(view: View) -> HairlineContext:
    """Keep this per view: a slider move then only costs the drawing."""
    return HairlineContext(view)


def draw(context: HairlineContext, amount: float, seed: int) -> Drawing:
    """Move the hairline by ``amount`` in [-1, 1] (x 0.24 IOD, positive = higher).

    ``seed`` chooses where stretched hair takes its texture. ``Drawing.alpha`` is exactly 0 where
    nothing moves; for amount 0, and where a warning says so, everywhere.
    """
    view = context.view
    if amount == 0:
        return _unchanged(view)
    if context.refusal is not None:
        return _unchanged(view, context.refusal)
    asked = LIMIT * amount
    height = float(np.clip(asked, *context.reach))
    warnings = () if height == asked else (_limited(asked, height),)
    moves = context.displacement.profile(height)
    return replace(move(context, moves, seed), warnings=warnings)


def move(context: HairlineContext, moves: Array, seed: int) -> Drawing:
    """Move each column of the displacement's grid by its own ``moves``, (width,) IOD, up positive:
    within what ``bounded`` allows."""
    view, field = context.view, context.displacement.field_of(moves)
    shift = context.from_grid(field, cv2.INTER_CUBIC) * np.float32(view.iod)
    x, y = _sources(context, shift)
    noise = context.from_grid(wander(field.shape, PATCH_SIZE * CELLS, seed))
    squeeze = context.from_grid(np.log(rate(field)))
    lively = LIVELY if context.confined is None else LIVELY_ROOTS
    rgb = context.texture.warped((x, y), shift, noise, squeeze, lively, seed)
    return Drawing(rgb, _alpha(shift), _moved_state(context, field, x, y))


def _shown(curve: HairlineCurve) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = np.isfinite(curve.v)
    return known & (np.abs(curve.u - curve.u.mean()) <= FOREHEAD)


def _sources(context: HairlineContext, shift: Array) -> tuple[Array, Array]:
    (right, down), (x, y) = context.texture.down, context.rest
    return cv2.scaleAdd(shift, right, x), cv2.scaleAdd(shift, down, y)


def _alpha(shift: Array) -> Array:
    low, high = FEATHER
    return np.clip((np.abs(shift) - np.float32(low)) * np.float32(1 / (high - low)), 0, 1)


def _limited(asked: float, given: float) -> Finding:
    text = f"the head allows {given:+.2f} of the {asked:+.2f} eye distances asked"
    return Finding("hairline_limited", asked, given, text)


def _unchanged(view: View, *warnings: Finding) -> Drawing:
    state = HairState(view.box, view.scale, view.matte, view.hairline)
    return Drawing(view.rgb, np.zeros(view.rgb.shape[:2], np.float32), state, warnings)


def _moved_state(
    context: HairlineContext, field: NDArray[np.floating], x: Array, y: Array
) -> HairState:
    view, displacement = context.view, context.displacement
    curve = view.hairline
    rise = displacement.edge - displacement.carried(field)
    along = np.interp(curve.u, displacement.grid.u, rise)
    moved = HairlineCurve(curve.u, curve.v - along.astype(np.float32), curve.brow)
    matte = remap(view.matte, x, y, cv2.INTER_LINEAR)
    return HairState(view.box, view.scale, matte, moved, _turned_flow(context, field, x, y))


def _turned_flow(
    context: HairlineContext, field: NDArray[np.floating], x: Array, y: Array
) -> Array:
    """The view's flow after the move, which carries strands along and shears them."""
    step = max(1, round(context.view.iod / CELLS))  # flow is smooth: measured over 5 units
    half = step // 2
    flow = remap(
        context.view.flow, x[half::step, half::step], y[half::step, half::step], cv2.INTER_LINEAR
    )
    shear = context.from_grid(np.gradient(field, axis=1) * CELLS)[half::step, half::step]
    length = context.from_grid(rate(field))[half::step, half::step]
    angle = 0.5 * np.arctan2(flow[..., 1], flow[..., 0])
    dx, dy = context.texture.down
    across = np.cos(angle) * dy - np.sin(angle) * dx
    along = (np.cos(angle) * dx + np.sin(angle) * dy - shear * across) / length
    angle = np.arctan2(along * dy - across * dx, across * dy + along * dx)
    turned = np.dstack([np.cos(2 * angle), np.sin(2 * angle), flow[..., 2]]).astype(np.float32)
    return cv2.resize(turned, context.view.size, interpolation=cv2.INTER_LINEAR)
