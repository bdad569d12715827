"""One thread with a mailbox: tasks go in, outcomes come back as signals in the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from hairstudio.errors import UserError
from hairstudio.studio.i18n import tr
from hairstudio.studio.mailbox import Mailbox, Task

PATIENCE_MS = 120_000
"""For work that cannot be stopped: a thread that is destroyed while it runs takes all down."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Done:
    """What a task gave."""

    task: Task
    value: object


@dataclass(frozen=True, eq=False)
class Failed:
    """Why it gave nothing. ``error``: a UserError, or what went wrong inside."""

    task: Task
    text: str
    error: Exception


@dataclass(frozen=True, eq=False)
class Stopped:
    """It was cancelled."""

    task: Task


@dataclass(frozen=True, eq=False)
class News:
    """Something that a running task said."""

    task: Task
    value: object


Outcome = Done | Failed | Stopped | News


class StopWork(Exception):  # noqa: N818 - not an error: the user asked for it
    """Raised by tasks that saw their ``cancel``."""


class _Worker(QObject):
    """Lives in the thread. ``make_room`` makes, there, what the tasks share."""

    happened = Signal(object)

    def __init__(self, mailbox: Mailbox, make_room: Callable[[], Any]) -> None:
        super().__init__()
        self._mailbox, self._make_room = mailbox, make_room
        self._room: Any = None

    @Slot()
    def end(self) -> None:
        """Leave the thread when all that was posted before is done."""
        QThread.currentThread().quit()

    @Slot()
    def work(self) -> None:
        """Do one task; the thread's event loop comes back here while there are more."""
        task = self._mailbox.take()
        if task is None:
            return
        self.happened.emit(self._outcome(task))

    def _outcome(self, task: Task) -> Outcome:
        def say(value: object) -> None:
            self.happened.emit(News(task, value))

        try:
            if self._room is None:
                self._room = self._make_room()
            return Done(task, task.run(self._room, say))
        except StopWork:
            return Stopped(task)
        except UserError as error:
            return Failed(task, str(error), error)
        except MemoryError as error:
            return Failed(task, tr("Not enough memory for this. Close other programs, or use a "
                                   "smaller photo."), error)  # fmt: skip
        except Exception as error:
            log.exception("task %s", type(task).__name__)
            return Failed(task, tr("Something went wrong inside: {error}", error=error), error)


class Line(QObject):
    """The GUI thread's end: ``post`` tasks, get ``happened`` for each outcome."""

    happened = Signal(object)
    _wake = Signal()
    _end = Signal()

    def __init__(
        self, name: str, slots: Sequence[str], make_room: Callable[[], Any],
        yielding: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__()
        self._mailbox = Mailbox(slots, yielding)
        self._thread = QThread()
        self._thread.setObjectName(name)
        self._worker = _Worker(self._mailbox, make_room)
        self._worker.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._wake.connect(self._worker.work, queued)
        self._end.connect(self._worker.end, queued)
        self._worker.happened.connect(self._pass_on, queued)
        self._thread.finished.connect(self._worker.deleteLater)
        self._thread.start()

    @property
    def busy(self) -> bool:
        return not self._mailbox.idle

    def post(self, task: Task) -> None:
        self._mailbox.post(task)
        self._wake.emit()

    def post_all(self, slot: str, tasks: Sequence[Task]) -> None:
        self._mailbox.post_all(slot, tasks)
        for _ in tasks:
            self._wake.emit()

    def queue(self, task: Task) -> None:
        self._mailbox.queue(task)
        self._wake.emit()

    def cancel(self, *slots: str) -> bool:
        return self._mailbox.cancel(*slots)

    @Slot(object)
    def _pass_on(self, outcome: Outcome) -> None:
        if not isinstance(outcome, News):
            self._wake.emit()  # something may have been left by a cancelled wake
        self.happened.emit(outcome)

    def close(self, *finished: str) -> None:
        """End the thread: tasks in the slots ``finished`` are done first, all others dropped."""
        self._mailbox.cancel(*(slot for slot in self._mailbox.slots if slot not in finished))
        self._end.emit()
        self._thread.wait(PATIENCE_MS)
        self.blockSignals(True)  # outcomes still on their way are nobody's any more
