"""Painted masks: 8-bit grey PNG files of the photo's size, white = selected."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hairstudio.errors import UserError

Mask = NDArray[np.uint8]
Regions = Mapping[int, Mask]  # by number, at photo size; 255 = wholly in the region


def read(path: Path, size: tuple[int, int]) -> Mask:
    """A mask that the user gave: (H, W) uint8. ``size``: (width, height) of the upright photo.

    Raises UserError: cannot be read, no picture, other size than the photo, nothing selected.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    mask = decode(data, size, str(path))
    if not mask.any():
        raise UserError(f"{path}: the mask is empty (all black)")
    return mask


def decode(data: bytes, size: tuple[int, int], source: str) -> Mask:
    """(H, W) uint8 from the bytes of a picture; UserError names ``source``."""
    try:
        with Image.open(BytesIO(data)) as image:
            if image.size != size:
                found, wanted = (f"{w} x {h}" for w, h in (image.size, size))
                raise UserError(f"{source}: the mask is {found}, the photo {wanted} pixels")
            if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
                raise UserError(f"{source}: save the mask as 8-bit grey")
            return np.asarray(image.convert("L"))
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(f"{source}: not a picture that can be used as a mask") from error


def encode(mask: Mask) -> bytes:
    """8-bit grey PNG."""
    return cv2.imencode(".png", mask)[1].tobytes()
