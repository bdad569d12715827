"""Random numbers by counting: the same number for the same (seed, item, purpose), in any order.

Strands keep their randomness whatever the scale, the number of strands or the order of drawing.
The mixer is splitmix64's finaliser (Steele, Lea, Flood, OOPSLA 2014).
"""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Box
from hairstudio.imaging.kernels import kernel

GOLDEN = 0.6180339887498949
NOISE_TILE = 509


@kernel()
def _mix(z: np.uint64) -> np.uint64:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel()
def uniform(seed: int, item: int, purpose: int) -> float:
    """One number in [0, 1)."""
    z = _mix(np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15))
    z = _mix(z ^ (np.uint64(item) + np.uint64(0x632BE59BD9B4E019)))
    z = _mix(z ^ (np.uint64(purpose) * np.uint64(0xD1B54A32D192ED03)))
    return float(z >> np.uint64(11)) * 1.1102230246251565e-16


@kernel()
def normal(seed: int, item: int, purpose: int) -> float:
    """One standard normal number (Box and Muller)."""
    a = uniform(seed, item, 2 * purpose)
    b = uniform(seed, item, 2 * purpose + 1)
    return math.sqrt(-2.0 * math.log(1.0 - a)) * math.cos(6.283185307179586 * b)


@kernel()
def _fill(seed: int, items: NDArray[np.int64], purpose: int, gauss: bool,
          out: NDArray[np.float32]) -> None:  # fmt: skip
    for i in range(items.size):
        out[i] = normal(seed, items[i], purpose) if gauss else uniform(seed, items[i], purpose)


def uniforms(seed: int, items: NDArray[np.int64], purpose: int) -> NDArray[np.float32]:
    """(n,) numbers in [0, 1), one for each of (n,) items."""
    out = np.empty(items.size, np.float32)
    _fill(seed, items, purpose, False, out)
    return out


def normals(seed: int, items: NDArray[np.int64], purpose: int) -> NDArray[np.float32]:
    """(n,) standard normal numbers, one for each of (n,) items."""
    out = np.empty(items.size, np.float32)
    _fill(seed, items, purpose, True, out)
    return out


@cache
def _noise_tile() -> NDArray[np.float32]:
    numbers = normals(5, np.arange(NOISE_TILE * NOISE_TILE * 4), 0)
    return numbers.reshape(NOISE_TILE, NOISE_TILE, 4)


@cache
def soft_noise() -> NDArray[np.float32]:
    """The tile of ``noise_image``, its first plane as it is, the others soft, of unit spread."""
    tile = _noise_tile()
    edge = 4
    around = cv2.copyMakeBorder(tile, edge, edge, edge, edge, cv2.BORDER_WRAP)
    soft = cv2.GaussianBlur(around, (0, 0), 0.8)[edge:-edge, edge:-edge]
    return np.dstack([tile[..., 0], soft[..., 1:] / soft[..., 1:].std()])


def noise_image(box: Box) -> NDArray[np.float32]:
    """(h, w, 4) standard normal numbers that belong to the pixels, wherever the box lies."""
    rows = np.arange(box.y, box.bottom) % NOISE_TILE
    columns = np.arange(box.x, box.right) % NOISE_TILE
    return _noise_tile()[rows[:, None], columns]
