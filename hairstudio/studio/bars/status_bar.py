"""The status bar: what goes on, what is shown, and who made it."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from hairstudio.studio.i18n import tr
from hairstudio.studio.tasks.base import Progress
from hairstudio.studio.widgets.buttons import button, label, rule

MESSAGE_MS = 8000
FRAME_MS = 33
NEEDED = (900, 1060, 0)
"""Width of the window from which device, photo and face are shown."""


class StatusBar(QWidget):
    """``face_wanted``: the face button was pressed; ``retry``: the failed work once more."""

    face_wanted = Signal()
    retry = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(28)
        self._make()
        self._lay_out()
        self._clock = QElapsedTimer()
        self._clock.start()
        self._fade = QTimer(self, singleShot=True, interval=MESSAGE_MS)
        self._fade.timeout.connect(lambda: self.say(""))
        self.show_progress(None)
        self.say("")

    def _make(self) -> None:
        self._stage = label("", "stage")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(120)
        self._bar.setAccessibleName(tr("Progress"))
        self._percent = label("", "status")
        self._escape, self._cancels = label("Esc", "key"), label(tr("cancels"), "status")
        self._message = label("", "status")
        self._retry = button(tr("Retry"), "retry", kind="link", icon_size=14)
        self._retry.setFixedHeight(22)
        self._retry.clicked.connect(self.retry)
        self._shown = label("", "status")
        self._engine, self._device, self._photo = (label("", "status") for _ in range(3))
        self._face = button("", kind="link", name=tr("Face"))
        self._face.setFixedHeight(23)
        self._face.clicked.connect(self.face_wanted)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 12, 0)
        row.setSpacing(8)
        self._rule = rule(vertical=True, length=12)
        left = (self._stage, self._bar, self._percent, self._escape, self._cancels, self._message,
                self._retry, self._rule, self._shown)  # fmt: skip
        for each in left:
            row.addWidget(each)
        row.addStretch(1)
        self._rules = list[QWidget]()
        for each in (self._engine, self._device, self._photo, self._face):
            if self._rules or each is not self._engine:
                self._rules.append(rule(vertical=True, length=12))
                row.addWidget(self._rules[-1])
            row.addWidget(each)
        self._tidy()

    def show_progress(self, progress: Progress | None) -> None:
        """At most 30 times a second."""
        same = progress is not None and self._stage.text() == progress.stage
        if same and self._clock.elapsed() < FRAME_MS:
            return
        self._clock.restart()
        known = progress is not None and progress.fraction is not None
        self._stage.setText(progress.stage if progress else "")
        self._stage.setVisible(progress is not None)
        self._bar.setRange(0, 100 if known else 0)
        if progress is not None and progress.fraction is not None:
            self._bar.setValue(round(100 * progress.fraction))
            self._percent.setText(tr("{value} %", value=round(100 * progress.fraction)))
        for each in (self._bar, self._escape, self._cancels):
            each.setVisible(progress is not None)
        self._percent.setVisible(known)
        self._tidy()

    def say(self, text: str, *, problem: bool = False, retry: bool = False) -> None:
        """A message; problems stay until something else is said."""
        self._message.setText(text)
        self._message.setVisible(bool(text))
        self._message.setProperty("kind", "bad" if problem else "status")
        self._message.style().polish(self._message)
        self._message.setToolTip(text)
        self._retry.setVisible(retry and bool(text))
        self._fade.stop()
        if text and not problem:
            self._fade.start()
        self._tidy()

    def show_made(self, text: str) -> None:
        """What is on the canvas and how long it took."""
        self._shown.setText(text)
        self._tidy()

    def show_engine(self, engine: str, device: str) -> None:
        self._engine.setTextFormat(Qt.TextFormat.RichText)
        bold = f"<span style='font-weight:600'>{engine}</span>"
        self._engine.setText(tr("Engine: {engine}", engine=bold))
        self._device.setText(device)
        self._tidy()

    def show_photo(self, about: str) -> None:
        self._photo.setText(about)
        self._tidy()

    def show_face(self, face: int, faces: int) -> None:
        """``face`` from 1; 0 faces: nothing is known."""
        self._face.setText(tr("Face {n} of {count}", n=face, count=faces) if faces else "")
        self._face.setEnabled(faces > 1)
        self._face.setToolTip(tr("Choose another face") if faces > 1 else "")
        self._tidy()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._tidy()

    def _tidy(self) -> None:
        """Lines only between things that are there."""
        left = not self._stage.isHidden() or not self._message.isHidden()
        self._rule.setVisible(left and bool(self._shown.text()))
        parts: tuple[QLabel | QToolButton, ...] = (self._device, self._photo, self._face)
        for line, part, least in zip(self._rules, parts, NEEDED, strict=True):
            there = bool(part.text()) and self.width() >= least
            line.setVisible(there)
            part.setVisible(there)
