"""The queue as rows: what, how far, pause, resume, cancel, retry."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from hairstudio.studio import icons
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab import queue as states
from hairstudio.studio.lab.parts import ListSection, small_button, stacked
from hairstudio.studio.lab.queue import Item, Queue
from hairstudio.studio.widgets.buttons import label, rule

HEIGHT = 48
WORDS = {states.WAITING: "Waiting", states.STOPPING: "Stopping", states.DONE: "Done"}
ICONS = {states.RUNNING: ("pause", "Pause"), states.STOPPING: ("pause", "Pause"),
         states.WAITING: ("pause", "Pause"), states.PAUSED: ("play", "Resume"),
         states.FAILED: ("retry", "Retry"), states.DONE: ("check", "Done")}  # fmt: skip


class QueueRow(QWidget):
    """``watched``: the row was clicked."""

    watched = Signal(object)

    def __init__(self, item: Item, queue: Queue) -> None:
        super().__init__()
        self.item, self._queue = item, queue
        self.setFixedHeight(HEIGHT)
        self.name, self.state = label(item.order.name), label("", "caption")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 1000)
        self.reason = label("", "bad")
        self.reason.setMinimumWidth(40)
        self.act = small_button("pause", tr("Pause"))
        self.cancel = small_button("cross", tr("Cancel"))
        self.act.clicked.connect(self._act)
        self.cancel.clicked.connect(self._remove)
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        self.name.setMinimumWidth(40)
        top.addWidget(self.name, 1)
        top.addWidget(self.state)
        middle = stacked(self.bar, self.reason, spacing=3)
        middle.insertLayout(1, top)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(4)
        row.addLayout(middle, 1)
        row.addSpacing(4)
        row.addWidget(self.act)
        row.addWidget(self.cancel)

    def refresh(self) -> None:
        item = self.item
        icon, name = ICONS[item.state]
        self.act.setIcon(icons.icon(icon))
        self.act.setToolTip(tr(name))
        self.act.setAccessibleName(tr(name))
        self.act.setEnabled(item.state not in (states.STOPPING, states.DONE))
        self.bar.setVisible(item.state not in (states.WAITING, states.FAILED, states.DONE))
        self.bar.setValue(round(1000 * item.fraction))
        failed = item.state == states.FAILED
        self.state.setProperty("kind", "bad" if failed else "caption")
        self.state.style().polish(self.state)
        self.state.setText(_said(item))
        self.reason.setVisible(failed)
        self.reason.setText(item.reason)
        self.setToolTip(item.reason)

    def _act(self) -> None:
        if self.item.state in (states.RUNNING, states.WAITING):
            self._queue.pause(self.item)
        else:
            self._queue.resume(self.item)

    def _remove(self) -> None:
        self._queue.remove(self.item)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.watched.emit(self.item)


def _said(item: Item) -> str:
    done = tr("{value} %", value=round(100 * item.fraction))
    if item.state == states.RUNNING:
        return done if item.steps else _starting(item)
    if item.state == states.PAUSED:
        return tr("Paused at {done}", done=done)
    if item.state == states.FAILED:
        return tr("Failed")
    return tr(WORDS[item.state])


def _starting(item: Item) -> str:
    if item.measured is None:
        return tr("Starting")
    return tr("Measuring the prior: {value} %", value=round(100 * item.measured))


class QueueList(ListSection):
    """``watched(Item)``."""

    watched = Signal(object)

    def __init__(self, queue: Queue) -> None:
        super().__init__(tr("Queue"), end=36)
        self._queue, self.rows = queue, list[QueueRow]()
        self._all = small_button("pause", tr("Pause all"))
        self._all.clicked.connect(self._pause_or_resume)
        self.header.addWidget(self._all)
        queue.rearranged.connect(self._rearrange)
        queue.changed.connect(self._refresh)
        self._rearrange()

    def _rearrange(self) -> None:
        while (old := self.list.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.deleteLater()
        self.rows = [QueueRow(item, self._queue) for item in self._queue.items]
        for row in self.rows:
            self.list.addWidget(rule())
            self.list.addWidget(row)
            row.watched.connect(self.watched)
        self._say()

    def _refresh(self, item: Item) -> None:
        for row in self.rows:
            if row.item is item:
                row.refresh()
        self._say()

    def _say(self) -> None:
        items = self._queue.items
        running = len(self._queue.running)
        waiting = sum(item.state == states.WAITING for item in items)
        self.count.setText(tr("{r} running, {w} waiting", r=running, w=waiting))
        going = running + waiting > 0
        self._all.setIcon(icons.icon("pause" if going else "play"))
        self._all.setToolTip(tr("Pause all") if going else tr("Resume all"))
        self._all.setEnabled(going or any(item.state == states.PAUSED for item in items))

    def _pause_or_resume(self) -> None:
        going = any(item.state in (states.WAITING, states.RUNNING) for item in self._queue.items)
        if going:
            self._queue.pause_all()
        else:
            self._queue.resume_all()
