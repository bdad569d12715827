"""A fringe, strand by strand: what draws bangs into their outline."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.drawing import Drawing
from hairstudio.guides.strands import (
    bangs_blend,
    bangs_layers,
    bangs_raster,
    canvas,
    chance,
    clumps,
    exemplar,
    fields,
    growth,
    shading,
)
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.bangs_raster import Strokes
from hairstudio.guides.strands.bangs_shape import Outline
from hairstudio.guides.strands.exemplar import Exemplar
from hairstudio.guides.strands.fields import Field
from hairstudio.guides.strands.growth import Strands
from hairstudio.guides.strands.looks import Looks
from hairstudio.guides.strands.shading import Ink, Layer, Shader
from hairstudio.guides.styles import Style
from hairstudio.imaging.filters import smoothstep
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.imaging.strips import in_parallel
from hairstudio.portrait import hairline
from hairstudio.portrait.view import HairState, View

Array = NDArray[np.float32]

REAL_HALF_WIDTH, MIN_HALF_WIDTH = 0.0008, 0.5
"""Half-width of a real hair, in IOD, and the finest that is drawn alone, in pixels."""
POINTS_PER_TURN, FEWER_PER_TURN, TURNING = 20, 14, 1.3
"""Points of a strand for each turn of its ringlet, and of curls brushed out or in small pictures,
along so many IOD."""
ROUND = 5.0
"""A turn whose radius is r pixels is round with this times sqrt(r) points."""
SEEN = 0.16
"""Ringlets of shorter turns, IOD, are too small to be seen passing behind themselves."""
SAMPLE = 60
"""Strands per IOD that are shaded to find the tone."""
SIDE_REACH = 0.10
"""How far the longest strands run past the region's ends, IOD."""
UNDER = 0.5
"""How much hair under locks that leave their path leaves its own."""
SCALP_OVER = 0.06
"""How far below its hairline the hair that covers a bald scalp ends, IOD,"""
ALONE = 0.45
"""By how much lengths differ at the ends on a head without hair, IOD."""
SPREADS = 0.1
"""Where more than this of the region lies above the hairline (IOD), hair spreads from the crown
before it falls over the forehead."""
SPARSE = 0.9
"""above bangs of less than this density, or swept aside from a part."""
OPEN = 0.5
"""Share of the locks in front that is left out: the others lie over those behind."""
ON_SKIN, SEEN_BELOW, LONELY = 0.15, 0.2, (0.12, 0.45)
"""Swept hair is rooted no further below the hairline than this, IOD, and seen no further below it
than the second for the first time; and none is left of strands with so little company, all of those
with so much."""


@dataclass(frozen=True)
class BangsParams:
    """``style``: a name from ``styles.names()``. ``length``, ``density``, ``parting`` -1..1,
    0 = as the style has it; ``curl`` 0..1 added to the style's; ``softness`` 0..1 of the tips,
    .5 = the style's; ``strength`` 0..1: hair grows in; ``seed``: another draw of strands."""

    style: str = "full"
    length: float = 0.0
    density: float = 0.0
    curl: float = 0.0
    parting: float = 0.0
    softness: float = 0.5
    strength: float = 1.0
    seed: int = 0


class Beside(NamedTuple):
    """Hair that is drawn with bangs and beneath them. ``strokes``: in pixels of the view;
    ``shown``: (HEIGHT, WIDTH) 0..1 where it may be seen; ``along``: (HEIGHT, WIDTH, 2) unit vectors
    that it follows."""

    strokes: Strokes
    shown: Array
    along: Array


Neighbour = Callable[["Drawer", Array], Beside | None]
"""What is drawn beside bangs that cover so much, (HEIGHT, WIDTH) 0..1, of what is below them."""


