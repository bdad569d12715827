"""The colours of hair by luminance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, smoothstep
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
STEPS = 33
FLOOR = np.float32(0.02)
"""Added to luminance before the logarithm."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
DYED, REFLECTED = (15.0, 28.0), 2.0
"""Cold colours of less chroma than this (Lab) are reflections, of more are dye; bangs keep so much
of a reflection's chroma."""
GRADED = (10.0, 12.5)
"""Cold highlights of more chroma than this come with the photo."""
BRIGHTEST = 0.78
"""New hair is no lighter than this in the middle, that its highlights have room above it."""


@dataclass(frozen=True, eq=False)
class Tones:
    """The own hair's colours by luminance. ``lut``: (256, 3) float32 RGB 0..1 for luminance
    0..1; ``levels``: luminance at 5, 25, 50, 75, 95, 99 % of the hair near the edit."""

    lut: Array
    levels: Array


def read(view: View, core: Array, near: Array) -> Tones:
    """Of hair that is there for sure, ``core``, weighed by ``near``: (h, w) float32 0..1 each."""
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
