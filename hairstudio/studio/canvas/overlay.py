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
    out = np.empty((box.h, box.w, 4), np.uint8)
    hatch = round(_HATCH * look.width) if look.hatched else 0
    _tint(values, smooth, channels, light, out, box.x + box.y, hatch, look.width)
    return out


@kernel()
def _tint(
    values: Floats, smooth: Floats, color: Floats, light: Floats, out: qimage.Packed, phase: int,
    hatch: int, width: float,
) -> None:  # fmt: skip
    """The contour's distance is value over slope: it covers pixels nearer than half its width."""
    level, full = np.float32(CONTOUR * 255), np.float32(1 / 255)
    reach = np.float32(width / 2 + 0.5)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            i, j = y + _MARGIN, x + _MARGIN
            dx = smooth[i, j + 1] - smooth[i, j - 1]
            dy = smooth[i + 1, j] - smooth[i - 1, j]
            slope = np.sqrt(dx * dx + dy * dy) * np.float32(0.5)
            away = abs(smooth[i, j] - level)
            line = np.float32(0)
            if away < reach * slope:
                line = min(reach - away / slope, np.float32(1))
            alpha = values[i, j] * full * np.float32(TINT)
            if hatch and (phase + x + y) // hatch % 2:
                alpha *= np.float32(0.35)
            rest = alpha * (np.float32(1) - line)
            for c in range(3):
                out[y, x, c] = np.uint8(rest * color[c] + line * light[c] + np.float32(0.5))
            out[y, x, 3] = np.uint8((rest + line) * np.float32(255) + np.float32(0.5))


def warm_up() -> None:
    """Load the compiled loop; not in the GUI thread."""
    tint(np.zeros((6, 6), np.float32), Box(0, 0, 2, 2), Look(QColor(0, 0, 0)))
