"""Ctrl-C, also when it arrives inside a native callback, where Python drops the exception."""

from __future__ import annotations

import signal
from types import FrameType

_asked = False


def listen() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt and is remembered for ``check``."""
    signal.signal(signal.SIGINT, _note)


def _note(_signal: int, _frame: FrameType | None) -> None:
    global _asked
    _asked = True
    raise KeyboardInterrupt


def check() -> None:
    """Raise KeyboardInterrupt when Ctrl-C was pressed since ``listen``."""
    if _asked:
        raise KeyboardInterrupt
