"""Guide-edited variants of portraits: few of them wear a fringe, and the prior has to know some."""

from __future__ import annotations

import csv
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hairstudio.editing.composite import composite
from hairstudio.editing.edits import Bangs, Color, Edit, Fill, Hairline, Volume
from hairstudio.editing.engine import Engine
from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.guides import palette, styles
from hairstudio.imaging.photo import Photo, read_photo
from hairstudio.lab.references import REGION, temples
from hairstudio.training.data import FIELDS, Entry, read_index

SHARES = {"bangs": 0.6, "hairline": 0.14, "color": 0.12, "volume": 0.08, "fill": 0.06}
FAINTEST = 0.004  # mean change of the picture (0..1) below which a variant is none


@dataclass(frozen=True)
class Variant:
    """A picture after ``edit``: (H, W, 3) uint8 RGB."""

    pixels: NDArray[np.uint8]
    edit: Edit


def edited(engine: Engine, photo: Photo, seed: int) -> Variant | None:
    """One random edit of a portrait's largest face; None where it changes next to nothing.

    Raises Refusal where there is no face that can be edited.
    """
    analysis = engine.analyse(photo)
    edit = _drawn(random.Random(seed))
    rendered = engine.render(photo, analysis, [edit], regions={REGION: temples(photo, analysis)})
    pixels = np.asarray(composite(photo.pixels, rendered.patches), np.uint8)
    changed = float(np.abs(pixels - photo.pixels.astype(np.float32)).mean()) / 255
    return Variant(pixels, edit) if changed > FAINTEST else None


def _drawn(chance: random.Random) -> Edit:
    kind = chance.choices(list(SHARES), list(SHARES.values()))[0]
    signed = chance.choice((-1, 1)) * chance.uniform(0.5, 1)
    seed: dict[str, Any] = {"seed": chance.randrange(2**31)}
    make: dict[str, Callable[[], Edit]] = {
        "bangs": lambda: Bangs(style=chance.choice(styles.names()), **seed,
                               length=chance.uniform(-0.6, 0.6), density=chance.uniform(-0.3, 0.5)),
        "hairline": lambda: Hairline(amount=signed, **seed),
        "color": lambda: Color(shade=chance.choice(palette.names()), **seed),
        "volume": lambda: Volume(amount=signed, **seed),
        "fill": lambda: Fill(region=REGION, density=1.2, **seed),
    }  # fmt: skip
    return make[kind]()


def write_variants(
    engine: Engine, portraits: Path, out: Path, count: int, smallest: int = 150
) -> Iterator[str]:
    """Add variants to the folder ``out`` until it holds ``count``; yields each one's name.

    ``out``/index.csv has the layout of the portraits' index. It is only appended to, after the
    picture is on disk: a killed run goes on where it stood.
    """
    out.mkdir(parents=True, exist_ok=True)
    index = out / "index.csv"
    if not index.exists():
        _append(index, FIELDS)
    done = _tried(out)
    rows = sorted(read_index(portraits, smallest), key=lambda row: zlib.crc32(row[1].name.encode()))
    made = sum(1 for _ in index.open()) - 1
    for path, entry in rows:
        if made >= count:
            return
        if entry.name in done:
            continue
        _append(out / "tried.csv", [entry.name])  # first: a picture lost to a kill, none twice
        if _add(engine, path, entry, out):
            made += 1
            yield entry.name


def _tried(out: Path) -> set[str]:
    file = out / "tried.csv"
    return set(file.read_text().split("\n")) if file.exists() else set()


def _add(engine: Engine, path: Path, entry: Entry, out: Path) -> bool:
    try:
        variant = edited(engine, read_photo(path), zlib.crc32(entry.name.encode()))
    except UserError:
        return False  # no face that can be edited
    if variant is None:
        return False
    kind = type(variant.edit).__name__.lower()
    file = f"{Path(entry.name).stem}-{kind}.png"
    with atomic_write(out / file, overwrite=True) as part:
        Image.fromarray(variant.pixels).save(part, "PNG")
    _append(out / "index.csv", [file, entry.native, entry.person, kind])
    return True


def _append(file: Path, values: Sequence[object]) -> None:
    with file.open("a", newline="") as stream:
        csv.writer(stream).writerow(values)
