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
def bilinear(
    maps: Array, j: int, fv: float, i: int, fu: float, first: int, last: int, out: Array
) -> None:
    """Channels ``first`` .. ``last`` - 1 of (h, w, c) maps at row j + fv, column i + fu, into the
    same places of ``out``."""
    for c in range(first, last):
        top = maps[j, i, c] * (1 - fu) + maps[j, i + 1, c] * fu
        low = maps[j + 1, i, c] * (1 - fu) + maps[j + 1, i + 1, c] * fu
        out[c] = top * (1 - fv) + low * fv
