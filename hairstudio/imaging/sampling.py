"""Reading coarse maps at fine pixels, in compiled loops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]


@kernel()
def coarse_position(fine: int, fine_size: int, coarse_size: int) -> tuple[int, float]:
    """Where a fine pixel's centre lies on a coarse raster over the same field: index of the pixel
    before it and the fraction to the next."""
    position = (fine + 0.5) * coarse_size / fine_size - 0.5
    position = min(max(position, 0.0), coarse_size - 1.001)
    index = int(position)
    return index, position - index


@kernel()
def between_rows(maps: Array, j: int, part: float, line: Array) -> None:
    """Row j + ``part`` of (h, w, c) maps, linear, into ``line`` (w, c)."""
    t = np.float32(part)
    for i in range(maps.shape[1]):
        for c in range(maps.shape[2]):
            line[i, c] = maps[j, i, c] + t * (maps[j + 1, i, c] - maps[j, i, c])


@kernel()
def along_row(line: Array, i: int, part: float, first: int, last: int, out: Array) -> None:
    """Channels ``first`` .. ``last`` - 1 at column i + ``part``, linear, into the same places of
    ``out``."""
    t = np.float32(part)
    for c in range(first, last):
        out[c] = line[i, c] + t * (line[i + 1, c] - line[i, c])
