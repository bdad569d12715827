"""How the hair of a view looks: tones, colours, light, fine detail, grain and blur."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, octaves
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.imaging.filters import disc, fast_blur, normalised_blur, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.parsing import BROWS, Class
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
Scales = tuple[tuple[float, float], ...]

STEPS = 33
FLOOR = np.float32(0.02)
"""Added to luminance before the logarithm."""
COARSE_IOD = 200.0
LEAST_AREA = 0.015
"""Less hair than this (IOD^2) is no sample."""
NEAR = 0.65
"""Hair within this distance of the edit sets the tone and the texture, IOD."""
RIM, RIM_WEIGHT = (0.03, 0.22), 0.05
"""Hair nearer to the head's outline than this (IOD) counts down to so much: it mirrors the sky and
the background."""
BESIDE, SIDES = (0.0, 0.3), 0.15
"""So far below the middle of the hairline, IOD, hair counts down to so much: its sides are often
greyer, and lie in other light."""
STUBBLE_CONTRAST, STUBBLE_AREA = 0.028, 1.5
"""A little hair (IOD^2) with less contrast than this, relative to its tone, is stubble."""
MUCH = 2.5
"""So much of it (IOD^2) is hair without a closer look."""
RED = 0.5
"""Scalp that shows through hair has more than this of the face's red (a of Lab)."""
WHITE, BROWS_TOO = 0.3, 0.8
"""White hair has less than this of it; brows of fair-haired heads have more than so much of the
hair's luminance."""
DETAIL_LIMIT = 1.6
DYED, REFLECTED, COLD = (15.0, 28.0), 2.0, 0.9
"""Cold colours of less chroma than this (Lab) are reflections, of more are dye; bangs keep so much
of a reflection's chroma, and lose such a share of what differs in it from place to place."""
NEARBY = ((0.04, 1.0), (0.14, 0.03), (0.44, 0.0008), (1.5, 1e-6))
"""The looks of the nearest hair: sigmas in IOD and weights."""
AROUND, ASIDE = ((0.25, 1.0), (0.5, 0.01), (1.2, 1e-5)), 3
"""The looks of hair around, so many times as far aside: of the same height above all."""
UNLIKE = (0.6, 0.2)
"""Hair differs no more than this from place to place: log luminance and colour."""
GRADED = (10.0, 12.5)
"""Cold highlights of more chroma than this come with the photo."""
USUAL_REDNESS = 0.25
"""Of skin: red less blue over red."""
LOCKS, TINTED = 0.8, 0.06
"""The colour of locks is seen so softly (canvas cells), and differs no more than this, log."""
SHINE, MATT = ((0.03, 1.0), (0.10, 0.02), (0.3, 0.0005), (1.5, 1e-6)), (0.3, 0.5)
"""Glare on skin is seen so softly (sigmas in IOD and weights); skin between these quantiles of
lightness has none."""
LEAST_SKIN = 100
"""Canvas cells of skin; fewer say nothing about the light."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
ALIKE, LEAST_CONTRAST = 0.35, 0.88
"""Texture is read off hair whose lightness is within about so much of the usual, log luminance; it
has no less contrast than such a share of what all hair has."""
CROPPED, FAINT = (0.5, 0.15), (0.11, 0.08)
"""Hair on so little of the head (IOD^2) with so little contrast, over its tone, is cropped."""
CONTRAST, CALM = 0.15, 0.75
"""Standard deviation of typical hair's luminance over its median, per octave; cropped hair that has
grown is given so much of it."""
BRIGHTEST = 0.78
"""New hair is no lighter than this in the middle, that its highlights have room above it."""


@dataclass(frozen=True, eq=False)
class Tones:
    """The own hair's colours by luminance. ``lut``: (256, 3) float32 RGB 0..1 for luminance
    0..1; ``levels``: luminance at 5, 25, 50, 75, 95, 99 % of the hair near the edit."""

    lut: Array
    levels: Array


@dataclass(frozen=True, eq=False)
class Looks:
    """``log_luminance``, ``ratio`` (RGB over luminance), ``light`` (log, 0 = typical): what the
    own hair and the light look like around each canvas cell, (HEIGHT, WIDTH[, 3]); ``detail``:
    (h, w) fine log-luminance detail of the view's hair; ``bands``: the standard deviation
    of its luminance in each octave, ``slopes``: its gradient's root mean square there, empty when
    not seen; ``sharpness``: its high-frequency ratio; ``grain``,
    ``grain_color``: standard deviation of the photo's noise; ``around``: how the own hair of each
    side and height differs from its usual looks, (HEIGHT, WIDTH, 4): log luminance, and factors of
    red, green and blue for the same luminance; ``tints``: (HEIGHT, WIDTH, 3) how the colour of the
    hair itself differs there from the usual one, log red, green and blue at the same luminance;
    ``shine``: (HEIGHT, WIDTH, 3) log red, green and blue of usual skin less what glaring skin has
    there, 0 or below; ``redness``: 0..1, 0 where skin is grey: in a picture without colours."""

    tones: Tones
    log_luminance: Array
    ratio: Array
    light: Array
    detail: Array
    bands: Array
    slopes: Array
    sharpness: float
    grain: float
    grain_color: float
    around: Array
    tints: Array
    shine: Array
    redness: float = 1.0

    @cached_property
    def maps(self) -> Array:
        """(HEIGHT, WIDTH, 6): log luminance, how red, green and blue differ there from the hair's
        usual ones, light, and lightness over the usual."""
        around = self.around
        return np.dstack([self.log_luminance, around[..., 1:], self.light, around[..., 0]])


def measure(view: View, head: Head, near: Array) -> Looks | None:
    """Look at the own hair, mostly near the edit; None when there is too little to see.

    ``near``: (HEIGHT, WIDTH) float32 canvas, distance from the edit in IOD.
    """
    coarse, core = _sample(view)
    if float(core.sum()) / coarse.iod**2 < LEAST_AREA:
        return None
    away = canvas.scatter(near, coarse)
    weight = np.exp(-((away / NEAR) ** 4)) * (0.3 + 0.7 * smoothstep(0.05, 0.25, away))
    # hair at the very edge lies in its own shade, and at the outline in the light from behind
    fair = _facing(head) * _above(head)
    weight = (weight * canvas.scatter(fair, coarse) + 1e-6).astype(np.float32)
    tones = _tones(coarse, core, weight)
    fine = cv2.resize(core, view.size, interpolation=cv2.INTER_LINEAR)
    nearby = (fine > 0.8) * cv2.resize(weight, view.size, interpolation=cv2.INTER_LINEAR)
    here = Box.of_mask(nearby > 0.05 * nearby.max()).slices
    texture = octaves.split(view.luminance[here], fine[here] + np.float32(1e-4), view.unit)
    seen = np.sqrt(nearby[here])  # of texture hair at the outline is a fair sample
    usual = seen * _as_light(texture.rest, float(tones.levels[2]), seen.shape)
    bands, slopes = (
        np.maximum(measured(usual), LEAST_CONTRAST * measured(seen))
        for measured in (texture.deviations, texture.slopes)
    )
    window = octaves.densest(fine)
    detail = _detail(view, fine)
    area = float(core.sum()) / coarse.iod**2
    grown, bands, slopes = _grown_out(tones, bands, slopes, area)
    facing = core * canvas.scatter(_facing(head), coarse)
    grain, grain_color = octaves.grain(view.rgb, view.skin > 0.95)
    return Looks(
        grown, *_local(coarse, core), light_on_skin(coarse), detail, bands,
        slopes, octaves.sharpness(view.luminance[window], fine[window] > 0.8, grain),
        grain, grain_color,
        _around(coarse, facing, tones), _tints(coarse, core, tones), shine_on_skin(coarse),
        redness(coarse),
    )  # fmt: skip


def _as_light(soft: Array, middle: float, shape: tuple[int, ...]) -> Array:
    """1 where ``soft`` hair is about as light as it is in the ``middle``, less elsewhere, (h, w):
    hair in the glare of a lamp has more contrast than the same hair beside it."""
    apart = np.log((soft + FLOOR) / (middle + FLOOR))
    alike = np.exp(-0.5 * (apart / ALIKE) ** 2)
    return cv2.resize(alike, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _grown_out(
    tones: Tones, bands: Array, slopes: Array, area: float
) -> tuple[Tones, Array, Array]:
    """The tones and the texture of cropped hair, on so much of the head (IOD^2), when it is longer:
    without the skin that shines through."""
    middle = tones.levels[2] + FLOOR
    faint = np.asarray(bands[:2].mean() / middle)
    cropped = smoothstep(*CROPPED, np.array([area], np.float32)) * smoothstep(*FAINT, faint)
    darker = ((tones.levels[0] + FLOOR) / middle) ** cropped
    levels = ((tones.levels + FLOOR) * darker - FLOOR).astype(np.float32)
    more = np.maximum(cropped * CALM * CONTRAST * darker * middle / bands, 1)
    return Tones(tones.lut, levels), bands * more, slopes * more


def _around(view: View, core: Array, tones: Tones) -> Array:
    """How hair of the same side and height differs from the usual: (HEIGHT, WIDTH, 4)."""
    usual = tones.lut[np.clip(255 * view.luminance, 0, 255).astype(np.intp)]
    color = np.log((view.rgb + FLOOR) / (usual + FLOOR))
    lightness = np.log((view.luminance + FLOOR) / (tones.levels[2] + FLOOR))
    unlike = _spread(np.dstack([lightness, color]), core, view, AROUND, ASIDE)
    colder = unlike[..., 3:] > unlike[..., 1:2]  # is a reflection
    color = unlike[..., 1:] * np.where(colder, 1 - COLD, 1)
    lightness = np.clip(unlike[..., 0], -UNLIKE[0], UNLIKE[0])
    return np.dstack([lightness, np.exp(np.clip(color, -UNLIKE[1], UNLIKE[1]))]).astype(np.float32)


def _tints(view: View, core: Array, tones: Tones) -> Array:
    """The colour of single locks, (HEIGHT, WIDTH, 3) of ``Looks.tints``."""
    usual = tones.lut[np.clip(255 * view.luminance, 0, 255).astype(np.intp)]
    color = np.log((view.rgb + FLOOR) / (usual + FLOOR)) * core[..., None]
    color = color.astype(np.float32)
    weighted, weight = (canvas.gather(plane, view.frame, 0.0) for plane in (color, core))
    tints = fast_blur(weighted, LOCKS) / (fast_blur(weight, LOCKS)[..., None] + np.float32(0.02))
    tints = (tints - (tints @ LUMA)[..., None]).astype(np.float32)
    colder = tints[..., 2:] > tints[..., :1]
    share = np.where(colder, 1 - COLD * (1 - graded(tones)), 1).astype(np.float32)
    return (TINTED * np.tanh(tints * share / TINTED)).astype(np.float32)


def _facing(head: Head) -> Array:
    """(HEIGHT, WIDTH) 1 where the hair faces the camera, less towards the head's outline."""
    around = ((head.hair < 0.5) & (head.skin < 0.5) & (head.inside < 0.9)).astype(np.uint8)
    depth = cv2.distanceTransform(1 - around, cv2.DIST_L2, 5) * np.float32(canvas.PITCH)
    return RIM_WEIGHT + (1 - RIM_WEIGHT) * smoothstep(*RIM, depth)


