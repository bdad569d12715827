"""Live preview, then the final: what the document looks like now."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from hairstudio.studio.canvas import Canvas
from hairstudio.studio.i18n import tr
from hairstudio.studio.painting import Painting
from hairstudio.studio.session import Session
from hairstudio.studio.state import State
from hairstudio.studio.tasks.base import Progress
from hairstudio.studio.tasks.render import Render, Shown
from hairstudio.studio.worker import Done, Failed, Line, News, Outcome, Stopped

SETTLE_MS = 300
SLOW_MS = 600
"""A preview that takes longer says that it is coming."""
SMALL, LARGE = 512, 1024
"""Sides of the face's crop at which previews are drawn."""


class Rendering(QObject):
    """``shown(Shown | None)``: the canvas has another picture, None: the photo itself;
    ``progress(Progress | None)``; ``failed(str)``."""

    shown = Signal(object)
    progress = Signal(object)
    failed = Signal(str)

    def __init__(self, session: Session, painting: Painting, canvas: Canvas, line: Line) -> None:
        super().__init__()
        self._session, self._painting, self._canvas, self._line = session, painting, canvas, line
        self.generation = self._seen = 0
        self.last: Shown | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.finish)
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._say_slow)
        session.opened.connect(self._forget)
        session.analysed.connect(self.refresh)
        session.changed.connect(self.refresh)
        painting.live.connect(self.refresh)
        line.happened.connect(self._happened)

    @Slot()
    def _forget(self) -> None:
        self._line.cancel("preview", "final", "tiles")
        self.quiet()
        self._show(None)

    @Slot()
    def refresh(self) -> None:
        """Draw the document as it is now. The latest call wins."""
        self.generation += 1
        state = self._painting.state()
        if self._session.face is None or all(edit.idle for edit in state.edits):
            self._line.cancel("preview", "final")
            self.quiet()
            self._seen = self.generation
            self._show(None)
            return
        self._line.cancel("final")
        self._settle.stop()
        self._post(state, self.scale(), "preview")
        if not self._slow.isActive():
            self._slow.start()

    @Slot()
    def _say_slow(self) -> None:
        self.progress.emit(Progress(tr("Drawing the preview")))

    def scale(self) -> float:
        """Of previews: what the screen shows, at most ``LARGE`` pixels of the face's crop."""
        face, view = self._session.face, self._canvas.view
        if face is None:
            return 1.0
        on_screen = face.crop * (view.zoom if view else 1.0)
        side = SMALL if on_screen <= 1.25 * SMALL else LARGE
        return min(1.0, side / face.crop)

    @Slot()
    def finish(self) -> None:
        """The final quality now, unless it is there already."""
        last = self.last
        if last and last.final and last.generation == self.generation:
            return
        if self._session.face is None:
            return
        state = self._painting.state()
        if not all(edit.idle for edit in state.edits):
            self._post(state, 1.0, "final")

    def stop(self) -> bool:
        """Cancel what is being drawn; False when nothing was."""
        waiting = self._settle.isActive()
        self.quiet()
        return self._line.cancel("preview", "final", "export") or waiting

    def quiet(self) -> None:
        """Nothing more is to be drawn."""
        self._settle.stop()
        self._slow.stop()

    def _post(self, state: State, scale: float, slot: str) -> None:
        session = self._session
        assert session.photo is not None and session.face is not None
        self._line.post(
            Render(
                document=session.document,
                photo=session.photo,
                analysis=session.face.analysis,
                state=state,
                scale=scale,
                generation=self.generation,
                slot=slot,
                final=slot == "final",
            )
        )

    @Slot(object)
    def _happened(self, outcome: Outcome) -> None:
        task = outcome.task
        if not isinstance(task, Render) or task.document != self._session.document:
            return
        match outcome:
            case Done(value=Shown() as shown):
                self._arrived(shown)
            case News(value=Progress() as progress) if task.slot == "final":
                self.progress.emit(Progress(tr("Rendering final"), progress.fraction))
            case Failed(text=text):
                self._slow.stop()
                self.progress.emit(None)
                self.failed.emit(text)
            case Stopped():
                self.progress.emit(None)
            case _:
                pass

    def _arrived(self, shown: Shown) -> None:
        self._slow.stop()
        self.progress.emit(None)
        older = shown.generation < self._seen
        coarser = shown.generation == self._seen and self.last is not None and self.last.final
        if older or coarser or self._session.face is None:
            return
        self._seen = shown.generation
        self._show(shown)
        if shown.generation == self.generation and not shown.final:
            self._settle.start()

    def _show(self, shown: Shown | None) -> None:
        self.last = shown
        self._canvas.set_after(shown.after if shown else None)
        self.shown.emit(shown)
