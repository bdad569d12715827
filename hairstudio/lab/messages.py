"""What lab processes say to those who started them, and are asked: JSON, one object a line.

Loads neither torch nor Qt, so that the app's own process can read it. Pictures are raw pixels:
whoever shows them need not decode.
"""

from __future__ import annotations

import msgspec

MIDDLE_SHARE = 0.1
"""Steps of a middle's search over those of its source's, or its target's."""


class Picture(msgspec.Struct, frozen=True):
    """``rgb``: width x height x 3 bytes."""

    width: int
    height: int
    rgb: bytes


class _OfPair(msgspec.Struct, frozen=True):
    pair: str
    photo: str


class _OfGrid(msgspec.Struct, frozen=True):
    """The ids of two pairs."""

    first: str
    second: str


class _AtPlace(msgspec.Struct, frozen=True):
    degree: float
    identity: float


class Stepped(_OfPair, frozen=True, tag="step"):
    """A search is at ``step`` of ``steps``; ``phase``: source, target or middle."""

    phase: str
    step: int
    steps: int
    losses: dict[str, float]


class Shown(_OfPair, frozen=True, tag="shown"):
    """What a search looks like: ``original`` and ``reference`` at its start, ``current`` now and
    then. ``step``: of ``phase``."""

    phase: str
    step: int
    pictures: dict[str, Picture]


class Made(_OfPair, frozen=True, tag="made"):
    """A pair is in the store; ``failed``: gates that it did not pass."""

    figures: dict[str, float]
    failed: tuple[str, ...]


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A pair cannot be made, and why."""

    photo: str
    reason: str


class Preparing(msgspec.Struct, frozen=True, tag="preparing"):
    """A new prior is being measured; ``part``: how much of it is done, 0..1."""

    part: float


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The process cannot work at all."""

    reason: str


Event = Stepped | Shown | Made | Refused | Preparing
Line = Event | Failed


# the service: ``python -m hairstudio.lab.service``


class Look(msgspec.Struct, frozen=True, tag="look"):
    """Wants a small picture of a photo."""

    photo: str


class ListPairs(msgspec.Struct, frozen=True, tag="list"):
    """Wants the latest pairs of a store, without those that are known."""

    store: str
    known: tuple[str, ...] = ()
    most: int = 200


class Decide(msgspec.Struct, frozen=True, tag="decide"):
    """``verdict``: accepted, rejected or open."""

    store: str
    pair: str
    verdict: str


class Export(msgspec.Struct, frozen=True, tag="export"):
    """Wants a WebDataset; a file that exists is replaced."""

    store: str
    path: str


class OpenGrid(msgspec.Struct, frozen=True, tag="grid"):
    """Wants the grid between two pairs. ``prior``: a file, "" for the installed one."""

    store: str
    first: str
    second: str
    prior: str = ""


class SaveGrid(msgspec.Struct, frozen=True, tag="save"):
    """Wants the grid that was opened last as a picture; a file that exists is replaced."""

    path: str


class Point(_AtPlace, frozen=True, tag="point"):
    """Wants a place in the grid that was opened last. The latest one wins."""


Request = Look | ListPairs | Decide | Export | OpenGrid | SaveGrid | Point


class Looked(msgspec.Struct, frozen=True, tag="looked"):
    """``picture``: None where the photo cannot be read; ``reason`` says why."""

    photo: str
    picture: Picture | None
    reason: str = ""


class Card(msgspec.Struct, frozen=True):
    """A pair of the gallery."""

    pair: str
    name: str
    attribute: str
    value: str
    schedule: str
    prior: str
    figures: dict[str, float]
    failed: tuple[str, ...]
    verdict: str
    source: Picture
    target: Picture


class Listed(msgspec.Struct, frozen=True, tag="listed"):
    """The cards that were not known."""

    store: str
    cards: tuple[Card, ...]


class Decided(msgspec.Struct, frozen=True, tag="decided"):
    pair: str
    verdict: str


class Exported(msgspec.Struct, frozen=True, tag="exported"):
    path: str
    count: int


class GridOpened(_OfGrid, frozen=True, tag="grid"):
    """``cells``: a..i."""

    cells: tuple[Picture, ...]


class GridMeasured(_OfGrid, frozen=True, tag="measured"):
    """By cell a..i: the attribute (None where it cannot be seen) and the drift of the identity;
    ``findings``: by code, the letters of the cells concerned."""

    unit: str
    values: tuple[float | None, ...]
    drifts: tuple[float, ...]
    findings: dict[str, str]


class GridSaved(msgspec.Struct, frozen=True, tag="saved"):
    path: str


class PointShown(_AtPlace, frozen=True, tag="point"):
    """``sharp``: at the prior's resolution; a coarser one came before."""

    picture: Picture
    sharp: bool
    ms: float


class Problem(msgspec.Struct, frozen=True, tag="problem"):
    """A request that could not be done; ``request``: its tag, "measure" for what follows a grid."""

    request: str
    reason: str


Answer = (
    Looked | Listed | Decided | Exported | GridOpened | GridMeasured | GridSaved | PointShown
    | Problem
)  # fmt: skip
