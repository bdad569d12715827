"""How the hair of a view looks: tones, colours, light, fine detail, grain and blur."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import canvas
from hairstudio.guides.bangs_head import Head
from hairstudio.imaging.filters import disc, fast_blur, normalised_blur, smoothstep
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

STEPS = 33
FLOOR = np.float32(0.02)
"""Added to luminance before the logarithm."""
FINEST, COARSEST = 0.8, 12.8
"""Scales of texture: the finest in pixels, the coarsest in IOD / 250."""
MIN_SAMPLE = 200
NEAR = 0.65
"""Hair within this distance of the edit sets the tone and the texture, IOD."""
STUBBLE_CONTRAST, STUBBLE_AREA = 0.028, 1.5
"""A little hair (IOD^2) with less contrast than this, relative to its tone, is stubble."""
DETAIL_LIMIT = 2.2


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
    of its luminance in each octave; ``sharpness``: its high-frequency ratio; ``grain``,
    ``grain_color``: standard deviation of the photo's noise."""

    tones: Tones
    log_luminance: Array
    ratio: Array
    light: Array
    detail: Array
    bands: Array
    sharpness: float
    grain: float
    grain_color: float


def measure(view: View, head: Head, near: Array) -> Looks | None:
    """Look at the own hair, mostly near the edit; None when there is too little to see.

    ``near``: (h, w) float32, distance from the edit in IOD.
    """
    core = cv2.erode(np.clip((view.matte - 0.6) / 0.4, 0, 1), disc(6 * view.unit))
    core = core * _not_skin_colour(view, core)
    if float(core.sum()) < MIN_SAMPLE * max(view.unit, 0.3) ** 2:
        return None
    bands, tones = _bands_of(view, core, near), _tones(view, core, near)
    contrast = float(bands.mean() / (tones.levels[2] + FLOOR))
    if contrast < STUBBLE_CONTRAST and float(core.sum()) < STUBBLE_AREA * view.iod**2:
        return None
    luminance = view.luminance
    log = np.log(luminance + FLOOR)
    local_log, ratio = _local(view, core)
    smooth = normalised_blur(log, core + np.float32(1e-4), 16 * view.unit)
    detail = (log - smooth) * core
    limit = DETAIL_LIMIT * float(detail[core > 0.5].std() + 1e-6)
    return Looks(
        tones,
        local_log, ratio, light_on_skin(view),
        (np.tanh(detail / limit) * limit).astype(np.float32),
        bands, high_frequency(luminance, core > 0.8), *grain(view),
    )  # fmt: skip


