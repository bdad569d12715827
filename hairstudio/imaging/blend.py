"""The one definition of how an edit enters the photo, and value conversions."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Box
from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.strips import in_strips

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Patch:
    """What every edit yields: new pixels inside ``box`` (photo frame).

    ``rgb``: (h, w, 3) at the photo's depth (uint8 or uint16); ``alpha``: (h, w) uint8, straight:
    0 keeps the photo, 255 replaces it.
    """

    box: Box
    rgb: NDArray[Any]
    alpha: NDArray[np.uint8]

    def __post_init__(self) -> None:
        shape = (self.box.h, self.box.w)
        if self.rgb.shape != (*shape, 3) or self.alpha.shape != shape:
            raise ValueError(f"patch of {self.rgb.shape}, {self.alpha.shape} in a box of {shape}")


def blend(pixels: NDArray[Any], patch: Patch) -> None:
    """Put ``patch`` into writable (H, W, 3) ``pixels`` of the same dtype, in place.

    Result = round(a p + (1 - a) photo) with a = alpha / 255, in integers: exact, and bit for bit
    the photo where alpha is 0. Parts of the box outside the picture are ignored.
    """
    if pixels.dtype != patch.rgb.dtype:
        raise ValueError(f"a patch of {patch.rgb.dtype} for a photo of {pixels.dtype}")
    height, width = pixels.shape[:2]
    visible = patch.box.intersection(Box.of_size(width, height))
    if visible.empty:
        return
    inside = visible.shifted(-patch.box.x, -patch.box.y).slices
    _blend(pixels[visible.slices], patch.rgb[inside], patch.alpha[inside])


@kernel()
def _blend(pixels: NDArray[Any], rgb: NDArray[Any], alpha: NDArray[np.uint8]) -> None:
    for y in range(alpha.shape[0]):
        for x in range(alpha.shape[1]):
            a = np.uint32(alpha[y, x])
            if a == 0:
                continue
            b = np.uint32(255) - a
            for c in range(3):
                total = a * np.uint32(rgb[y, x, c]) + b * np.uint32(pixels[y, x, c])
                # 255 is odd, so there are no ties: adding 127 rounds to nearest
                pixels[y, x, c] = (total + np.uint32(127)) // np.uint32(255)


def to_float(pixels: NDArray[Any]) -> Floats:
    """uint8 or uint16 -> float32 0..1, same encoding."""
    values = np.empty(pixels.shape, np.float32)
    rows, scale = _rows(pixels), np.float32(1 / np.iinfo(pixels.dtype).max)
    in_strips(len(rows), lambda i, j: np.multiply(rows[i:j], scale, out=_rows(values)[i:j]))
    return values


def to_depth(values: Floats, dtype: np.dtype[Any] | type[np.generic]) -> NDArray[Any]:
    """float32 -> uint8 or uint16: clipped to 0..1, rounded. Inverse of ``to_float``."""
    pixels, top = np.empty(values.shape, dtype), np.float32(np.iinfo(dtype).max)
    rows = _rows(values)
    in_strips(len(rows), lambda i, j: _quantise(rows[i:j], _rows(pixels)[i:j], top))
    return pixels


def _rows(pixels: NDArray[Any]) -> NDArray[Any]:
    return pixels.reshape(len(pixels), prod(pixels.shape[1:]))


@kernel()
def _quantise(values: Floats, pixels: NDArray[Any], top: np.float32) -> None:
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            pixels[i, j] = np.rint(min(max(values[i, j], np.float32(0)), np.float32(1)) * top)


_STEPS = 4096
_grid = np.linspace(0, 1, _STEPS + 1)
_LINEAR = np.where(_grid <= 0.04045, _grid / 12.92, ((_grid + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_squared = _grid * _grid  # the table of the inverse is laid out by square root: it is steep at 0
_ENCODED = np.where(
    _squared <= 0.0031308, _squared * 12.92, 1.055 * _squared ** (1 / 2.4) - 0.055
).astype(np.float32)


def to_linear(values: Floats) -> Floats:
    """sRGB-encoded 0..1 -> linear light 0..1 (IEC 61966-2-1), float32, any shape, to 1e-5.

    Other profiles are treated as sRGB: good enough for blur and light, which go there and back.
    """
    return _look_up(np.ascontiguousarray(values).ravel(), _LINEAR, False).reshape(values.shape)


def to_encoded(values: Floats) -> Floats:
    """Inverse of ``to_linear``."""
    return _look_up(np.ascontiguousarray(values).ravel(), _ENCODED, True).reshape(values.shape)


@kernel()
def _look_up(values: Floats, table: Floats, by_root: bool) -> Floats:
    out = np.empty(values.size, np.float32)
    for i in range(values.size):
        value = min(max(values[i], np.float32(0)), np.float32(1))
        if by_root:
            value = np.sqrt(value)
        place = value * np.float32(table.size - 1)
        k = min(int(place), table.size - 2)
        out[i] = table[k] + (place - k) * (table[k + 1] - table[k])
    return out
