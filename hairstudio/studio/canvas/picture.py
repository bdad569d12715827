"""What the canvas shows: the photo and the parts that edits changed, at several sizes.

Everything here is made away from the GUI thread and only read afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import cv2
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from hairstudio.editing.composite import composite
from hairstudio.imaging.blend import Patch
from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas import qimage

SMALLEST = 512
"""The photo is halved until its longer side is at most this long."""

LEVELS = 6


@dataclass(frozen=True, eq=False)
class Picture:
    """The photo for display. ``size``: (width, height) of the photo, whatever ``levels`` hold:
    the first may be a thumbnail; each next one is half as large. ``step``: photo pixels per pixel
    of the first level."""

    size: tuple[int, int]
    levels: tuple[QImage, ...]
    step: float = 1.0


@dataclass(frozen=True, eq=False)
class Layer:
    """A part of the photo that edits changed, to be drawn over the photo.

    ``box``: in the photo frame scaled by ``1 / step``, where the first level lies; ``shown``: the
    part of it to draw, the rest is there to interpolate from. ``levels``: opaque for finals,
    premultiplied with alpha for previews (so that the photo stays crisp where the edit does
    nothing).
    """

    box: Box
    shown: Box
    levels: tuple[QImage, ...]
    step: float = 1.0


@dataclass(frozen=True, eq=False)
class After:
    """The edited photo: layers to draw over it, in order. ``final``: made at the photo's scale."""

    layers: tuple[Layer, ...] = ()
    final: bool = False


def picture(
    pixels: NDArray[Any], icc: bytes | None = None, size: tuple[int, int] | None = None
) -> Picture:
    """Make the photo ready for display; slow (0.1 s at 24 MP), so not in the GUI thread.

    ``pixels``: (H, W, 3) RGB, uint8 or uint16, in the profile ``icc``; a thumbnail when ``size``
    says the photo's (width, height).
    """
    array = qimage.packed(qimage.to_display(pixels, icc))
    height, width = pixels.shape[:2]
    levels = _levels(array, _depth(width, height))
    size = size or (width, height)
    return Picture(size, tuple(map(qimage.opaque, levels)), size[0] / width)


def after(
    pixels: NDArray[Any], patches: Sequence[Patch], scale: float = 1.0, icc: bytes | None = None
) -> After:
    """Make edits ready for display; not in the GUI thread.

    ``pixels``, ``icc``: the photo; ``patches``: in the photo frame scaled by ``scale``, in order.
    """
    if scale == 1:
        return After(_final(pixels, patches, icc), True)
    return After(tuple(_preview(patch, scale, icc) for patch in patches))


def _final(pixels: NDArray[Any], patches: Sequence[Patch], icc: bytes | None) -> tuple[Layer, ...]:
    """One opaque layer, exact at every size: its box is cut where the pixels of all levels are."""
    height, width = pixels.shape[:2]
    frame = Box.of_size(width, height)
    box = reduce(Box.union, (patch.box for patch in patches), Box(0, 0, 0, 0)).intersection(frame)
    if box.empty:
        return ()
    depth = _depth(width, height)
    coarsest = 1 << (depth - 1)
    shown = _aligned(box, coarsest).intersection(frame)
    box = shown.grown(coarsest).intersection(frame)
    moved = (Patch(p.box.shifted(-box.x, -box.y), p.rgb, p.alpha) for p in patches)
    array = qimage.packed(qimage.to_display(composite(pixels[box.slices], moved), icc))
    return (Layer(box, shown, tuple(map(qimage.opaque, _levels(array, depth)))),)


def _preview(patch: Patch, scale: float, icc: bytes | None) -> Layer:
    array = qimage.packed(qimage.to_display(patch.rgb, icc), patch.alpha)
    depth = _depth(patch.box.w, patch.box.h)
    return Layer(
        patch.box, patch.box, tuple(map(qimage.translucent, _levels(array, depth))), 1 / scale
    )


def _depth(width: int, height: int) -> int:
    depth = 1
    while max(width, height) >> (depth - 1) > SMALLEST and depth < LEVELS:
        depth += 1
    return depth


def _levels(array: qimage.Packed, depth: int) -> list[qimage.Packed]:
    levels = [array]
    for _ in range(depth - 1):
        levels.append(halved(levels[-1]))
    return levels


def halved(array: NDArray[Any]) -> NDArray[Any]:
    """Means of 2 x 2 squares; an odd edge is repeated."""
    height, width = array.shape[:2]
    if height % 2 or width % 2:
        array = cv2.copyMakeBorder(array, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    size = ((width + 1) // 2, (height + 1) // 2)
    return cv2.resize(array, size, interpolation=cv2.INTER_AREA)


def _aligned(box: Box, step: int) -> Box:
    x, y = box.x // step * step, box.y // step * step
    right, bottom = -(-box.right // step) * step, -(-box.bottom // step) * step
    return Box(x, y, right - x, bottom - y)
