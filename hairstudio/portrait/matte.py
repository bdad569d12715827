"""Soft hair alpha at the resolution of a view: flyaways, thin strands, no halo.

Near the edge of the parsed hair a pixel is taken for a mixture of the local hair colour F and the
colour behind it B, both means of clean surroundings; alpha is its place on the line from B to F.
Where the two colours do not part, a guided filter of the parsing stands in (He et al., TPAMI 2013).
All but the last pass runs at reduced size, where F and B vary slowly; strands are resolved in the
last pass, at full resolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import (
    disc,
    fast_blur,
    guided_filter_coefficients,
    normalised_blur,
    smoothstep,
)
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

COARSE_UNIT = 0.5
REACH = 30.0


@dataclass(frozen=True, eq=False)
class Layers:
    """Hair and what is behind it, at reduced size.

    ``hair``, ``behind``: (h, w, 3) float32 local colours F and B; ``distance``: (h, w) float32
    from the parsed hair's edge in units (IOD / 250), negative inside.
    """

    hair: Array
    behind: Array
    distance: Array


def reduce(plane: Array, unit: float) -> Array:
    """Area-averaged to the working size, at which the unit is at most ``COARSE_UNIT`` pixels."""
    factor = min(1.0, COARSE_UNIT / unit)
    height, width = plane.shape[:2]
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    return plane if factor == 1 else cv2.resize(plane, size, interpolation=cv2.INTER_AREA)


def separate(rgb: Array, hair: Array, unit: float) -> Layers:
    """Local colours of the hair and of what is behind it, from pixels that are surely one or the
    other. ``rgb``: (h, w, 3), ``hair``: (h, w) probability, float32 0..1, at one reduced size;
    ``unit``: IOD / 250 in pixels of that size."""
    inside = (hair > 0.5).astype(np.uint8)
    outer = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    distance = (outer - cv2.distanceTransform(inside, cv2.DIST_L2, 3)) / np.float32(unit)
    core = cv2.erode((hair > 0.9).astype(np.uint8), disc(5 * unit)).astype(np.float32)
    clear = ((hair < 0.03) & (distance > 8)).astype(np.float32)
    return Layers(_spread(rgb, core, 16 * unit), _spread(rgb, clear, 8 * unit), distance)


def _spread(values: Array, weight: Array, sigma: float) -> Array:
    """Mean of the weighted pixels around; where there are too few, the mean at the nearest place
    that has enough, so that skin and background do not run into each other under the hair."""
    mean = normalised_blur(values, weight, sigma)
    known = fast_blur(weight, sigma) > 0.15
    if not known.any():
        return normalised_blur(values, np.ones_like(weight), 10 * sigma)
    _, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    at_label = np.zeros((int(labels.max()) + 1, *values.shape[2:]), np.float32)
    at_label[labels[known]] = mean[known]
    filled = at_label[labels]
    return np.where(known if values.ndim == 2 else known[..., None], mean, fast_blur(filled, sigma))


def soft_hair(rgb: Array, hair: Array, solid: Array, unit: float) -> Array:
    """Hair alpha, (H, W) float32 0..1, exactly 0 away from hair.

    ``rgb``: (H, W, 3); ``hair``: (H, W) parsing probability; ``solid``: (H, W) probability of
    what is neither hair nor background; all float32 0..1. ``unit``: IOD / 250 in pixels.
    """
    small, prior = reduce(rgb, unit), reduce(hair, unit)
    scale = small.shape[1] / rgb.shape[1]
    maps = _unmixing_maps(small, prior, unit * scale)
    alpha = np.empty(hair.shape, np.float32)
    _resolve(rgb, hair, solid, maps, alpha)
    return alpha


def _unmixing_maps(rgb: Array, hair: Array, unit: float) -> Array:
    """What the last pass reads: (h, w, 14) float32. B; the vector whose product with (I - B)
    is the position between B and F; its useful range lo, 1/(hi - lo); trust; guided
    coefficients; depth (-1 outside, 1 deep inside)."""
    layers = separate(rgb, hair, unit)
    difference = layers.hair - layers.behind
    spread = (difference * difference).sum(-1) + np.float32(1e-4)
    direction = difference / spread[..., None]
    position = ((rgb - layers.behind) * direction).sum(-1)
    inside = ((hair > 0.9) & (layers.distance < -6)).astype(np.float32)
    outside = ((hair < 0.03) & (layers.distance > 8)).astype(np.float32)
    hair_spread = np.sqrt(_spread((position - 1) ** 2, inside, 20 * unit))
    rest_spread = np.sqrt(_spread(position**2, outside, 14 * unit))
    low = 0.05 + 1.5 * np.minimum(rest_spread, 0.3)
    high = 1 - 0.6 * np.minimum(hair_spread, 0.4)
    noise = (rest_spread + 0.35 * hair_spread) / 0.3
    trust = smoothstep(0.01, 0.05, spread) / (1 + noise * noise)
    a, b = guided_filter_coefficients(rgb, hair, max(2, round(8 * unit)), 1e-3)
    return np.dstack([layers.behind, direction, low, 1 / (high - low), trust, a, b,
                      layers.distance])  # fmt: skip


@kernel()
def _smooth(lo: float, hi: float, x: float) -> float:
    t = min(max((x - lo) / (hi - lo), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@kernel()
def _resolve(rgb: Array, hair: Array, solid: Array, maps: Array, alpha: Array) -> None:
    height, width = hair.shape
    rows, columns, channels = maps.shape
    sy, sx = rows / height, columns / width
    m = np.empty(channels, np.float32)
    for y in range(height):
        v = min(max((y + 0.5) * sy - 0.5, 0.0), rows - 1.001)
        j = int(v)
        fv = v - j
        for x in range(width):
            u = min(max((x + 0.5) * sx - 0.5, 0.0), columns - 1.001)
            i = int(u)
            fu = u - i
            near = maps[j, i, 13]
            if near > REACH + 4:
                alpha[y, x] = 0
                continue
            for c in range(channels):
                top = maps[j, i, c] * (1 - fu) + maps[j, i + 1, c] * fu
                low = maps[j + 1, i, c] * (1 - fu) + maps[j + 1, i + 1, c] * fu
                m[c] = top * (1 - fv) + low * fv
            alpha[y, x] = _alpha(rgb[y, x], hair[y, x], m) * (1 - _smooth(0.55, 0.85, solid[y, x]))


@kernel()
def _alpha(pixel: Array, hair: float, m: Array) -> float:
    position = 0.0
    guided = m[12]
    for c in range(3):
        position += (pixel[c] - m[c]) * m[3 + c]
        guided += pixel[c] * m[9 + c]
    unmixed = min(max((position - m[6]) * m[7], 0.0), 1.0)
    guided = min(max((guided - 0.1) / 0.8, 0.0), 1.0)
    trust, distance = m[8], m[13]
    if distance > 0:
        trust_far = trust + (1 - trust) * (1 - _smooth(2, 10, distance))
        mixed = (trust * unmixed + (1 - trust) * guided) * trust_far
        return mixed * (1 - _smooth(0.4 * REACH, REACH, distance))
    mixed = trust * unmixed + (1 - trust) * guided
    deep = _smooth(6, 24, -distance)
    return max(mixed, deep * min(max((hair - 0.05) / 0.85, 0.0), 1.0))
