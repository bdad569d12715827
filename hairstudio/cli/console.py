"""Messages for the person at the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Self

WIDTH = 24


class Bar:
    """A progress line on stderr that replaces itself; silent when stderr is no terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def show(self, text: str, fraction: float) -> None:
        done = round(WIDTH * min(max(fraction, 0.0), 1.0))
        self._write(f"[{'#' * done}{'.' * (WIDTH - done)}] {text}")

    def _write(self, line: str) -> None:
        if self._live:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


@contextmanager
def native_noise_muted() -> Generator[None]:
    """Drop what C++ libraries write to file descriptor 2 (mediapipe has no switch for it).

    Python's own ``sys.stderr`` goes on to the terminal.
    """
    ours, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    before = sys.stderr
    try:
        with os.fdopen(os.dup(2), "w", 1, errors="backslashreplace") as sys.stderr:
            os.dup2(sink, 2)
            yield
    finally:
        sys.stderr = before
        os.dup2(ours, 2)
        os.close(ours)
        os.close(sink)
