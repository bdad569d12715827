"""Open a photo or a document: read, decode, make ready for display."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PySide6.QtGui import QColorSpace

from hairstudio.editing import document as documents
from hairstudio.editing.document import Document
from hairstudio.imaging.photo import Photo, read_photo
from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio.canvas import Picture, picture
from hairstudio.studio.i18n import tr
from hairstudio.studio.tasks.base import Base, Progress

THUMBNAIL = 512


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A first look: a small ``picture`` of the photo."""

    picture: Picture


@dataclass(frozen=True, eq=False)
class Opened:
    """``path``: the file that was opened; ``is_document``: it holds edits of ours; ``about``:
    what the status bar says of the photo; ``small``: (h, w, 3) uint8, about 64 pixels;
    ``regions``, ``protect``: the document's masks in tiles."""

    path: Path
    document: Document
    picture: Picture
    is_document: bool
    about: str
    small: NDArray[np.uint8]
    regions: Mapping[int, TiledMask]
    protect: TiledMask | None


@dataclass(frozen=True, eq=False)
class OpenFile(Base):
    path: Path
    slot: str = "open"

    def run(self, room: object, say: Callable[[object], None]) -> Opened:
        say(Progress(tr("Reading")))
        is_document = self.path.suffix.lower() == documents.SUFFIX
        if not is_document:
            thumbnail = _thumbnail(self.path)
            if thumbnail is not None:
                say(thumbnail)
        found = documents.load(self.path) if is_document else _bare(self.path)
        shown = picture(found.photo.pixels, found.photo.metadata.icc)
        regions = {number: TiledMask.of(mask) for number, mask in found.regions.items()}
        protect = None if found.protect is None else TiledMask.of(found.protect)
        return Opened(
            self.path, replace(found, regions={}, protect=None), shown, is_document,
            about(found.photo), _small(found.photo), regions, protect,
        )  # fmt: skip


def _bare(path: Path) -> Document:
    return Document(read_photo(path), ())


def _thumbnail(path: Path) -> Thumbnail | None:
    """From a large JPEG, which can be decoded small; None for all that is quick anyway."""
    try:
        with Image.open(path) as image:
            if image.format != "JPEG" or max(image.size) < 4 * THUMBNAIL:
                return None
            size = _upright_size(image)
            image.draft("RGB", (THUMBNAIL, THUMBNAIL))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            return Thumbnail(picture(np.asarray(upright), image.info.get("icc_profile"), size))
    except (OSError, ValueError, SyntaxError):
        return None  # read_photo says what is wrong with it


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if image.getexif().get(0x0112, 1) >= 5 else (width, height)


def about(photo: Photo) -> str:
    """Size, depth and colour space in a few words."""
    width, height = photo.size
    bits = 8 if photo.depth == 255 else 16
    return tr("{w} × {h}, {bits}-bit {space}", w=width, h=height, bits=bits, space=_space(photo))


def _space(photo: Photo) -> str:
    if not photo.metadata.icc:
        return "sRGB"
    space = QColorSpace.fromIccProfile(photo.metadata.icc)
    if not space.isValid():
        return tr("unknown profile")
    if space.primaries() == QColorSpace.Primaries.SRgb:
        return "sRGB"
    return space.description()[:24] or tr("own profile")


def _small(photo: Photo, side: int = 64) -> NDArray[np.uint8]:
    step = max(1, max(photo.size) // side)
    few = photo.pixels[::step, ::step]
    return np.ascontiguousarray(few if photo.depth == 255 else few >> 8, np.uint8)
