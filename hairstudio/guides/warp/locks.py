"""Locks of hair: structure between strands and tone, and whether it runs in curls.

Where strands run side by side along the movement, locks may follow a warp, which only lengthens
them. Curls, and locks that lie across the movement, would smear: they keep their size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import fast_blur, normalised_blur, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Analysis

Array = NDArray[np.float32]

STRANDS, LOCKS = 3.5, 12.0  # sigmas that part strands, locks and tone, in units of IOD / 250
LARGEST = 0.8  # contrast of a lock
DISORDERED = (0.62, 0.76)  # how much strands agree over NEIGHBOURHOOD units, curly and straight
NEIGHBOURHOOD = 16
SHADOWED = (0.07, 0.12)  # contrast of locks in stubble, which runs anyhow too, and in curls
ACROSS = (-0.85, -0.5)  # ``lengthwise`` of locks that lie across the movement, and do not


@dataclass(frozen=True, eq=False)
class Locks:
    """The locks of a view.

    ``rgb``: (h, w, 3) float32 0..1; ``hair``: (h, w) float32, inside of hair; ``unit``: IOD / 250
    in pixels; ``down``: unit vector of the movement; ``disorder``: of the analysis.
    """

    rgb: Array
    hair: Array
    unit: float
    down: tuple[float, float]
    disorder: float

    @cached_property
    def without_strands(self) -> Array:
        """(h, w, 3) float32."""
        return normalised_blur(self.rgb, self.hair, STRANDS * self.unit)

    @cached_property
    def shade(self) -> Array:
        """What the locks add to their surroundings, (h, w, 3) float32."""
        return self.without_strands - normalised_blur(self.rgb, self.hair, LOCKS * self.unit)

    @cached_property
    def relief(self) -> Array:
        """Lightness of locks relative to their surroundings, less 1; (h, w) float32."""
        shade = cv2.cvtColor(self.shade, cv2.COLOR_RGB2GRAY)
        around = cv2.cvtColor(self.without_strands, cv2.COLOR_RGB2GRAY) - shade
        return np.clip(cv2.divide(shade, around + np.float32(0.01)), -LARGEST, LARGEST)

    @cached_property
    def curliness(self) -> float:
        """0: strands run side by side or are stubble, 1: curls; about alike at every scale."""
        inside = self.hair > 0.9
        if self.disorder == 0 or not inside.any():
            return 0.0
        return self.disorder * _step(SHADOWED, float(self.relief[inside].std()))

    @cached_property
    def rigid(self) -> Array:
        """Where locks keep their size, and are far enough from the hair's edge; 0..1, (h, w)."""
        deep = fast_blur((self.hair > 0.5).astype(np.float32), LOCKS * self.unit)
        across = lengthwise(self.relief, self.down, LOCKS * self.unit)
        across = np.float32(1) - smoothstep(*ACROSS, across)
        return smoothstep(0.85, 0.98, deep) * np.maximum(across, np.float32(self.curliness))


def lengthwise(light: Array, down: tuple[float, float], sigma: float) -> Array:
    """-1 where texture lies across the direction ``down``, 1 where along it; (h, w) float32."""
    gx, gy = cv2.Scharr(light, cv2.CV_32F, 1, 0), cv2.Scharr(light, cv2.CV_32F, 0, 1)
    along = gx * np.float32(down[0]) + gy * np.float32(down[1])
    energy = fast_blur(np.dstack([along * along, gx * gx + gy * gy]), sigma)
    return 1 - 2 * cv2.divide(energy[..., 0], energy[..., 1] + np.float32(1e-7))


def disorder(analysis: Analysis) -> float:
    """0..1: how little the strands above the forehead agree with their neighbours' direction."""
    unit = analysis.iod * analysis.grid.scale / 250
    flow = analysis.flow[_above_forehead(analysis).slices]
    weight = np.ascontiguousarray(flow[..., 2])
    weighted = np.dstack([flow[..., :2] * flow[..., 2:], weight])
    mean = fast_blur(weighted, NEIGHBOURHOOD * unit)
    agreement = np.hypot(mean[..., 0], mean[..., 1]) / (mean[..., 2] + np.float32(1e-4))
    total = float(weight.sum())
    if total == 0:
        return 0.0
    return 1 - _step(DISORDERED, float((agreement * weight).sum()) / total)


def _step(limits: tuple[float, float], value: float) -> float:
    return float(smoothstep(*limits, np.array([value], np.float32))[0])


def _above_forehead(analysis: Analysis) -> Box:
    """On the analysis grid."""
    curve, (left, right) = analysis.hairline, (analysis.centre - 0.6, analysis.centre + 0.6)
    height = curve.height if np.isfinite(curve.height) else 1.0
    corners = np.array([(u, curve.brow - up) for u in (left, right) for up in (0.2, height + 0.6)])
    on_grid = analysis.grid.from_photo.apply(analysis.frame.inverse.apply(corners))
    size = analysis.flow.shape[1::-1]
    return Box.around(on_grid).intersection(Box.of_size(*size))
