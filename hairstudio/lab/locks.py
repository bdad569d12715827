"""Locks between processes: a file that is locked until it is closed, also by the process's end."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

PAUSE = 0.02  # seconds between two tries for a lock that is taken


@contextmanager
def lock(path: Path, *, wait: bool = False) -> Generator[bool]:
    """Whether this process has the lock now; with ``wait`` it always has, sooner or later."""
    with path.open("a+b") as file:
        taken = _try(file.fileno())
        while wait and not taken:
            time.sleep(PAUSE)
            taken = _try(file.fileno())
        try:
            yield taken
        finally:
            if taken:
                _release(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _try(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # the byte at the start: the file is empty
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
