"""Pairs multiplied by interpolation of their latents: within a pair (degree), between two pairs
(identity), and between the results: the article's grid

    a b c      a, g: source and target of the first pair; c, i: of the second
    d e f      rows: degree of the attribute; columns: identity
    g h i      d, f within the pairs, b, h between them, e between the results

Interpolation is linear in whitened P space, where latents are nearly Gaussian; within a pair, it
follows a parabola through the middle where one was searched for: on a straight line all that the
two ends have in common moves and comes back. What is seen of the attribute is not linear along it
(a fringe appears late, at once): a pair may know at which places it is a quarter, a half and three
quarters there, and its degree then means that.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

LETTERS = "abcdefghi"
STEPS = 3
NOISE = 0.02  # of a column's change of the attribute: a step back so small is not seen
MOST_DRIFT = 0.25  # of the distance between the two people
PARTS = (0.25, 0.5, 0.75)  # of a pair's change, whose places are known
NOT_MONOTONE, DRIFTS = "not_monotone", "identity_drifts"


@dataclass(frozen=True, eq=False)
class Pair:
    """One person without and with an attribute: whitened latents (styles, d) each; ``middle``:
    half-way, None for the mean of both; ``places``: see ``places_of``."""

    source: Tensor
    target: Tensor
    middle: Tensor | None = None
    places: Sequence[float] = PARTS

    def at(self, degree: float) -> Tensor:
        """0 = source, 1 = target; beyond that it extrapolates."""
        if 0 < degree < 1:
            degree = float(np.interp(degree, (0, *PARTS, 1), (0, *self.places, 1)))
        return self.on_path(degree)

    def on_path(self, place: float) -> Tensor:
        """0 = source, .5 = middle, 1 = target; straight beyond."""
        straight = torch.lerp(self.source, self.target, place)
        if self.middle is None:
            return straight
        bend = self.middle - (self.source + self.target) / 2
        return straight + max(0.0, 4 * place * (1 - place)) * bend


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


def places_of(values: Sequence[float | None]) -> tuple[float, ...]:
    """Where between source and target (0..1) the attribute has changed by PARTS for good.

    ``values``: of the attribute, evenly spaced from source to target, None where it is not seen.
    Never decreasing; PARTS themselves where the attribute does not change.
    """
    at = np.linspace(0, 1, len(values))
    known = [(place, value) for place, value in zip(at, values, strict=True) if value is not None]
    if values[0] is None or values[-1] is None or values[0] == values[-1]:
        return PARTS
    shares = [(place, (value - values[0]) / (values[-1] - values[0])) for place, value in known]
    return tuple(round(_last_crossing(shares, part), 4) for part in PARTS)


def _last_crossing(shares: Sequence[tuple[float, float]], part: float) -> float:
    steps = list(itertools.pairwise(shares))
    (x, low), (y, high) = next(step for step in reversed(steps) if step[0][1] < part)
    return float(x + (y - x) * (part - low) / (high - low))


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
