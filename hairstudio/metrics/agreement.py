"""Did the face around the edit stay what it was, in the eyes of the parsing network?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_CHANGED = 0.005


@dataclass(frozen=True)
class ClassChange:
    """``share`` of the ``outside`` pixels outside the edit that changed their class, 0..1."""

    share: float
    outside: int

    @property
    def passed(self) -> bool:
        return self.share <= MAX_CHANGED


def class_change(
    before: NDArray[np.integer], after: NDArray[np.integer], support: NDArray[np.generic]
) -> ClassChange:
    """Compare two (H, W) class maps where ``support`` (H, W) is 0. An edit of everything has no
    outside, so nothing changed there."""
    outside = support == 0
    total = int(np.count_nonzero(outside))
    changed = int(np.count_nonzero((before != after) & outside))
    return ClassChange(changed / max(total, 1), total)
