"""The edits as layers for other programs: one transparent PNG, or a layered PSD or OpenRaster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.imaging import encode
from hairstudio.imaging.blend import Patch, blend
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.photo import Photo

FORMATS = (".png", ".psd", ".ora")


class Layer(NamedTuple):
    """An edit with the name that other programs show; its patch lies inside the photo."""

    name: str
    patch: Patch


def check_format(path: Path) -> None:
    """Raise UserError for a file that ``write_layer`` would not know how to write."""
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"{path}: a layer is written as {', '.join(FORMATS)}")


def write_layer(
    path: Path, photo: Photo, layers: Sequence[Layer], *, overwrite: bool = False
) -> None:
    """Write what shows the result over the photo, within one level, at the photo's depth.

    PNG: all edits as one transparent picture of the photo's size. PSD and OpenRaster: the photo
    and one layer per edit. Raises UserError as ``write_photo``.
    """
    check_format(path)
    data = _ENCODERS[path.suffix.lower()](photo, layers)
    with atomic_write(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(data)


def _png(photo: Photo, layers: Sequence[Layer]) -> bytes:
    rgb, alpha = merged(photo, [layer.patch for layer in layers])
    return encode.encode("PNG", rgb, alpha, photo.metadata.upright())


def _psd(photo: Photo, layers: Sequence[Layer]) -> bytes:
    from hairstudio.imaging import psd  # psd-tools takes long to import

    return psd.encode(photo, layers)


def _ora(photo: Photo, layers: Sequence[Layer]) -> bytes:
    from hairstudio.imaging import openraster

    return openraster.encode(photo, layers)


_ENCODERS = {".png": _png, ".psd": _psd, ".ora": _ora}


def merged(photo: Photo, patches: Sequence[Patch]) -> tuple[NDArray[Any], NDArray[Any]]:
    """One layer for a stack of patches: (H, W, 3) colour, (H, W) straight alpha, photo's depth.

    Alpha is the union 1 - prod(1 - a), raised where the colour would leave the range; colour is
    solved from the blended result, so roundings of the stack do not add up.
    """
    width, height = photo.size
    rgb = np.zeros_like(photo.pixels)
    alpha = np.zeros((height, width), photo.pixels.dtype)
    box = Box(0, 0, 0, 0)
    for patch in patches:
        box = box.union(patch.box.intersection(Box.of_size(width, height)))
    if box.empty:
        return rgb, alpha
    before = photo.pixels[box.slices].astype(np.float32)
    result = photo.pixels[box.slices].copy()
    uncovered = np.ones((box.h, box.w), np.float32)
    for patch in patches:
        local = patch.box.shifted(-box.x, -box.y)
        blend(result, Patch(local, patch.rgb, patch.alpha))
        seen = local.intersection(Box.of_size(box.w, box.h))
        inside = seen.shifted(-local.x, -local.y).slices
        uncovered[seen.slices] *= 1 - patch.alpha[inside] / np.float32(255)
    solved = _solve(before, result.astype(np.float32), 1 - uncovered, photo.depth)
    rgb[box.slices], alpha[box.slices] = solved
    return rgb, alpha


def _solve(
    before: NDArray[np.float32], result: NDArray[np.float32], cover: NDArray[np.float32], top: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Whole-numbered colour and alpha 0..top with alpha over ``before`` giving ``result``."""
    change = result - before
    room = np.where(change > 0, top - before, before)
    needed = (np.abs(change) / np.maximum(room, 1)).max(axis=2)
    alpha = np.maximum(np.rint(cover * top), np.ceil(needed * top - 1e-3))
    share = np.maximum(alpha, 1)[..., None] / top
    colour = np.where(alpha[..., None] > 0, before + change / share, 0)
    return np.clip(np.rint(colour), 0, top), alpha
