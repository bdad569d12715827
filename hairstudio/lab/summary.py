"""A store's figures in one table: schedules against each other, attribute by attribute."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import median

from hairstudio.lab.store import Provenance

COLUMNS = {"unedited": "unedited dB", "outside": "outside dB", "cost": "edit costs dB",
           "apart": "apart dB", "inside": "inside", "latent": "latent/reach", "drift": "drift IOD",
           "reached": "reached"}  # fmt: skip
"""Of the figures; medians are shown. ``cost``: how much worse the photo is matched outside the
region than without an edit."""


def as_text(pairs: Iterable[Provenance]) -> str:
    """A row for each attribute and schedule; "" for no pairs."""
    groups = defaultdict[tuple[str, str], list[Provenance]](list)
    for pair in pairs:
        groups[pair.attribute, pair.schedule].append(pair)
    if not groups:
        return ""
    head = ("medians", "pairs", "good", *COLUMNS.values(), "gates failed")
    rows = [head, *(_row(*key, group) for key, group in sorted(groups.items()))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _row(attribute: str, schedule: str, group: list[Provenance]) -> tuple[str, ...]:
    good = sum(not pair.failed for pair in group)
    values = [_median(group, name) for name in COLUMNS]
    return f"{attribute}, {schedule}", str(len(group)), str(good), *values, _failed(group)


def _failed(group: list[Provenance]) -> str:
    counts = Counter(gate for pair in group for gate in pair.failed)
    return ", ".join(f"{gate} {count}" for gate, count in counts.most_common())


def _known(pair: Provenance) -> dict[str, float]:
    figures = pair.figures
    if not figures:
        return {}
    return figures | {
        "cost": figures["unedited_outside"] - figures["outside"],
        "latent": max(figures["distance"], figures["distance_source"]) / figures["reach"],
    }


def _median(group: list[Provenance], name: str) -> str:
    known = [figures[name] for pair in group if name in (figures := _known(pair))]
    return f"{median(known):.3g}" if known else "-"
