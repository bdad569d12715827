"""What the threads and the session say, put where the user sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from hairstudio.studio import files, wording
from hairstudio.studio.canvas import Face, Labels, Picture
from hairstudio.studio.i18n import tr
from hairstudio.studio.tasks.analyse import Note, Ready
from hairstudio.studio.tasks.base import Progress
from hairstudio.studio.tasks.render import Shown
from hairstudio.studio.tasks.write import Written

if TYPE_CHECKING:
    from hairstudio.studio.main_window import MainWindow

OF_ONE_EDIT = "hairline_hidden"
"""Matters only to the edit that would move the hairline, which says so itself."""

NOTHING = "Changes nothing here: no hair can be drawn at this place."


class News(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._core = window, window.core
        core, status = window.core, window.status
        self._busy: Progress | None = None
        core.session.opened.connect(self._opened)
        core.session.analysed.connect(self._analysed)
        core.rendering.shown.connect(self._shown)
        core.rendering.progress.connect(self._progress)
        core.rendering.failed.connect(self._failed)
        core.files.progress.connect(self._progress)
        core.files.failed.connect(self._file_failed)
        core.files.thumbnail.connect(self._thumbnail)
        core.files.written.connect(self._written)
        core.files.faces.connect(self._faces)
        core.files.ready.connect(self._ready)
        window.banner.act.connect(window.commands.open)
        status.show_engine(tr("starting"), "")

    @Slot(object)
    def _ready(self, ready: Ready) -> None:
        self._device = ready.device
        self._window.status.show_engine(ready.engine, ready.device)

    @Slot()
    def _opened(self) -> None:
        window, file = self._window, self._core.session.file
        window.banner.tell("")
        window.canvas.set_faces(())
        window.canvas.set_photo(file.picture if file else None)
        window.status.show_photo(file.about if file else "")
        window.status.show_face(0, 0)
        window.status.say("")
        self._shown(None)

    @Slot(object)
    def _thumbnail(self, picture: Picture) -> None:
        """The new photo is on its way: its picture, without the old one's edits."""
        self._window.canvas.set_after(None)
        self._window.canvas.set_photo(picture)

    @Slot()
    def _analysed(self) -> None:
        session, window = self._core.session, self._window
        if session.refusal is not None:
            note = session.refusal
            text = wording.finding(note.code, note.value, note.text, refused=True)
            window.banner.tell(text, tr("Open another photo"), bad=True)
        elif session.face is not None:
            face = session.face
            window.status.show_face(face.face + 1, face.faces)
            notes = [note for note in face.notes if note.code != OF_ONE_EDIT]
            window.banner.tell(_sentence(notes[0]) if notes else "")

    @Slot(object)
    def _progress(self, progress: Progress | None) -> None:
        self._busy = progress
        self._window.status.show_progress(progress)
        self._window.panel.edits.show_progress(progress.fraction if progress else None)

    @Slot(str)
    def _failed(self, text: str) -> None:
        self._window.status.say(text, problem=True, retry=True)
        selected = self._core.session.state.selected
        if selected is not None:
            self._window.panel.edits.show_problems({selected: text})

    @Slot(str)
    def _file_failed(self, text: str) -> None:
        """What was there stays: the canvas may show the first look at a file that is damaged."""
        file = self._core.session.file
        self._window.canvas.set_photo(file.picture if file else None)
        self._core.rendering.refresh()
        self._window.status.say(text, problem=True)

    @Slot(object)
    def _written(self, written: Written) -> None:
        self._window.status.say(files.said(written))

    @Slot(object)
    def _faces(self, faces: tuple[Face, ...]) -> None:
        self._window.canvas.set_faces(faces)

    @Slot(object)
    def _shown(self, shown: Shown | None) -> None:
        window = self._window
        window.panel.hairline.show_made(shown)
        window.canvas.set_labels(self._labels(shown))
        window.panel.edits.show_problems(self._problems(shown))
        if self._core.session.photo is None:
            window.status.show_made("")
        elif shown is None:
            window.status.show_made(tr("Shown: original photo"))
        else:
            what = tr("{engine} final") if shown.final else tr("{engine} preview")
            made = what.format(engine=tr(shown.engine))
            window.status.show_made(tr("Shown: {what}, {time}", what=made, time=_time(shown.ms)))

    def _labels(self, shown: Shown | None) -> Labels:
        preview = shown is not None and not shown.final
        note = tr("{engine} preview", engine=tr(shown.engine)) if shown and preview else ""
        return Labels(tr("Before"), tr("After"), note)

    def _problems(self, shown: Shown | None) -> dict[int, str]:
        """By edit: what it could not do."""
        if shown is None:
            return {}
        edits = self._core.session.state.edits
        found = {at: tr(NOTHING) for at in shown.idle if at < len(edits) and not edits[at].idle}
        return found | {index: _sentence(note) for index, note in shown.notes}


def _time(ms: float) -> str:
    return tr("{ms} ms", ms=round(ms)) if ms < 2000 else tr("{s} s", s=f"{ms / 1000:.1f}")


def _sentence(note: Note) -> str:
    return wording.finding(note.code, note.value, note.text)
