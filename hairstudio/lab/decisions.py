"""What people decided about pairs: a file in the store to which lines are only appended.

The last line about a pair counts; a torn one, left by a crash, counts for nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hairstudio.errors import UserError
from hairstudio.lab.locks import lock
from hairstudio.lab.store import Store

FILE = "decisions.jsonl"
ACCEPTED, REJECTED, OPEN = VERDICTS = ("accepted", "rejected", "open")


class _Line(msgspec.Struct, frozen=True):
    pair: str
    verdict: str


def read(store: Store) -> dict[str, str]:
    """accepted or rejected by pair; those that are open are left out."""
    found = {line.pair: line.verdict for line in _lines(store.folder / FILE)}
    return {pair: verdict for pair, verdict in found.items() if verdict in (ACCEPTED, REJECTED)}


def decide(store: Store, pair: str, verdict: str) -> None:
    """Keep a verdict. Raises UserError for a pair that is not there and where it cannot be
    written."""
    if verdict not in VERDICTS or pair not in store:
        raise UserError(f"{store.folder}: {pair} cannot be {verdict}")
    data = msgspec.json.encode(_Line(pair, verdict)) + b"\n"
    path = store.folder / FILE
    try:
        with lock(store.folder / "claims" / ".decisions", wait=True), path.open("a+b") as file:
            file.write(b"" if _whole(path) else b"\n")
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror}") from error


def _whole(path: Path) -> bool:
    """Whether the file ends with the end of a line."""
    data = path.read_bytes()
    return not data or data.endswith(b"\n")


def _lines(path: Path) -> Iterator[_Line]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError:
            continue
