"""The ends of a fringe before skin that no colour tells from it, as of fair hair.

There a matte is a guess with a hard edge, which other dye would show as cut. So hair thins out over
some way, as far as it does end there and not run along its edge. Maps are (h, w) float32.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, fast_blur, smoothstep

Array = NDArray[np.float32]

TIPS = 14.0  # units: half of how far hair thins out
PAST = 4.0  # units: how far past the matte
TRACE = 0.02  # of alpha: so little is none
ENDING = 0.12, 0.45  # squared cosine between strands and the way out of the hair


def share(alpha: Array, strands: Array, unit: float) -> Array:
    """0..1: how far hair of ``alpha`` 0..1 ends here. ``strands``: (h, w, 2) cos 2t, sin 2t;
    ``unit``: pixels."""
    even = fast_blur(alpha, TIPS * unit)
    at_edge = smoothstep(0.0, 0.04, even) * smoothstep(1.0, 0.96, even)
    right, down = cv2.Sobel(even, -1, 1, 0), cv2.Sobel(even, -1, 0, 1)
    along = strands[..., 0] * (right**2 - down**2) + strands[..., 1] * 2 * right * down
    cosine = 0.5 + 0.5 * along / (right**2 + down**2 + np.float32(1e-9))
    return at_edge * smoothstep(*ENDING, cosine)


def thinned(alpha: Array, matte: Array, unit: float) -> Array:
    """Alpha of such ends where it was ``alpha``; they reach a little past the ``matte``."""
    past = fast_blur(cv2.dilate(matte, disc(PAST * unit)), unit)
    even = np.minimum(fast_blur(alpha, TIPS * unit), np.maximum(alpha, past))
    return np.clip(even - np.float32(TRACE), 0, 1) / np.float32(1 - TRACE)
