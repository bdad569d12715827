"""Volume: the person's own hair swells or shrinks about the head, the background stays.

Hair is unmixed from what is behind it, moved with its own soft edge and flyaways, and put back
over the unmoved photo. Where it draws back, the background is continued behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.drawing import Drawing
from hairstudio.guides.strands import chance, octaves
from hairstudio.guides.warp import completion
from hairstudio.guides.warp.border import Cuts
from hairstudio.guides.warp.detail import remap, wander
from hairstudio.guides.warp.silhouette import CELLS, CUT, Silhouette
from hairstudio.imaging.filters import disc, fast_blur, normalised_blur, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.portrait import unmixing
from hairstudio.portrait.analysis import Analysis, Finding
from hairstudio.portrait.parsing import Class
from hairstudio.portrait.view import HairState, View

Array = NDArray[np.float32]

OUT_LIMIT, IN_LIMIT = 0.2, 0.15  # IOD
MARGIN = 0.35  # IOD
COVERED = 0.005  # hair alpha above which the background does not count as seen
HALO = 0.075  # nor is it seen this near to the outline, IOD
NEAR = 0.012  # sigma, IOD, over which what is not background is smoothed over at its edge
DEEPEST, FARTHEST = 0.24, 0.35  # where the background is continued, IOD in and out of the outline
LOOSE = 0.08  # how much clumps differ in their movement
CLUMP = 0.14  # sigma, IOD
LOCKS = (0.014, 0.05)  # sigmas, IOD, between which locks and the gaps between them lie
LOOSER = 0.45  # how much deeper full volume makes the gaps; tight hair lies together
PATCH = 0.04  # difference of movement between neighbouring patches of texture, IOD
LENGTHWISE = (0.2, 0.7)  # cosine of twice the angle to the movement
FINE = 3.5  # sigma that parts texture from the coarse picture, in units of IOD / 250
KEPT_ENERGY = 0.4  # stretched texture loses gradient energy; its contrast gains by this power


def working_box(analysis: Analysis, scale: float) -> Box:
    """What the edit reads and may change, photo frame times ``scale``; empty without hair."""
    grid = analysis.grid
    hair = Box.of_mask(analysis.probability(Class.HAIR) > 8)
    if hair.empty:
        return hair
    margin = int(np.ceil(MARGIN * analysis.iod * grid.scale))
    in_photo = hair.grown(margin).shifted(grid.box.x, grid.box.y)
    whole = Box.of_size(*analysis.photo_size).scaled(scale)
    return in_photo.scaled(scale / grid.scale).intersection(whole)


@dataclass(frozen=True, eq=False)
class VolumeContext:
    """What a view's volume edit needs whatever the slider says."""

    view: View

    @cached_property
    def silhouette(self) -> Silhouette:
        return Silhouette.of(self.view.analysis)

    @cached_property
    def outward(self) -> Array:
        return self.silhouette.to_view(self.silhouette.outward, self.view)

    @cached_property
    def inward(self) -> Array:
        return self.silhouette.to_view(self.silhouette.inward, self.view)

    @cached_property
    def cuts(self) -> Cuts:
        return Cuts.of(self.framed, CUT * self.view.iod)

    @cached_property
    def framed(self) -> Array:
        """The matte in a frame of one pixel that shows the hair's body without single strands: what
        comes in from beyond the border is made of it. (h + 2, w + 2) float32."""
        matte = self.view.matte
        body = smoothstep(0.35, 0.75, fast_blur(matte, 0.02 * self.view.iod))
        framed = np.pad(body, 1, "edge")
        framed[1:-1, 1:-1] = matte
        return framed

    def matte_at(self, x: Array, y: Array) -> Array:
        """Hair that comes from (x, y), which may lie beyond the photo; changes both."""
        x += 1
        y += 1
        self.cuts.bring_in(x, y)
        return remap(self.framed, x, y, cv2.INTER_LINEAR)

    def sources(self, distance: Array, away: Array) -> tuple[Array, Array]:
        """Where what has come by ``distance`` pixels ((h, w)) along ``away`` ((h, w, 2)) came from:
        x and y."""
        x = np.arange(self.view.box.w, dtype=np.float32)[None]
        y = np.arange(self.view.box.h, dtype=np.float32)[:, None]
        away_x, away_y = cv2.split(away)
        return x - distance * away_x, y - distance * away_y

    @cached_property
    def hair(self) -> Array:
        """Colour of the hair in every pixel, (h, w, 3) float32."""
        view = self.view
        small = unmixing.reduce(view.rgb, view.unit)
        layers = unmixing.separate(small, view.parsed, view.unit * small.shape[1] / view.box.w)
        local, behind = (cv2.resize(plane, view.size) for plane in (layers.hair, layers.behind))
        alpha = view.matte[..., None]
        mixed = (view.rgb - (1 - alpha) * behind) / np.maximum(alpha, np.float32(0.1))
        trust = np.clip((alpha - np.float32(0.15)) / np.float32(0.6), 0, 1)
        return local + trust * (np.clip(mixed, 0, 1) - local)

    @cached_property
    def background(self) -> tuple[Array, Array]:
        """The photo with the background continued behind the outer hair, (h, w, 3) float32, and
        how much of every pixel is new, (h, w) float32 0..1."""
        view, silhouette = self.view, self.silhouette
        beyond = silhouette.to_view(silhouette.beyond, view)
        root = silhouette.to_view(silhouette.root, view)
        stray = cv2.dilate(view.matte, disc(0.02 * view.iod)) > COVERED
        hole = (beyond > -DEEPEST) & (root > 0) & ((beyond < HALO) | (stray & (beyond < FARTHEST)))
        known = ~hole & ~stray & (beyond > 0) & (root > 0.03)
        cloth = view.probability(Class.CLOTH)
        filled, odd = completion.fill(view.rgb, hole, known, cloth, view.iod)
        new = smoothstep(0.05, 0.5, fast_blur(hole.astype(np.float32), 0.012 * view.iod))
        new *= hole | known
        if odd.any():
            drawn, near = self._drawn_in(beyond, root, known)
            filled += odd[..., None] * (drawn - filled)
            new += odd * (near - new)
        filled -= view.rgb
        filled *= new[..., None]
        filled += view.rgb
        return filled, new

    def _drawn_in(
        self, beyond: Array, root: Array, known: NDArray[np.bool_]
    ) -> tuple[Array, Array]:
        """The background pulled in behind the outer hair like a cloth, (h, w, 3), and where,
        (h, w): no copy, but all that meets the outline goes on."""
        view = self.view
        clean = _without_strands(view, known)
        place = (beyond + np.float32(DEEPEST)) / np.float32(FARTHEST + DEEPEST)
        source = np.float32(HALO) + np.float32(FARTHEST - HALO) * np.clip(place, 0, 1)
        distance = (beyond - source) * np.float32(view.iod)
        x, y = self.sources(distance.astype(np.float32), self.outward)
        near = (root > 0) * smoothstep(FARTHEST, FARTHEST - HALO, beyond) * (place > 0)
        return remap(clean, x, y, cv2.INTER_LINEAR), near.astype(np.float32)

    @cached_property
    def crosswise(self) -> Array:
        """How much strands run across the movement, (h, w) float32 0..1."""
        flow, away = self.view.flow, self.outward
        across, down = away[..., 0], away[..., 1]
        lengthwise = cv2.multiply(flow[..., 0], across * across - down * down)
        lengthwise += cv2.multiply(flow[..., 1], across * down, scale=2)
        return 1 - smoothstep(*LENGTHWISE, lengthwise)

    @cached_property
    def fine(self) -> Array:
        """The hair's fine texture, faded out well inside its edge, (h, w, 3) float32."""
        rgb, unit = self.view.rgb, self.view.unit
        return (rgb - fast_blur(rgb, FINE * unit)) * self._inside(5 * unit)

    @cached_property
    def locks(self) -> Array:
        """What makes locks stand out of the gaps between them, (h, w, 3) float32; faded out well
        inside the hair's edge."""
        rgb, iod = self.view.rgb, self.view.iod
        finer, coarser = (fast_blur(rgb, sigma * iod) for sigma in LOCKS)
        return (finer - coarser) * self._inside(LOCKS[1] * iod)

    def _inside(self, reach: float) -> Array:
        """(h, w, 1) float32: 1 in hair, 0 where less than ``reach`` pixels from its edge."""
        hair = fast_blur((self.view.matte > 0.5).astype(np.float32), reach)
        return smoothstep(0.85, 0.98, hair)[..., None]


