"""Layered Photoshop files: the photo below, one named layer per edit above it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from psd_tools import PSDImage
from psd_tools.constants import ColorMode, Compression, Resource
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.image_resources import ImageResource, ImageResources

from hairstudio.errors import UserError
from hairstudio.imaging.blend import Patch, blend
from hairstudio.imaging.photo import Photo

if TYPE_CHECKING:
    from hairstudio.imaging.layer import Layer

LIMIT = 30_000  # pixels a side


def encode(photo: Photo, layers: Sequence[Layer]) -> bytes:
    """The bytes of a PSD of the photo's depth and colour profile.

    Programs that read no layers see the result. Raises UserError for a photo too large for PSD.
    """
    if max(photo.size) > LIMIT:
        raise UserError(f"a PSD holds at most {LIMIT} pixels a side; write the layer as .ora")
    record = _flat(photo, layers)
    document = PSDImage(record)
    _add(document, "Photo", photo.pixels, photo.alpha, (0, 0))
    for name, patch in layers:
        _add(document, name, patch.rgb, _deep(patch), (patch.box.x, patch.box.y))
    out = BytesIO()
    record.write(out)  # not document.save: that would compose the flat picture again
    return out.getvalue()


def _flat(photo: Photo, layers: Sequence[Layer]) -> PSD:
    """A file without layers that shows the result."""
    result = photo.pixels.copy()
    for layer in layers:
        blend(result, layer.patch)
    width, height = photo.size
    depth = 8 * photo.pixels.itemsize
    header = FileHeader(
        width=width, height=height, depth=depth, channels=3, color_mode=ColorMode.RGB
    )
    flat = ImageData(compression=Compression.RLE)
    big_endian = result.astype(result.dtype.newbyteorder(">"), copy=False)
    flat.set_data([big_endian[..., channel].tobytes() for channel in range(3)], header)
    resources = ImageResources.new()
    if photo.metadata.icc:
        key = Resource.ICC_PROFILE
        resources[key] = ImageResource(key=key, data=photo.metadata.icc)
    return PSD(header=header, image_resources=resources, image_data=flat)


def _deep(patch: Patch) -> NDArray[Any]:
    """Alpha at the depth of the patch's colours."""
    return patch.alpha if patch.rgb.dtype == np.uint8 else patch.alpha * np.uint16(257)


def _add(
    document: PSDImage,
    name: str,
    rgb: NDArray[Any],
    alpha: NDArray[Any] | None,
    at: tuple[int, int],
) -> None:
    pixels = rgb if alpha is None else np.dstack([rgb, alpha])
    layer = document.create_pixel_layer_from_array(pixels, top=at[1], left=at[0])
    layer.name = name[:255]  # the setter knows all of Unicode
