"""Texture keeps its size where a warp stretches or squeezes it.

The coarse part of the picture and the texture's contrast follow the warp. Fine texture without
direction (pores, grain, stubble, tight curls) is taken from small patches that move rigidly,
blended so that its variance stays (after Heitz and Neyret, "High-Performance By-Example
Noise", 2018). Strands, creases and spots keep the warp, which bends but does not cut them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import fast_blur, smoothstep
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

FINE = 3.5  # sigma that parts texture from the coarse picture, in units of IOD / 250
PATCH = 0.05  # difference of displacement between neighbouring patches, IOD
SIDESTEP = 0.07  # patches are also shifted sideways, or copies would line up, IOD
# where texture begins to count as strands or as a landmark, and where it surely is one
HAIR_COHERENT, HAIR_OUTSTANDING = (0.4, 0.6), (2.0, 3.5)
SKIN_COHERENT, SKIN_OUTSTANDING = (0.22, 0.4), (1.2, 1.8)
SIDE_NOISE, WANDER_NOISE = 1, 2  # purposes of random number streams


@dataclass(frozen=True, eq=False)
class Texture:
    """The fine texture of a view, and where it may be moved in patches."""

    view: View

    @cached_property
    def fine(self) -> Array:
        """(h, w, 3) float32 about 0."""
        return self.view.rgb - fast_blur(self.view.rgb, FINE * self.view.unit)

    @cached_property
    def contrast(self) -> Array:
        """Local spread of ``fine``, (h, w) float32."""
        return np.sqrt(fast_blur(self._light**2, 8 * self.view.unit)) + np.float32(0.002)

    @cached_property
    def even(self) -> Array:
        """``fine`` brought to unit spread everywhere, (h, w, 3) float32."""
        return self.fine / self.contrast[..., None]

    @cached_property
    def loose(self) -> Array:
        """Inside of hair and of skin where texture has no direction and no landmark.

        (h, w, 2) float32 0..1.
        """
        unit, light = self.view.unit, self._light
        gx = cv2.Scharr(light, cv2.CV_32F, 1, 0)
        gy = cv2.Scharr(light, cv2.CV_32F, 0, 1)
        a, b, c = (fast_blur(p, 5 * unit) for p in (gx * gx, gy * gy, gx * gy))
        coherence = cv2.magnitude(a - b, 2 * c) / (a + b + np.float32(1e-7))
        outstanding = fast_blur(light * light, 3 * unit) / self.contrast**2
        hair = _plain(coherence, outstanding, HAIR_COHERENT, HAIR_OUTSTANDING)
        skin = _plain(coherence, outstanding, SKIN_COHERENT, SKIN_OUTSTANDING)
        skin = fast_blur(skin, 3 * unit) * skin
        return self.inside * np.dstack([hair, skin])

    @cached_property
    def inside(self) -> Array:
        """Inside of hair and of skin, away from their edges, (h, w, 2) float32 0..1."""
        both = np.dstack([self.view.hair > 0.5, self.view.skin > 0.5]).astype(np.float32)
        return smoothstep(0.85, 0.98, fast_blur(both, 5 * self.view.unit))

    @cached_property
    def _light(self) -> Array:
        return cv2.cvtColor(self.fine, cv2.COLOR_RGB2GRAY)

    def in_patches(
        self, x: Array, y: Array, steps: Array, down: tuple[float, float], seed: int
    ) -> tuple[Array, Array]:
        """``even`` and ``inside`` for every destination pixel, from patches that move rigidly.

        ``x, y``: the pixels' own coordinates; ``steps``: (h, w) float32 wished displacement along
        ``down`` (a unit vector) in patches. The second array is weighted like the first.
        """
        first = np.floor(steps)
        second = smoothstep(0.3, 0.7, steps - first)
        even = np.zeros_like(self.view.rgb)
        inside = np.zeros((*steps.shape, 2), np.float32)
        norm = np.sqrt((1 - second) ** 2 + second * second)
        for index, weight in ((first, 1 - second), (first + 1, second)):
            mx, my = self._patch(x, y, index, down, seed)
            even += remap(self.even, mx, my) * (weight / norm)[..., None]
            inside += remap(self.inside, mx, my, cv2.INTER_LINEAR) * weight[..., None]
        return even, inside

    def _patch(
        self, x: Array, y: Array, index: Array, down: tuple[float, float], seed: int
    ) -> tuple[Array, Array]:
        iod = self.view.iod
        table = np.random.default_rng((seed, SIDE_NOISE)).uniform(-SIDESTEP, SIDESTEP, 64)
        aside = table.astype(np.float32)[index.astype(np.int32) % 64] * np.float32(iod)
        along = index * np.float32(PATCH * iod)
        dx, dy = np.float32(down[0]), np.float32(down[1])
        return cv2.add(x, along * dx + aside * dy), cv2.add(y, along * dy - aside * dx)


def _plain(
    coherence: NDArray[np.floating],
    outstanding: NDArray[np.floating],
    strands: tuple[float, float],
    marks: tuple[float, float],
) -> Array:
    return (1 - smoothstep(*strands, coherence)) * (1 - smoothstep(*marks, outstanding))


def wander(shape: tuple[int, ...], sigma: float, seed: int) -> Array:
    """Smooth noise of unit spread: keeps patch borders from lining up."""
    noise = np.random.default_rng((seed, WANDER_NOISE)).standard_normal(shape, dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), sigma)
    return noise / noise.std()


def remap(image: Array, x: Array, y: Array, flags: int = cv2.INTER_CUBIC) -> Array:
    """``image`` at (x, y), mirrored beyond its borders."""
    return cv2.remap(image, x, y, flags, borderMode=cv2.BORDER_REFLECT)