def _without_strands(view: View, known: NDArray[np.bool_]) -> Array:
    """The photo, what is not background smoothed over, with the photo's grain: (h, w, 3)."""
    weight, clean = known.astype(np.float32), view.rgb
    fine, coarse = (normalised_blur(view.rgb, weight, sigma * view.iod) for sigma in (0.03, 0.12))
    seen = np.clip(4 * fast_blur(weight, 0.03 * view.iod), 0, 1)[..., None]
    smooth = coarse + seen * (fine - coarse)
    luma, _ = octaves.grain(view.rgb, known)
    smooth += chance.noise_image(view.box)[..., :1] * np.float32(luma)
    share = fast_blur(weight, NEAR * view.iod)[..., None] ** 2
    return (smooth + share * (clean - smooth)).astype(np.float32)


def prepare(view: View) -> VolumeContext:
    """Keep this per view: a slider move then only costs the drawing."""
    return VolumeContext(view)


def draw(context: VolumeContext, amount: float, seed: int) -> Drawing:
    """More (``amount`` > 0) or less volume, -1..1: up to .2 IOD out or .15 IOD in.

    ``seed`` chooses which locks stand out. ``Drawing.alpha`` is 0 where nothing changes.
    """
    view, silhouette = context.view, context.silhouette
    if amount == 0 or not (view.matte > 0.5).any():
        return _unchanged(view, amount)
    moves, free = silhouette.moves((OUT_LIMIT if amount > 0 else IN_LIMIT) * amount)
    if amount > 0:
        loose = np.clip(wander(moves.shape, CLUMP * CELLS, seed), -2, 2)
        moves *= 1 + np.float32(LOOSE * amount) * loose * free
    shift = silhouette.to_view(moves, view) * np.float32(view.iod)
    alpha = context.matte_at(*context.sources(shift, context.outward))
    x, y = context.sources(shift, context.outward if amount > 0 else context.inward)
    touched = cv2.max(alpha, view.matte)
    if amount > 0:
        behind = view.rgb
    else:
        behind, new = context.background
        touched = cv2.max(touched, new)
    over = alpha[..., None] * (remap(context.hair, x, y) - behind) + behind
    rgb = remap(view.rgb, x, y)
    rgb += silhouette.to_view(free, view)[..., None] * (over - rgb)
    rgb += _texture(context, moves, x, y) * alpha[..., None]
    rgb += remap(context.locks, x, y, cv2.INTER_LINEAR) * (
        alpha[..., None] * np.float32(LOOSER * amount)
    )
    changed = smoothstep(0.02, 0.35, np.abs(shift)) * (touched > 0.004)
    flow = view.flow + changed[..., None] * (_turned_flow(context, moves) - view.flow)
    state = HairState(view.box, view.scale, alpha, view.hairline, flow)
    return Drawing(np.clip(rgb, 0, 1), changed, state)