def _above(head: Head) -> Array:
    """(HEIGHT, WIDTH) 1 where hair grows that can fall over the forehead, less beside the face."""
    beside = smoothstep(*BESIDE, canvas.V - np.float32(head.brow - head.height))
    return 1 - (1 - SIDES) * beside


def lent(looks: Looks, view: View, enlarged: float) -> Looks:
    """Another head's hair in this view: its palette, detail and contrast, the view's light, blur
    and noise. ``enlarged``: how many times the other photo was: octaves that enlarging left empty
    take the contrast of the finest that it shows."""
    middle = float(looks.tones.levels[2])
    color = looks.tones.lut[round(255 * middle)] / (middle + FLOOR)
    empty = min(max(0, round(np.log2(max(enlarged, 1)))), looks.bands.size - 1)
    bands = looks.bands.copy()
    bands[:empty] = np.maximum(bands[:empty], bands[empty])
    slopes = looks.slopes if not empty else np.zeros(0, np.float32)
    shown = view.matte > 0.8 if (view.matte > 0.8).any() else view.skin > 0.9
    window = octaves.densest(shown.astype(np.float32))
    grain, grain_color = octaves.grain(view.rgb, view.skin > 0.95)
    return replace(
        looks,
        log_luminance=np.full_like(looks.log_luminance, np.log(middle + FLOOR)),
        ratio=np.broadcast_to(color, looks.ratio.shape).astype(np.float32),
        light=light_on_skin(_reduced(view)[0]),
        shine=shine_on_skin(_reduced(view)[0]),
        bands=bands,
        slopes=slopes,
        sharpness=octaves.sharpness(view.luminance[window], shown[window]),
        grain=grain,
        grain_color=grain_color,
        around=unlike_nothing(),
        redness=redness(view),
    )


