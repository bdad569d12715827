"""Fill sparse areas (temples, parting, crown) with single hairs that follow those around."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import bangs
from hairstudio.guides.drawing import Drawing
from hairstudio.guides.fringe import MIN_HALF_WIDTH, REAL_HALF_WIDTH
from hairstudio.guides.hairline import HairlineContext, move
from hairstudio.guides.prepared import Prepared
from hairstudio.guides.strands import (
    bangs_blend,
    bangs_head,
    bangs_raster,
    canvas,
    chance,
    exemplar,
    fields,
    planting,
    shading,
)
from hairstudio.guides.strands.bangs_raster import Strokes
from hairstudio.guides.strands.growth import Strands
from hairstudio.guides.strands.tones import FLOOR
from hairstudio.guides.warp import band
from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.view import HairState, View

Array = NDArray[np.float32]

FULL, SCALE = 6000.0, 1.32  # hairs per IOD^2 of bare skin; half the density looks like half
TONE, LOCK_TONE, TIP_TONE = 0.33, 0.12, 0.15
"""Log luminance: from hair to hair, from lock to lock, tips lighter than roots."""
BRIGHTEST = 0.45  # nor is any hair lighter by more than this: it would glow among the others
DETAIL = 1.2
HALF_WIDTH = (0.00105, 0.002)  # IOD
OPACITY = (0.55, 1.0)
GROWN = 0.12  # IOD a hair may leave the region where it does not run into hair
FRONT = 0.05  # IOD of the sparse front of a hairline that lie before the region
SCALP = (0.45, 0.8)  # of the way from the hair's colour to the skin's
LEAST_APART = 0.2  # RGB distance of the two
_TONE, _WIDTH, _OPACITY = 66, 67, 68


def working_box(analysis: Analysis, scale: float) -> Box:
    """The part of the photo (scaled by ``scale``) that a fill looks at and may change."""
    return bangs.working_box(analysis, scale)


@dataclass(frozen=True, eq=False)
class FillContext:
    """What a view's fill of one region needs whatever the sliders say."""

    view: View
    prepared: Prepared

    @cached_property
    def scalp(self) -> Array:
        """Where scalp shines through the hair, (HEIGHT, WIDTH) canvas float32 0..1: colours
        nearer to the forehead's than to the hair's. All 0 where the two are too much alike."""
        view, tones = self.view, self.prepared.looks.tones
        clear = (view.skin > 0.9) & (view.matte < 0.05)
        hair = tones.lut[round(255 * float(tones.levels[2]))]
        nothing = np.zeros_like(canvas.V)
        if not clear.any():
            return nothing
        apart = np.median(view.rgb[clear], 0) - hair
        square = float(apart @ apart)
        if square < LEAST_APART**2:
            return nothing
        seen = canvas.gather(view.rgb, view.frame, 0.0) - hair
        along = seen @ (apart / np.float32(square))
        aside = np.linalg.norm(seen - along[..., None] * apart, axis=2) / np.float32(square**0.5)
        bare = smoothstep(*SCALP, along.astype(np.float32))
        return bare * (1 - smoothstep(0.25, 0.5, aside.astype(np.float32)))

    @cached_property
    def band(self) -> tuple[HairlineContext, Array] | None:
        """The root band above the region and how far it may be drawn into it; None without."""
        own = HairlineContext(self.view)
        if own.refusal is not None:
            return None
        confined = band.local(own.displacement, self.prepared.region)
        if confined is None:
            return None
        displacement, depth = confined
        bounded = displacement.bounded(depth, raise_=False)
        return HairlineContext(self.view, displacement), bounded


def prepare(view: View, region: Array, source: View | None = None) -> FillContext:
    """Measure head and hair once for a view and a region ((h, w) float32 0..1); ``source``: as in
    ``bangs.prepare``."""
    made = bangs.prepare(view, region, source)
    return FillContext(view, replace(made, head=bangs_head.read(view)))  # stubble counts here


