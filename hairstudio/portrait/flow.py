"""Hair orientation from the structure tensor of log luminance, as double-angle vectors."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, fast_blur
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.imaging.resample import crop
from hairstudio.portrait.parsing import Grid

SCALES = (1.0, 2.2)
DIFFUSION = ((8, 1.0), (24, 0.1), (70, 0.01), (200, 0.001))
FINEST_IOD = 250.0
MAX_PIXELS = 1.6e6

Array = NDArray[np.float32]


def on_grid(pixels: NDArray[Any], hair: Array, grid: Grid, iod: float) -> Array:
    """Orientation of strands, measured finer than the grid where the photo allows.

    ``pixels``: the whole photo, uint8 or uint16 RGB; ``hair``: (h, w) float32 on ``grid``;
    ``iod`` in photo pixels. Returns what ``measure`` does, on ``grid``; all 0 without hair.
    """
    result = np.zeros((*hair.shape, 3), np.float32)
    there = Box.of_mask(hair > 0.4)
    if there.empty:
        return result
    finer = min(FINEST_IOD / (iod * grid.scale), np.sqrt(MAX_PIXELS / (there.w * there.h)))
    scale = min(1.0, grid.scale * max(1.0, finer))
    box = there.shifted(grid.box.x, grid.box.y).scaled(scale / grid.scale)
    to_grid = Similarity.resize(scale, (box.x, box.y)).inverse.then(grid.from_photo)
    luminance = cv2.cvtColor(crop(pixels, box, scale), cv2.COLOR_RGB2GRAY)
    found = measure(luminance, _warp(hair, to_grid, box), scale * iod / 250)
    found[..., :2] *= found[..., 2:]
    to_box = Similarity(1, 0, there.x, there.y).then(to_grid.inverse)
    mean = _warp(cv2.GaussianBlur(found, (0, 0), 0.5 * scale / grid.scale), to_box, there)
    mean[..., :2] /= np.linalg.norm(mean[..., :2], axis=2, keepdims=True) + 1e-9
    result[there.slices] = mean
    return result


def _warp(plane: Array, to_source: Similarity, box: Box) -> Array:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        plane, to_source.matrix, (box.w, box.h), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )


def measure(luminance: Array, hair: Array, unit: float) -> Array:
    """Orientation of strands where there is hair.

    ``luminance`` and ``hair``: (H, W) float32 in 0..1; ``unit``: IOD / 250 in pixels.
    Returns (H, W, 3) float32: cos 2t, sin 2t of the strand tangent t, and confidence in 0..1
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
        products = cv2.merge([gx * gx - gy * gy, 2 * gx * gy, gx * gx + gy * gy])
        tensor += products * (core * np.float32(sigma**2))[..., None]
    tensor = fast_blur(tensor, 5 * unit) / (fast_blur(core, 5 * unit) + 1e-4)[..., None]
    strength = np.hypot(tensor[..., 0], tensor[..., 1])
    energy = tensor[..., 2]
    inside = energy[core > 0.05]
    typical = float(np.median(inside)) if inside.size else 1.0
    confidence = strength / (energy + 1e-6) * core * energy / (energy + typical + 1e-9)
    tangent = -tensor[..., :2] / (strength + 1e-9)[..., None]
    return np.asarray(np.dstack([tangent, confidence]), np.float32)


def _core(hair: Array, unit: float) -> Array:
    """Weight of hair: little near its border, where the border itself looks like a strand."""
    core = cv2.erode(np.clip((hair - 0.6) / 0.4, 0, 1), disc(6 * unit))
    return 0.1 * core + 0.9 * cv2.erode(core, disc(7 * unit))


def diffuse(flow: Array, unit: float) -> Array:
    """Spread confident orientations everywhere: (H, W, 2) unit double-angle vectors.

    Where no hair is near the strands hang down.
    """
    weighted = flow[..., :2] * flow[..., 2:]
    total = np.empty_like(weighted)
    total[:] = (-1e-6, 0)
    for sigma, weight in DIFFUSION:
        total += np.float32(weight) * fast_blur(weighted, sigma * unit)
    length = np.hypot(total[..., :1], total[..., 1:])
    return np.asarray(total / (length + 1e-12), np.float32)
