"""Opening, saving and exporting: requests to the threads, answers to the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from hairstudio.editing.document import SUFFIX
from hairstudio.editing.references import Reference
from hairstudio.studio import memory as memories
from hairstudio.studio.canvas import Face
from hairstudio.studio.canvas.scene import Scene
from hairstudio.studio.i18n import tr
from hairstudio.studio.session import Session
from hairstudio.studio.tasks.analyse import Analysed, AnalyseFace, FindFaces, Note, Ready, WarmUp
from hairstudio.studio.tasks.base import Progress
from hairstudio.studio.tasks.open_file import Opened, OpenFile, Thumbnail
from hairstudio.studio.tasks.recent import Recent, ShowRecent, WarmPaint
from hairstudio.studio.tasks.write import (
    Export,
    KeepMemory,
    ReadReference,
    SaveComparison,
    SaveDocument,
    Written,
)
from hairstudio.studio.worker import Done, Failed, Line, News, Outcome, Stopped

TASKS = (
    OpenFile,
    AnalyseFace,
    WarmUp,
    FindFaces,
    SaveDocument,
    SaveComparison,
    Export,
    ReadReference,
    ShowRecent,
)


class Files(QObject):
    """``thumbnail(Picture)``: a first look; ``faces(tuple[Face])``; ``ready(Ready)``: the engine
    is loaded; ``written(Written)``; ``progress(Progress | None)``; ``failed(str)``;
    ``recent``: paths and pictures of what was opened last."""

    thumbnail = Signal(object)
    faces = Signal(object)
    ready = Signal(object)
    written = Signal(object)
    progress = Signal(object)
    failed = Signal(str)
    remembered = Signal()
    recent = Signal(object)

    def __init__(self, session: Session, engine: Line, reader: Line, helper: Line) -> None:
        super().__init__()
        self._session, self._engine, self._reader = session, engine, reader
        self._helper = helper
        self.memory = memories.load()
        self._then: Callable[[], None] | None = None
        session.style = self.memory.style
        session.analysed.connect(self._face_changed)
        for line in (engine, reader, helper):
            line.happened.connect(self._happened)

    def remember(self, **changes: object) -> None:
        """Keep something for the next run."""
        self.memory = msgspec.structs.replace(self.memory, **changes)
        self._keep()

    def _keep(self) -> None:
        data = memories.encoded(self.memory)
        self._reader.post(KeepMemory(memory=data, path=memories.file()))
        self.remembered.emit()

    def show_recent(self) -> None:
        """Pictures for the empty window."""
        if self.memory.recent:
            self._helper.queue(ShowRecent(paths=tuple(map(Path, self.memory.recent))))

    def warm_up(self) -> None:
        self._engine.post(WarmUp())
        self._helper.queue(WarmPaint())

    def open(self, path: Path) -> None:
        document = self._session.begin()
        self._engine.cancel("preview", "final", "tiles")
        self._reader.post(OpenFile(document=document, path=path))

    def find_faces(self) -> None:
        session = self._session
        if session.photo is not None:
            self._engine.post(FindFaces(document=session.document, photo=session.photo,
                                        chosen=session.state.face))  # fmt: skip

    def save(self, path: Path, then: Callable[[], None] | None = None) -> None:
        """Save the document; ``then`` is called when it is safe."""
        session = self._session
        assert session.photo is not None
        self._then = then
        path = path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)
        self._reader.queue(SaveDocument(document=session.document, photo=session.photo,
                                        state=session.state, path=path))  # fmt: skip

    def export(self, path: Path, layered: bool) -> None:
        session = self._session
        assert session.photo is not None and session.face is not None
        self._engine.queue(
            Export(document=session.document, photo=session.photo, path=path, layered=layered,
                   analysis=session.face.analysis, state=session.state)
        )  # fmt: skip

    def save_comparison(self, scene: Scene, path: Path) -> None:
        """Before and after as the canvas sets them side by side."""
        self._reader.queue(SaveComparison(document=self._session.document, scene=scene, path=path))

    def read_reference(self, path: Path) -> None:
        self._reader.post(ReadReference(document=self._session.document, path=path))

    @Slot()
    def _face_changed(self) -> None:
        """Another face was chosen, or undone: measure it."""
        if self._session.face is None and self._session.refusal is None:
            self._analyse()

    def _analyse(self) -> None:
        session = self._session
        if session.photo is not None:
            self._engine.post(AnalyseFace(document=session.document, photo=session.photo,
                                          face=session.state.face))  # fmt: skip

    @Slot(object)
    def _happened(self, outcome: Outcome) -> None:
        task = outcome.task
        if not isinstance(task, TASKS):
            return
        if task.document not in (0, self._session.document):
            return
        match outcome:
            case News(value=Progress() as progress):
                self.progress.emit(progress)
            case News(value=Thumbnail() as found):
                self.thumbnail.emit(found.picture)
            case Done(value=value):
                self.progress.emit(None)
                if isinstance(task, SaveDocument) and isinstance(value, Written):
                    self._saved(value, task)
                self._done(value)
            case Failed(text=text):
                self.progress.emit(None)
                self._then = None
                self._failed(task, text)
            case Stopped():
                self.progress.emit(None)
            case _:
                pass

    def _failed(self, task: object, text: str) -> None:
        if isinstance(task, AnalyseFace):
            self._session.know(Note("", 0, text, refused=True))
        self.failed.emit(text)

    def _done(self, value: object) -> None:
        match value:
            case Opened():
                self._session.open(value)
                self.memory = self.memory.opened(value.path)
                self._keep()
                self._analyse()
            case Analysed() | Note():
                self._session.know(value)
            case Ready():
                self.ready.emit(value)
            case Reference():
                self._session.lend(value)
            case Recent():
                self.recent.emit(value.photos)
            case Written():
                self.written.emit(value)
            case tuple() if all(isinstance(each, Face) for each in value):
                self.faces.emit(value)
            case _:
                pass

    def _saved(self, written: Written, task: SaveDocument) -> None:
        self._session.mark_saved(written.path, task.state)
        self.memory = self.memory.opened(written.path)
        self._keep()
        then, self._then = self._then, None
        if then is not None:
            then()


def said(written: Written) -> str:
    """What to tell of a file that was written."""
    outside = {
        "identical": tr("all other pixels are identical"),
        "transplanted": tr("untouched JPEG blocks are the original’s own"),
        "re-encoded": tr("the whole picture was encoded anew"),
    }.get(written.outside, "")
    return tr("Saved {name}", name=written.path.name) + (f" · {outside}" if outside else "")