def draw(context: FillContext, density: float, seed: int = 0) -> Drawing:
    """Fill the region. ``density`` 0..2, 1 = as dense as usual hair; more hairs keep those there
    were, at every scale.

    Below a hairline the person's own root band is drawn into the region first, then hairs grow
    before it. Colour, light, detail and grain come from the hair nearby.
    """
    prepared, drawn = context.prepared, _banded(context, min(density, 1.0), seed)
    view, head = context.view, prepared.head
    region = _with_front(prepared.region)
    zone = planting.root_zone(head, region, seed)
    grown = np.maximum(drawn.state.matte - view.matte, 0)
    covered = head.hair * (1 - context.scalp) + canvas.gather(grown, view.frame, 0.0)
    covered = np.clip(covered, 0, 1)
    along = planting.direction(head)
    strands = planting.plant(head, region, zone, FULL * density**SCALE, seed, covered, along)
    if not strands.length.size:
        return drawn
    painted, alpha = colors(prepared, strands, seed), opacity(prepared, zone, strands, seed)
    hairs = strokes(view, prepared, zone, strands, painted, alpha, seed)
    return replace(_over(drawn, context, hairs, along), warnings=prepared.warnings)


def _with_front(region: Array) -> Array:
    """The region and the sparse front of its hair, (HEIGHT, WIDTH)."""
    grown = cv2.dilate(region, disc(FRONT * canvas.CELLS))
    return np.maximum(region, fast_blur(grown, 0.3 * FRONT * canvas.CELLS))


def _banded(context: FillContext, amount: float, seed: int) -> Drawing:
    """The root band drawn into the region; the untouched view where there is none."""
    if context.band is None:
        return _nothing(context.view)
    hairline, depth = context.band
    moved = move(hairline, -depth * np.float32(amount), seed)
    assert moved.state.flow is not None
    flow = np.where((moved.alpha > 0)[..., None], moved.state.flow, context.view.flow)
    return replace(moved, state=replace(moved.state, flow=flow))


def _over(under: Drawing, context: FillContext, hairs: Strokes, along: Array) -> Drawing:
    """Hairs laid over what is drawn already; ``along``: as they were planted."""
    view, prepared = context.view, context.prepared
    margin = int(0.06 * view.iod) + 2
    box = Box.around(hairs.points.reshape(-1, 2)).grown(margin)
    box = box.intersection(Box.of_size(*view.size))
    here, light = box.slices, shading.light_direction(view.analysis)
    support = np.clip(canvas.scatter(shown(prepared), view, box), 0, 1)
    below = under.alpha[here][..., None]
    rgb = (view.rgb[here] + below * (under.rgb[here] - view.rgb[here])).astype(np.float32)
    ground = bangs_blend.Ground(
        rgb, under.state.matte[here], support, support, box.shifted(view.box.x, view.box.y),
        view.unit, light, canvas.scatter(prepared.looks.shine, view, box),
    )  # fmt: skip
    corner = np.array([box.x, box.y], np.float32)
    hairs = replace(hairs, points=hairs.points - corner)
    picture = bangs_raster.draw((box.w, box.h), hairs) * support[..., None]
    middle = float(prepared.looks.tones.levels[2])
    hair = bangs_blend.blurred(picture, prepared.looks.sharpness)
    cover = bangs_blend.confined(hair, ground)
    kept = bangs_blend.shadowed(cover, ground, prepared.looks)
    hair = bangs_blend.textured(hair, ground, prepared.looks, middle)
    hairs_rgb, opacity = bangs_blend.over(hair, ground, prepared.looks, kept)
    rgb += opacity[..., None] * (hairs_rgb - rgb)
    alpha = 1 - (1 - below[..., 0]) * (1 - opacity)
    kept = (1 - alpha)[..., None]
    whole, matte, opaque = under.rgb.copy(), under.state.matte.copy(), under.alpha.copy()
    whole[here] = np.clip((rgb - kept * view.rgb[here]) / np.maximum(alpha, 1e-3)[..., None], 0, 1)
    opaque[here] = alpha
    matte[here] = np.maximum(matte[here], cover)
    assert under.state.flow is not None
    flow, turned = under.state.flow.copy(), fields.in_photo(along, view.frame)
    flow[here] += (canvas.scatter(turned, view, box) - flow[here]) * cover[..., None]
    return Drawing(whole, opaque, replace(under.state, matte=matte, flow=flow))


def _nothing(view: View) -> Drawing:
    state = HairState(view.box, view.scale, view.matte, view.hairline, view.flow)
    return Drawing(view.rgb, np.zeros(view.rgb.shape[:2], np.float32), state)


def shown(prepared: Prepared) -> Array:
    """Where hairs may be seen: near the region, on the head and in the hair that they run into."""
    away = cv2.distanceTransform((prepared.region < 0.1).astype(np.uint8), cv2.DIST_L2, 5)
    reach = GROWN + (planting.LONGEST - GROWN) * prepared.head.hair
    near = 1 - smoothstep(0.0, 1.0, away * np.float32(canvas.PITCH) / reach)
    return near * prepared.head.inside


