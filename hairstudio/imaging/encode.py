"""Arrays and metadata -> the bytes of a picture file."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from hairstudio.errors import UserError
from hairstudio.imaging.metadata import EXIF_PREFIX, Metadata
from hairstudio.imaging.tiff_exif import attach, without_maker_note

FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
QUALITY = 95
_MAX_SEGMENT = 65533  # bytes of a JPEG segment without its length
_XMP_PREFIX_BYTES = 29
_PNG_HEADER = 33  # signature and IHDR
# on photos smaller and twice as fast as zlib's own search: Paeth filter, runs only
_PNG_OPTIONS = [
    cv2.IMWRITE_PNG_COMPRESSION, 1,
    cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_PAETH,
    cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE,
]  # fmt: skip
_XMP_CHUNK = b"XML:com.adobe.xmp\0\0\0\0\0"  # keyword; not compressed, no language
_MAX_SIDE = {"JPEG": 65500, "WEBP": 16383}


def format_of(path: Path) -> str:
    """The format that a file name asks for. Raises UserError for an unknown ending."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        known = " ".join(FORMATS)
        raise UserError(f"{path}: cannot write this kind of file; use one of {known}") from None


def encode(
    format_: str, pixels: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata
) -> bytes:
    """Encode (H, W, 3) uint8 or uint16 RGB with straight (H, W) alpha or None.

    JPEG and WebP get 8 bits; JPEG shows transparent parts on white; WebP is lossless. Raises
    ValueError where the format cannot hold the picture.
    """
    limit = _MAX_SIDE.get(format_)
    if limit is not None and max(pixels.shape) > limit:
        raise ValueError(f"{format_} holds at most {limit} pixels a side; use TIFF or PNG")
    if format_ == "PNG":
        return _png(pixels, alpha, metadata)
    if format_ == "TIFF":
        return _tiff(pixels, alpha, metadata)
    return _pillow(format_, pixels, alpha, metadata)


def to_8bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """uint16 0..65535 -> uint8 0..255, rounded; uint8 is returned as it is."""
    if pixels.dtype == np.uint8:
        return pixels
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _pillow(
    format_: str, pixels: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata
) -> bytes:
    pixels = to_8bit(pixels)
    if alpha is not None:
        pixels = _with_alpha(pixels, to_8bit(alpha))
    image = Image.fromarray(pixels)
    options: dict[str, Any] = {"lossless": True, "exact": True, "method": 0, "quality": 0}
    if format_ == "JPEG":
        metadata = _for_segments(metadata)
        options = {"quality": QUALITY, "subsampling": 0}
        image = _on_white(image) if alpha is not None else image
    if metadata.icc:
        options["icc_profile"] = metadata.icc
    if metadata.exif:
        options["exif"] = EXIF_PREFIX + metadata.exif
    if metadata.xmp:
        options["xmp"] = metadata.xmp
    if metadata.dpi:
        options["dpi"] = metadata.dpi
    out = BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def _for_segments(metadata: Metadata) -> Metadata:
    """What fits into a JPEG: raw files hold maker notes that are too large for it."""
    exif, xmp = metadata.exif, metadata.xmp
    if exif and len(EXIF_PREFIX + exif) > _MAX_SEGMENT:
        exif = without_maker_note(exif)
    if exif and len(EXIF_PREFIX + exif) > _MAX_SEGMENT:
        exif = None
    if xmp and len(xmp) + _XMP_PREFIX_BYTES > _MAX_SEGMENT:
        xmp = None
    return replace(metadata, exif=exif, xmp=xmp)


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _with_alpha(pixels: NDArray[Any], alpha: NDArray[Any] | None) -> NDArray[Any]:
    return pixels if alpha is None else np.dstack([pixels, alpha])


def _png(pixels: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata) -> bytes:
    code = cv2.COLOR_RGB2BGR if alpha is None else cv2.COLOR_RGBA2BGRA
    bgr = cv2.cvtColor(_with_alpha(pixels, alpha), code)
    done, data = cv2.imencode(".png", bgr, _PNG_OPTIONS)
    if not done:
        raise ValueError("the PNG encoder failed")
    body = data.tobytes()
    chunks = b"".join(_chunk(kind, payload) for kind, payload in _png_chunks(metadata))
    return body[:_PNG_HEADER] + chunks + body[_PNG_HEADER:]


def _png_chunks(metadata: Metadata) -> list[tuple[bytes, bytes]]:
    chunks = list(metadata.chunks)
    if metadata.icc:
        chunks = [chunk for chunk in chunks if chunk[0] != b"sRGB"]  # a file may hold only one
        chunks.append((b"iCCP", b"ICC Profile\0\0" + zlib.compress(metadata.icc)))
    if metadata.exif:
        chunks.append((b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append((b"iTXt", _XMP_CHUNK + metadata.xmp))
    if metadata.dpi:
        per_metre = [round(value / 0.0254) for value in metadata.dpi]
        chunks.append((b"pHYs", struct.pack(">IIB", *per_metre, 1)))
    return chunks


def _chunk(kind: bytes, payload: bytes) -> bytes:
    checksum = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", checksum)


def _tiff(pixels: NDArray[Any], alpha: NDArray[Any] | None, metadata: Metadata) -> bytes:
    exif = metadata.exif or b""
    options: dict[str, Any] = {}
    if alpha is not None:
        options["extrasamples"] = ["unassalpha"]
    if metadata.dpi:
        options |= {"resolution": metadata.dpi, "resolutionunit": "INCH"}
    if metadata.xmp:
        options["extratags"] = [(700, "B", len(metadata.xmp), metadata.xmp, True)]
    out = BytesIO()
    tifffile.imwrite(
        out,
        _with_alpha(pixels, alpha),
        photometric="rgb",
        metadata=None,
        software=False,
        iccprofile=metadata.icc,
        byteorder=">" if exif[:2] == b"MM" else "<",
        **options,
    )
    return attach(out.getvalue(), exif) if exif else out.getvalue()
