"""From the lightness of a person's own hair to the lightness and colour of another shade.

Both are tables over L*, so that ranks are kept. The tone curve moves the median to the shade's and
is for smooth light and shade (strands stand beside it). The colour follows
Beer and Lambert: half of a shadow is less light, half a longer way through pigment; the brightest
lights are reflected by the cuticle and have the light's own colour (Marschner et al., SIGGRAPH
2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.palette import Shade
from hairstudio.imaging.colorspace import encoded, lab_image, linear
from hairstudio.imaging.filters import disc, smoothstep

Array = NDArray[np.float32]

BINS = 512
LIGHTNESS = np.linspace(0, 100, BINS, dtype=np.float32)
CEILING = 97.0
DARKER = 6.0
ROOM = 4.0  # L* more for hair made much darker: there is little below for shadows of strands
HIGHEST, DEEP = 50.0, 45.0  # L* from the median that lights and shadows never reach
FALLEN = 0.6  # of the way to the shade's own L* that limit goes down in hair made much darker
EVENED, VARIED = 0.6, (20.0, 45.0)  # where own L* spreads so much
BURNT = 2.0  # exp(-BURNT) of the way from the median to the highest is left above bright lights
RAISED = 20.0  # L* of lift
# Of shadows in lifted hair: L* they never reach below the median, also as a share of its L*; L* for
# light e times less, in white hair; light in black, also over that of the median
LOWEST, TOP_DOWN, STOP, GLOW, GLARE = 40.0, 0.85, 14.0, 0.0011, 0.03
REDDEST, TURN = 0.75, 0.45  # radians of hue: where shadows end, and how far they turn
PALE = 45, 65  # L* of shades between which shadows become more colourful than the shade
DEEPEST = 0.4  # chroma of a shadow over its L*
LUMA = np.array([0.212671, 0.715160, 0.072169], np.float32)


@dataclass(frozen=True, eq=False)
class Tones:
    """Own hair by lightness. ``share``: (BINS,) float32 of the pixels, sums to 1; ``pairs``: (2, n)
    L* of some neighbours, for the energy of gradients; ``median``: L*."""

    share: Array
    pairs: Array
    median: float

    @property
    def energy(self) -> float:
        """Mean squared difference of neighbours."""
        return float(np.square(np.diff(self.pairs, axis=0)).mean()) if self.pairs.size else 0.0


def measure(lightness: Array, weight: Array) -> Tones:
    """``lightness``: (h, w) L*; ``weight``: (h, w) float32, 1 where there is surely hair."""
    bins = np.clip(lightness * ((BINS - 1) / 100), 0, BINS - 1).astype(np.int32).ravel()
    share = np.bincount(bins, weight.ravel(), BINS) + 1e-9
    share = (share / share.sum()).astype(np.float32)
    inner = cv2.erode(weight, disc(3)) > 0  # the border of the hair is not its texture
    pairs = [_pairs(lightness, inner), _pairs(lightness.T, inner.T)]
    return Tones(share, np.concatenate(pairs, axis=1), weighted_median(LIGHTNESS, share))


def _pairs(lightness: Array, inside: NDArray[np.bool_]) -> Array:
    """(2, n) L* of some pixels and of their neighbours in the next column."""
    there = np.flatnonzero(inside[:, :-1])
    there = there[:: max(1, there.size // 4000)]
    return np.stack([lightness[:, :-1].ravel()[there], lightness[:, 1:].ravel()[there]])


def read(table: Array, lightness: Array) -> Array:
    """A table over L* at (...) lightnesses."""
    bins = lightness * np.float32((BINS - 1) / 100) + np.float32(0.5)
    return table[np.clip(bins, 0, BINS - 1).astype(np.int32)]


def weighted_median(values: Array, share: Array) -> float:
    order = np.argsort(values)
    cumulated = np.cumsum(share[order])
    return float(values[order][np.searchsorted(cumulated, 0.5 * cumulated[-1])])


def lifted(tones: Tones, target: float) -> float:
    """0..1: how much lighter than own hair the median shall be."""
    return min(max((target - tones.median) / 60, 0.0), 1.0)


def raised(tones: Tones, target: float) -> float:
    """0..1: how far hair is dyed lighter at all."""
    return min(max((target - tones.median) / RAISED, 0.0), 1.0)


def tone_curve(tones: Tones, target: float, slope: float, deeper: float = 1.0) -> Array:
    """(BINS,) new smooth L* over own: rising, ``tones.median`` -> ``target`` with a ``slope``, bent
    before black and white.

    Where hair is lifted its shadows are as deep as the eye sees light: by its logarithm, times
    ``deeper``.
    """
    highest = HIGHEST - FALLEN * darkened(tones, target) * max(HIGHEST - target, 0)
    up, down = min(max(CEILING - target, 3.0), highest), min(max(target - 1.0, 3.0), DEEP)
    light = float(np.interp(0.95, np.cumsum(tones.share), LIGHTNESS)) - tones.median
    rising = max(min(slope, BURNT * up / max(light, 1e-3)), min(slope, 1.0))
    distance = LIGHTNESS - np.float32(tones.median)
    rise = up * -np.expm1(-rising / up * np.maximum(distance, 0))
    fall = down * -np.expm1(-slope / down * np.maximum(-distance, 0))
    fall += raised(tones, target) * (_shadows(tones, target, deeper) - fall)
    return (np.float32(target) + rise - fall).astype(np.float32)


def _shadows(tones: Tones, target: float, deeper: float) -> Array:
    """(BINS,) how far L* falls below that of the median in lifted hair."""
    lowest = min(LOWEST, TOP_DOWN * target)
    fall = STOP * deeper * np.sqrt((target + 16) / 94) * stops(tones)
    return (lowest * -np.expm1(-fall / lowest)).astype(np.float32)


def stops(tones: Tones) -> Array:
    """(BINS,) logarithm of how much less light than from the median, over what is in the darkest
    hair; 0 above."""
    black, median = np.interp([0.01, 0.5], np.cumsum(tones.share), LIGHTNESS).tolist()
    light = luminance(LIGHTNESS)
    light = np.maximum(light - np.float32(np.interp(black, LIGHTNESS, light)), 0)
    most = float(np.interp(median, LIGHTNESS, light))
    glow = max(GLOW, GLARE * most)
    return np.log(np.maximum((most + glow) / (light + glow), 1)).astype(np.float32)


def darkened(tones: Tones, target: float) -> float:
    """0..1: how much darker than own hair the median shall be."""
    return min(max((tones.median - target) / 50, 0.0), 1.0)


def evened(curve: Array, tones: Tones, target: float) -> Array:
    """(BINS,) L* to add to a tone curve where hair is darkened: dye covers what was fair and dark
    by itself, and the same light and shade differs less in dark hair; not in hair so fair that the
    photo shows little of it."""
    ends = np.interp([0.05, 0.95], np.cumsum(tones.share), LIGHTNESS)
    varied = float(smoothstep(*VARIED, np.diff(ends).astype(np.float32)).item())
    share = np.float32(-EVENED * varied * darkened(tones, target))
    return share * (curve - np.float32(target))


def pigment(shade: Shade) -> Array:
    """(BINS, 2) a*, b* of a shade over L*."""
    colour = np.maximum(linear(np.array(shade.rgb, np.float32)), 0.003)
    own, wanted = float(colour @ LUMA), luminance(LIGHTNESS)
    shine = 0.2 * np.maximum(wanted - 2 * own, 0)
    body = wanted - shine
    absorbed = np.where(wanted < own, np.sqrt(wanted * own), body)
    depth = np.linspace(0.02, 6, 600, dtype=np.float32)
    t = np.interp(-absorbed, -(colour ** depth[:, None]) @ LUMA, depth).astype(np.float32)
    light = colour ** t[:, None]
    light *= (body / (light @ LUMA))[:, None]
    return _kept_colourful(
        lab_image(encoded((light + shine[:, None]).astype(np.float32))[None])[0, :, 1:], shade
    )


def _kept_colourful(ab: Array, shade: Shade) -> Array:
    """Shadows of dark shades no more colourful than the shade; in pale hair light is scattered on
    and on, through more and more pigment. Redder where melanin makes it; brighter light makes
    colour stronger, until the cuticle's shine takes over."""
    middle, chroma = shade.lab[0], float(np.hypot(*shade.lab[1:]))
    shadow = np.clip(LIGHTNESS / middle, 0.01, 1)
    light = np.clip((LIGHTNESS - middle) / (CEILING - middle), 0, 1)
    brighter = ((LIGHTNESS + 16) / (middle + 16)) ** 0.6 * (1 - light * light)
    own = np.hypot(ab[:, 0], ab[:, 1])
    lit, shaded = np.maximum(own, chroma * brighter), np.minimum(own, chroma * shadow**0.3)
    pale = float(smoothstep(*PALE, np.array(middle, np.float32)))
    shaded += pale * np.maximum(np.minimum(own, DEEPEST * LIGHTNESS) - shaded, 0)
    wanted = np.where(light > 0, lit, shaded)
    hue = np.arctan2(ab[:, 1], ab[:, 0])
    if shade.natural:
        hue -= np.clip(hue - REDDEST, 0, TURN) * (1 - shadow)
    return (wanted[:, None] * np.stack([np.cos(hue), np.sin(hue)], -1)).astype(np.float32)


def luminance(lightness: Array) -> Array:
    """L* -> relative luminance 0..1."""
    f = (np.maximum(lightness, 0.5) + 16) / 116
    return np.where(lightness > 8, f**3, np.maximum(lightness, 0.5) * np.float32(27 / 24389))


def aim(tones: Tones, shade: Shade) -> float:
    """L* that the median shall get: the shade's, or a little less where own hair is too dark to
    hold shading (low-key light, black hair), where its lights would burn out, and where so much is
    lifted that hair would look like chalk."""
    wanted = shade.lab[0]
    lift = max(wanted - tones.median, 0)
    gloom = float(smoothstep(16, 4, np.array(tones.median, np.float32)))
    lights = float(np.interp(0.9, np.cumsum(tones.share), LIGHTNESS)) - tones.median
    glare = min(max(lights - 0.8 * (CEILING - wanted), 0), 0.6 * DARKER)
    chalk = 0.9 * DARKER * float(smoothstep(30, 55, np.array(lift, np.float32)))
    room = ROOM * darkened(tones, wanted)
    return wanted + room - max(gloom * min(lift, DARKER), glare, chalk)
