"""Smaller and larger copies of a photo, or of a box of it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.blend import Floats, to_depth
from hairstudio.imaging.checkpoint import checkpoint
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.kernels import kernel

_MARGIN = 4  # reach of the blur and of the cubic kernel, in reduced pixels


def crop(pixels: NDArray[Any], box: Box, scale: float = 1.0) -> Floats:
    """The box of the photo scaled by ``scale``, (h, w, 3) float32 0..1.

    ``pixels``: (H, W, 3) uint8 or uint16. ``box`` is in scaled pixels, in the frame of
    ``Similarity.resize(scale)`` (pixel centres at integers), and must touch the photo; outside
    it the edge is repeated. Reduces by the mean over whole pixels, then a light blur and linear
    interpolation for the rest; enlarges by cubic interpolation. The values of a pixel do not
    depend on the box that it was asked with.
    """
    checkpoint()
    factor = max(1, int(1 / scale + 1e-6))
    rest = scale * factor
    inner = box.scaled(1 / rest).grown(_MARGIN)
    reduced = _reduced(pixels, inner, factor)
    if abs(rest - 1) < 1e-6:
        return reduced[_MARGIN : _MARGIN + box.h, _MARGIN : _MARGIN + box.w].copy()
    if rest < 1:
        reduced = cv2.GaussianBlur(reduced, (0, 0), 0.6 * np.sqrt(1 / rest**2 - 1))
    shift_x = (box.x + 0.5) / rest - 0.5 - inner.x
    shift_y = (box.y + 0.5) / rest - 0.5 - inner.y
    matrix = np.array([[1 / rest, 0, shift_x], [0, 1 / rest, shift_y]])
    method = cv2.INTER_CUBIC if rest > 1 else cv2.INTER_LINEAR
    out = cv2.warpAffine(
        reduced, matrix, (box.w, box.h), flags=method | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.clip(out, 0, 1, out=out)


def downscale(pixels: NDArray[Any], scale: float) -> NDArray[Any]:
    """The whole photo scaled by ``scale``, at its own depth; sides rounded, at least 1 pixel."""
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    return to_depth(crop(pixels, Box.of_size(width, height), scale), pixels.dtype)


def _reduced(pixels: NDArray[Any], box: Box, factor: int) -> Floats:
    """``box`` of the photo reduced by a whole ``factor``: float32 0..1, edges repeated."""
    height, width = pixels.shape[:2]
    source = Box(box.x * factor, box.y * factor, box.w * factor, box.h * factor)
    visible = source.intersection(Box.of_size(width, height))
    if visible.empty:
        raise ValueError(f"{box} lies outside the photo")
    top, left = visible.y - source.y, visible.x - source.x
    return _mean(
        pixels[visible.slices], box.h, box.w, top, left, factor, np.iinfo(pixels.dtype).max
    )


@kernel()
def _mean(
    pixels: NDArray[Any], height: int, width: int, top: int, left: int, factor: int, scale: int
) -> Floats:
    """Means of ``factor`` squares of the picture put at (top, left) with its edges repeated."""
    out = np.empty((height, width, 3), np.float32)
    last_y, last_x = pixels.shape[0] - 1, pixels.shape[1] - 1
    weight = np.float32(1.0 / (scale * factor * factor))
    for i in range(height):
        for j in range(width):
            r, g, b = np.uint32(0), np.uint32(0), np.uint32(0)
            for dy in range(factor):
                y = min(max(i * factor + dy - top, 0), last_y)
                for dx in range(factor):
                    x = min(max(j * factor + dx - left, 0), last_x)
                    r += np.uint32(pixels[y, x, 0])
                    g += np.uint32(pixels[y, x, 1])
                    b += np.uint32(pixels[y, x, 2])
            out[i, j, 0] = r * weight
            out[i, j, 1] = g * weight
            out[i, j, 2] = b * weight
    return out
