"""From the lightness of a person's own hair to the lightness and colour of another shade.

Both are tables over L*, so that ranks are kept. The tone curve moves the median to the shade's and
keeps the energy of gradients (neither noise blown up nor strands flattened). The colour follows
Beer and Lambert: half of a shadow is less light (colour kept), half a longer way through pigment
(c^t: darker, redder, more saturated); half of a highlight is light reflected by the cuticle, which
has the light's own colour (Marschner et al., SIGGRAPH 2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.colorspace import encoded, lab_image, linear

Array = NDArray[np.float32]

BINS = 512
LIGHTNESS = np.linspace(0, 100, BINS, dtype=np.float32)
GAIN = (0.7, 1.6)
CEILING = 97.0
LUMA = np.array([0.212671, 0.715160, 0.072169], np.float32)


@dataclass(frozen=True, eq=False)
class Tones:
    """Own hair by lightness, (BINS,) float32 each: ``share`` of the pixels, ``energy`` of the
    lightness gradients (both sum to 1); ``median``: L*."""

    share: Array
    energy: Array
    median: float


def measure(lightness: Array, weight: Array) -> Tones:
    """``lightness``: (h, w) L*; ``weight``: (h, w) float32, 1 where there is surely hair."""
    gy, gx = np.gradient(lightness)
    bins = np.clip(lightness * ((BINS - 1) / 100), 0, BINS - 1).astype(np.int32).ravel()
    share = np.bincount(bins, weight.ravel(), BINS) + 1e-9
    energy = np.bincount(bins, (weight * (gx * gx + gy * gy)).ravel(), BINS) + 1e-9
    share, energy = share / share.sum(), energy / energy.sum()
    return Tones(share.astype(np.float32), energy.astype(np.float32), weighted_median(LIGHTNESS, share))


def weighted_median(values: Array, share: Array) -> float:
    order = np.argsort(values)
    cumulated = np.cumsum(share[order])
    return float(values[order][np.searchsorted(cumulated, 0.5 * cumulated[-1])])


def tone_curve(tones: Tones, target: float) -> Array:
    """(BINS,) new L*: strictly rising, ``tones.median`` -> ``target``, bent before black and white."""
    distance = LIGHTNESS - np.float32(tones.median)
    low, high = GAIN
    for _ in range(12):
        gain = (low + high) / 2
        slope = np.gradient(_bent(distance, gain, target), LIGHTNESS)
        too_strong = float((tones.energy * slope * slope).sum()) > 1
        low, high = (low, gain) if too_strong else (gain, high)
    return _bent(distance, (low + high) / 2, target).astype(np.float32)


def _bent(distance: Array, gain: float, target: float) -> Array:
    up, down = max(CEILING - target, 3.0), max(target - 1.0, 3.0)
    rise = up * -np.expm1(-gain * np.maximum(distance, 0) / up)
    fall = down * -np.expm1(-gain * np.maximum(-distance, 0) / down)
    return target + rise - fall


def pigment(lightness: Array, rgb: tuple[float, float, float]) -> Array:
    """(n, 2) a*, b* of a shade at other lightnesses than its own. ``rgb``: the shade, sRGB 0..1."""
    colour = np.maximum(linear(np.array(rgb, np.float32)), 0.003)
    own, wanted = colour @ LUMA, _luminance(lightness)
    shine = 0.5 * np.maximum(wanted - own, 0)
    body = wanted - shine
    absorbed = np.where(wanted < own, np.sqrt(wanted * own), body)
    depth = np.linspace(0.05, 6, 400, dtype=np.float32)
    path = depth[:, None] * np.log(colour)
    t = np.interp(-absorbed, -np.exp(path) @ LUMA, depth)
    light = np.exp(t[:, None] * np.log(colour))
    light *= (body / (light @ LUMA))[:, None]
    return lab_image(encoded(light + shine[:, None]).astype(np.float32)[None])[0, :, 1:]


def _luminance(lightness: Array) -> Array:
    f = (np.maximum(lightness, 0.5) + 16) / 116
    return np.where(lightness > 8, f**3, np.maximum(lightness, 0.5) * (27 / 24389))


def shade_table(tones: Tones, rgb: tuple[float, float, float], lab: tuple[float, float, float]) -> Array:
    """(BINS, 3) float32: own L* -> L*, a*, b* of the shade; the medians are the shade's own."""
    lightness = tone_curve(tones, lab[0])
    ab = pigment(lightness, rgb)
    for channel in (0, 1):
        ab[:, channel] += lab[1 + channel] - weighted_median(ab[:, channel], tones.share)
    return np.column_stack([lightness, ab]).astype(np.float32)
