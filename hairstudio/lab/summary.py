"""A store's figures in one table: schedules against each other, attribute by attribute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from hairstudio.lab.store import Provenance

COLUMNS = {"unedited": "unedited dB", "outside": "outside dB", "apart": "apart dB",
           "inside": "inside", "distance": "latent/reach", "drift": "drift IOD",
           "reached": "reached"}  # fmt: skip
"""Of the figures; medians are shown."""


def as_text(pairs: Iterable[Provenance]) -> str:
    """A row for each attribute and schedule; "" for no pairs."""
    groups = defaultdict[tuple[str, str], list[Provenance]](list)
    for pair in pairs:
        groups[pair.attribute, pair.schedule].append(pair)
    if not groups:
        return ""
    head = ("medians", "pairs", "good", *COLUMNS.values())
    rows = [head, *(_row(*key, group) for key, group in sorted(groups.items()))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _row(attribute: str, schedule: str, group: list[Provenance]) -> tuple[str, ...]:
    good = sum(not pair.failed for pair in group)
    values = [_median(group, name) for name in COLUMNS]
    return f"{attribute}, {schedule}", str(len(group)), str(good), *values


def _median(group: list[Provenance], name: str) -> str:
    known = [p.figures[name] for p in group if name in p.figures]
    if name == "distance":
        known = [p.figures[name] / p.figures["reach"] for p in group if "reach" in p.figures]
    return f"{median(known):.3g}" if known else "-"
