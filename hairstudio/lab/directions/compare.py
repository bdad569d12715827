"""The pairs of a store against the three direct methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

from hairstudio.editing.engine import installed_assets
from hairstudio.errors import UserError
from hairstudio.lab import gridding
from hairstudio.lab.directions import labelled
from hairstudio.lab.directions.direction import Direction, Start
from hairstudio.lab.directions.entanglement import (
    LEAST,
    Match,
    Score,
    change_outside,
    furthest,
    matched,
    score,
)
from hairstudio.lab.directions.methods import METHODS, find
from hairstudio.lab.latent import LatentSpace, open_space
from hairstudio.lab.measure import Ruler, Seen, pixels_of
from hairstudio.lab.store import Store
from hairstudio.lab.survey import SHOWS_NOTHING
from hairstudio.nets import prior
from hairstudio.nets.stylegan2 import Generator
from hairstudio.weights import store as weights

Progress = Callable[[str, float], None]


class Case:
    """A stored pair: its source, and what lies on the way to its target."""

    def __init__(
        self, identity: str, store: Store, generator: Generator, space: LatentSpace, ruler: Ruler
    ) -> None:  # fmt: skip
        self.identity, self._generator, self._space = identity, generator, space
        self._ruler, pair = ruler, store.read(identity)
        self._v, self._planes = gridding.latents(store, identity, space, generator)
        region = torch.from_numpy(gridding.region_of(store, identity))
        self._region, self.attribute = region[None, None], pair.attribute
        before, after = pair.measured
        assert before is not None and after is not None
        self._before, self.change = before, after - before
        self._known: dict[float, float | None] = {0.0: 0.0, 1.0: self.change}
        self._source = self._look(self.picture(0))

    @property
    def start(self) -> Start:
        return self._at(0)

    def _at(self, degree: float) -> Start:
        noises = [plane.at(degree)[None] for plane in self._planes]
        return Start(self._space.to_w(self._v.at(degree)[None]), noises)

    @torch.no_grad()
    def picture(self, degree: float) -> Tensor:
        """(1, 3, R, R) on the way from source (0) to target (1)."""
        start = self._at(degree)
        return self._generator.synthesis(start.ws, start.noise)

    def change_of(self, picture: Tensor) -> float | None:
        """Of the attribute, since the source; None where it cannot be seen."""
        value = self._ruler.strength(self.attribute, self._look(picture), self._source)
        return None if value is None else value - self._before

    def _look(self, picture: Tensor) -> Seen:
        return self._ruler.look(pixels_of(picture[0]), self._region[0, 0].numpy())

    def measure(self, degree: float) -> float | None:
        """The change at a degree."""
        if degree not in self._known:
            self._known[degree] = self.change_of(self.picture(degree))
        return self._known[degree]

    def outside(self, picture: Tensor) -> float:
        """What else has changed since the source."""
        return change_outside(self.picture(0), picture, self._region)


def compare(
    store: Store, attribute: str, schedule: str, path: Path, methods: Sequence[str], samples: int,
    progress: Progress = lambda _text, _part: None,
) -> list[Score]:  # fmt: skip
    """One score for each method, over the pairs of ``attribute`` that the prior ``path`` made with
    ``schedule``.

    Raises UserError where there are none, and where the attribute has no label.
    """
    labels_for(attribute)
    generator, ruler = prior.load(path), Ruler(installed_assets())
    space = open_space(generator, path)
    found = _shown(store, (attribute, schedule, weights.sha256(path)))
    cases = [Case(identity, store, generator, space, ruler) for identity in found]
    if not cases:
        raise UserError(f"{store.folder}: no pairs of {attribute} by this prior whose change shows")
    usual = median(abs(case.change) for case in cases)
    cases = [case for case in cases if abs(case.change) >= LEAST * usual]
    known = labelled.remembered(
        generator, ruler, samples, path, lambda part: progress("samples", part)
    )
    directions = [find(method, generator, known, attribute) for method in methods]
    matches = list[Match]()
    for index, case in enumerate(cases):
        progress("faces", index / len(cases))
        matches += filter(None, (judged(each, generator, case) for each in directions))
    return [score(method, len(cases), [each for each in matches if each.method == method])
            for method in methods]  # fmt: skip


def labels_for(attribute: str) -> None:
    """Raises UserError where pictures cannot be labelled with the attribute."""
    if attribute not in labelled.WITHOUT_REGION:
        raise UserError(f"{attribute} cannot be labelled in a picture that nobody edited")


def judged(direction: Direction, generator: Generator, case: Case) -> Match | None:
    """The direction and the pair at the largest change of the attribute that both show; None where
    the direction hardly changes it."""
    start = case.start

    def picture(amount: float) -> Tensor:
        return direction.picture(generator, start, amount)

    theirs = furthest(lambda amount: case.change_of(picture(amount)), case.change)
    if theirs is None:
        return None
    amount, change = theirs
    ours = matched(case.measure, change, (0.0, 0.0), (1.0, case.change))
    if ours is None:
        return None
    return Match(direction.method, case.identity, change / case.change,
                 case.outside(case.picture(ours[0])), case.outside(picture(amount)))  # fmt: skip


def _shown(store: Store, wanted: tuple[str, str, str]) -> Iterator[str]:
    """``wanted``: attribute, schedule, hash of the prior."""
    for identity, pair in store.index().items():
        before, after = pair.measured
        ours = (pair.attribute, pair.schedule, pair.prior) == wanted
        shown = not SHOWS_NOTHING & set(pair.failed)
        if ours and shown and before is not None and after is not None and before != after:
            yield identity


ALL_METHODS = tuple(METHODS)