def _not_skin_colour(view: View, core: Array) -> Array:
    """0 where "hair" has the chroma of the face's skin (hands, scalp), 1 elsewhere."""
    ratio = view.rgb / (view.luminance[..., None] + FLOOR)
    skin = (view.skin > 0.9) & (view.matte < 0.05)
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
    chosen = core > 0.8
    if chosen.sum() < MIN_SAMPLE:
        chosen = core > 0.3
    step = max(1, int(chosen.sum() // 60000))
    rgb, luminance = view.rgb[chosen][::step], view.luminance[chosen][::step]
    weight = np.exp(-((near[chosen][::step] / NEAR) ** 4)) + 1e-4
    order = np.argsort(luminance)
    rgb, luminance, weight = rgb[order], luminance[order], weight[order]
    share = np.cumsum(weight) / weight.sum()
    levels = np.interp([0.05, 0.25, 0.5, 0.75, 0.95, 0.99], share, luminance)
    bins = np.minimum((share * STEPS).astype(int), STEPS - 1)
    weight = weight * (np.exp(-((near[chosen][::step][order] / 0.25) ** 2)) + 1e-2)
    total = np.bincount(bins, weight, STEPS) + 1e-12
    tone = np.bincount(bins, weight * luminance, STEPS) / total
    ramp = np.stack([np.bincount(bins, weight * rgb[:, c], STEPS) / total for c in range(3)], 1)
    return Tones(_lut(tone, ramp), levels.astype(np.float32))


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


def _local(view: View, core: Array) -> tuple[Array, Array]:
    """Log luminance and colour ratio of the own hair, spread over the canvas."""
    inner = cv2.erode(core, disc(7 * view.unit))
    inner = inner if float(inner.sum()) > 400 * view.unit**2 else core
    log = np.log(view.luminance + FLOOR)
    ratio = view.rgb / (view.luminance[..., None] + FLOOR)
    looks = np.dstack([log, ratio]) * inner[..., None]
    weight = canvas.gather(inner, view.frame, 0.0)
    on_canvas = canvas.gather(looks.astype(np.float32), view.frame, 0.0)
    spread = _spread(on_canvas, weight, ((0.04, 1.0), (0.14, 0.03), (0.44, 0.0008), (1.5, 1e-6)))
    return np.ascontiguousarray(spread[..., 0]), np.ascontiguousarray(spread[..., 1:])


def _spread(weighted: Array, weight: Array, scales: tuple[tuple[float, float], ...]) -> Array:
    """Fill the canvas from where ``weight`` > 0, near places first; sigmas in IOD."""
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
    clean = smoothstep(0.7, 0.95, view.skin) * (1 - smoothstep(0.02, 0.2, view.hair))
    clean = clean * smoothstep(0.5, -0.1, view.uv[1])
    log = np.log(view.luminance + FLOOR)
    weight = canvas.gather(clean, view.frame, 0.0)
    seen = canvas.gather(log * clean, view.frame, 0.0)
    if float(weight.sum()) < 100:
        return np.zeros_like(canvas.V)
    light = _spread(seen, weight, ((0.10, 1.0), (0.25, 0.05), (0.6, 0.001), (1.5, 1e-5)))
    typical = float(np.average(light, weights=weight))
    return np.clip(light - np.float32(typical), -1.2, 0.5)


def _bands_of(view: View, core: Array, near: Array) -> Array:
    weight = np.exp(-((near / NEAR) ** 4)) * (core > 0.8) + 1e-9
    parts = split(view.luminance, core + np.float32(1e-4), view.unit)[:-1]
    mass = float(weight.sum()) + 1e-6
    return np.array([np.sqrt(float((p * p * weight).sum()) / mass) for p in parts], np.float32)


def split(image: Array, weight: Array, unit: float) -> list[Array]:
    """Octaves of an (h, w) image, fine to coarse, and the rest."""
    parts: list[Array] = []
    sigma = FINEST
    while sigma <= COARSEST * unit * 1.01:
        smooth = normalised_blur(image, weight, sigma)
        parts.append(image - smooth)
        image, sigma = smooth, 2 * sigma
    return [*parts, image]


def high_frequency(luminance: Array, chosen: NDArray[np.bool_]) -> float:
    """How sharp a texture is: contrast below 1 px over contrast at 2-4 px."""
    if chosen.sum() < 50:
        return 0.3
    fine, middle, coarse = (cv2.GaussianBlur(luminance, (0, 0), s) for s in (0.8, 1.6, 4.0))
    high = float((luminance - fine)[chosen].std())
    return high / (float((middle - coarse)[chosen].std()) + 1e-6)


def grain(view: View) -> tuple[float, float]:
    """Standard deviations of luma and chroma noise, from the median deviation on skin."""
    skin = view.skin > 0.95
    if skin.sum() < 100:
        return 0.004, 0.002
    luminance = view.luminance
    chroma = view.rgb - luminance[..., None]
    luma_noise = luminance - cv2.GaussianBlur(luminance, (0, 0), 0.8)
    chroma_noise = chroma - cv2.GaussianBlur(chroma, (0, 0), 0.8)
    return (
        float(np.median(np.abs(luma_noise[skin]))) / 0.6745,
        float(np.median(np.abs(chroma_noise[skin]))) / 0.6745,
    )
