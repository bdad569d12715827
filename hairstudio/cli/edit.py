"""``hairstudio edit``: one photo, several, or whole folders."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from hairstudio.cli import work
from hairstudio.cli.work import Source, Targets
from hairstudio.editing import edits as edits_json
from hairstudio.editing import masks, references
from hairstudio.editing.document import Document
from hairstudio.editing.edits import Bangs, Color, Edits, Fill, Hairline, Volume
from hairstudio.errors import UserError
from hairstudio.files import is_folder
from hairstudio.guides import palette, styles
from hairstudio.imaging import encode
from hairstudio.imaging.decode import RAW_SUFFIXES
from hairstudio.imaging.photo import read_photo

PICTURES = {*encode.FORMATS, *RAW_SUFFIXES, ".heic", ".heif"}
FILL_REGION, BANGS_REGION = 1, 2  # numbers of the regions given with --fill and --region
HAIR_FROM = 1  # number of the reference photo given with --hair-from


def run(options: argparse.Namespace) -> int:
    """Edit every photo; one that fails does not stop the others."""
    if options.list_styles:
        print("bangs:", *styles.names(), sep="\n  ")
        print("colors:", *palette.names(), sep="\n  ")
        return 0
    photos = [file for path in options.photos for file in _pictures(path)]
    if not photos:
        raise UserError("no photo given: hairstudio edit PHOTO --color chestnut")
    variations = {_mark(seed, options.seed): _edits(options, seed) for seed in options.seed}
    if len(photos) > 1:
        _prepare_batch(options)
    sources = [
        Source(photo, lambda photo=photo, edits=edits: _open(photo, edits, options), mark)
        for photo in photos
        for mark, edits in variations.items()
    ]
    return work.process(sources, Targets.of(options), options.report,
                        (options.engine, options.device))  # fmt: skip


def _mark(seed: int, seeds: tuple[int, ...]) -> str:
    """What tells the files of several seeds apart."""
    return f"-s{seed}" if len(seeds) > 1 else ""


def _edits(options: argparse.Namespace, seed: int) -> Edits:
    """Those of the file first, then those of the options. Several seeds vary all of them."""
    edits = _read_edits(options.edits) if options.edits else ()
    if len(options.seed) > 1:
        edits = tuple(msgspec.structs.replace(edit, seed=seed) for edit in edits)
    edits += _asked(options, seed)
    if options.hair_from and not any(isinstance(e, Fill | Bangs) and e.hair_from for e in edits):
        raise UserError("--hair-from gives its hair to bangs and fills: give --bangs or --fill too")
    if not edits:
        raise UserError(
            "nothing to do: give --hairline, --color, --bangs, --volume, --fill or --edits"
        )
    return edits


def _asked(options: argparse.Namespace, seed: int) -> Edits:
    """The edits that options stand for, in their fixed order."""
    common: dict[str, Any] = {"strength": options.strength, "seed": seed}
    edits: Edits = ()
    hair_from = HAIR_FROM if options.hair_from else None
    if options.hairline is not None:
        edits += (Hairline(amount=options.hairline, **common),)
    if options.color is not None:
        palette.shade(options.color)
        edits += (Color(shade=options.color, roots=options.roots, **common),)
    if options.volume is not None:
        edits += (Volume(amount=options.volume, **common),)
    if options.fill is not None:
        edits += (Fill(region=FILL_REGION, hair_from=hair_from, **common),)
    if options.bangs is not None:
        styles.style(options.bangs)
        region = BANGS_REGION if options.region else None
        edits += (Bangs(style=options.bangs, region=region, hair_from=hair_from, **common),)
    elif options.region is not None:
        raise UserError("--region says where bangs grow: give --bangs STYLE too")
    if options.roots and options.color is None:
        raise UserError("--roots belongs to a new colour: give --color too")
    return edits


def _read_edits(path: Path) -> Edits:
    try:
        return edits_json.loads(path.read_bytes(), str(path))
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def _pictures(path: Path) -> list[Path]:
    """The file itself, or the pictures in a folder by name."""
    if not is_folder(path):
        return [path]
    try:
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in PICTURES)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not found:
        raise UserError(f"{path}: no photos in this folder")
    return found


def _prepare_batch(options: argparse.Namespace) -> None:
    """Several photos need an output folder and take nothing that belongs to one photo."""
    for name in ("layer", "document", "protect", "fill", "region"):
        if getattr(options, name) is not None:
            raise UserError(f"--{name} belongs to one photo; {len(options.photos)} are given")
    folder: Path | None = options.output
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{folder}: several photos need a folder to be written to") from error


def _open(path: Path, edits: Edits, options: argparse.Namespace) -> Document:
    photo = read_photo(path)
    protect = masks.read(options.protect, photo.size) if options.protect else None
    given = {FILL_REGION: options.fill, BANGS_REGION: options.region}
    regions = {number: masks.read(mask, photo.size) for number, mask in given.items() if mask}
    given = {HAIR_FROM: references.read(options.hair_from)} if options.hair_from else {}
    return Document(photo, edits, options.face - 1, protect, regions, given)
