"""Arrays to Qt images and back, in one place."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColorSpace, QImage

Pixels = NDArray[Any]
"""(H, W, 3) uint8 or uint16 RGB."""

Packed = NDArray[np.uint8]
"""(H, W, 4) uint8 in memory order blue, green, red, alpha: Qt's 32-bit formats."""


def packed(pixels: Pixels, alpha: NDArray[np.uint8] | None = None) -> Packed:
    """Display pixels; with (H, W) ``alpha`` premultiplied by it."""
    if pixels.dtype == np.uint16:
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    out = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2BGRA)
    if alpha is None:
        return out
    out[..., 3] = alpha
    return cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_BGRA2RGBA), cv2.COLOR_RGBA2mRGBA)[
        ..., [2, 1, 0, 3]
    ].copy()


def opaque(array: Packed) -> QImage:
    """An RGB32 image that shares the array's memory and keeps it alive."""
    return _image(array, QImage.Format.Format_RGB32)


def translucent(array: Packed) -> QImage:
    """A premultiplied ARGB32 image that shares the array's memory and keeps it alive."""
    return _image(array, QImage.Format.Format_ARGB32_Premultiplied)


def view(image: QImage) -> Packed:
    """The pixels of a 32-bit image, to be read while it lives."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)


def rgb(image: QImage) -> NDArray[np.uint8]:
    """(H, W, 3) RGB copy of an image, whatever its format."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return cv2.cvtColor(view(image), cv2.COLOR_BGRA2RGB)


def to_display(pixels: Pixels, icc: bytes | None) -> Pixels:
    """Pixels of a photo with the profile ``icc`` as sRGB, uint8; unknown profiles count as sRGB."""
    if pixels.dtype == np.uint16:
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    space = QColorSpace.fromIccProfile(icc) if icc else QColorSpace()
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if not space.isValid() or space == srgb:
        return pixels
    image = opaque(packed(pixels))
    image.setColorSpace(space)
    return rgb(image.convertedToColorSpace(srgb))


def _image(array: Packed, form: QImage.Format) -> QImage:
    height, width = array.shape[:2]
    array = np.ascontiguousarray(array)
    return QImage(array.data, width, height, 4 * width, form)
