"""The one decorator for compiled loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from hairstudio import settings

settings.use_numba_cache()  # numba reads its environment when it is imported

import numba  # noqa: E402

F = TypeVar("F", bound=Callable[..., object])


def kernel(*, parallel: bool = False, fastmath: bool = True) -> Callable[[F], F]:
    """Compile with numba, without the GIL, cached on disk.

    Without ``nogil`` a kernel freezes the GUI thread for as long as it runs. Parallel
    kernels may be called from the engine thread only: numba's thread pool is not reentrant.
    """

    def compile_(function: F) -> F:
        jit = numba.njit(nogil=True, cache=True, parallel=parallel, fastmath=fastmath)
        return cast(F, jit(function))

    return compile_
