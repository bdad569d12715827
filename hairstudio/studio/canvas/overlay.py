"""Masks shown over the photo: the tint and contour of what is really selected."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainter

from hairstudio.imaging.geometry import Box
from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio.canvas import qimage
from hairstudio.studio.canvas.view import View

TINT = 0.38
CONTOUR = 0.35
_LIGHT = 0.72
"""How far the contour's colour lies between the overlay's colour and white."""

_MARGIN = 2
_DEEPEST = 8
_HATCH = 5

Floats = NDArray[np.float32]
Words = NDArray[np.int32]


@dataclass(frozen=True)
class Look:
    """``width``: of the contour, in device pixels; ``hatched``: tinted in stripes."""

    color: QColor
    width: float = 1.0
    hatched: bool = False


def draw(painter: QPainter, mask: TiledMask, view: View, box: Box, look: Look) -> None:
    """Tint ``box`` (device pixels of the view's port)."""
    seen = view.device_box(mask.reach()).grown(_MARGIN).intersection(box).intersection(view.visible)
    if not seen.empty:
        tinted = tint(shown(mask, view, seen.grown(_MARGIN)), seen, look)
        painter.drawImage(seen.x, seen.y, qimage.translucent(tinted))


def shown(mask: TiledMask, view: View, box: Box) -> Floats:
    """The mask as the view shows it in a box of device pixels: (h, w) float32 0..255, linear
    between means over squares of about a device pixel."""
    level = 0
    while view.zoom * (2 << level) <= 1 and level < _DEEPEST:
        level += 1
    step = 1 << level
    zoom, (left, top) = view.zoom * step, view.origin
    x, y = floor((box.x - left) / zoom) - 1, floor((box.y - top) / zoom) - 1
    right, bottom = ceil((box.right - left) / zoom) + 1, ceil((box.bottom - top) / zoom) + 1
    values = mask.reduced(Box(x, y, right - x, bottom - y), level).astype(np.float32)
    # device pixel i has its centre at (i + .5 - left) / zoom - .5 of the reduced mask
    shift_x = (box.x + 0.5 - left) / zoom - 0.5 - x
    shift_y = (box.y + 0.5 - top) / zoom - 0.5 - y
    matrix = np.array([[1 / zoom, 0, shift_x], [0, 1 / zoom, shift_y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(values, matrix, (box.w, box.h), flags=flags)


def tint(values: Floats, box: Box, look: Look) -> qimage.Packed:
    """Premultiplied pixels for a mask as ``shown`` gives it for ``box`` grown by two pixels."""
    smooth = cv2.blur(values, (3, 3))
    color = look.color
    channels = np.array([color.blue(), color.green(), color.red()], np.float32)
    light = (channels + _LIGHT * (255 - channels)).astype(np.float32)
    words = np.empty((box.h, box.w), np.int32)
    hatch = round(_HATCH * look.width) if look.hatched else 0
    _tint(values, smooth, channels, light, words, box.x + box.y, hatch, look.width)
    return words.view(np.uint8).reshape(box.h, box.w, 4)


@kernel()
def _tint(
    values: Floats, smooth: Floats, color: Floats, light: Floats, words: Words, phase: int,
    hatch: int, width: float,
) -> None:  # fmt: skip
    """Rows in slices that count from 0: such loops run on vectors."""
    line, end = np.empty(words.shape[1], np.float32), _MARGIN + words.shape[1]
    stripes = np.ones(words.shape[1], np.float32)
    for y in range(words.shape[0]):
        i = y + _MARGIN
        above, below = smooth[i - 1, _MARGIN:end], smooth[i + 1, _MARGIN:end]
        _contour_row(above, smooth[i, 1 : end + 1], below, np.float32(width / 2 + 0.5), line)
        if hatch:
            for x in range(stripes.size):
                stripes[x] = np.float32(0.35 if (phase + x + y) // hatch % 2 else 1)
        _word_row(values[i, _MARGIN:end], line, stripes, color, light, words[y])


@kernel()
def _contour_row(
    above: Floats, here: Floats, below: Floats, reach: np.float32, line: Floats
) -> None:
    """How far pixels lie on the contour. Its distance is value over slope: it covers what is nearer
    than half its width. ``here``: with a pixel more at both ends."""
    for x in range(line.size):
        dx, dy = here[x + 2] - here[x], below[x] - above[x]
        slope = np.sqrt(dx * dx + dy * dy) * np.float32(0.5) + np.float32(1e-6)
        away = np.divide(abs(here[x + 1] - np.float32(CONTOUR * 255)), slope)
        line[x] = min(max(reach - away, np.float32(0)), np.float32(1))


@kernel()
def _word_row(
    values: Floats, line: Floats, stripes: Floats, color: Floats, light: Floats, words: Words
) -> None:
    """Premultiplied pixels: alpha in the highest byte, blue in the lowest."""
    half, full = np.float32(0.5), np.float32(255)
    blue, green, red = color[0], color[1], color[2]
    light_blue, light_green, light_red = light[0], light[1], light[2]
    for x in range(words.size):
        alpha = values[x] * np.float32(TINT / 255) * stripes[x]
        rest = alpha * (np.float32(1) - line[x])
        b = np.int32(rest * blue + line[x] * light_blue + half)
        g = np.int32(rest * green + line[x] * light_green + half)
        r = np.int32(rest * red + line[x] * light_red + half)
        a = np.int32((rest + line[x]) * full + half)
        words[x] = np.int32((a << 24) | (r << 16) | (g << 8) | b)


def warm_up() -> None:
    """Load the compiled loop; not in the GUI thread."""
    tint(np.zeros((6, 6), np.float32), Box(0, 0, 2, 2), Look(QColor(0, 0, 0)))
