"""The queue: pairs to be made, a process each, so many at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from hairstudio import settings
from hairstudio.lab.messages import Made, Picture, Refused, Shown, Stepped
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.processes import LabProcess, events

WAITING, RUNNING, STOPPING, PAUSED, DONE, FAILED = (
    "waiting", "running", "stopping", "paused", "done", "failed",
)  # fmt: skip
STOPPED = 130
TARGET_SHARE = 0.5
"""The target's search has half as many steps as the source's."""


@dataclass(frozen=True)
class Order:
    """What ``hairstudio lab pairs`` is asked for; "" and None: its usual choice."""

    photo: Path
    attribute: str
    store: Path
    value: str = ""
    donor: str = ""
    prior: str = ""
    schedule: str = "combined"
    steps: int | None = None
    seed: int = 0
    licence: str = "unknown"

    @property
    def name(self) -> str:
        what = self.value or Path(self.donor).stem
        return f"{self.photo.stem} · {self.attribute} {what}".strip()

    def arguments(self) -> list[str]:
        given = {"--attribute": self.attribute, "-o": str(self.store), "--value": self.value,
                 "--donor": self.donor, "--prior": self.prior, "--schedule": self.schedule,
                 "--steps": str(self.steps or ""), "--seed": str(self.seed),
                 "--licence": self.licence}  # fmt: skip
        options = [f"{name}={value}" if name != "-o" else f"-o{value}"
                   for name, value in given.items() if value]  # fmt: skip
        return ["hairstudio", "lab", "pairs", "--json", *options, str(self.photo)]


@dataclass(eq=False)
class Item:
    """``losses``: by phase, those of each step, empty where not seen; ``pictures``: original,
    reference, current."""

    order: Order
    state: str = WAITING
    phase: str = "source"
    step: int = 0
    steps: int = 0
    reason: str = ""
    rate: float = 0.0
    losses: dict[str, list[dict[str, float]]] = field(default_factory=dict)  # type: ignore[type-arg]
    pictures: dict[str, Picture] = field(default_factory=dict)  # type: ignore[type-arg]
    process: LabProcess | None = None
    wanted: str = DONE
    clock: tuple[float, int] = (0.0, 0)

    @property
    def fraction(self) -> float:
        if self.state == DONE:
            return 1.0
        whole = self.steps if self.phase == "source" else self.steps / TARGET_SHARE
        done = self.step if self.phase == "source" else whole + self.step
        return min(1.0, done / (whole * (1 + TARGET_SHARE))) if whole else 0.0

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
    """``changed(Item)``; ``rearranged``: items came or went; ``made``: a pair is in the store."""

    changed = Signal(object)
    rearranged = Signal()
    made = Signal()

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
        self.items += [Item(order) for order in dict.fromkeys(orders) if order not in known]
        self.rearranged.emit()
        self._start_some()

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
        for item in self.items:
            if item.process is not None:
                item.process.stop()
        for item in self.items:
            if item.process is not None:
                item.process.close()
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
        threads = str(max(1, settings.threads() // self._count))
        process = LabProcess(
            item.order.arguments(), events(), {"HAIRSTUDIO_THREADS": threads}, self
        )
        item.process, item.wanted = process, DONE
        process.said.connect(_Ear(self, item, process).hear)
        process.ended.connect(_Ear(self, item, process).end)
        self._set(item, RUNNING)

    def _set(self, item: Item, state: str) -> None:
        item.state = state
        self.changed.emit(item)

    def hear(self, item: Item, message: object) -> None:
        match message:
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
