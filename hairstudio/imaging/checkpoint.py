"""Long work that can be stopped: the places where it looks whether somebody wants that."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar


class Cancelled(Exception):  # noqa: N818 - not an error: the user asked for it
    """Raised by ``checkpoint`` after the event of ``cancellable`` was set."""


_event: ContextVar[threading.Event | None] = ContextVar("cancel", default=None)


@contextmanager
def cancellable(event: threading.Event | None) -> Generator[None]:
    """Work of this thread inside the block stops soon after ``event`` was set."""
    before = _event.set(event)
    try:
        yield
    finally:
        _event.reset(before)


def checkpoint() -> None:
    """To be called between pieces of work. Raises Cancelled."""
    event = _event.get()
    if event is not None and event.is_set():
        raise Cancelled
