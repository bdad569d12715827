"""Compiled loops over the rows of a large picture and other work without the GIL, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hairstudio.imaging.checkpoint import checkpoint

T = TypeVar("T")
R = TypeVar("R")
ROWS = 256


def in_strips(rows: int, work: Callable[[int, int], object]) -> None:
    """``work(first, last)`` for strips of rows that together are 0 .. ``rows``.

    For kernels, which run without the GIL. Threads of our own rather than numba's, whose pool
    must not be entered from two threads at once.
    """
    checkpoint()
    strips = [(first, min(first + ROWS, rows)) for first in range(0, rows, ROWS)]
    if len(strips) == 1:
        work(0, rows)
        return
    in_parallel(lambda strip: work(*strip), strips)


def in_parallel(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What ``work`` makes of each, on all cores. Raises what it raises."""
    with ThreadPoolExecutor(max(1, min(len(items), os.cpu_count() or 1))) as pool:
        return list(pool.map(work, items))
