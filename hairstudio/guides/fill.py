"""Fill sparse areas (temples, parting, crown) with single hairs that follow those around."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import bangs
from hairstudio.guides.bangs import Prepared
from hairstudio.guides.drawing import Drawing
from hairstudio.guides.strands import (
    bangs_blend,
    bangs_raster,
    canvas,
    chance,
    exemplar,
    planting,
    shading,
)
from hairstudio.guides.strands.growth import Strands
from hairstudio.guides.strands.looks import FLOOR
from hairstudio.imaging.filters import smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.view import HairState, View

Array = NDArray[np.float32]

FULL = 5400.0  # hairs per IOD^2 of bare skin
TONE, TIP_TONE = 0.16, 0.15  # log luminance: from hair to hair, tips lighter than roots
DETAIL = 0.9
HALF_WIDTH = (0.00105, 0.002)  # IOD
OPACITY = (0.4, 0.9)
GROWN = 0.12  # IOD a hair may leave the region where it does not run into hair
_TONE, _WIDTH, _OPACITY = 66, 67, 68


def working_box(analysis: Analysis, scale: float) -> Box:
    """The part of the photo (scaled by ``scale``) that a fill looks at and may change."""
    return bangs.working_box(analysis, scale)


@dataclass(frozen=True, eq=False)
class FillContext:
    """What a view's fill of one region needs whatever the sliders say."""

    view: View
    prepared: Prepared


def prepare(view: View, region: Array, source: View | None = None) -> FillContext:
    """Measure head and hair once for a view and a region ((h, w) float32 0..1); ``source``: as in
    ``bangs.prepare``."""
    return FillContext(view, bangs.prepare(view, region, source))


def draw(context: FillContext, density: float, seed: int = 0) -> Drawing:
    """Fill the region. ``density`` 0..2, 1 = as dense as usual hair; more hairs keep those there
    were, at every scale.

    Colour, light, detail and grain come from the hair nearby.
    """
    view, prepared = context.view, context.prepared
    strands = planting.plant(prepared.head, prepared.region, FULL * density, seed)
    if not strands.length.size:
        return _nothing(view)
    picture, box = _raster(view, prepared, strands, seed)
    here, support = box.slices, np.clip(canvas.scatter(_support(prepared), view), 0, 1)
    ground = bangs_blend.Ground(
        view.rgb[here], view.matte[here], support[here], box.shifted(view.box.x, view.box.y),
        view.unit, shading.light_direction(view.analysis),
    )  # fmt: skip
    picture = picture * support[here][..., None]
    rgb, alpha, cover = bangs_blend.compose([picture], ground, prepared.looks)
    drawn = _nothing(view)
    whole, opacity, matte = view.rgb.copy(), drawn.alpha, view.matte.copy()
    whole[here], opacity[here] = rgb, alpha
    matte[here] = np.maximum(matte[here], cover)
    state = replace(drawn.state, matte=matte)
    return Drawing(whole, opacity, state, prepared.warnings)


def _nothing(view: View) -> Drawing:
    state = HairState(view.box, view.scale, view.matte, view.hairline, view.flow)
    return Drawing(view.rgb, np.zeros(view.rgb.shape[:2], np.float32), state)


def _support(prepared: Prepared) -> Array:
    """Where hairs may be seen: near the region, on the head and in the hair that they run into."""
    away = cv2.distanceTransform((prepared.region < 0.1).astype(np.uint8), cv2.DIST_L2, 5)
    reach = GROWN + (planting.LONGEST - GROWN) * prepared.head.hair
    near = 1 - smoothstep(0.0, 1.0, away * np.float32(canvas.PITCH) / reach)
    return near * prepared.head.inside


def _raster(view: View, prepared: Prepared, strands: Strands, seed: int) -> tuple[Array, Box]:
    """The hairs, (h, w, 4) premultiplied, and the box of the view in which they lie."""
    pixels = view.frame.inverse.apply(strands.points)
    margin = int(0.06 * view.iod) + 2
    box = Box.around(pixels.reshape(-1, 2)).grown(margin).intersection(Box.of_size(*view.size))
    alpha = _spread(seed, strands, _OPACITY, OPACITY) * _fading(prepared, strands)
    s = np.linspace(0, 1, strands.points.shape[1], dtype=np.float32)
    taper = (1 - 0.6 * s) * (0.7 + 0.3 * smoothstep(0, 0.15, s))
    wide = _spread(seed, strands, _WIDTH, HALF_WIDTH) * taper * np.float32(view.iod)
    # what is drawn wider than it is covers less
    alpha = alpha * np.minimum(wide / np.float32(bangs_raster.MIN_HALF_WIDTH), 1)
    lower_last = np.argsort(-pixels[:, 0, 1] + chance.normals(seed, strands.item, 69) * view.unit)
    strokes = bangs_raster.Strokes(
        (pixels - np.array([box.x, box.y])).astype(np.float32)[lower_last],
        wide.astype(np.float32)[lower_last], alpha.astype(np.float32)[lower_last],
        _colors(view, prepared, strands, seed)[lower_last],
    )  # fmt: skip
    real = max(bangs.MIN_HALF_WIDTH, bangs.REAL_HALF_WIDTH * view.iod)
    strokes = bangs_raster.split(strokes, real, strands.item[lower_last], seed)
    return bangs_raster.draw((box.w, box.h), strokes), box


def _spread(seed: int, strands: Strands, purpose: int, limits: tuple[float, float]) -> Array:
    """(n, 1): one value per hair, evenly between limits."""
    low, high = limits
    chosen = chance.uniforms(seed, strands.item, purpose)[:, None]
    return np.float32(low) + np.float32(high - low) * chosen


def _fading(prepared: Prepared, strands: Strands) -> Array:
    """(n, m): hairs appear at the root, vanish at the tip, and are faint at the region's edge."""
    s = np.linspace(0, 1, strands.points.shape[1], dtype=np.float32)
    roots = (strands.points[:, 0] - np.array([canvas.LEFT, canvas.TOP])) * canvas.CELLS
    x, y = np.ascontiguousarray(roots.T, np.float32)
    inside = cv2.remap(prepared.region, x, y, cv2.INTER_LINEAR)
    along = smoothstep(-0.05, 0.28, s) * (1 - smoothstep(0.55, 1, s))
    return along * (0.2 + 0.8 * inside.reshape(-1, 1))


def _colors(view: View, prepared: Prepared, strands: Strands, seed: int) -> Array:
    """(n, m, 3) RGB 0..1."""
    looks = prepared.looks
    places = (strands.points - np.array([canvas.LEFT, canvas.TOP])) * canvas.CELLS
    x, y = (np.ascontiguousarray(places[..., axis], np.float32) for axis in (0, 1))
    own = np.float32(TONE) * chance.normals(seed, strands.item, _TONE)
    s = np.linspace(0, 1, x.shape[1], dtype=np.float32)
    aside = np.float32(0.01) * chance.normals(seed, strands.item, 72)
    value = cv2.remap(looks.log_luminance, x, y, cv2.INTER_LINEAR) + own[:, None]
    value += np.float32(DETAIL) * exemplar.read(prepared.exemplar, looks.detail, strands, aside,
                                                seed)  # fmt: skip
    luminance = np.clip(np.exp(value - TIP_TONE * (1 - s)) - FLOOR, 0, 1)
    ratio = cv2.remap(looks.ratio, x, y, cv2.INTER_LINEAR)
    return np.clip(ratio * (luminance + FLOOR)[..., None], 0, 1).astype(np.float32)
