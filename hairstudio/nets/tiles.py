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
def cut(padded: Array, matrix: Array, out: Array) -> None:
    """Overlapping tiles of 6 x 6 pixels, a new one each 4.

    ``padded``: (N, H + 2, W + 2, C), H and W multiples of 4; ``matrix``: (6, 6); ``out``:
    (36, tiles, C).
    """
    _, height, width, channels = padded.shape
    down, across = height // 4, width // 4
    for line in numba.prange(out.shape[1] // across):
        picture, top = divmod(np.int64(line), down)
        y, start = 4 * top, line * across
        strip = np.empty((width, channels), np.float32)
        for i in range(6):
            a, b, c = matrix[i, 0], matrix[i, 1], matrix[i, 2]
            d, e, f = matrix[i, 3], matrix[i, 4], matrix[i, 5]
            for x in range(width):
                for k in range(channels):
                    strip[x, k] = (
                        a * padded[picture, y, x, k] + b * padded[picture, y + 1, x, k]
                        + c * padded[picture, y + 2, x, k] + d * padded[picture, y + 3, x, k]
                        + e * padded[picture, y + 4, x, k] + f * padded[picture, y + 5, x, k]
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
def paste(tiles: Array, matrix: Array, first: int, out: Array) -> None:
    """Each tile becomes a block of 4 x 4 pixels. ``tiles``: as ``cut`` makes them; ``matrix``:
    (4, 6); ``out``: (N, H, W, C), from row ``first`` of all N * H / 4 rows of blocks on."""
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
                        )  # fmt: skip
