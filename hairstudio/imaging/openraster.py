"""OpenRaster files (Krita, GIMP, MyPaint): the photo below, one named layer per edit above it.

Layout: OpenRaster 0.0.5 (freedesktop.org), a zip whose first member is the bare media type.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np

from hairstudio.imaging import encode as pictures
from hairstudio.imaging.blend import Patch, blend
from hairstudio.imaging.metadata import Metadata
from hairstudio.imaging.photo import Photo
from hairstudio.imaging.resample import downscale

if TYPE_CHECKING:
    from hairstudio.imaging.layer import Layer

THUMBNAIL = 256  # pixels, longer side


def encode(photo: Photo, layers: Sequence[Layer]) -> bytes:
    """The bytes of an OpenRaster file of the photo's depth and colour profile."""
    profile = Metadata(icc=photo.metadata.icc)
    result = photo.pixels.copy()
    for layer in layers:
        blend(result, layer.patch)
    small = downscale(pictures.to_8bit(result), min(1.0, THUMBNAIL / max(photo.size)))
    members = {
        "stack.xml": _stack(photo, layers),
        "data/photo.png": pictures.encode("PNG", photo.pixels, photo.alpha, profile),
        **{_file(i): _picture(layer.patch, profile) for i, layer in enumerate(layers)},
        "mergedimage.png": pictures.encode("PNG", result, photo.alpha, profile),
        "Thumbnails/thumbnail.png": pictures.encode("PNG", small, None, profile),
    }
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:  # PNG does not get smaller
        archive.writestr("mimetype", "image/openraster")
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _file(index: int) -> str:
    return f"data/edit{index + 1}.png"


def _picture(patch: Patch, profile: Metadata) -> bytes:
    deep = patch.alpha if patch.rgb.dtype == np.uint8 else patch.alpha * np.uint16(257)
    return pictures.encode("PNG", patch.rgb, deep, profile)


def _stack(photo: Photo, layers: Sequence[Layer]) -> bytes:
    """The list of layers, the topmost first."""
    width, height = photo.size
    image = ElementTree.Element("image", version="0.0.5", w=str(width), h=str(height))
    stack = ElementTree.SubElement(image, "stack")
    for index, (name, patch) in reversed(list(enumerate(layers))):
        x, y = str(patch.box.x), str(patch.box.y)
        ElementTree.SubElement(stack, "layer", name=name, src=_file(index), x=x, y=y)
    ElementTree.SubElement(stack, "layer", name="Photo", src="data/photo.png", x="0", y="0")
    return ElementTree.tostring(image, encoding="utf-8", xml_declaration=True)
