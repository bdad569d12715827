"""How the hair of a view looks: tones, colours, light, fine detail, grain and blur."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, octaves, sample, surroundings, tones
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.tones import FLOOR, Tones
from hairstudio.imaging.filters import normalised_blur, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
NEAR = 0.65
"""Hair within this distance of the edit sets the tone and the texture, IOD."""
RIM, RIM_WEIGHT = (0.03, 0.22), 0.05
"""Hair nearer to the head's outline than this (IOD) counts down to so much: it mirrors the sky and
the background."""
BESIDE, SIDES = (0.0, 0.3), 0.15
"""So far below the middle of the hairline, IOD, hair counts down to so much: its sides are often
greyer, and lie in other light."""
DETAIL_LIMIT = 1.6
USUAL_REDNESS = 0.25
"""Of skin: red less blue over red."""
ALIKE, LEAST_CONTRAST = 0.35, 0.88
"""Texture is read off hair whose lightness is within about so much of the usual, log luminance; it
has no less contrast than such a share of what all hair has."""
CROPPED, FAINT = (0.5, 0.15), (0.11, 0.08)
"""Hair on so little of the head (IOD^2) with so little contrast, over its tone, is cropped."""
CONTRAST, CALM = 0.15, 0.75
"""Standard deviation of typical hair's luminance over its median, per octave; cropped hair that has
grown is given so much of it."""


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
    coarse, core = sample.sure_hair(view)
    if float(core.sum()) / coarse.iod**2 < sample.LEAST_AREA:
        return None
    away = canvas.scatter(near, coarse)
    weight = np.exp(-((away / NEAR) ** 4)) * (0.3 + 0.7 * smoothstep(0.05, 0.25, away))
    # hair at the very edge lies in its own shade, and at the outline in the light from behind
    fair = _facing(head) * _above(head)
    weight = (weight * canvas.scatter(fair, coarse) + 1e-6).astype(np.float32)
    seen_tones = tones.read(coarse, core, weight)
    fine = cv2.resize(core, view.size, interpolation=cv2.INTER_LINEAR)
    nearby = (fine > 0.8) * cv2.resize(weight, view.size, interpolation=cv2.INTER_LINEAR)
    here = Box.of_mask(nearby > 0.05 * nearby.max()).slices
    texture = octaves.split(view.luminance[here], fine[here] + np.float32(1e-4), view.unit)
    seen = np.sqrt(nearby[here])  # of texture hair at the outline is a fair sample
    usual = seen * _as_light(texture.rest, float(seen_tones.levels[2]), seen.shape)
    bands, slopes = (
        np.maximum(measured(usual), LEAST_CONTRAST * measured(seen))
        for measured in (texture.deviations, texture.slopes)
    )
    window = octaves.densest(fine)
    detail = _detail(view, fine)
    area = float(core.sum()) / coarse.iod**2
    grown, bands, slopes = _grown_out(seen_tones, bands, slopes, area)
    facing = core * canvas.scatter(_facing(head), coarse)
    grain, grain_color = octaves.grain(view.rgb, view.skin > 0.95)
    return Looks(
        grown, *surroundings.local(coarse, core), surroundings.light_on_skin(coarse), detail, bands,
        slopes, octaves.sharpness(view.luminance[window], fine[window] > 0.8, grain),
        grain, grain_color,
        surroundings.around(coarse, facing, seen_tones),
        surroundings.tints(coarse, core, seen_tones), surroundings.shine_on_skin(coarse),
        redness(coarse),
    )  # fmt: skip


def _as_light(soft: Array, middle: float, shape: tuple[int, ...]) -> Array:
    """1 where ``soft`` hair is about as light as it is in the ``middle``, less elsewhere, (h, w):
    hair in the glare of a lamp has more contrast than the same hair beside it."""
    apart = np.log((soft + FLOOR) / (middle + FLOOR))
    alike = np.exp(-0.5 * (apart / ALIKE) ** 2)
    return cv2.resize(alike, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _grown_out(seen: Tones, bands: Array, slopes: Array, area: float) -> tuple[Tones, Array, Array]:
    """The tones and the texture of cropped hair, on so much of the head (IOD^2), when it is longer:
    without the skin that shines through."""
    middle = seen.levels[2] + FLOOR
    faint = np.asarray(bands[:2].mean() / middle)
    cropped = smoothstep(*CROPPED, np.array([area], np.float32)) * smoothstep(*FAINT, faint)
    darker = ((seen.levels[0] + FLOOR) / middle) ** cropped
    levels = ((seen.levels + FLOOR) * darker - FLOOR).astype(np.float32)
    more = np.maximum(cropped * CALM * CONTRAST * darker * middle / bands, 1)
    return Tones(seen.lut, levels), bands * more, slopes * more


def _facing(head: Head) -> Array:
    """(HEIGHT, WIDTH) 1 where the hair faces the camera, less towards the head's outline."""
    around = ((head.hair < 0.5) & (head.skin < 0.5) & (head.inside < 0.9)).astype(np.uint8)
    depth = cv2.distanceTransform(1 - around, cv2.DIST_L2, 5) * np.float32(canvas.PITCH)
    return RIM_WEIGHT + (1 - RIM_WEIGHT) * smoothstep(*RIM, depth)


def _above(head: Head) -> Array:
    """(HEIGHT, WIDTH) 1 where hair grows that can fall over the forehead, less beside the face."""
    beside = smoothstep(*BESIDE, canvas.V - np.float32(head.brow - head.height))
    return 1 - (1 - SIDES) * beside


def _detail(view: View, core: Array) -> Array:
    """Log luminance less its blur, within limits, (h, w)."""
    log = np.log(view.luminance + FLOOR)
    detail = (log - normalised_blur(log, core + np.float32(1e-4), 16 * view.unit)) * core
    limit = DETAIL_LIMIT * float(detail[::3, ::3][core[::3, ::3] > 0.5].std() + 1e-6)
    return (np.tanh(detail / limit) * limit).astype(np.float32)


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
        light=surroundings.light_on_skin(sample.reduced(view)[0]),
        shine=surroundings.shine_on_skin(sample.reduced(view)[0]),
        bands=bands,
        slopes=slopes,
        sharpness=octaves.sharpness(view.luminance[window], shown[window]),
        grain=grain,
        grain_color=grain_color,
        around=surroundings.unlike_nothing(),
        redness=redness(view),
    )


def redness(view: View) -> float:
    """How far skin has its usual colour, 0..1; 0 = grey."""
    skin = view.rgb[view.skin > 0.95]
    if not skin.size:
        return 1.0
    red, _, blue = skin.mean(0)
    return float(np.clip((red - blue) / (USUAL_REDNESS * red + 1e-3), 0, 1))
