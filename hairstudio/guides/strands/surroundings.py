"""How hair, and the light on skin, differ from place to place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas
from hairstudio.guides.strands.tones import FLOOR, LUMA, Tones, graded
from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
Scales = tuple[tuple[float, float], ...]
NEARBY = ((0.04, 1.0), (0.14, 0.03), (0.44, 0.0008), (1.5, 1e-6))
"""The looks of the nearest hair: sigmas in IOD and weights."""
AROUND, ASIDE = ((0.25, 1.0), (0.5, 0.01), (1.2, 1e-5)), 3
"""The looks of hair around, so many times as far aside: of the same height above all."""
COLD = 0.9
"""Such a share of what is colder in some places is a reflection, and lost."""
UNLIKE = (0.6, 0.2)
"""Hair differs no more than this from place to place: log luminance and colour."""
LONG, EYES, SIDE, HANGS = 0.3, (-0.4, 0.0), 0.6, (0.05, 0.2)
"""Hair that hangs further down than the first (v), beside the face, on so large an area (IOD^2) at
both sides, is long; at the height of the eyes (v) and so far aside (u) it shows its lengths."""
DYED_ENDS, WHOLE = (0.4, 0.8), 1.5
"""Lengths lighter than the hair near the edit by so much, log luminance, are dyed: new hair then
becomes lighter downwards by so many times what it else would, nearly as much as they do."""
LOCKS, TINTED = 0.8, 0.06
"""The colour of locks is seen so softly (canvas cells), and differs no more than this, log."""
SHINE, MATT = ((0.03, 1.0), (0.10, 0.02), (0.3, 0.0005), (1.5, 1e-6)), (0.3, 0.5)
"""Glare on skin is seen so softly (sigmas in IOD and weights); skin between these quantiles of
lightness has none."""
LEAST_SKIN = 100
"""Canvas cells of skin; fewer say nothing about the light."""


def local(view: View, core: Array) -> tuple[Array, Array]:
    """``log_luminance`` and ``ratio`` of ``Looks``: those of the own hair, which is for sure where
    ``core`` is, (h, w) 0..1, spread over the canvas."""
    log = np.log(view.luminance + FLOOR)
    ratio = view.rgb / (view.luminance[..., None] + FLOOR)
    spread = _spread(np.dstack([log, ratio]), core, view, NEARBY)
    return np.ascontiguousarray(spread[..., 0]), np.ascontiguousarray(spread[..., 1:])


def around(view: View, core: Array, tones: Tones) -> Array:
    """How hair of the same side and height differs from the usual: (HEIGHT, WIDTH, 4)."""
    usual = tones.lut[np.clip(255 * view.luminance, 0, 255).astype(np.intp)]
    color = np.log((view.rgb + FLOOR) / (usual + FLOOR))
    lightness = np.log((view.luminance + FLOOR) / (tones.levels[2] + FLOOR))
    unlike = _spread(np.dstack([lightness, color]), core, view, AROUND, ASIDE)
    colder = unlike[..., 3:] > unlike[..., 1:2]  # is a reflection
    color = unlike[..., 1:] * np.where(colder, 1 - COLD, 1)
    lighter = 1 + (WHOLE - 1) * _dyed_ends(unlike[..., 0], canvas.gather(core, view.frame, 0.0))
    tone, hue = UNLIKE
    lightness = unlike[..., 0] * np.where(unlike[..., 0] > 0, lighter, 1)
    lightness = np.clip(lightness, -tone, lighter**2 * tone)
    color = np.exp(np.clip(color, -hue * lighter, hue * lighter))
    return np.dstack([lightness, color]).astype(np.float32)


def _dyed_ends(lightness: Array, hair: Array) -> np.float32:
    """How sure it is, 0..1, that long hair is lighter towards its ends: at both sides of the face.
    Short hair there has its roots there.

    ``lightness``: (HEIGHT, WIDTH) over the usual, log; ``hair``: (HEIGHT, WIDTH) 0..1.
    """
    high, low = EYES
    rows = (high < canvas.ROWS) & (low > canvas.ROWS)
    sides = canvas.COLUMNS < -SIDE, canvas.COLUMNS > SIDE
    hanging = [hair[canvas.ROWS > LONG][:, side].sum() / canvas.CELLS**2 for side in sides]
    lighter = [lightness[rows][:, side].mean() for side in sides]
    least = np.array([min(hanging), min(lighter)], np.float32)
    return np.float32(smoothstep(*HANGS, least[0]) * smoothstep(*DYED_ENDS, least[1]))


def tints(view: View, core: Array, tones: Tones) -> Array:
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


def unlike_nothing() -> Array:
    """``Looks.around`` of hair that looks the same everywhere."""
    return np.dstack([np.zeros_like(canvas.V), *[np.ones_like(canvas.V)] * 3])


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
