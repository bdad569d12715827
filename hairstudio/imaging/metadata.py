"""What travels with the pixels: colour profile, EXIF, XMP, resolution, PNG text.

EXIF is patched in place, never re-serialised: maker notes hold absolute offsets that break
when anything moves. Layout: TIFF 6.0 section 2 and Exif 2.32 section 4.6.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace

EXIF_PREFIX = b"Exif\0\0"  # before the EXIF block in JPEG and (by habit) WebP
_ORIENTATION, _THUMBNAIL_AT, _THUMBNAIL_BYTES = 0x0112, 0x0201, 0x0202


@dataclass(frozen=True, slots=True)
class Metadata:
    """``exif`` is a bare TIFF block; ``chunks`` are PNG chunks (type, data) kept as they are."""

    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    chunks: tuple[tuple[bytes, bytes], ...] = ()

    def upright(self) -> Metadata:
        """The same for pixels stored upright: orientation 1, no thumbnail of the old picture."""
        exif = self.exif and without_thumbnail(with_orientation(self.exif, 1))
        return replace(self, exif=exif, xmp=self.xmp and _upright_xmp(self.xmp))


def bare_exif(block: bytes | None) -> bytes | None:
    """The TIFF block of an EXIF segment; None when it is no EXIF."""
    block = (block or b"").removeprefix(EXIF_PREFIX)
    return block if block[:4] in (b"II*\0", b"MM\0*") else None


def orientation(exif: bytes | None) -> int:
    """EXIF orientation 1..8; 1 when absent or invalid."""
    at = _find(exif, _ORIENTATION) if exif else None
    if not exif or at is None:
        return 1
    (value,) = struct.unpack_from(_order(exif) + "H", exif, at + 8)
    return value if 1 <= value <= 8 else 1


def with_orientation(exif: bytes, value: int) -> bytes:
    """The block with its orientation (where it has one) set to ``value``."""
    at = _find(exif, _ORIENTATION)
    if at is None:
        return exif
    patched = bytearray(exif)
    struct.pack_into(_order(exif) + "H", patched, at + 8, value)
    return bytes(patched)


def without_thumbnail(exif: bytes) -> bytes:
    """The block, equally long, with the embedded preview blanked: it shows the unedited photo."""
    try:
        _, link = _ifd(exif, _first(exif))
        second = _u32(exif, link)
        if second == 0:
            return exif
        tags, _ = _ifd(exif, second)
        patched = bytearray(exif)
        struct.pack_into(_order(exif) + "I", patched, link, 0)
        if _THUMBNAIL_AT in tags and _THUMBNAIL_BYTES in tags:
            start = _u32(exif, tags[_THUMBNAIL_AT] + 8)
            end = min(len(exif), start + _u32(exif, tags[_THUMBNAIL_BYTES] + 8))
            patched[start:end] = bytes(max(0, end - start))
        return bytes(patched)
    except struct.error:  # cut or damaged block: leave it as it is
        return exif


def _upright_xmp(xmp: bytes) -> bytes:
    return re.sub(rb'(tiff:Orientation(?:="|>))[2-8]', rb"\g<1>1", xmp)


def _order(exif: bytes) -> str:
    return "<" if exif[:2] == b"II" else ">"


def _u32(exif: bytes, at: int) -> int:
    return struct.unpack_from(_order(exif) + "I", exif, at)[0]


def _first(exif: bytes) -> int:
    return _u32(exif, 4)


def _ifd(exif: bytes, at: int) -> tuple[dict[int, int], int]:
    """Offsets of a directory's 12-byte entries by tag, and of the link to the next directory."""
    (count,) = struct.unpack_from(_order(exif) + "H", exif, at)
    entries = range(at + 2, at + 2 + 12 * count, 12)
    tags = {struct.unpack_from(_order(exif) + "H", exif, entry)[0]: entry for entry in entries}
    return tags, at + 2 + 12 * count


def _find(exif: bytes, tag: int) -> int | None:
    try:
        at = _ifd(exif, _first(exif))[0].get(tag)
    except struct.error:
        return None
    return at if at is not None and at + 12 <= len(exif) else None
