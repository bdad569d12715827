"""Texture of hair in octaves, its sharpness, and the photo's noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import normalised_blur
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

FINEST, COARSEST = 0.8, 12.8
"""Scales of texture: the finest in pixels, the coarsest in IOD / 250."""
MEDIAN_TO_SIGMA = 1.4826
LEAST_OWN = 0.8
"""No more of a contrast than all but this is taken for noise: skin has pores, too."""
WINDOW = 448
"""Sharpness and noise are measured in a window of this many pixels."""


@dataclass(frozen=True, eq=False)
class Octaves:
    """A weighted Laplacian pyramid: ``parts`` fine to coarse, the first two (h, w), then each half
    the size of the one before; ``rest``: what is coarser."""

    parts: list[Array]
    rest: Array

    def deviations(self, weight: Array, finest: int | None = None) -> Array:
        """Weighted standard deviation of each part, or of the ``finest`` few; ``weight``: (h, w)"""
        parts = self.parts[:finest]
        return np.array([_deviation(part, _sized(weight, part)) for part in parts], np.float32)

    def slopes(self, weight: Array, finest: int | None = None) -> Array:
        """Weighted root mean square of the gradient of each part, or of the ``finest`` few;
        ``weight``: (h, w). What the eye takes for crisp: two parts of one contrast may differ in
        it."""
        parts = self.parts[:finest]
        return np.array([_slope(part, _sized(weight, part)) for part in parts], np.float32)

    def joined(self, gains: Array, tone: float) -> Array:
        """(h, w): the parts times ``gains`` and the rest times ``tone``."""
        image = self.rest * np.float32(tone)
        for part, gain in zip(reversed(self.parts), reversed(gains), strict=True):
            image = _sized(image, part) + part * np.float32(gain)
        return image


def split(image: Array, weight: Array, unit: float) -> Octaves:
    """Octaves of an (h, w) image where ``weight`` > 0; ``unit``: IOD / 250 in pixels."""
    count = max(1, 1 + int(np.log2(max(COARSEST * unit / FINEST, 1)) + 0.01))
    parts: list[Array] = []
    for level in range(count):
        smooth = normalised_blur(image, weight, FINEST * min(2.0**level, 2))
        if level and min(image.shape) > 8:
            size = (image.shape[1] // 2, image.shape[0] // 2)
            smooth = cv2.resize(smooth, size, interpolation=cv2.INTER_AREA)
            weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
        parts.append(image - _sized(smooth, image))
        image = smooth
    return Octaves(parts, image)


def _sized(image: Array, like: Array) -> Array:
    if image.shape == like.shape:
        return image
    return cv2.resize(image, like.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _deviation(part: Array, weight: Array) -> float:
    mass = float(weight.sum()) + 1e-6
    mean = float((part * weight).sum()) / mass
    return float(np.sqrt(max(float((part * part * weight).sum()) / mass - mean * mean, 0)))


@kernel()
def _slope(part: Array, weight: Array) -> float:
    h, w = part.shape
    total, mass = 0.0, 1e-6
    for y in range(h - 1):
        for x in range(w - 1):
            across, down = part[y, x + 1] - part[y, x], part[y + 1, x] - part[y, x]
            beside, below = weight[y, x + 1], weight[y + 1, x]
            total += across * across * beside + down * down * below
            mass += beside + below
    return math.sqrt(2 * total / mass)


def densest(weight: Array) -> tuple[slice, slice]:
    """The window of an (h, w) map in which most of it lies."""
    height, width = weight.shape
    step = max(1, min(height, width) // 64)
    mass = cv2.blur(weight[::step, ::step], (max(1, WINDOW // step),) * 2)
    y, x = (step * int(i) for i in np.unravel_index(int(mass.argmax()), mass.shape))
    top = int(np.clip(y - WINDOW // 2, 0, max(0, height - WINDOW)))
    left = int(np.clip(x - WINDOW // 2, 0, max(0, width - WINDOW)))
    return slice(top, top + WINDOW), slice(left, left + WINDOW)


def sharpness(luminance: Array, chosen: NDArray[np.bool_], noise: float = 0.0) -> float:
    """How sharp a texture is: contrast below 1 px over contrast at 2-4 px; without the photo's
    ``noise``, see ``grain``, which makes no hair sharp."""
    if np.count_nonzero(chosen) < 50:
        return 0.3
    fine, middle, coarse = (cv2.GaussianBlur(luminance, (0, 0), s) for s in (0.8, 1.6, 4.0))
    seen = chosen.astype(np.uint8)
    high, low = (
        cv2.meanStdDev(a - b, mask=seen)[1] for a, b in ((luminance, fine), (middle, coarse))
    )
    return without(float(high[0, 0]), noise) / (float(low[0, 0]) + 1e-6)


def without(contrast: float, noise: float) -> float:
    """What is left of a ``contrast`` with ``noise`` in it, of the same scale."""
    return math.sqrt(max(contrast**2 - noise**2, (LEAST_OWN * contrast) ** 2))


def grain(rgb: Array, skin: NDArray[np.bool_]) -> tuple[float, float]:
    """Standard deviations of luma and chroma noise, from the median deviation on skin.

    ``rgb``: (h, w, 3) float32; ``skin``: (h, w) bool.
    """
    window = densest(skin.astype(np.float32))
    rgb, skin = rgb[window], skin[window]
    if skin.sum() < 100:
        return 0.004, 0.002
    luminance = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    chroma = rgb - luminance[..., None]
    noise = luminance - cv2.GaussianBlur(luminance, (0, 0), 0.8)
    tint = chroma - cv2.GaussianBlur(chroma, (0, 0), 0.8)
    return (
        float(np.median(np.abs(noise[skin]))) * MEDIAN_TO_SIGMA,
        float(np.median(np.abs(tint[skin]))) * MEDIAN_TO_SIGMA,
    )
