"""Filling an outline in a mask."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.brush import Axis
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.tiles import Mask, TiledMask

_SUBPIXEL = 4

Point = tuple[float, float]


def fill(
    mask: TiledMask, outline: Sequence[Point], feather: float = 0.0, *, erase: bool = False,
    axis: Axis | None = None,
) -> Box:  # fmt: skip
    """Add the inside of a closed outline (photo frame) to the mask, or erase it there.

    Loops of the outline are filled too. ``feather``: width of the soft edge in pixels, half of it
    outside; the sharp edge is smooth to a pixel. ``axis``: fill the mirrored outline as well. The
    box that changed; empty for fewer than three points.
    """
    shapes = [np.array(outline, np.float64)]
    if len(shapes[0]) < 3:
        return Box(0, 0, 0, 0)
    if axis is not None:
        shapes.append(np.array([axis.mirrored(x, y) for x, y in outline]))
    whole = Box.around(np.vstack(shapes)).grown(int(feather) + 2)
    box = whole.intersection(mask.frame)
    if box.empty:
        return box
    # whole first: what lies outside the photo softens the edge at its border as well
    cover = np.maximum.reduce([_filled(shape - whole[:2], whole) for shape in shapes])
    if feather > 0:
        cover = cv2.GaussianBlur(cover, (0, 0), feather / 4)
    mask.write(box, _mixed(mask.crop(box), cover[box.shifted(-whole.x, -whole.y).slices], erase))
    return box


def _filled(shape: NDArray[np.float64], box: Box) -> Mask:
    points = np.rint(shape * (1 << _SUBPIXEL)).astype(np.int32)
    filled = np.zeros((box.h, box.w), np.uint8)
    cv2.fillPoly(filled, [points], 255, cv2.LINE_AA, _SUBPIXEL)
    contours, _ = cv2.findContours(filled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    solid = cv2.drawContours(np.zeros_like(filled), contours, -1, 255, cv2.FILLED)
    inside = cv2.erode(solid, np.ones((5, 5), np.uint8))  # holes of loops; not the smooth edge
    return np.maximum(filled, inside)


def _mixed(old: Mask, cover: Mask, erase: bool) -> Mask:
    """As the brush does it."""
    room = (old if erase else 255 - old).astype(np.uint16)
    change = ((room * cover + 254) // 255).astype(np.uint8)
    return old - change if erase else old + change
