"""Aligned portraits as a compact pack: JPEG bytes and an index in one zip.

People, not pictures, are split into training and validation, so no face is ever in both.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from hairstudio.errors import UserError
from hairstudio.files import atomic_write

VALIDATION_SHARE = 0.08
QUALITY = 80  # JPEG, with half the resolution of colour: 3,100 pictures of 128 px in 14 MiB
FIELDS = ("file", "native_crop_px", "person", "variant")


@dataclass(frozen=True)
class Entry:
    """One picture: file or member name, person, what was done to it ("" = nothing) and how many
    pixels its crop had in the source photo."""

    name: str
    person: str
    variant: str = ""
    native: int = 0

    @property
    def validation(self) -> bool:
        """A fixed 8 % of people, chosen by a hash of the person's id."""
        return zlib.crc32(self.person.encode()) % 10_000 < VALIDATION_SHARE * 10_000


def read_index(folder: Path, smallest: int) -> list[tuple[Path, Entry]]:
    """Portraits of ``folder``/index.csv whose native crop has at least ``smallest`` pixels.

    Columns as in ``FIELDS`` (``variant`` may be missing); others are ignored.
    """
    index = folder / "index.csv"
    try:
        rows = list(csv.DictReader(index.read_text().splitlines()))
    except OSError as error:
        raise UserError(f"{index}: cannot be read: {error.strerror}") from error
    found = [(folder / row["file"], _entry(row)) for row in rows]
    return [(path, entry) for path, entry in found if entry.native >= smallest]


def _entry(row: dict[str, str]) -> Entry:
    native = int(float(row["native_crop_px"]))
    return Entry(Path(row["file"]).name, row["person"], row.get("variant") or "", native)


def shrunk(path: Path, size: int) -> Image.Image:
    """The picture at ``size`` x ``size``, RGB, antialiased."""
    with Image.open(path) as image:
        return image.convert("RGB").resize((size, size), Image.Resampling.LANCZOS)


def write_pack(pictures: Iterator[tuple[Entry, Image.Image]], out: Path, size: int) -> int:
    """Write a pack; returns the number of pictures."""
    entries: list[dict[str, Any]] = []
    with atomic_write(out, overwrite=True) as part, zipfile.ZipFile(part, "w") as pack:
        for number, (entry, image) in enumerate(pictures):
            data = io.BytesIO()
            image.save(data, "JPEG", quality=QUALITY, optimize=True)
            member = f"{number:05}.jpg"
            pack.writestr(member, data.getvalue())
            entries.append(asdict(replace(entry, name=member)))
        pack.writestr("index.json", json.dumps({"size": size, "entries": entries}))
    return len(entries)


def read_pack(path: Path, *, validation: bool = False) -> tuple[Tensor, list[Entry]]:
    """Pictures of one side of the split: (N, 3, R, R) uint8 and their entries."""
    try:
        with zipfile.ZipFile(path) as pack:
            entries = [Entry(**e) for e in json.loads(pack.read("index.json"))["entries"]]
            chosen = [e for e in entries if e.validation == validation]
            pictures = [_decode(pack.read(e.name)) for e in chosen]
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise UserError(f"{path}: not a data pack: {error}") from error
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous(), chosen


def _decode(data: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))