def redness(view: View) -> float:
    """How far skin has its usual colour, 0..1; 0 = grey."""
    skin = view.rgb[view.skin > 0.95]
    if not skin.size:
        return 1.0
    red, _, blue = skin.mean(0)
    return float(np.clip((red - blue) / (USUAL_REDNESS * red + 1e-3), 0, 1))


def unlike_nothing() -> Array:
    """``Looks.around`` of hair that looks the same everywhere."""
    return np.dstack([np.zeros_like(canvas.V), *[np.ones_like(canvas.V)] * 3])


def is_stubble(view: View) -> bool:
    """What hair there is does not hide the scalp: little of it, with little contrast, and no
    lighter than skin; or next to none."""
    grid = view.analysis.grid
    seen = np.count_nonzero(view.analysis.probability(Class.HAIR) > 127)
    if view.state is None and seen > MUCH * (view.analysis.iod * grid.scale) ** 2:
        return False
    view, core = _sample(view)
    area = float(core.sum()) / view.iod**2
    if not LEAST_AREA <= area < STUBBLE_AREA:
        return area < LEAST_AREA
    shown = core > 0.8 if (core > 0.8).any() else core > 0.5 * core.max()
    bands = octaves.split(view.luminance, core + np.float32(1e-4), view.unit).deviations(
        shown.astype(np.float32)
    )
    middle = float(np.median(view.luminance[core > 0.5 * core.max()]) + FLOOR)
    faint = float(bands.mean()) / middle < STUBBLE_CONTRAST
    skin = view.luminance[view.skin > 0.9]
    if skin.size == 0:
        return faint
    tone = float(np.median(skin))
    shines = middle > _half_way_to_brows(view, tone) and _as_red(view, shown)
    return middle < tone and (faint or shines) and not _fair(view, shown, middle)


