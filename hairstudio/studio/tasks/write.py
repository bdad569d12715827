"""Save documents, export photos and layers, keep what the app remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hairstudio.editing import document as documents
from hairstudio.editing.composite import composite
from hairstudio.editing.document import Document
from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.imaging import layer as layers
from hairstudio.imaging.layer import Layer
from hairstudio.imaging.photo import Photo, write_photo
from hairstudio.studio import theme
from hairstudio.studio.canvas import comparison, qimage
from hairstudio.studio.canvas.scene import Scene
from hairstudio.studio.i18n import tr
from hairstudio.studio.state import State
from hairstudio.studio.tasks.base import Base, Progress
from hairstudio.studio.tasks.render import Render, rendering
from hairstudio.studio.tasks.room import EngineRoom

if TYPE_CHECKING:
    from hairstudio.portrait.analysis import Analysis


@dataclass(frozen=True)
class Written:
    """``outside``: what the format did to pixels that were not edited, "" for documents."""

    path: Path
    outside: str = ""


def as_document(photo: Photo, state: State) -> Document:
    """The state as a document of the command line's: masks become arrays, unused ones go."""
    used = {getattr(edit, "region", None) for edit in state.edits}
    lent = {getattr(edit, "hair_from", None) for edit in state.edits}
    protect = state.protect
    return Document(
        photo,
        state.edits,
        state.face,
        None if protect is None or protect.empty else protect.array(),
        {number: mask.array() for number, mask in state.regions.items() if number in used},
        {number: found for number, found in state.references.items() if number in lent},
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class SaveDocument(Base):
    photo: Photo
    state: State
    path: Path
    embed: bool = False
    slot: str = "write"

    def run(self, room: object, say: Callable[[object], None]) -> Written:
        say(Progress(tr("Saving")))
        found = as_document(self.photo, self.state)
        documents.save(found, self.path, embed_photo=self.embed, overwrite=True)
        return Written(self.path)


@dataclass(frozen=True, eq=False, kw_only=True)
class Export(Base):
    """Full size, or layers where the ``path`` ends in a layer's format and ``layered`` says so."""

    photo: Photo
    analysis: Analysis
    state: State
    path: Path
    layered: bool = False
    slot: str = "export"

    def run(self, room: EngineRoom, say: Callable[[object], None]) -> Written:
        own = self.photo.path
        if own is not None and self.path.resolve() == own.resolve():
            raise UserError(tr("This is the original photo. Choose another name."))
        task = Render(document=self.document, cancel=self.cancel, photo=self.photo, scale=1.0,
                      analysis=self.analysis, state=self.state, generation=0,
                      final=True)  # fmt: skip
        rendered = rendering(room, task, say)
        say(Progress(tr("Writing"), 0.9))
        if self.layered:
            parts = [Layer(step.label, step.patch) for step in rendered.steps if step.patch]
            layers.write_layer(self.path, self.photo, parts, overwrite=True)
            return Written(self.path)
        pixels = composite(self.photo.pixels, rendered.patches)
        report = write_photo(self.photo, pixels, self.path, overwrite=True)
        return Written(self.path, report.outside)


@dataclass(frozen=True, eq=False, kw_only=True)
class SaveComparison(Base):
    """``scene``: a snapshot of the canvas."""

    scene: Scene
    path: Path
    slot: str = "write"

    def run(self, room: object, say: Callable[[object], None]) -> Written:
        say(Progress(tr("Writing")))
        image = comparison(self.scene, theme.font(13))
        pixels = np.ascontiguousarray(qimage.rgb(image))
        write_photo(Photo(pixels), pixels, self.path, overwrite=True)
        return Written(self.path)


@dataclass(frozen=True, eq=False, kw_only=True)
class KeepMemory(Base):
    """Write what the app remembers."""

    memory: bytes
    path: Path
    slot: str = "memory"

    def run(self, room: object, say: Callable[[object], None]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(self.path, overwrite=True) as temporary:
            temporary.write_bytes(self.memory)


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadReference(Base):
    """Open a photo whose hair is to be taken."""

    path: Path
    slot: str = "reference"

    def run(self, room: object, say: Callable[[object], None]) -> object:
        from hairstudio.editing import references

        say(Progress(tr("Reading")))
        return references.read(self.path)
