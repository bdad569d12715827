"""What all tasks have."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False, kw_only=True)
class Base:
    """``document``: the number of the opened document that it belongs to: results for another are
    dropped."""

    document: int = 0
    cancel: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Progress:
    """``stage``: words for the status bar; ``fraction`` 0..1, None when nobody knows."""

    stage: str
    fraction: float | None = None
