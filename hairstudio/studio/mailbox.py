"""What waits for a thread: one place per slot, where the latest wins."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Task(Protocol):
    """Work for a thread. ``slot`` says where it waits; ``cancel`` is looked at between stages."""

    @property
    def slot(self) -> str: ...

    @property
    def cancel(self) -> threading.Event: ...

    def run(self, room: Any, say: Callable[[object], None]) -> object:
        """Do the work in the thread. ``say`` sends news before the result."""
        ...


class Mailbox:
    """``slots``: from the most urgent to the least. A task that arrives for an earlier slot
    cancels a running one of a slot in ``yielding``. All methods may be called from any thread."""

    def __init__(self, slots: Sequence[str], yielding: Sequence[str] = ()) -> None:
        self.slots = tuple(slots)
        self._waiting = {slot: deque[Task]() for slot in slots}
        self._yielding = frozenset(yielding)
        self._order = {slot: place for place, slot in enumerate(slots)}
        self._running: Task | None = None
        self._lock = threading.Lock()

    def post(self, task: Task) -> None:
        """Replace whatever waits in the task's slot."""
        self.post_all(task.slot, [task])

    def post_all(self, slot: str, tasks: Sequence[Task]) -> None:
        """Replace what waits in a slot by several tasks, done in order."""
        with self._lock:
            self._waiting[slot] = deque(tasks)
            if tasks:
                self._make_way(slot)

    def queue(self, task: Task) -> None:
        """Add to the slot: nothing is dropped."""
        with self._lock:
            self._waiting[task.slot].append(task)
            self._make_way(task.slot)

    def _make_way(self, slot: str) -> None:
        running = self._running
        if running is None or running.slot not in self._yielding:
            return
        if self._order[slot] < self._order[running.slot]:
            running.cancel.set()

    def take(self) -> Task | None:
        """The next task, now running; None when all is done."""
        with self._lock:
            full = next((tasks for tasks in self._waiting.values() if tasks), None)
            self._running = full.popleft() if full else None
            return self._running

    def cancel(self, *slots: str) -> bool:
        """Drop what waits there and stop what runs. True when there was something."""
        with self._lock:
            found = False
            for slot in slots or self.slots:
                found |= bool(self._waiting[slot])
                self._waiting[slot].clear()
                if self._running and self._running.slot == slot:
                    self._running.cancel.set()
                    found = True
            return found

    @property
    def idle(self) -> bool:
        with self._lock:
            return self._running is None and not any(self._waiting.values())
