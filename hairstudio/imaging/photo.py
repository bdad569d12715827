"""The photo: opened upright, written back with everything but the pixels as it was."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.imaging import encode, jpeg
from hairstudio.imaging.decode import decode
from hairstudio.imaging.metadata import Metadata

Pixels = NDArray[np.uint8] | NDArray[np.uint16]

IDENTICAL, TRANSPLANTED, REENCODED = "identical", "transplanted", "re-encoded"


@dataclass(frozen=True, eq=False)
class Photo:
    """An opened picture.

    ``pixels``: (H, W, 3) RGB, uint8 or uint16, C-contiguous, read-only, upright (photo frame),
    in the encoding of its ICC profile; grey pictures become RGB. ``alpha``: (H, W), same
    dtype, straight, or None. ``orientation``: EXIF 1..8 as stored in the file. ``source``: the
    whole file, kept for JPEG only.
    """

    pixels: Pixels
    alpha: Pixels | None = None
    format: str = "PNG"
    metadata: Metadata = field(default_factory=Metadata)
    orientation: int = 1
    path: Path | None = None
    source: bytes | None = field(default=None, repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), upright."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def depth(self) -> int:
        """The largest pixel value: 255 or 65535."""
        return 255 if self.pixels.dtype == np.uint8 else 65535

    @cached_property
    def sha256(self) -> str:
        """Hash of the upright pixels, their size and depth; metadata does not count."""
        digest = hashlib.sha256(f"{self.pixels.shape} {self.pixels.dtype}".encode())
        digest.update(self.pixels.data)
        return digest.hexdigest()

    @property
    def writable_suffix(self) -> str:
        """File ending that keeps everything: HEIC and RAW cannot be written, they become TIFF."""
        if self.format in ("HEIF", "RAW"):
            return ".tif"
        known = self.path.suffix if self.path else ""
        if encode.FORMATS.get(known.lower()) == self.format:
            return known
        return next(end for end, name in encode.FORMATS.items() if name == self.format)


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a written file holds. ``outside`` says how pixels that were not edited fared:

    ``identical``; ``transplanted`` (JPEG: the source's own coefficients, so identical beyond
    2 px of the re-encoded blocks); ``re-encoded`` (another format, size or depth).
    """

    path: Path
    format: str
    bits: int
    outside: str


def read_photo(path: Path | str) -> Photo:
    """Open a JPEG, PNG, WebP, TIFF (8 or 16 bit), HEIC or RAW picture.

    Palette, 1-bit and grey pictures become RGB; CMYK becomes sRGB. Raises UserError naming the
    file for anything that is missing, damaged, too large (200 megapixels) or not supported.
    """
    path = Path(path)
    found = decode(path)
    upright = turn_upright(found.array, found.orientation)
    grey = upright.ndim == 2 or upright.shape[2] == 2
    metadata = found.metadata
    if grey and (metadata.icc or b"")[16:20] == b"GRAY":
        metadata = replace(metadata, icc=None)  # describes one channel; we write three
    return Photo(
        pixels=_published(_rgb(upright)),
        alpha=_published(upright[..., -1]) if _has_alpha(upright) else None,
        format=found.format,
        metadata=metadata,
        orientation=found.orientation,
        path=path,
        source=found.source,
    )


def write_photo(
    photo: Photo, pixels: Pixels, path: Path | str, *, overwrite: bool = False
) -> WriteReport:
    """Write ``pixels`` (edited copy of ``photo.pixels``, or another size) with the metadata.

    The ending of ``path`` decides the format. JPEG to JPEG keeps the source's coefficients,
    segments and orientation flag; the other formats store upright pixels. Atomic.
    Raises UserError naming the file: unknown ending, existing file without ``overwrite``,
    full disk, missing or read-only folder.
    """
    path = Path(path)
    format_ = encode.format_of(path)
    with atomic_write(path, overwrite=overwrite) as temporary:
        data, outside = _encode(photo, pixels, format_, path)
        temporary.write_bytes(data)
    deep = format_ in ("PNG", "TIFF")
    return WriteReport(path, format_, 8 * pixels.itemsize if deep else 8, outside)


def turn_upright(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Stored (H, W, ...) pixels -> upright view, for EXIF orientation 1..8."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array


def turn_stored(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Inverse of ``turn_upright``: only the two quarter turns differ from their own inverse."""
    return turn_upright(array, {6: 8, 8: 6}.get(orientation, orientation))


def _encode(photo: Photo, pixels: Pixels, format_: str, path: Path) -> tuple[bytes, str]:
    same_frame = pixels.shape == photo.pixels.shape and pixels.dtype == photo.pixels.dtype
    if same_frame and format_ == "JPEG" and photo.source is not None:
        if np.array_equal(pixels, photo.pixels):
            return photo.source, IDENTICAL
        before, after = (
            np.ascontiguousarray(turn_stored(array, photo.orientation))
            for array in (photo.pixels, pixels)
        )
        data, transplanted = jpeg.reencode(photo.source, before, after)
        return data, TRANSPLANTED if transplanted else REENCODED
    alpha = photo.alpha if same_frame else None
    try:
        data = encode.encode(format_, pixels, alpha, photo.metadata.upright())
    except ValueError as error:
        raise UserError(f"{path}: cannot be written: {error}") from error
    whole = format_ in ("PNG", "TIFF") or (format_ == "WEBP" and pixels.dtype == np.uint8)
    lossless = same_frame and whole
    return data, IDENTICAL if lossless else REENCODED


def _has_alpha(array: NDArray[Any]) -> bool:
    return array.ndim == 3 and array.shape[2] in (2, 4)


def _rgb(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 2:
        array = array[..., None]
    if array.shape[2] < 3:
        return np.repeat(array[..., :1], 3, axis=2)
    return array[..., :3]


def _published(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
