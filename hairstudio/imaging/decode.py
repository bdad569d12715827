"""Picture files -> arrays and metadata, by what the file holds, not by its name."""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

from hairstudio.errors import UserError
from hairstudio.imaging.metadata import Metadata, bare_exif, orientation
from hairstudio.imaging.tiff_exif import extract

MAX_PIXELS = 200_000_000
RAW_SUFFIXES = frozenset(
    [".3fr", ".arw", ".cr2", ".cr3", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw"]
    + [".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".srw"]
)
_KEPT_CHUNKS = frozenset([b"tEXt", b"zTXt", b"iTXt", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"tIME"])
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_TIFF_PLAIN = frozenset([1, 8, 32946, 32773])  # compressions that tifffile reads by itself

logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # damage becomes our own one line
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
Image.MAX_IMAGE_PIXELS = None  # 60 MP is everyday work; _check_size is our own limit


class _Unfit(ValueError):  # noqa: N818 - it is the file that is at fault
    """A file that is whole but not for us; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Pixels in the stored orientation: (H, W) grey or (H, W, 2..4), uint8 or uint16, RGB order."""

    array: NDArray[Any]
    format: str
    metadata: Metadata
    orientation: int = 1
    source: bytes | None = None


def decode(path: Path) -> Decoded:
    """Read ``path``. Raises UserError naming the file and the reason."""
    kind = _kind(path, _head(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's about odd tags; the picture counts
            return _DECODERS[kind](path)
    except _Unfit as error:
        raise UserError(f"{path}: {error}") from error
    except _DAMAGE as error:
        what = f"this {kind} file is damaged, cut off or of an unusual kind"
        raise UserError(f"{path}: {what}; open it in another program and save it anew") from error
    except MemoryError as error:
        raise UserError(f"{path}: not enough memory to open it") from error


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UserError(f"{path}: is a folder, not a picture")
        with path.open("rb") as file:
            head = file.read(32)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not head:
        raise UserError(f"{path}: the file is empty")
    return head


def _kind(path: Path, head: bytes) -> str:
    if path.suffix.lower() in RAW_SUFFIXES:
        return "RAW"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc"):
        return "HEIF"
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    raise UserError(f"{path}: not a JPEG, PNG, WebP, TIFF, HEIC or RAW picture")


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        megapixels = width * height // 1_000_000
        raise _Unfit(f"{megapixels} megapixels; the limit is {MAX_PIXELS // 1_000_000}")


def _jpeg(path: Path) -> Decoded:
    source = path.read_bytes()
    with Image.open(BytesIO(source), formats=["JPEG", "MPO"]) as image:
        _check_size(*image.size)
        metadata = _pillow_metadata(image)
        array, icc = _pillow_pixels(image, metadata.icc)
    metadata = replace(metadata, icc=icc)
    return Decoded(array, "JPEG", metadata, orientation(metadata.exif), source)


def _webp(path: Path) -> Decoded:
    with Image.open(path, formats=["WEBP"]) as image:
        _check_size(*image.size)
        metadata = _pillow_metadata(image)
        return Decoded(_pillow_pixels(image, None)[0], "WEBP", metadata, orientation(metadata.exif))


def _png(path: Path) -> Decoded:
    data = path.read_bytes()
    kept = tuple(chunk for chunk in _chunks(data) if _is_kept(*chunk))
    with Image.open(BytesIO(data), formats=["PNG"]) as image:
        _check_size(*image.size)
        # Pillow cuts 16-bit colour to 8 bit; byte 24 of the header is the depth
        array = _cv2_pixels(data) if data[24] == 16 else _pillow_pixels(image, None)[0]
        metadata = replace(_pillow_metadata(image), chunks=kept)
    return Decoded(array, "PNG", metadata, orientation(metadata.exif))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of all chunks but the pixels; raises ValueError where one is damaged."""
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        body = memoryview(data)[at + 4 : end]
        if data[end : end + 4] != struct.pack(">I", zlib.crc32(body)):
            raise ValueError("cut off or damaged")
        if kind != b"IDAT":
            yield kind, data[at + 8 : end]
        at = end + 4


def _is_kept(kind: bytes, content: bytes) -> bool:
    """Text and colour description go into the new file unchanged; XMP is carried separately."""
    return kind in _KEPT_CHUNKS and not content.startswith(_XMP_KEYWORD)


def _tiff(path: Path) -> Decoded:
    with tifffile.TiffFile(path) as tiff:
        page: Any = tiff.pages[0]
        _check_size(page.imagewidth, page.imagelength)
        metadata = _tiff_metadata(path, page)
        array, metadata = _tiff_pixels(path, page, metadata)
        turned = int(page.tags.valueof(274, 1))
    return Decoded(array, "TIFF", metadata, turned if 1 <= turned <= 8 else 1)


def _tiff_pixels(path: Path, page: Any, metadata: Metadata) -> tuple[NDArray[Any], Metadata]:
    if page.dtype not in (np.uint8, np.uint16, np.bool_):
        raise _Unfit("this TIFF has neither 8 nor 16 bits per channel; save it with 8 or 16")
    grey_or_rgb = page.photometric in (0, 1, 2)
    if grey_or_rgb and page.compression in _TIFF_PLAIN and page.bitspersample in (8, 16):
        return _straight(_tiff_plain(page), page), metadata
    if page.dtype == np.uint16:
        if not grey_or_rgb:
            raise _Unfit("this 16-bit TIFF is neither RGB nor grey; convert it to RGB")
        return _straight(_cv2_pixels(path.read_bytes()), page), metadata
    with Image.open(path, formats=["TIFF"]) as image:
        array, icc = _pillow_pixels(image, metadata.icc)
    return array, replace(metadata, icc=icc)


def _tiff_metadata(path: Path, page: Any) -> Metadata:
    tags = page.tags
    inches = {2: 1.0, 3: 2.54}.get(tags.valueof(296, 2))  # resolution unit: inch or centimetre
    across, down = tags.valueof(282), tags.valueof(283)
    dpi = None
    if inches and across and down and across[0] and across[1] and down[0] and down[1]:
        dpi = across[0] / across[1] * inches, down[0] / down[1] * inches
    return Metadata(tags.valueof(34675), _tiff_exif(path), tags.valueof(700), dpi)


def _tiff_exif(path: Path) -> bytes | None:
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return extract(data)


def _tiff_plain(page: Any) -> NDArray[Any]:
    array: NDArray[Any] = page.asarray()
    if page.axes == "SYX":  # one plane per channel
        array = np.moveaxis(array, 0, -1)
    if array.shape[:2] != (page.imagelength, page.imagewidth):
        raise ValueError("its tags contradict each other")
    if page.photometric == 0:  # min-is-white
        array = np.iinfo(array.dtype).max - array
    if array.ndim == 3:
        array = array[..., : 4 if page.photometric == 2 else 2]
    return array


def _straight(array: NDArray[Any], page: Any) -> NDArray[Any]:
    """Undo colour multiplied by alpha ("associated")."""
    if not page.extrasamples or page.extrasamples[0] != 1:
        return array
    top = np.iinfo(array.dtype).max
    alpha = array[..., -1:].astype(np.float32)
    colour = array[..., :-1] * (top / np.maximum(alpha, 1))
    return np.concatenate(
        [np.clip(np.rint(colour), 0, top).astype(array.dtype), array[..., -1:]], axis=-1
    )


def _heif(path: Path) -> Decoded:
    try:
        import pillow_heif
    except ImportError as error:
        raise UserError(f"{path}: HEIC needs: pip install 'hairstudio[heic]'") from error
    heif: Any = pillow_heif.open_heif(path, convert_hdr_to_8bit=False)
    _check_size(*heif.size)
    xmp = heif.info.get("xmp")
    metadata = Metadata(heif.info.get("icc_profile"), bare_exif(heif.info.get("exif")), xmp)
    return Decoded(np.asarray(heif), "HEIF", metadata)  # libheif has turned the pixels


def _raw(path: Path) -> Decoded:
    try:
        import rawpy
    except ImportError as error:
        raise UserError(f"{path}: RAW needs: pip install 'hairstudio[raw]'") from error
    try:
        with rawpy.imread(str(path)) as raw:
            _check_size(raw.sizes.width, raw.sizes.height)
            array = raw.postprocess(use_camera_wb=True, output_bps=16, gamma=(2.4, 12.92))
    except rawpy.LibRawError as error:
        raise ValueError(str(error)) from error
    metadata = Metadata(icc=_srgb_profile(), exif=_tiff_exif(path))
    return Decoded(array, "RAW", metadata)  # LibRaw has turned the pixels


def _pillow_metadata(image: Image.Image) -> Metadata:
    info: dict[Any, Any] = image.info
    dpi = info.get("dpi")
    return Metadata(
        icc=info.get("icc_profile") or None,
        exif=bare_exif(info.get("exif")),
        xmp=info.get("xmp") or None,
        dpi=(float(dpi[0]), float(dpi[1])) if dpi and dpi[0] > 0 and dpi[1] > 0 else None,
    )


def _pillow_pixels(image: Image.Image, icc: bytes | None) -> tuple[NDArray[Any], bytes | None]:
    """8-bit pixels and the profile that describes them."""
    if image.mode == "CMYK":
        return _rgb_of_cmyk(image, icc), _srgb_profile()
    if image.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr"):
        raise _Unfit(f"colours of the kind {image.mode}; save it as RGB")
    if "transparency" in image.info or image.mode in ("PA", "RGBa"):
        image = image.convert("RGBA")
    elif image.mode in ("P", "RGBX", "YCbCr"):
        image = image.convert("RGB")
    elif image.mode == "1":
        image = image.convert("L")
    return np.asarray(image), icc


def _rgb_of_cmyk(image: Image.Image, icc: bytes | None) -> NDArray[np.uint8]:
    """sRGB through the file's own press profile; without one, the naive inversion."""
    if icc is None:
        return np.asarray(image.convert("RGB"))
    profile, srgb = ImageCms.ImageCmsProfile(BytesIO(icc)), ImageCms.createProfile("sRGB")
    try:
        converted = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
    except ImageCms.PyCMSError as error:
        raise _Unfit("its CMYK colour profile is damaged; convert it to RGB") from error
    return np.asarray(converted)


def _srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _cv2_pixels(data: bytes) -> NDArray[Any]:
    """16-bit pixels as stored, BGR turned into RGB."""
    array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if array is None:
        raise ValueError("the pixels cannot be decoded")
    if array.ndim == 3 and array.shape[2] >= 3:
        order = cv2.COLOR_BGRA2RGBA if array.shape[2] == 4 else cv2.COLOR_BGR2RGB
        array = cv2.cvtColor(array, order)
    return array


_MAGIC = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_DECODERS = {
    "JPEG": _jpeg, "PNG": _png, "WEBP": _webp, "TIFF": _tiff, "HEIF": _heif, "RAW": _raw,
}  # fmt: skip
# what the libraries throw at us when a file is damaged
_DAMAGE = (
    OSError, ValueError, SyntaxError, LookupError, TypeError, ArithmeticError, RuntimeError,
    EOFError, struct.error, zlib.error, cv2.error, tifffile.TiffFileError,
)  # fmt: skip
