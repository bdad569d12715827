"""The queue: pairs to be made, a process each, so many at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from hairstudio import settings
from hairstudio.lab.messages import (
    MIDDLE_SHARE,
    Made,
    Picture,
    Preparing,
    Refused,
    Shown,
    Stepped,
)
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.order import Kept, Order
from hairstudio.studio.lab.processes import LabProcess, events

WAITING, RUNNING, STOPPING, PAUSED, DONE, FAILED = (
    "waiting", "running", "stopping", "paused", "done", "failed",
)  # fmt: skip
STOPPED = 130
SEARCHES = {"source": (0, 1.0), "target": (1, 1.0), "middle": (2, MIDDLE_SHARE)}
"""What is done before each search of a pair and what it takes, in searches of a source."""


@dataclass(eq=False)
class Item:
    """``losses``: by phase, those of each step, empty where not seen; ``pictures``: original,
    reference, current; ``measured``: of a new prior, 0..1, None where it is known."""

    order: Order
    state: str = WAITING
    phase: str = "source"
    step: int = 0
    steps: int = 0
    reason: str = ""
    rate: float = 0.0
    measured: float | None = None
    losses: dict[str, list[dict[str, float]]] = field(default_factory=dict)  # type: ignore[type-arg]
    pictures: dict[str, Picture] = field(default_factory=dict)  # type: ignore[type-arg]
    process: LabProcess | None = None
    wanted: str = DONE
    clock: tuple[float, int] = (0.0, 0)

    @classmethod
    def of(cls, kept: Kept) -> Item:
        """As an earlier run of the app left it: what was at work then has to begin again."""
        state = kept.state if kept.state in (PAUSED, FAILED) else WAITING
        return cls(kept.order, state, kept.phase, kept.step, kept.steps, kept.reason)

    @property
    def kept(self) -> Kept:
        state = self.wanted if self.state == STOPPING else self.state
        return Kept(self.order, state, self.phase, self.step, self.steps, self.reason)

    @property
    def fraction(self) -> float:
        if self.state == DONE:
            return 1.0
        before, share = SEARCHES[self.phase]
        part = share * self.step / self.steps if self.steps else 0.0
        return min(1.0, (before + part) / (2 + MIDDLE_SHARE))

    def stepped(self, message: Stepped) -> None:
        now = time.monotonic()
        if message.phase != self.phase or not self.clock[0]:
            self.clock = now, message.step
        elif message.step - self.clock[1] >= 2:
            self.rate = (message.step - self.clock[1]) / max(now - self.clock[0], 1e-3)
        self.phase, self.step, self.steps = message.phase, message.step, message.steps
        line = self.losses.setdefault(message.phase, [])
        del line[message.step - 1 :]  # it went on from what was saved
        line += [{}] * (message.step - 1 - len(line))
        line.append(message.losses)


class Queue(QObject):
    """``changed(Item)``; ``rearranged``: items came or went; ``made``: a pair is in the store;
    ``to_keep(tuple[Kept, ...])``: what a later run of the app has to go on with."""

    changed = Signal(object)
    rearranged = Signal()
    made = Signal()
    to_keep = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items = list[Item]()
        self._count = 1

    def set_count(self, count: int) -> None:
        """So many processes at once."""
        self._count = count
        self._start_some()

    def add(self, orders: Iterable[Order]) -> None:
        """What is queued already is not queued twice."""
        known = {item.order for item in self.items if item.state not in (DONE, FAILED)}
        self._take(Item(order) for order in dict.fromkeys(orders) if order not in known)

    def restore(self, kept: Iterable[Kept]) -> None:
        """Go on with what an earlier run of the app left."""
        self._take(map(Item.of, kept))

    def _take(self, items: Iterable[Item]) -> None:
        self.items += items
        self.rearranged.emit()
        self._keep()
        self._start_some()

    def _keep(self) -> None:
        self.to_keep.emit(tuple(item.kept for item in self.items if item.state != DONE))

    def pause(self, item: Item) -> None:
        """What was found so far is kept in the store."""
        self._leave(item, PAUSED)

    def resume(self, item: Item) -> None:
        """Go on, or try again."""
        if item.state in (PAUSED, FAILED):
            item.reason, item.clock = "", (0.0, 0)
            self._set(item, WAITING)
            self._start_some()

    def remove(self, item: Item) -> None:
        """Cancel it and take it away."""
        if item in self.items:
            self.items.remove(item)
            self._leave(item, DONE)
            self.rearranged.emit()
            self._keep()

    def pause_all(self) -> None:
        for item in self.items:
            if item.state in (WAITING, RUNNING):
                self.pause(item)

    def resume_all(self) -> None:
        for item in self.items:
            if item.state == PAUSED:
                self.resume(item)

    @property
    def running(self) -> list[Item]:
        return [item for item in self.items if item.process is not None]

    def close(self) -> None:
        """Stop all processes; the same orders go on from where they were."""
        processes = self.findChildren(LabProcess)  # also those of items that were taken away
        for process in processes:
            process.stop()
        for process in processes:
            process.close()
        for item in self.items:
            item.process = None

    def _leave(self, item: Item, state: str) -> None:
        item.wanted = state
        if item.process is None:
            self._set(item, state)
        elif item.state == RUNNING:
            self._set(item, STOPPING)
            item.process.stop()

    def _start_some(self) -> None:
        waiting = [item for item in self.items if item.state == WAITING]
        for item in waiting[: max(0, self._count - len(self.running))]:
            self._start(item)

    def _start(self, item: Item) -> None:
        threads = settings.thread_variables(max(1, settings.threads() // self._count))
        process = LabProcess(item.order.arguments(), events(), threads, self)
        item.process, item.wanted = process, DONE
        process.said.connect(_Ear(self, item, process).hear)
        process.ended.connect(_Ear(self, item, process).end)
        self._set(item, RUNNING)

    def _set(self, item: Item, state: str) -> None:
        item.state = state
        self.changed.emit(item)
        self._keep()

    def hear(self, item: Item, message: object) -> None:
        match message:
            case Preparing():
                item.measured = message.part
            case Stepped():
                item.stepped(message)
            case Shown():
                item.pictures |= message.pictures
            case Refused():
                item.reason = message.reason
            case Made():
                self.made.emit()
            case _:
                pass
        self.changed.emit(item)

    def end(self, item: Item, status: int, reason: str) -> None:
        if item.process is not None:
            item.process.deleteLater()
        item.process = None
        stopped = item.state == STOPPING or status == STOPPED
        if status and not stopped:
            item.reason = item.reason or reason or tr("It ended without a word")
            self._set(item, FAILED)
        else:
            self._set(item, item.wanted if stopped else DONE)
        self._start_some()


class _Ear(QObject):
    """Knows whose process is talking."""

    def __init__(self, queue: Queue, item: Item, process: LabProcess) -> None:
        super().__init__(process)
        self._queue, self._item = queue, item

    def hear(self, message: object) -> None:
        self._queue.hear(self._item, message)

    def end(self, status: int, reason: str) -> None:
        self._queue.end(self._item, status, reason)
