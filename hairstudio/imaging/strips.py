"""Compiled loops over the rows of a large picture, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hairstudio.imaging.checkpoint import checkpoint

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
    with ThreadPoolExecutor(min(len(strips), os.cpu_count() or 1)) as pool:
        for done in [pool.submit(work, *strip) for strip in strips]:
            done.result()
