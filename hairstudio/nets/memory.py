"""Memory between one tensor and the next."""

from __future__ import annotations

import ctypes
import platform

_TRIM, _MMAP = -1, -3  # glibc's malloc.h
BLOCK, KEPT = 64 << 20, 768 << 20


def keep_freed() -> None:
    """Keep up to 768 MB of freed memory for the next tensors.

    By default glibc gives large blocks back, and the kernel clears them before their next use:
    up to an eighth of a generator's time. Blocks of 64 MB or more are still given back: where they
    were, holes would stay that the next larger one does not fit. With other C libraries nothing
    happens.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP, BLOCK)
        libc.mallopt(_TRIM, KEPT)