def opacity(prepared: Prepared, zone: Array, strands: Strands, seed: int) -> Array:
    """(n, m) of planted hairs, 0..1: few are opaque, less towards the bare front; ``zone``: as
    they were planted."""
    strength, alone = _at_roots(zone, strands), _at_roots(prepared.head.alone, strands)
    alpha = _spread(seed, strands, _OPACITY, OPACITY) * _fading(prepared, strands)
    return np.asarray(alpha * (0.55 + 0.45 * strength) * (1 - 0.35 * alone), np.float32)


def strokes(
    view: View, prepared: Prepared, zone: Array, strands: Strands, colors: Array, alpha: Array,
    seed: int,
) -> Strokes:  # fmt: skip
    """Planted hairs in pixels of the view; ``zone``: as they were planted; ``colors``: (n, m, 3)
    RGB 0..1, ``alpha``: (n, m)."""
    pixels = view.frame.inverse.apply(strands.points)
    strength, alone = _at_roots(zone, strands), _at_roots(prepared.head.alone, strands)
    s = np.linspace(0, 1, strands.points.shape[1], dtype=np.float32)
    taper = (1 - 0.6 * s) * (0.7 + 0.3 * smoothstep(0, 0.15, s))
    wide = _spread(seed, strands, _WIDTH, HALF_WIDTH) * taper * np.float32(view.iod)
    wide *= (0.55 + 0.45 * strength) * (1 - 0.25 * alone)
    lower_last = np.argsort(-pixels[:, 0, 1] + chance.normals(seed, strands.item, 69) * view.unit)
    hairs = Strokes(
        pixels.astype(np.float32)[lower_last], wide.astype(np.float32)[lower_last],
        alpha.astype(np.float32)[lower_last], colors[lower_last],
    )  # fmt: skip
    real = max(MIN_HALF_WIDTH, REAL_HALF_WIDTH * view.iod)
    return bangs_raster.split(hairs, real, strands.item[lower_last], seed)


def _spread(seed: int, strands: Strands, purpose: int, limits: tuple[float, float]) -> Array:
    """(n, 1): one value per hair, evenly between limits."""
    low, high = limits
    chosen = chance.uniforms(seed, strands.item, purpose)[:, None]
    return np.float32(low) + np.float32(high - low) * chosen


def _fading(prepared: Prepared, strands: Strands) -> Array:
    """(n, m): hairs appear at the root, vanish at the tip, and are faint at the region's edge."""
    s = np.linspace(0, 1, strands.points.shape[1], dtype=np.float32)
    along = smoothstep(-0.05, 0.28, s) * (1 - smoothstep(0.55, 1, s))
    return np.asarray(along * (0.2 + 0.8 * _at_roots(prepared.region, strands)), np.float32)


def _at_roots(plane: Array, strands: Strands) -> Array:
    """A canvas map where the hairs are rooted, (n, 1)."""
    return canvas.at(plane, strands.points[:, :1])


def colors(prepared: Prepared, strands: Strands, seed: int) -> Array:
    """(n, m, 3) RGB 0..1, of the hair nearby."""
    looks = prepared.looks
    hair, lock = (chance.normals(seed, number, _TONE) for number in (strands.item, strands.lock))
    own = np.clip(np.float32(TONE) * hair + np.float32(LOCK_TONE) * lock, -2 * TONE, BRIGHTEST)
    s = np.linspace(0, 1, strands.points.shape[1], dtype=np.float32)
    aside = np.float32(0.01) * chance.normals(seed, strands.item, 72)
    value = canvas.at(looks.log_luminance, strands.points) + own[:, None]
    value += np.float32(DETAIL) * exemplar.read(prepared.exemplar, looks.detail, strands, aside,
                                                seed)  # fmt: skip
    luminance = np.clip(np.exp(value - TIP_TONE * (1 - s)) - FLOOR, 0, 1)
    ratio = canvas.at(looks.ratio, strands.points)
    local = ratio * (luminance + FLOOR)[..., None]
    usual = looks.tones.lut[np.round(255 * luminance).astype(np.intp)]
    return np.clip(0.5 * (local + usual), 0, 1).astype(
        np.float32
    )  # next to skin, its glow is local