def _fair(view: View, shown: NDArray[np.bool_], middle: float) -> bool:
    """Whether what is ``shown``, (h, w), of luminance ``middle``, is white hair, which is not red,
    or fair, as brows then are too: that has little contrast as well."""
    brow = view.luminance[view.probability(*BROWS) > 0.7]
    fair = brow.size > 20 and float(np.median(brow)) > BROWS_TOO * middle
    return fair or not _as_red(view, shown, WHITE)


def _as_red(view: View, shown: NDArray[np.bool_], share: float = RED) -> bool:
    """Whether what is ``shown``, (h, w), is about as red as skin, or a ``share`` of it: white hair
    is not."""
    own, skin = (view.rgb[where][None] for where in (shown, view.skin > 0.9))
    red, face = (float(np.median(cv2.cvtColor(part, cv2.COLOR_RGB2LAB)[..., 1]))
                 for part in (own, skin))  # fmt: skip
    return red > share * face


def _sample(view: View) -> tuple[View, Array]:
    """The view reduced, and where it shows hair for sure, (h, w) 0..1."""
    coarse, matte = _reduced(view)
    core = cv2.erode(np.clip((matte - 0.6) / 0.4, 0, 1), disc(6 * coarse.unit))
    return coarse, np.asarray(core * _not_skin_colour(coarse, core), np.float32)


def _half_way_to_brows(view: View, skin: float) -> float:
    """Luminance between the brows' and the skin's: lighter "hair" on a small part of the head is
    scalp that shows."""
    brow = view.luminance[view.probability(*BROWS) > 0.7]
    return 0.5 * (skin + float(np.quantile(brow, 0.2))) if brow.size > 20 else 1.0


def _reduced(view: View) -> tuple[View, Array]:
    """The view at no more than COARSE_IOD, and its matte: enough for tones and light."""
    scale = COARSE_IOD / view.iod
    if scale >= 1:
        return view, view.matte
    size = (max(1, round(view.box.w * scale)), max(1, round(view.box.h * scale)))
    box = Box(round(view.box.x * scale), round(view.box.y * scale), *size)
    rgb = cv2.resize(view.rgb, size, interpolation=cv2.INTER_AREA)
    matte = cv2.resize(view.matte, size, interpolation=cv2.INTER_AREA)
    return View(rgb, box, view.scale * scale, view.analysis), matte


def _detail(view: View, core: Array) -> Array:
    """Log luminance less its blur, within limits, (h, w)."""
    log = np.log(view.luminance + FLOOR)
    detail = (log - normalised_blur(log, core + np.float32(1e-4), 16 * view.unit)) * core
    limit = DETAIL_LIMIT * float(detail[::3, ::3][core[::3, ::3] > 0.5].std() + 1e-6)
    return (np.tanh(detail / limit) * limit).astype(np.float32)