@dataclass(frozen=True, eq=False)
class Drawer:
    """Draws bangs in an ``outline``, along a ``field``."""

    view: View
    head: Head
    looks: Looks
    exemplar: Exemplar
    outline: Outline
    field: Field
    style: Style
    params: BangsParams

    def draw(self, neighbour: Neighbour | None) -> Drawing:
        pictures = bangs_raster.layers((self.box.w, self.box.h), self.drawn())
        with ThreadPoolExecutor(1) as aside:
            cover = self.on_canvas(bangs_blend.covered(pictures))
            found = neighbour and aside.submit(neighbour, self, cover)
            hair = bangs_blend.stacked(pictures, self.view.unit, self.light)
            return self.blended(hair, found and found.result(), aside)

    def blended(self, hair: Array, beside: Beside | None, aside: Executor) -> Drawing:
        """The hair of the box over what is beside it and the photo. ``aside``: for what its
        sharpness and texture need not wait for."""
        view, looks, box, along = self.view, self.looks, self.box, self.field.direction.copy()
        if beside is not None:
            box, hair = self.joined(hair, beside.strokes)
            along += beside.shown[..., None] * (beside.along - along)
        laid = aside.submit(self.ground, box, beside)
        flow = aside.submit(self.flow, along, box)
        hair = bangs_blend.blurred(hair, looks.sharpness)
        ground = laid.result()
        cover = bangs_blend.confined(hair, ground)
        kept = aside.submit(bangs_blend.shadowed, cover, ground, looks)
        state = aside.submit(self.state, cover, box, flow.result())
        hair = bangs_blend.textured(hair, ground, looks, self.shader.middle, self.style.relief)
        rgb, alpha = bangs_blend.over(hair, ground, looks, kept.result())
        whole, opacity = view.rgb.copy(), np.zeros(view.rgb.shape[:2], np.float32)
        whole[box.slices], opacity[box.slices] = rgb, alpha
        return Drawing(whole, opacity, state.result())

    @cached_property
    def light(self) -> shading.Vector:
        """Unit vector towards the light."""
        return shading.light_direction(self.view.analysis)

    def ground(self, box: Box, beside: Beside | None) -> bangs_blend.Ground:
        """What lies under the hair in a box of the view."""
        view, shown = self.view, self.outline.support
        if beside is not None:
            shown = np.maximum(shown, beside.shown)
        return bangs_blend.Ground(
            view.rgb[box.slices], view.matte[box.slices], _seen(shown, view, box),
            _seen(shown * self.head.body, view, box), box.shifted(view.box.x, view.box.y),
            view.unit, self.light, canvas.scatter(self.looks.shine, view, box),
        )  # fmt: skip

    def on_canvas(self, plane: Array) -> Array:
        """An (h, w) map of the box on the canvas, (HEIGHT, WIDTH); 0 beyond."""
        frame = Similarity.resize(1.0, (self.box.x, self.box.y)).inverse.then(self.view.frame)
        return canvas.gather(plane, frame, 0.0)

    def joined(self, hair: Array, strokes: Strokes) -> tuple[Box, Array]:
        """The hair of the box laid over ``strokes``, and the box that holds both."""
        seen = strokes.points[strokes.alpha > 0]
        margin = int(0.05 * self.view.iod) + 2
        box = Box.around(seen).grown(margin).intersection(Box.of_size(*self.view.size))
        box = box.union(self.box)
        left, top = self.box.x - box.x, self.box.y - box.y
        hair = cv2.copyMakeBorder(
            hair, top, box.h - self.box.h - top, left, box.w - self.box.w - left,
            cv2.BORDER_CONSTANT,
        )  # fmt: skip
        corner = np.array([box.x, box.y], np.float32)
        under = bangs_raster.draw((box.w, box.h), replace(strokes, points=strokes.points - corner))
        return box, bangs_blend.stacked([under, hair], self.view.unit, self.light)

    @cached_property
    def box(self) -> Box:
        """Pixels of the view that strands may touch."""
        cells = Box.of_mask(self.outline.support > 0.01)
        corners = np.array(
            [(x, y) for x in (cells.x, cells.right) for y in (cells.y, cells.bottom)]
        )
        to_view = canvas.TO_FACE.then(self.view.frame.inverse)
        margin = int(0.05 * self.view.iod) + 2
        around = Box.around(to_view.apply(corners)).grown(margin)
        return around.intersection(Box.of_size(*self.view.size))

    def strands(self, layer: Layer) -> tuple[Strands, Array, Array]:
        """Strands of a layer, their depth (n, m) and their place in their lock (n,)."""
        seed, style = self.params.seed, self.style
        ground = self.grounds[max(layer.number - 2, 0)]
        m = 20 if self.view.unit < 0.75 else 28 if self.view.unit < 2 else 36
        if style.curl[0]:
            turns = TURNING * (1 + 0.4 * self.params.length) / style.curl[1]
            finer = style.coiled if self.view.unit > 0.75 else 0.0
            points = FEWER_PER_TURN + (POINTS_PER_TURN - FEWER_PER_TURN) * finer
            points = min(points, ROUND * math.sqrt(style.curl[0] * self.view.iod))
            m = max(m, round(min(points * turns, 150)))
        key = seed * 8 + layer.number
        calm = 1.0 if layer.number else UNDER
        astray = calm if layer.number else calm * (1 - style.shaped)
        frizz = clumps.FRIZZ if layer.number else clumps.LOOSE
        grown = growth.grow(ground, layer.density, seed, layer.number, key, layer.lock, layer.root,
                            layer.jitter, layer.short, m, self.uneven,
                            style.apart * layer.jitter)  # fmt: skip
        growth.smooth(grown)
        if style.field == "part":
            grown = grown.take(self.rooted(grown, key))
        if style.drop and layer.number != bangs_layers.SCALP:
            full = chance.uniforms(key, grown.lock, 50) / np.float32(2 * style.drop)
            grown = grown.take(chance.uniforms(key, grown.item, 54) < full)
        if layer.number == 2:
            grown = grown.take(chance.uniforms(key, grown.lock, 51) >= OPEN * style.shaped)
        gathered = clumps.GATHERED + (clumps.COILED - clumps.GATHERED) * style.coiled
        offset = clumps.gather(grown, ground, key, layer.lock, layer.root, layer.pull,
                               style.pull_from, gathered)  # fmt: skip
        wave, curl = ((size * calm, way) for size, way in (style.wave, style.curl))
        shape = clumps.Bend(wave, curl, style.curl_from, style.stray * astray, layer.lock,
                            self.head.hair, frizz)  # fmt: skip
        depth = clumps.bend(grown, key, shape)
        return grown, depth, offset

    def rooted(self, strands: Strands, key: int) -> NDArray[np.bool_]:
        """Which of them come out of the hair, (n,), and not out of the forehead."""
        u, v = strands.points[:, 0].T
        deep = v - np.interp(u, canvas.COLUMNS, self.head.hairline)
        return deep < ON_SKIN * chance.uniforms(key, strands.item, 52)

    def begins(self, strands: Strands, alpha: Array) -> Array:
        """(n,) how far below the hairline each begins to be seen, IOD."""
        first = np.argmax(alpha > 0.5 * alpha.max(1, keepdims=True), 1)
        u, v = strands.points[np.arange(len(first)), first].T
        return v - np.interp(u, canvas.COLUMNS, self.head.hairline).astype(np.float32)

    @property
    def uneven(self) -> float:
        """By how much lengths differ at the ends: much where no own hair hides them."""
        return max(self.style.uneven, 0.0 if self.head.hair.any() else ALONE)

    @cached_property
    def layers(self) -> list[Layer]:
        """The style's, above hair for a bald scalp where they would not cover it."""
        params, style = self.params, self.style
        made = bangs_layers.of(style, params.strength, params.density, params.softness)
        sparse = style.density < SPARSE or style.field == "part"
        if sparse and (self.head.scalp > 0.5).any():
            made.insert(0, bangs_layers.scalp(style))
        return made

    @cached_property
    def grounds(self) -> tuple[growth.Ground, growth.Ground, growth.Ground]:
        """For locks, for flyaways, which stray three times as far, and for hair that covers a
        bald scalp only."""
        outline, blocked = self.outline, self.field.blocked
        rise = outline.top - canvas.V
        if blocked.any():
            rise = np.maximum(np.where(blocked > 0.99, 1e4, 0.62 * rise), blocked)
        aside = np.maximum(outline.left - canvas.U, canvas.U - outline.right) - SIDE_REACH

        def drop(bottom: Array) -> Array:
            return np.maximum(canvas.V - bottom, aside).astype(np.float32)

        noise, seed, bottom = self.style.noise, 2 * self.params.seed, outline.bottom
        turned = fields.perturbed(self.field.direction, noise, seed)
        astray = fields.perturbed(self.field.direction, 3 * noise, seed + 1)
        spread = np.maximum(self.head.hairline - outline.top - SPREADS, 0)
        spread *= self.style.field != "part"  # there hair runs aside
        seam = np.minimum(outline.top + spread, np.maximum(bottom - SPREADS, outline.top))
        locks = growth.Ground(turned, rise.astype(np.float32), drop(bottom), outline.top, bottom,
                              seam, outline.ends, outline.corners, outline.left,
                              outline.right)  # fmt: skip
        front = np.minimum(self.head.hairline + np.float32(SCALP_OVER), bottom)
        return (locks, replace(locks, field=astray),
                replace(locks, drop=drop(front), bottom=front))  # fmt: skip

    def drawn(self) -> list[Strokes]:
        """All layers in pixels of the box, on all cores: the largest first, it is waited for."""
        _ = self.grounds  # before the threads that share them
        largest_first = sorted(self.layers, key=lambda layer: -layer.density)
        with ThreadPoolExecutor(1) as aside:  # strands grow while it looks for their tone
            shader = aside.submit(lambda: self.shader).result
            made = in_parallel(
                lambda layer: self.as_strokes(*self.inked(layer, shader), layer), largest_first
            )
        found = {layer.number: each for layer, each in zip(largest_first, made, strict=True)}
        return [found[layer.number] for layer in self.layers]

    @cached_property
    def shader(self) -> Shader:
        plain = Shader(self.head, self.outline, self.looks, self.light, self.params.seed)
        sample = replace(bangs_layers.of(self.style)[-2], density=SAMPLE)
        strands, ink = self.inked(sample, lambda: plain)
        return plain.matched(ink, strands)

    def inked(self, layer: Layer, shader: Callable[[], Shader]) -> tuple[Strands, Ink]:
        """The layer's strands and their looks; ``shader`` is asked for when they have grown."""
        strands, depth, offset = self.strands(layer)
        detail = exemplar.read(self.exemplar, self.looks.detail, strands, offset, self.params.seed)
        tints = exemplar.tints(self.exemplar, self.looks.tints, strands, offset, self.params.seed)
        widths = offset / np.float32(layer.lock)
        ink = shader().shade(strands, depth, detail, tints, widths, layer)
        if self.style.field == "part":
            bald = (self.head.scalp > 0.5).any()  # there hairs begin one by one
            seen = np.ones_like(ink.alpha) if bald else ink.alpha
            company = clumps.company(strands, seen, layer.density)
            luck = chance.uniforms(self.params.seed * 8 + layer.number, strands.item, 53)
            ink.alpha[luck >= smoothstep(*LONELY, company)] = 0
            ink.alpha[self.begins(strands, ink.alpha) > SEEN_BELOW] = 0
        return strands, ink

    def painted(self, strands: Strands, depth: Array) -> Array:
        """The colours of hairs beside the bangs, (n, m, 3); ``depth``: (n, m)."""
        offset, seed = np.zeros_like(strands.length), self.params.seed
        detail = exemplar.read(self.exemplar, self.looks.detail, strands, offset, seed)
        tints = exemplar.tints(self.exemplar, self.looks.tints, strands, offset, seed)
        return self.shader.colors(strands, depth, detail, tints, bangs_layers.of(self.style)[-2])

    def as_strokes(self, strands: Strands, ink: Ink, layer: Layer) -> Strokes:
        box = self.box
        pixels = self.view.frame.inverse.apply(strands.points) - np.array([box.x, box.y])
        above = chance.normals(self.params.seed, strands.lock, 71)
        above *= np.float32((0.0, 1.0, self.style.shaped, 0.0, 0.0)[layer.number])
        key = above + chance.normals(self.params.seed, strands.item, 70) * np.float32(0.15)
        order = np.argsort(key, kind="stable")
        order = order[(ink.alpha.max(1) > 0)[order]]
        real = max(MIN_HALF_WIDTH, REAL_HALF_WIDTH * self.view.iod)
        stroke = Strokes(
            pixels.astype(np.float32)[order], (ink.half_width * np.float32(self.view.iod))[order],
            ink.alpha[order], ink.color[order],
        )  # fmt: skip
        items = strands.item[order]
        if self.style.coiled and self.style.curl[1] > SEEN and layer.number in (1, 2):
            depth = ink.depth[order] * np.float32(self.style.coiled / self.style.curl[0])
            locks = np.unique(above[order], return_inverse=True)[1]
            stroke, which = bangs_raster.turns(stroke, depth, locks)
            items = items[which]
        return bangs_raster.split(stroke, real, items, self.params.seed)

    def flow(self, along: Array, box: Box) -> Array:
        """Canvas vectors, (HEIGHT, WIDTH, 2), as the flow of a box of the view, (h, w, 3)."""
        return canvas.scatter(fields.in_photo(along, self.view.frame), self.view, box)

    def state(self, cover: Array, box: Box, turned: Array) -> HairState:
        """The hair with what covers a box of the view and has the flow ``turned``, for the next
        edit."""
        view, here = self.view, box.slices
        matte, flow = view.matte.copy(), view.flow.copy()
        np.maximum(matte[here], cover, out=matte[here])
        line = hairline.trace(matte, view.frame, self.head.turn.centre, view.hairline.brow)
        known = np.where(np.isfinite(line.v), line.v, view.hairline.v)
        flow[here] = cv2.blendLinear(turned, flow[here], cover, 1 - cover)
        return HairState(view.box, view.scale, matte,
                         hairline.HairlineCurve(line.u, known, line.brow), flow)  # fmt: skip


def _seen(plane: Array, view: View, box: Box) -> Array:
    """A canvas map in a box of the view, 0..1."""
    return np.clip(canvas.scatter(plane, view, box), 0, 1)
