"""Small pictures of the photos opened last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from PySide6.QtGui import QImage

from hairstudio.studio import canvas
from hairstudio.studio.canvas import qimage
from hairstudio.studio.tasks.base import Base

MOST, SIDE = 4, 320


@dataclass(frozen=True, eq=False)
class Recent:
    photos: tuple[tuple[Path, QImage], ...]


@dataclass(frozen=True, eq=False)
class ShowRecent(Base):
    paths: tuple[Path, ...]
    slot: str = "recent"

    def run(self, room: object, say: Callable[[object], None]) -> Recent:
        found = ((path, _small(path)) for path in self.paths)
        shown = [(path, image) for path, image in found if image is not None]
        return Recent(tuple(shown[:MOST]))


@dataclass(frozen=True, eq=False)
class WarmPaint(Base):
    """Load the compiled loops of painting."""

    slot: str = "recent"

    def run(self, room: object, say: Callable[[object], None]) -> None:
        canvas.warm_up()


def _small(path: Path) -> QImage | None:
    """None for what is gone and for documents, which hold no picture."""
    try:
        with Image.open(path) as image:
            image.draft("RGB", (SIDE, SIDE))
            image.thumbnail((SIDE, SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return None
    return qimage.opaque(qimage.packed(np.asarray(upright)))
