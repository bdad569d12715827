"""Contact sheets for judging by eye: before and the edits of each photo, side by side.

``python -m hairstudio.evaluation.sheet OUT.png PHOTO... [--hairlines -1 0 1] [--colors red blue]
[--bangs full airy] [--volumes -1 1]``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hairstudio.editing.edits import Bangs, Color, Edit, Hairline, Volume
from hairstudio.editing.engine import installed_assets
from hairstudio.errors import UserError
from hairstudio.evaluation.subject import Subject
from hairstudio.files import atomic_write
from hairstudio.imaging.blend import to_depth
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.resample import crop

Picture = NDArray[np.uint8]
Labelled = tuple[str, Edit | None]

HAIRLINES = (-1.0, -0.5, 0.0, 0.5, 1.0)
COLORS = ("black", "chestnut", "copper", "platinum", "burgundy", "blue")
HEAD = (-1.9, -2.1, 1.9, 2.0)  # left, top, right, bottom in the face frame
BAR, GAP = 24, 4
PAPER, INK = 255, (40, 40, 40)


def sheet(
    subject: Subject,
    hairlines: Sequence[float] = HAIRLINES,
    colors: Sequence[str] = COLORS,
    zoom: float = 1.0,
    bangs: Sequence[str] = (),
    volumes: Sequence[float] = (),
) -> Picture:
    """Before and hairlines in one row, before and colours in the next, and so on: (h, w, 3)
    uint8 RGB.

    Cells show the head at ``zoom`` times its size in the photo, under a label. Raises UserError
    for an unknown colour or style.
    """
    before: Labelled = ("before", None)
    rows: list[list[Labelled]] = [
        [(f"edited: hairline {v:+g}", Hairline(amount=v)) for v in hairlines],
        [(f"edited: {name}", Color(shade=name)) for name in colors],
        [(f"edited: {name}", Bangs(style=name)) for name in bangs],
        [(f"edited: volume {v:+g}", Volume(amount=v)) for v in volumes],
    ]
    return stacked([_row(subject, [before, *edits], zoom) for edits in rows if edits])


def _row(subject: Subject, edits: Sequence[Labelled], zoom: float) -> Picture:
    box = _head(subject, zoom)
    cells = [_cell(subject, label, edit, box, zoom) for label, edit in edits]
    return np.hstack([np.pad(cell, ((0, 0), (0, GAP), (0, 0)), constant_values=PAPER)
                      for cell in cells])  # fmt: skip


def _head(subject: Subject, zoom: float) -> Box:
    left, top, right, bottom = HEAD
    corners = np.array([(u, v) for u in (left, right) for v in (top, bottom)])
    box = Box.around(subject.analysis.frame.inverse.apply(corners))
    return box.intersection(Box.of_size(*subject.photo.size)).scaled(zoom)


def _cell(subject: Subject, label: str, edit: Edit | None, box: Box, zoom: float) -> Picture:
    edited = subject.edit(edit) if edit is not None else None
    pixels = subject.photo.pixels if edited is None else edited.pixels
    codes = [] if edited is None else [finding.code for finding in edited.warnings]
    bar = np.full((BAR, box.w, 3), PAPER, np.uint8)
    text = " ".join([label, *codes])
    cv2.putText(bar, text, (2, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.5, INK, 1, cv2.LINE_AA)
    return np.vstack([bar, to_depth(crop(pixels, box, zoom), np.uint8)])


def stacked(rows: Sequence[Picture]) -> Picture:
    """Pictures under each other, padded with white to one width."""
    width = max(row.shape[1] for row in rows)
    return np.vstack([np.pad(row, ((0, GAP), (0, width - row.shape[1]), (0, 0)),
                             constant_values=PAPER) for row in rows])  # fmt: skip


def save(picture: Picture, out: Path) -> None:
    """Write a PNG, over an older one. Raises UserError."""
    with atomic_write(out, overwrite=True) as part:
        Image.fromarray(picture).save(part, "PNG")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="sheet", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--hairlines", nargs="*", type=float, default=HAIRLINES)
    parser.add_argument("--colors", nargs="*", default=COLORS)
    parser.add_argument("--bangs", nargs="*", default=())
    parser.add_argument("--volumes", nargs="*", type=float, default=())
    parser.add_argument("--zoom", type=float, default=1.0)
    options = parser.parse_args(arguments)
    assets, parts = installed_assets(), list[Picture]()
    for path in options.photos:
        try:
            subject = Subject.open(path, assets)
        except UserError as error:
            sys.stderr.write(f"{error}\n")
            continue
        parts.append(sheet(subject, options.hairlines, options.colors, options.zoom,
                           options.bangs, options.volumes))  # fmt: skip
    if not parts:
        return 2
    save(stacked(parts), options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
