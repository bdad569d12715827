"""Pictures to tiles and back, with a small linear map on both axes of each tile: what Winograd's
convolution does before and after its products. Channels last, so that all steps run along them."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
BLOCK, TILE = 4, 6  # both are spelled out below: only then do compilers make vector code of it


@kernel(parallel=True)
def cut(pixels: Array, first: int, matrix: Array, out: Array) -> None:
    """Overlapping tiles of 6 x 6 pixels, a new one each 4, with zeros around what is given.

    ``pixels``: (N, H, W, C), W a multiple of 4; ``first``: the line where the first tiles begin,
    -1 or 0; ``matrix``: (6, 6); ``out``: (36, tiles, C), all tiles of a picture before the next.
    """
    count, height, width, channels = pixels.shape
    across = width // 4
    down = out.shape[1] // (across * count)
    for line in numba.prange(count * down):
        picture, top = divmod(np.int64(line), down)
        y, start = 4 * top + first, line * across
        above, below = max(y, 0), min(y + 5, height - 1)
        strip = np.zeros((width + 2, channels), np.float32)
        for i in range(6):
            a, b, c = matrix[i, 0] * np.float32(y >= 0), matrix[i, 1], matrix[i, 2]
            d, e, f = matrix[i, 3], matrix[i, 4], matrix[i, 5] * np.float32(y + 5 < height)
            for x in range(width):
                for k in range(channels):
                    strip[x + 1, k] = (
                        a * pixels[picture, above, x, k] + b * pixels[picture, y + 1, x, k]
                        + c * pixels[picture, y + 2, x, k] + d * pixels[picture, y + 3, x, k]
                        + e * pixels[picture, y + 4, x, k] + f * pixels[picture, below, x, k]
                    )  # fmt: skip
            for j in range(6):
                a, b, c = matrix[j, 0], matrix[j, 1], matrix[j, 2]
                d, e, f = matrix[j, 3], matrix[j, 4], matrix[j, 5]
                for tile in range(across):
                    x = 4 * tile
                    for k in range(channels):
                        out[6 * i + j, start + tile, k] = (
                            a * strip[x, k] + b * strip[x + 1, k] + c * strip[x + 2, k]
                            + d * strip[x + 3, k] + e * strip[x + 4, k] + f * strip[x + 5, k]
                        )  # fmt: skip


@kernel(parallel=True)
def paste(tiles: Array, matrix: Array, bias: Array, first: int, out: Array) -> None:
    """Each tile becomes a block of 4 x 4 pixels. ``tiles``: as ``cut`` makes them; ``matrix``:
    (4, 6); ``bias``: (C,), is added; ``out``: (N, H, W, C), from row ``first`` of all N * H / 4
    rows of blocks on."""
    _, height, width, channels = out.shape
    down, across = height // 4, width // 4
    for line in numba.prange(tiles.shape[1] // across):
        picture, top = divmod(first + line, down)
        y, start = 4 * top, line * across
        strip = np.empty((6, across, channels), np.float32)
        for i in range(4):
            a, b, c = matrix[i, 0], matrix[i, 1], matrix[i, 2]
            d, e, f = matrix[i, 3], matrix[i, 4], matrix[i, 5]
            for j in range(6):
                for tile in range(across):
                    at = start + tile
                    for k in range(channels):
                        strip[j, tile, k] = (
                            a * tiles[j, at, k] + b * tiles[6 + j, at, k]
                            + c * tiles[12 + j, at, k] + d * tiles[18 + j, at, k]
                            + e * tiles[24 + j, at, k] + f * tiles[30 + j, at, k]
                        )  # fmt: skip
            for j in range(4):
                a, b, c = matrix[j, 0], matrix[j, 1], matrix[j, 2]
                d, e, f = matrix[j, 3], matrix[j, 4], matrix[j, 5]
                for tile in range(across):
                    for k in range(channels):
                        out[picture, y + i, 4 * tile + j, k] = (
                            a * strip[0, tile, k] + b * strip[1, tile, k] + c * strip[2, tile, k]
                            + d * strip[3, tile, k] + e * strip[4, tile, k] + f * strip[5, tile, k]
                            + bias[k]
                        )  # fmt: skip
