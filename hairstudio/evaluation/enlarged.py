"""A photo enlarged with fresh grain: what a camera's full resolution costs, without such a file."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

GRAIN = 2.5  # standard deviation in 8-bit levels
TILE = 1024


def enlarged(pixels: NDArray[np.uint8], megapixels: float, seed: int = 0) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 -> the same picture at ``megapixels``, cubic, with Gaussian grain added.

    Without grain an enlarged picture is smooth, and compresses and filters like no real one.
    """
    height, width = pixels.shape[:2]
    zoom = (megapixels * 1e6 / (height * width)) ** 0.5
    size = round(width * zoom), round(height * zoom)
    grain = np.random.default_rng(seed).normal(0, GRAIN, (TILE, TILE, 1)).astype(np.float32)
    big = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    for y in range(0, size[1], TILE):
        for x in range(0, size[0], TILE):
            part = big[y : y + TILE, x : x + TILE]
            noisy = part + grain[: part.shape[0], : part.shape[1]]
            part[:] = np.clip(np.rint(noisy), 0, 255)
    return big
