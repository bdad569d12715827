"""Hair orientation from the structure tensor of log luminance, as double-angle vectors."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import fast_blur

SCALES = (1.0, 2.2)
DIFFUSION = ((8, 1.0), (24, 0.1), (70, 0.01), (200, 0.001))


def measure(
    luminance: NDArray[np.float32], hair: NDArray[np.float32], unit: float
) -> NDArray[np.float32]:
    """Orientation of strands where there is hair.

    ``luminance`` and ``hair``: (H, W) float32 in 0..1; ``unit``: IOD / 250 in pixels.
    Returns (H, W, 3) float32: cos 2t, sin 2t of the strand tangent t, and confidence >= 0
    (coherence x energy). Hair is eroded first, or the hairline's own edge would dominate.
    """
    core = _core(hair, unit)
    tensor = np.zeros((*luminance.shape, 3), np.float32)
    log = np.log(luminance + np.float32(0.03))
    for scale in SCALES:
        sigma = scale * max(unit, 0.6)
        blurred = cv2.GaussianBlur(log, (0, 0), sigma)
        gx = cv2.Scharr(blurred, cv2.CV_32F, 1, 0, scale=1 / 32)
        gy = cv2.Scharr(blurred, cv2.CV_32F, 0, 1, scale=1 / 32)
        products = np.stack([gx * gx - gy * gy, 2 * gx * gy, gx * gx + gy * gy], -1)
        tensor += products * (core * np.float32(sigma**2))[..., None]
    tensor = fast_blur(tensor, 5 * unit) / (fast_blur(core, 5 * unit) + 1e-4)[..., None]
    strength = np.hypot(tensor[..., 0], tensor[..., 1])
    energy = tensor[..., 2]
    inside = energy[core > 0.5]
    typical = float(np.median(inside)) if inside.size else 1.0
    confidence = strength / (energy + 1e-6) * core * energy / (energy + typical + 1e-9)
    tangent = -tensor[..., :2] / (strength + 1e-9)[..., None]
    return np.dstack([tangent, confidence])


def _core(hair: NDArray[np.float32], unit: float) -> NDArray[np.float32]:
    core = np.clip((hair - 0.6) / 0.4, 0, 1)
    side = 2 * int(6 * unit) + 1
    return cv2.erode(core, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))


def diffuse(flow: NDArray[np.float32], unit: float) -> NDArray[np.float32]:
    """Spread confident orientations everywhere: (H, W, 2) unit double-angle vectors."""
    weighted = flow[..., :2] * flow[..., 2:]
    total = np.zeros_like(weighted)
    for sigma, weight in DIFFUSION:
        total += np.float32(weight) * fast_blur(weighted, sigma * unit)
    return total / (np.linalg.norm(total, axis=2, keepdims=True) + 1e-9)
