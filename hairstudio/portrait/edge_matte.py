"""Hair alpha near the hairline at the resolution of a view, with unmixed hair and skin.

Where local hair colour F and skin colour B differ, alpha is the projection of the pixel on the
line from B to F; elsewhere a guided filter of the parsing (He et al., 2013).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, fast_blur, guided_filter, normalised_blur, smoothstep

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Matte:
    """``alpha``: (H, W) float32 0..1; ``hair``, ``behind``: (H, W, 3) float32 local colours F and B;
    ``distance``: (H, W) float32 signed pixels from the hairline, negative inside hair."""

    alpha: Array
    hair: Array
    behind: Array
    distance: Array


def signed_distance(mask: NDArray[np.bool_]) -> Array:
    """Pixels to the mask's edge, negative inside."""
    inside = mask.astype(np.uint8)
    outer = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    return outer - cv2.distanceTransform(inside, cv2.DIST_L2, 3)


def _local_colour(rgb: Array, weight: Array, near: float, far: float, trust: float) -> Array:
    weight = weight.astype(np.float32)
    close = normalised_blur(rgb, weight + 1e-5, near)
    wide = normalised_blur(rgb, weight + 1e-6, far)
    confidence = np.clip(fast_blur(weight, near) * trust, 0, 1)[..., None]
    return close * confidence + wide * (1 - confidence)


def hairline_matte(rgb: Array, hair: Array, skin: Array, unit: float) -> Matte:
    """Matte near the hairline. All (H, W[, 3]) float32 0..1; ``unit``: IOD / 250 in pixels."""
    hard = hair > 0.5
    core = cv2.erode((hair > 0.9).astype(np.uint8), disc(9 * unit))
    clean = cv2.erode(((skin > 0.85) & (hair < 0.06)).astype(np.uint8), disc(14 * unit))
    front = _local_colour(rgb, core, 14 * unit, 40 * unit, 8)
    behind = _local_colour(rgb, clean, 10 * unit, 36 * unit, 6)
    difference = front - behind
    spread = (difference * difference).sum(-1) + 1e-4
    projected = ((rgb - behind) * difference).sum(-1) / spread
    separable = np.clip((spread - 0.01) / 0.05, 0, 1)
    prior = np.clip((hair - 0.05) / 0.9, 0, 1)
    fallback = guided_filter(rgb, prior, max(3, int(8 * unit)), 1e-3)
    alpha = separable * np.clip((projected - 0.16) / 0.64, 0, 1) + (1 - separable) * fallback
    distance = signed_distance(hard)
    band = (distance < 26 * unit) & (distance > -12 * unit)
    alpha = np.where(band, alpha, prior) * (1 - smoothstep(12 * unit, 26 * unit, distance))
    deep = smoothstep(4 * unit, 14 * unit, -distance)
    alpha = alpha * (1 - deep) + np.maximum(alpha, prior) * deep
    return Matte(np.clip(alpha, 0, 1).astype(np.float32), front, behind, distance)
