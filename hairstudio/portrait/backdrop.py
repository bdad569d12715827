"""Blurred background that the parser takes for hair: around a head before a soft backdrop it draws
its outline too far out.

Hair in focus has strands everywhere; what is as smooth as the background, and looks like it rather
than like hair, is background. Where hair is as smooth as that itself nothing is told.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.portrait import unmixing

Array = NDArray[np.float32]

DETAIL, AROUND = 2.5, 5.0  # units: width of strands; over which they are counted
WIDE, OUTSIDE = 48.0, 14.0  # units over which the detail of hair and of the background is known
SMOOTH, BLURRED = (0.4, 0.2), (0.45, 0.25)  # detail over that of the hair
DEPTH = 80.0  # units: farthest from the outline
LEAST, GROWN = 5.5, 2.0  # units: narrowest piece to each side; how far strands nearby hid it
SOFT = 4.0  # units: of such a piece's edge
BLACK, WHITE = (0.12, 0.2), (0.9, 0.8)  # luma of what shows too little detail, hair or not
LIKE_HAIR = 0.4, 0.7  # position between the colours behind and of the hair


def without(rgb: Array, parsed: unmixing.Parsed, unit: float) -> unmixing.Parsed:
    """The same parsing with less hair where it is blurred background.

    ``rgb``: (h, w, 3) float32 0..1 at the matte's working size; ``unit``: IOD / 250 in its pixels.
    """
    distance = unmixing.signed_distance(parsed, unit)
    smooth = _smooth(rgb, parsed, distance, unit)
    if not (smooth > 0).any():
        return parsed
    layers = unmixing.separate(rgb, parsed, unit)
    alike = smoothstep(*LIKE_HAIR, fast_blur(layers.position(rgb), DETAIL * unit))
    return replace(parsed, hair=parsed.hair * (1 - smooth * (1 - alike)))


def _smooth(rgb: Array, parsed: unmixing.Parsed, distance: Array, unit: float) -> Array:
    """(h, w) 0..1: parsed hair near the outline, as smooth as a background without detail."""
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    detail = np.square(luma - fast_blur(luma, DETAIL * unit))
    detail = cv2.sqrt(fast_blur(detail, AROUND * unit))
    sure = ((parsed.hair > 0.9) & (distance < -12)).astype(np.float32)
    usual = unmixing.local_mean(detail, sure + np.float32(1e-6), WIDE * unit)
    usual = np.maximum(usual, np.float32(1e-4))
    outside = unmixing.local_mean(
        detail, unmixing.clear_weight(parsed, distance, unit), OUTSIDE * unit
    )
    smooth = smoothstep(*SMOOTH, cv2.divide(detail, usual))
    smooth *= smoothstep(*BLURRED, cv2.divide(outside, usual))
    smooth *= smoothstep(*BLACK, luma) * smoothstep(*WHITE, luma)
    smooth *= 1 - unmixing.near_solid(parsed, unit)
    smooth *= (parsed.hair > 0.5) & (distance > -DEPTH)
    wide = cv2.erode(smooth, disc(LEAST * unit))
    wide = cv2.dilate(wide, disc((LEAST + GROWN) * unit))
    return fast_blur(_from_outside(wide, parsed.hair), SOFT * unit)


def _from_outside(smooth: Array, hair: Array) -> Array:
    """Those pieces that begin at the outline: a smooth place deep in hair is hair."""
    there = (smooth > 0) & (hair > 0.5)
    labels = cv2.connectedComponents(there.astype(np.uint8))[1]
    beside = cv2.dilate((hair <= 0.5).astype(np.uint8), disc(1)) > 0
    return np.asarray(smooth * np.isin(labels, np.setdiff1d(labels[beside], 0)), np.float32)
