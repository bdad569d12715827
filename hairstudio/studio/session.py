"""The open document: photo, edits, regions; every change goes through its one history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from hairstudio.editing.edits import Bangs, Color, Edit, Fill
from hairstudio.editing.references import Reference
from hairstudio.imaging.photo import Photo
from hairstudio.studio import wording
from hairstudio.studio.history import History
from hairstudio.studio.i18n import tr
from hairstudio.studio.state import Clip, Kind, State
from hairstudio.studio.tasks.analyse import Analysed, Note
from hairstudio.studio.tasks.open_file import Opened


class Session(QObject):
    """``opened``: another document or none; ``analysed``: its face is known or refused;
    ``changed``: the document changed, by an edit, undo or selection; ``saved``: it is in a file.
    """

    opened = Signal()
    analysed = Signal()
    changed = Signal()
    saved = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.document = 0
        self.file: Opened | None = None
        self.path: Path | None = None
        self.face: Analysed | None = None
        self.refusal: Note | None = None
        self.clip: Clip | None = None
        self.style = "full"
        self.density = 1.0
        self.history = History.of("", State())

    # what there is

    @property
    def state(self) -> State:
        return self.history.state

    @property
    def photo(self) -> Photo | None:
        return self.file.document.photo if self.file else None

    @property
    def editable(self) -> bool:
        return self.face is not None

    @property
    def reason(self) -> str:
        """Why nothing can be edited; "" when it can."""
        if self.file is None:
            return tr("Open a photo first")
        if self.refusal is not None:
            note = self.refusal
            return wording.finding(note.code, note.value, note.text, refused=True)
        return "" if self.face else tr("The face is still being read")

    @property
    def title(self) -> str:
        """The document's name."""
        if self.path is not None:
            return self.path.name
        return self.file.path.name if self.file else tr("HairStudio")

    # opening

    def begin(self) -> int:
        """A new document is on its way: its number. Results for the old one are dropped."""
        self.document += 1
        return self.document

    def open(self, file: Opened) -> None:
        found = file.document
        edits = found.edits
        selected = len(edits) - 1 if edits else None
        state = State(edits, selected, file.regions, file.protect, found.references, found.face)
        self.file, self.face, self.refusal = file, None, None
        self.path = file.path if file.is_document else None
        self.history = History.of(tr("Open"), state)
        self.opened.emit()
        self.changed.emit()

    def close(self) -> None:
        self.begin()
        self.file = self.path = self.face = self.refusal = None
        self.history = History.of("", State())
        self.opened.emit()
        self.changed.emit()

    def know(self, found: Analysed | Note) -> None:
        """What the analysis said."""
        known = isinstance(found, Analysed)
        self.face, self.refusal = (found, None) if known else (None, found)
        self.analysed.emit()

    # history

    def push(self, name: str, state: State, gesture: str = "", cost: int = 0) -> None:
        """One step. Steps of one ``gesture`` are one until ``seal``."""
        self.history.push(name, state, gesture, cost)
        self.changed.emit()

    def seal(self) -> None:
        self.history.seal()

    def undo(self) -> None:
        self.go(self.history.at - 1)

    def redo(self) -> None:
        self.go(self.history.at + 1)

    def go(self, index: int) -> None:
        """To a step of the history."""
        face = self.state.face
        self.history.go(index)
        if self.state.face != face:
            self.face = None
            self.analysed.emit()
        self.changed.emit()

    def mark_saved(self, path: Path, state: State) -> None:
        self.path = path
        self.history.saved(state)
        self.saved.emit()

    # edits

    def change(self, kind: Kind, gesture: str = "", **values: Any) -> None:
        """Change the selected edit of a kind, else the only one, else make one."""
        state, index = self.state, self.state.target(kind)
        if index is None:
            edit = self.fresh(kind, values)
            self.push(self._named(edit), state.placed(edit), gesture)
            return
        edit = msgspec.structs.replace(state.edits[index], **values)
        if edit != state.edits[index]:
            changed = replace(state.replaced(index, edit), selected=index)
            self.push(self._named(edit), changed, gesture)
        elif state.selected != index:
            self.select(index)

    def fresh(self, kind: Kind, values: dict[str, Any]) -> Edit:
        """A new edit of a kind with some of its values."""
        usual: dict[Kind, dict[str, Any]] = {
            Color: {"shade": "chestnut"},
            Bangs: {"style": self.style},
            Fill: {"region": self.state.free_region(), "density": self.density},
        }
        return kind(**usual.get(kind, {}) | values)

    def edit(self, index: int, gesture: str = "", **values: Any) -> None:
        """Change one edit of the list."""
        edit = msgspec.structs.replace(self.state.edits[index], **values)
        name = wording.title(edit)
        steps = {"enabled": tr("{name} on" if edit.enabled else "{name} off", name=name),
                 "name": tr("Rename to {name}", name=name)}  # fmt: skip
        found = [steps[key] for key in values if key in steps]
        self.push(found[0] if found else self._named(edit), self.state.replaced(index, edit),
                  gesture)  # fmt: skip

    def select(self, index: int | None) -> None:
        if index != self.state.selected:
            self.history.amend(replace(self.state, selected=index))
            self.changed.emit()

    def move(self, index: int, to: int) -> None:
        if index != to:
            self.push(tr("Reorder"), self.state.moved(index, to))

    def remove(self, index: int | None = None) -> None:
        index = self.state.selected if index is None else index
        if index is not None:
            name = tr("Remove {name}", name=wording.title(self.state.edits[index]))
            self.push(name, self.state.removed(index))

    def duplicate(self) -> None:
        if self.state.edit is not None:
            name = tr("Duplicate {name}", name=wording.title(self.state.edit))
            self.push(name, self.state.duplicated(self.state.selected or 0))

    def copy(self) -> None:
        self.clip = Clip.of(self.state)
        self.changed.emit()

    def paste(self, clip: Clip | None = None, name: str = "") -> None:
        """Put copied edits, or those of a preset, on top."""
        clip = clip or self.clip
        if clip is not None and self.photo is not None:
            state = clip.pasted(self.state, self.photo.size)
            self.push(name or tr("Paste edits"), state)

    def lend(self, reference: Reference) -> None:
        """Take the hair of the selected bangs or fill from a photo."""
        index = self._lent()
        if index is None:
            return
        number = max([0, *self.state.references]) + 1
        state = replace(self.state, references={**self.state.references, number: reference})
        edit = msgspec.structs.replace(state.edits[index], hair_from=number)
        self.push(tr("Reference hair"), state.replaced(index, edit))

    def return_hair(self) -> None:
        index = self._lent()
        if index is not None:
            self.edit(index, hair_from=None)

    def _lent(self) -> int | None:
        kind = Fill if isinstance(self.state.edit, Fill) else Bangs
        return self.state.target(kind)

    def choose_face(self, face: int) -> None:
        if face != self.state.face:
            self.face = None
            self.history.push(tr("Face {n}", n=face + 1), replace(self.state, face=face))
            self.analysed.emit()
            self.changed.emit()

    def _named(self, edit: Edit) -> str:
        return f"{wording.title(edit)} · {wording.detail(edit)}"