def _not_skin_colour(view: View, core: Array) -> Array:
    """0 where "hair" has the chroma of the face's skin (hands, scalp), 1 elsewhere."""
    ratio = view.rgb / (view.luminance[..., None] + FLOOR)
    skin = (view.skin > 0.9) & (core < 0.01) & (view.hair < 0.05)
    if skin.sum() < 100 or (core > 0.5).sum() < 100:
        return np.ones_like(core)
    tone, own = np.median(ratio[skin], 0), np.median(ratio[core > 0.5], 0)
    apart = float(np.abs(tone - own).sum())
    if apart < 0.25:  # hair of the skin's own hue: no telling
        return np.ones_like(core)
    to_skin = np.abs(ratio - tone).sum(2)
    bright = smoothstep(0.6, 0.8, view.luminance / np.median(view.luminance[skin]))
    return 1 - (1 - smoothstep(0.15 * apart, 0.35 * apart, to_skin)) * bright


def _tones(view: View, core: Array, near: Array) -> Tones:
    chosen = core > (0.8 if (core > 0.8).sum() > 200 else 0.3)
    rgb, luminance, weight = view.rgb[chosen], view.luminance[chosen], near[chosen] + 1e-4
    order = np.argsort(luminance)
    rgb, luminance, weight = rgb[order], luminance[order], weight[order]
    share = np.cumsum(weight, dtype=np.float64) / weight.sum(dtype=np.float64)
    levels = np.interp([0.05, 0.25, 0.5, 0.75, 0.95, 0.99], share, luminance)
    bins = np.minimum((share * STEPS).astype(int), STEPS - 1)
    # the colour is taken from nearer than the tone, and deeper inside the hair
    weight = weight**3 * (cv2.erode(core, disc(7 * view.unit))[chosen][order] + 0.02)
    total = np.bincount(bins, weight, STEPS) + 1e-12
    tone = np.bincount(bins, weight * luminance, STEPS) / total
    ramp = np.stack([np.bincount(bins, weight * rgb[:, c], STEPS) / total for c in range(3)], 1)
    room = BRIGHTEST / max(float(levels[2]), BRIGHTEST)  # or highlights would all be alike: white
    lut = faced(_lut(tone, ramp), float(levels[4]))
    return Tones(lut, (levels * room).astype(np.float32))


def _lut(tone: NDArray[np.float64], ramp: NDArray[np.float64]) -> Array:
    """Colour for every luminance: interpolated, darkened or lightened beyond what was seen."""
    seen = tone > 0
    tone, ramp = np.maximum.accumulate(tone[seen] + np.arange(seen.sum()) * 1e-6), ramp[seen]
    x = np.linspace(0, 1, 256)
    lut = np.stack([np.interp(x, tone, ramp[:, c]) for c in range(3)], 1)
    low, high = x < tone[0], x > tone[-1]
    lut[low] = ramp[0] * (x[low] / max(tone[0], 1e-3))[:, None]
    lut[high] = np.clip(ramp[-1] + (x[high] - tone[-1])[:, None], 0, 1)
    return cv2.GaussianBlur(lut.astype(np.float32), (1, 13), 0.1, sigmaY=2.0)


def faced(lut: Array, bright: float) -> Array:
    """Colours of hair that faces the camera: no pigment is a little blue or green, the sky is that
    lies on hair at the outline and on top. Where even ``bright`` hair (luminance) is so, all of the
    photo is."""
    lab = cv2.cvtColor(lut[None], cv2.COLOR_RGB2LAB)
    cold, chroma = _cold(lab)
    cold *= 1 - smoothstep(*DYED, chroma)
    top = round(255 * min(bright, 1.0))
    kept = REFLECTED * np.tanh(chroma / REFLECTED) / (chroma + 1e-3)
    lab[..., 1:] *= (1 - (1 - kept) * (1 - _graded(cold, chroma, top)) * cold)[..., None]
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)[0], 0, 1)


def graded(tones: Tones) -> np.float32:
    """How sure it is, 0..1, that cold hair comes with the photo and is no reflection."""
    cold, chroma = _cold(cv2.cvtColor(tones.lut[None], cv2.COLOR_RGB2LAB))
    return _graded(cold, chroma, round(255 * min(float(tones.levels[4]), 1.0)))