def _turned_flow(context: VolumeContext, moves: Array) -> Array:
    """The view's flow after the movement, which carries strands along and turns them."""
    view, silhouette = context.view, context.silhouette
    height, width = moves.shape
    away = silhouette.outward * (moves * np.float32(CELLS))[..., None]
    x = np.arange(width, dtype=np.float32)[None] - away[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] - away[..., 1]
    x, y = x.astype(np.float32), y.astype(np.float32)
    flow = remap(silhouette.from_view(view.flow, view), x, y, cv2.INTER_LINEAR)
    (x_down, x_across), (y_down, y_across) = np.gradient(x), np.gradient(y)
    angle = 0.5 * np.arctan2(flow[..., 1], flow[..., 0])
    across, down = np.cos(angle), np.sin(angle)
    angle = np.arctan2(x_across * down - y_across * across, y_down * across - x_down * down)
    turned = np.dstack([np.cos(2 * angle), np.sin(2 * angle), flow[..., 2]])
    return silhouette.to_view(turned.astype(np.float32), view)


def _texture(context: VolumeContext, moves: Array, x: Array, y: Array) -> Array:
    """What keeps the size of fine texture across the movement: (h, w, 3) float32 to add."""
    view, silhouette = context.view, context.silhouette
    dy, dx = np.gradient(moves * np.float32(CELLS))
    along = dx * silhouette.outward[..., 0] + dy * silhouette.outward[..., 1]
    rate = np.log(np.maximum(1 - along, 0.3))
    share = silhouette.to_view(smoothstep(0.08, 0.25, np.abs(rate)), view)
    share *= remap(context.crosswise, x, y, cv2.INTER_LINEAR)
    warped = remap(context.fine, x, y)
    steps = silhouette.to_view(moves * np.float32(1 / PATCH), view)
    first = np.floor(steps)
    second = smoothstep(0.3, 0.7, steps - first)
    norm = np.sqrt((1 - second) ** 2 + second * second)
    patched = np.zeros_like(warped)
    away = context.outward if moves.max() > 0 else context.inward
    for index, weight in ((first, 1 - second), (first + 1, second)):
        x, y = context.sources(index * np.float32(PATCH * view.iod), away)
        patched += remap(context.fine, x, y) * (weight / norm)[..., None]
    kept = silhouette.to_view(np.exp(np.float32(-KEPT_ENERGY) * rate), view)
    norm = np.sqrt((1 - share) ** 2 + share * share)
    patched *= (share / norm)[..., None]
    patched += warped * (kept * (1 - share) / norm - 1)[..., None]
    return patched


def _unchanged(view: View, amount: float) -> Drawing:
    warnings = ()
    if amount != 0:
        warnings = (Finding("no_hair_to_sample", 0, 1, "no hair to give volume to"),)
    state = HairState(view.box, view.scale, view.matte, view.hairline, view.flow)
    return Drawing(view.rgb, np.zeros(view.matte.shape, np.float32), state, warnings)
