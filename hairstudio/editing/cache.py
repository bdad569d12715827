"""A least-recently-used cache with a budget in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from hairstudio.portrait.analysis import Analysis


class Cache:
    """Keeps what fits into ``budget`` bytes of arrays; a single larger value is not kept."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.used = 0
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable) -> Any | None:
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][0]

    def put(self, key: Hashable, value: object) -> None:
        """Store or replace; sizes are measured now, lazily computed arrays included."""
        _, old = self._values.pop(key, (None, 0))
        size = array_bytes(value)
        self.used -= old
        if size <= self.budget:
            self._values[key] = value, size
            self.used += size
        while self.used > self.budget:
            _, (_, freed) = self._values.popitem(last=False)
            self.used -= freed


def array_bytes(value: object) -> int:
    """Bytes of all arrays that ``value`` holds; an analysis inside is shared and does not count."""
    return _count(value, set(), isinstance(value, Analysis))


def _count(item: object, seen: set[int], analyses: bool) -> int:
    if id(item) in seen or (isinstance(item, Analysis) and not analyses):
        return 0
    seen.add(id(item))
    if isinstance(item, np.ndarray):
        return item.nbytes
    return sum(_count(part, seen, analyses) for part in _parts(item))


def _parts(item: object) -> Iterable[object]:
    if isinstance(item, (tuple, list)):
        return item
    return vars(item).values() if hasattr(item, "__dict__") else ()
