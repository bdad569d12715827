"""EXIF out of and into TIFF files, whose directories hold the tags of an EXIF block directly.

Layout: TIFF 6.0 section 2; EXIF and GPS hang on IFD0 as sub-directories (Exif 2.32, 4.6.3).
Values are moved as bytes; only maker notes with absolute offsets inside can suffer.
"""

from __future__ import annotations

import struct
from mmap import mmap
from typing import NamedTuple

_DESCRIPTIVE = frozenset([270, 271, 272, 274, 305, 306, 315, 33432, 33723])  # .. IPTC
_SUBDIRECTORIES = (34665, 34853)  # EXIF, GPS
_MAKER_NOTE = 37500
_INTEROPERABILITY = 40965  # a third level, which would point into the old file
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

Data = bytes | mmap


class _Entry(NamedTuple):
    tag: int
    kind: int
    number: int
    value: bytes


def extract(data: Data) -> bytes | None:
    """An EXIF block made from a TIFF file (or a raw file built like one); None without tags."""
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return None
    try:
        main, branches = _described(data)
    except struct.error:
        return None
    if not main and not branches:
        return None
    order = _order(data)
    blob, at = _assembled(main, branches, 8, order)
    return data[:4] + struct.pack(order + "I", at) + blob


def without_maker_note(exif: bytes) -> bytes | None:
    """An EXIF block made anew from the descriptive tags, EXIF and GPS, less the maker note."""
    try:
        main, branches = _described(exif)
    except struct.error:
        return None
    kept = {tag: _without(branch, _MAKER_NOTE) for tag, branch in branches.items()}
    order = _order(exif)
    blob, at = _assembled(main, kept, 8, order)
    return exif[:4] + struct.pack(order + "I", at) + blob


def attach(tiff: bytes, exif: bytes) -> bytes:
    """A classic TIFF file of the same byte order with the tags of ``exif`` added."""
    order = _order(tiff)
    try:
        main, branches = _described(exif)
    except struct.error:
        return tiff
    own = _directory(tiff, _first(tiff))
    taken = {entry.tag for entry in own}
    tiff += b"\0" * (len(tiff) % 2)
    entries = own + [entry for entry in main if entry.tag not in taken]
    blob, at = _assembled(entries, branches, len(tiff), order)
    return tiff[:4] + struct.pack(order + "I", at) + tiff[8:] + blob


def _order(data: Data) -> str:
    return "<" if data[:2] == b"II" else ">"


def _first(data: Data) -> int:
    return struct.unpack_from(_order(data) + "I", data, 4)[0]


def _described(data: Data) -> tuple[list[_Entry], dict[int, list[_Entry]]]:
    """The descriptive tags of IFD0, and its EXIF and GPS sub-directories."""
    entries = _directory(data, _first(data))
    main = [entry for entry in entries if entry.tag in _DESCRIPTIVE]
    branches = {
        entry.tag: _directory(data, struct.unpack(_order(data) + "I", entry.value)[0])
        for entry in entries
        if entry.tag in _SUBDIRECTORIES
    }
    return main, {tag: _without(branch, _INTEROPERABILITY) for tag, branch in branches.items()}


def _without(entries: list[_Entry], tag: int) -> list[_Entry]:
    return [entry for entry in entries if entry.tag != tag]


def _directory(data: Data, at: int) -> list[_Entry]:
    order = _order(data)
    (count,) = struct.unpack_from(order + "H", data, at)
    entries: list[_Entry] = []
    for i in range(count):
        place = at + 2 + 12 * i
        tag, kind, number = struct.unpack_from(order + "HHI", data, place)
        size = _BYTES.get(kind, 0) * number
        start = place + 8 if size <= 4 else struct.unpack_from(order + "I", data, place + 8)[0]
        value = bytes(data[start : start + size])
        if size and len(value) == size:
            entries.append(_Entry(tag, kind, number, value))
    return entries


def _assembled(
    main: list[_Entry], branches: dict[int, list[_Entry]], base: int, order: str
) -> tuple[bytes, int]:
    """The directories as they stand at file offset ``base``, and the offset of the main one."""
    blob = b""
    for tag, entries in branches.items():
        pointer = struct.pack(order + "I", base + len(blob))
        main = [*main, _Entry(tag, 4, 1, pointer)]
        blob += _written(entries, base + len(blob), order)
    at = base + len(blob)
    return blob + _written(main, at, order), at


def _written(entries: list[_Entry], base: int, order: str) -> bytes:
    directory = struct.pack(order + "H", len(entries))
    values = b""
    values_at = base + 2 + 12 * len(entries) + 4
    for entry in sorted(entries):
        field = entry.value.ljust(4, b"\0")
        if len(field) > 4:
            field = struct.pack(order + "I", values_at + len(values))
            values += entry.value + b"\0" * (len(entry.value) % 2)
        directory += struct.pack(order + "HHI", entry.tag, entry.kind, entry.number) + field
    return directory + bytes(4) + values
