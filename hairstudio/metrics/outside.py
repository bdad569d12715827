"""Is everything outside the edit untouched, bit for bit?"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

JPEG_MARGIN = 2


@dataclass(frozen=True)
class OutsideDifference:
    """``levels``: largest difference outside, in levels of the photo's own depth; ``pixels``: how
    many pixels differ there; ``outside``: how many were compared."""

    levels: int
    pixels: int
    outside: int

    @property
    def passed(self) -> bool:
        return self.levels == 0


def outside_difference(
    before: NDArray[np.generic], after: NDArray[np.generic], support: NDArray[np.generic]
) -> OutsideDifference:
    """Compare two (H, W, C) photos of one depth (uint8 or uint16) where ``support`` (H, W) is 0.

    Raises ValueError when size or depth differ: then nothing can be called untouched.
    """
    if before.shape != after.shape or before.dtype != after.dtype:
        message = f"{before.shape} {before.dtype} became {after.shape} {after.dtype}"
        raise ValueError(message)
    outside = support == 0
    a, b = before[outside].astype(np.int32), after[outside].astype(np.int32)
    difference = np.abs(a - b).reshape(len(a), -1).max(1, initial=0)
    levels = int(difference.max(initial=0))
    return OutsideDifference(levels, int(np.count_nonzero(difference)), len(a))


def jpeg_support(
    support: NDArray[np.generic], mcu: tuple[int, int], margin: int = JPEG_MARGIN
) -> NDArray[np.bool_]:
    """Where a JPEG may change: MCUs that ``support`` (H, W) touches, grown by ``margin`` pixels.

    ``mcu``: width and height in pixels (16 x 16 for 4:2:0). The margin is what chroma
    upsampling smears over the border of a changed block.
    """
    height, width = support.shape
    w, h = mcu
    rows, cols = -(-height // h), -(-width // w)
    padded = np.zeros((rows * h, cols * w), bool)
    padded[:height, :width] = support != 0
    touched = padded.reshape(rows, h, cols, w).any((1, 3))
    allowed = touched.repeat(h, 0).repeat(w, 1)[:height, :width].astype(np.uint8)
    return cv2.dilate(allowed, np.ones((2 * margin + 1,) * 2, np.uint8)) > 0
