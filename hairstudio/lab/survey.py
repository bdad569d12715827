"""Many grids of a store: how often the attribute is monotone along the degree, and how far the
faces drift on the way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hairstudio.errors import UserError
from hairstudio.lab.between import Between
from hairstudio.lab.gridding import Grid
from hairstudio.lab.interpolate import MOST_DRIFT, NOISE, NOT_MONOTONE, STEPS, monotone
from hairstudio.lab.latent import open_space
from hairstudio.lab.store import Store
from hairstudio.nets import prior
from hairstudio.weights import store as weights

SHOWS_NOTHING = {"attribute", "face"}
"""Gates that a pair must pass to have a degree that can be measured."""


@dataclass(frozen=True)
class Survey:
    """Over ``grids``, each of two different people: ``monotone`` of ``columns``, and ``strictly``
    so, without regard to noise; ``drifts``: of all cells that are not sources, over the distance of
    the two people (bound: MOST_DRIFT); ``backwards``: the attribute along the columns that are not
    monotone."""

    attribute: str
    grids: int
    columns: int
    monotone: int
    strictly: int
    drifts: tuple[float, ...]
    backwards: tuple[tuple[float, ...], ...] = ()

    @property
    def share(self) -> float:
        return self.monotone / self.columns

    def as_text(self) -> str:
        middle, high = np.percentile(self.drifts, [50, 95])
        within = float(np.mean(np.array(self.drifts) <= MOST_DRIFT))
        return (
            f"{self.attribute}: {self.grids} grids, {self.monotone} of {self.columns} columns"
            f" monotone ({self.share:.1%}; {self.strictly} if steps back below {NOISE:.0%} of the"
            f" change count); identity drift {middle:.2f}, 95 % below {high:.2f},"
            f" {within:.1%} of cells within the bound of {MOST_DRIFT}"
        )


def survey(
    store: Store, attribute: str, schedule: str, path: Path, rounds: int,
    progress: Callable[[float], None] = lambda _part: None,
) -> Survey:  # fmt: skip
    """``rounds``: how many grids each pair is in; ``path``: the prior that made them.

    Raises UserError for fewer than two pairs that show the attribute.
    """
    grids, couples = list[Grid](), list(_couples(_shown(store, attribute, schedule, path), rounds))
    if not couples:
        raise UserError(f"{store.folder}: fewer than two pairs by this prior show {attribute}")
    generator = prior.load(path)
    space = open_space(generator, path)
    for first, second in couples:
        progress(len(grids) / len(couples))
        between = Between(store, first, second, path, generator, space)
        grids += (grid for grid in between.grid() if grid is not None)
    backwards = tuple(
        tuple(cell.value for cell in grid.cells if cell.letter in finding.cells)
        for grid in grids for finding in grid.findings if finding.code == NOT_MONOTONE
    )  # fmt: skip
    drifts = tuple(cell.drift for grid in grids for cell in grid.cells[STEPS:])
    columns = STEPS * len(grids)
    lines = [[c.value for c in grid.cells[i::STEPS]] for grid in grids for i in range(STEPS)]
    return Survey(attribute, len(grids), columns, columns - len(backwards),
                  sum(map(monotone, lines)), drifts, backwards)  # fmt: skip


def _shown(store: Store, attribute: str, schedule: str, path: Path) -> dict[str, str]:
    """The pairs in which the attribute changes to be seen, and who is on them."""
    wanted = attribute, schedule, weights.sha256(path)
    return {
        identity: pair.person for identity, pair in store.index().items()
        if (pair.attribute, pair.schedule, pair.prior) == wanted
        and not SHOWS_NOTHING & set(pair.failed)
    }  # fmt: skip


def _couples(people: dict[str, str], rounds: int) -> Iterator[tuple[str, str]]:
    """In each round every pair meets one of another person, by chance; none may be left over."""
    for seed in range(rounds):
        order = list(people)
        random.Random(seed).shuffle(order)
        yield from _of_two(order, people)


def _of_two(order: Sequence[str], people: dict[str, str]) -> Iterator[tuple[str, str]]:
    return (
        (first, second) for first, second in zip(order[::2], order[1::2], strict=False)
        if people[first] != people[second]
    )  # fmt: skip
