"""Pairs multiplied by interpolation of their latents: within a pair (degree), between two pairs
(identity), and between the results: the article's grid

    a b c      a, g: source and target of the first pair; c, i: of the second
    d e f      rows: degree of the attribute; columns: identity
    g h i      d, f within the pairs, b, h between them, e between the results

Interpolation is linear in whitened P space, where latents are nearly Gaussian.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

LETTERS = "abcdefghi"
STEPS = 3
NOISE = 0.02  # of a column's change of the attribute: a step back so small is not seen
MOST_DRIFT = 0.25  # of the distance between the two people
NOT_MONOTONE, DRIFTS = "not_monotone", "identity_drifts"


@dataclass(frozen=True, eq=False)
class Pair:
    """One person without and with an attribute: whitened latents (styles, d) each."""

    source: Tensor
    target: Tensor

    def at(self, degree: float) -> Tensor:
        """0 = source, 1 = target; beyond that it extrapolates."""
        return torch.lerp(self.source, self.target, degree)


@dataclass(frozen=True)
class Cell:
    """``degree``, ``identity``: 0..1; ``value``: the measured attribute; ``drift``: how far the
    identity is from where its column should be, over the distance of the two people."""

    letter: str
    degree: float
    identity: float
    value: float
    drift: float


@dataclass(frozen=True)
class Finding:
    """``code``: NOT_MONOTONE or DRIFTS; ``cells``: their letters."""

    code: str
    cells: str
    text: str


def point(first: Pair, second: Pair, degree: float, identity: float) -> Tensor:
    """(styles, d) of a place in the grid; ``degree`` and ``identity`` 0..1."""
    return torch.lerp(first.at(degree), second.at(degree), identity)


def grid(first: Pair, second: Pair) -> Tensor:
    """(9, styles, d): a..i."""
    parts = [step / (STEPS - 1) for step in range(STEPS)]
    return torch.stack([point(first, second, d, i) for d in parts for i in parts])


def measured(values: Sequence[float], faces: Sequence[Tensor]) -> tuple[Cell, ...]:
    """The nine cells: ``values`` of the attribute, in its own unit, nan where it cannot be seen;
    ``faces``: features of each picture's face."""
    people = float((faces[2] - faces[0]).norm()) + 1e-9
    cells = list[Cell]()
    for index, (letter, value) in enumerate(zip(LETTERS, values, strict=True)):
        degree, share = index // STEPS / (STEPS - 1), index % STEPS / (STEPS - 1)
        drift = float((faces[index] - faces[index % STEPS]).norm()) / people
        cells.append(Cell(letter, degree, share, value, drift))
    return tuple(cells)


def findings(cells: Sequence[Cell]) -> tuple[Finding, ...]:
    """What is wrong with a grid: columns whose attribute goes back and forth along the degree, and
    cells whose face is not that of their column's source any more."""
    found = list[Finding]()
    for column in range(STEPS):
        line = cells[column::STEPS]
        if not monotone([cell.value for cell in line], NOISE):
            letters = "".join(cell.letter for cell in line)
            values = ", ".join(f"{cell.value:.2f}" for cell in line)
            found.append(Finding(NOT_MONOTONE, letters, f"{letters}: {values} along the degree"))
    drifting = [cell for cell in cells if cell.drift > MOST_DRIFT]
    if drifting:
        letters = "".join(cell.letter for cell in drifting)
        most = max(cell.drift for cell in drifting)
        text = f"{letters}: the face changes by {most:.0%} of the way to the other person"
        found.append(Finding(DRIFTS, letters, text))
    return tuple(found)


def monotone(values: Sequence[float], noise: float = 0.0) -> bool:
    """Whether no step goes back by more than ``noise`` of the whole change; False for nan."""
    steps = [after - before for before, after in itertools.pairwise(values)]
    most = noise * abs(values[-1] - values[0])
    return all(step >= -most for step in steps) or all(step <= most for step in steps)
