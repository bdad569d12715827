"""Does edited hair have the texture of the person's own hair?

Two properties of lightness, both relative to own hair: gradient energy in octave bands (a blurred
or flat fill loses the fine ones, noise has too much of them), and orientation coherence of the
structure tensor (Bigun and Granlund, ICCV 1987: strands run side by side, noise does not).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import fast_blur, normalised_blur

Array = NDArray[np.float32]

FINEST = 0.8
COARSEST = 6.4
ENERGY_RANGE = (0.6, 1.5)
MIN_COHERENCE = 0.7
EDGE = 3


@dataclass(frozen=True)
class Texture:
    """``energy``: mean squared gradient of L* per octave, fine to coarse; ``coherence``: 0..1."""

    energy: tuple[float, ...]
    coherence: float


@dataclass(frozen=True)
class TextureRatio:
    """Edited over own hair: per octave (fine to coarse) and of the coherence."""

    energy: tuple[float, ...]
    coherence: float

    @property
    def passed(self) -> bool:
        low, high = ENERGY_RANGE
        return all(low <= e <= high for e in self.energy) and self.coherence >= MIN_COHERENCE


def measure(rgb: Array, mask: NDArray[np.bool_], unit: float) -> Texture:
    """Texture of the hair inside a mask.

    ``rgb``: (H, W, 3) float32 0..1, sRGB; ``mask``: (H, W) bool; ``unit``: IOD / 250 in pixels.
    Octaves start at the pixel (what one sees at 100 %) and end at 6.4 units.
    Raises ValueError when the mask is empty after taking 3 px off its edge.
    """
    core = cv2.erode(mask.astype(np.uint8), np.ones((2 * EDGE + 1,) * 2, np.uint8)) > 0
    if not core.any():
        raise ValueError("no hair to measure")
    lightness = _extended(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[..., 0], mask, unit)
    energy = tuple(_gradient_energy(band, core) for band in _octaves(lightness, unit))
    return Texture(energy, _coherence(lightness, core, unit))


def compare(edited: Texture, *own: Texture) -> TextureRatio:
    """Edited over own hair, all measured at the same unit.

    Own hair differs from place to place, with the light above all: with several samples of it the
    ratio is that to the nearest, and 1 between them.
    """
    samples = zip(*(sample.energy for sample in own), strict=True)
    energy = tuple(_over(e, values) for e, values in zip(edited.energy, samples, strict=True))
    return TextureRatio(energy, _over(edited.coherence, [sample.coherence for sample in own]))


def _over(value: float, own: Sequence[float]) -> float:
    nearest = min(max(value, min(own)), max(own))
    return value / nearest if nearest > 0 else float("inf")


def _extended(lightness: Array, mask: NDArray[np.bool_], unit: float) -> Array:
    """Continue the inside smoothly beyond the mask, so that its border makes no gradient."""
    inside = mask.astype(np.float32)
    return np.where(mask, lightness, normalised_blur(lightness, inside, COARSEST * max(unit, 0.5)))


def _octaves(lightness: Array, unit: float) -> list[Array]:
    """Difference-of-Gaussian bands, each an octave wide."""
    bands, sigma, finer = list[Array](), FINEST, lightness
    while sigma <= COARSEST * max(unit, 0.5) * 1.01:
        coarser = fast_blur(lightness, sigma)
        bands.append(finer - coarser)
        finer, sigma = coarser, 2 * sigma
    return bands


def _gradients(image: Array) -> tuple[Array, Array]:
    return (
        cv2.Scharr(image, cv2.CV_32F, 1, 0, scale=1 / 32),
        cv2.Scharr(image, cv2.CV_32F, 0, 1, scale=1 / 32),
    )


def _gradient_energy(band: Array, core: NDArray[np.bool_]) -> float:
    gx, gy = _gradients(band)
    return float((gx * gx + gy * gy)[core].mean())


def _coherence(lightness: Array, core: NDArray[np.bool_], unit: float) -> float:
    """Anisotropic share of the structure tensor's energy, over the mask."""
    gx, gy = _gradients(fast_blur(lightness, max(unit, FINEST)))
    tensor = np.dstack([gx * gx - gy * gy, 2 * gx * gy, gx * gx + gy * gy])
    tensor = normalised_blur(tensor, core.astype(np.float32), 5 * unit)[core]
    total = float(tensor[:, 2].sum())
    return float(np.hypot(tensor[:, 0], tensor[:, 1]).sum()) / total if total > 0 else 0.0