def _cold(lab: Array) -> tuple[Array, Array]:
    a, b = lab[..., 1], lab[..., 2]
    chroma = np.hypot(a, b)
    away = ((-0.5 * a - b) / (chroma + 1e-3)).astype(np.float32)
    return smoothstep(0.0, 0.5, away), chroma.astype(np.float32)


def _graded(cold: Array, chroma: Array, top: int) -> np.float32:
    return np.float32(cold[0, top] * np.interp(float(chroma[0, top]), GRADED, (0, 1)))


def _local(view: View, core: Array) -> tuple[Array, Array]:
    """Log luminance and colour ratio of the own hair, spread over the canvas."""
    log = np.log(view.luminance + FLOOR)
    ratio = view.rgb / (view.luminance[..., None] + FLOOR)
    spread = _spread(np.dstack([log, ratio]), core, view, NEARBY)
    return np.ascontiguousarray(spread[..., 0]), np.ascontiguousarray(spread[..., 1:])


def _spread(
    looks: NDArray[np.floating], core: Array, view: View, reach: Scales, aside: int = 1
) -> Array:
    """(h, w, C) looks of the own hair over the canvas: in ``reach``, and ``aside`` times as far to
    the sides."""
    inner = cv2.erode(core, disc(7 * view.unit))
    inner = inner if float(inner.sum()) > 400 * view.unit**2 else core
    size = (canvas.WIDTH // aside, canvas.HEIGHT)
    weight, weighted = (
        cv2.resize(canvas.gather(part, view.frame, 0.0), size, interpolation=cv2.INTER_AREA)
        for part in (inner, (looks * inner[..., None]).astype(np.float32))
    )
    filled = _filled(weighted, weight, reach)
    return cv2.resize(filled, (canvas.WIDTH, canvas.HEIGHT), interpolation=cv2.INTER_LINEAR)


def _filled(weighted: Array, weight: Array, scales: Scales) -> Array:
    """Fill a canvas from where ``weight`` > 0, near places first; sigmas in IOD."""
    total = np.zeros_like(weighted)
    mass = np.zeros_like(weight)
    for sigma, share in scales:
        total += np.float32(share) * fast_blur(weighted, sigma * canvas.CELLS)
        mass += np.float32(share) * fast_blur(weight, sigma * canvas.CELLS)
    return total / (mass[..., None] if weighted.ndim == 3 else mass + 1e-12)


def light_on_skin(view: View) -> Array:
    """Log of the light that falls on the face, relative to the forehead's; hair hangs in it.

    Read off the skin: what is brighter or darker than typical skin, at coarse scale only.
    """
    log = np.log(view.luminance + FLOOR)
    weighted, weight = _on_face(view, log)
    if float(weight.sum()) < LEAST_SKIN:
        return np.zeros_like(canvas.V)
    light = _filled(weighted, weight, ((0.10, 1.0), (0.25, 0.05), (0.6, 0.001), (1.5, 1e-5)))
    typical = float(np.average(light, weights=weight))
    return np.clip(light - np.float32(typical), -1.2, 0.5)


def shine_on_skin(view: View) -> Array:
    """``Looks.shine``: what skin loses where something keeps the light off that glares on it."""
    weighted, weight = _on_face(view, np.log(view.rgb + FLOOR))
    if float(weight.sum()) < LEAST_SKIN:
        return np.zeros((*canvas.V.shape, 3), np.float32)
    local = _filled(weighted, weight, SHINE)
    tone = local @ LUMA
    seen = weight > 0.5
    low, high = np.quantile(tone[seen], MATT) if seen.any() else (-np.inf, np.inf)
    matt = seen & (tone >= low) & (tone <= high)
    return np.minimum(np.median(local[matt], 0) - local, 0).astype(np.float32)


def _on_face(view: View, looks: Array) -> tuple[Array, Array]:
    """(HEIGHT, WIDTH[, C]) looks of clear skin on the upper face, times its weight, and that."""
    clean = smoothstep(0.7, 0.95, view.skin) * (1 - smoothstep(0.02, 0.2, view.hair))
    clean = clean * smoothstep(0.5, -0.1, view.uv[1])
    shown = clean if looks.ndim == 2 else clean[..., None]
    weighted = canvas.gather((looks * shown).astype(np.float32), view.frame, 0.0)
    return weighted, canvas.gather(clean, view.frame, 0.0)
