"""The pairs of a store against the three direct methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from hairstudio.editing.engine import installed_assets
from hairstudio.errors import UserError
from hairstudio.lab.directions import labelled
from hairstudio.lab.directions.direction import Direction, Start
from hairstudio.lab.directions.entanglement import Score, change_outside, matched, score
from hairstudio.lab.directions.methods import METHODS, find
from hairstudio.lab.measure import Ruler, pixels_of
from hairstudio.lab.store import Provenance, Store
from hairstudio.lab.survey import SHOWS_NOTHING
from hairstudio.nets import prior
from hairstudio.nets.stylegan2 import Generator, SynthesisLayer
from hairstudio.weights import store as weights

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Case:
    """A stored pair: its source's latents, the pictures (1, 3, R, R), the measured change."""

    start: Start
    source: Tensor
    target: Tensor
    region: Tensor
    before: float
    change: float


def compare(
    store: Store, attribute: str, schedule: str, path: Path, methods: Sequence[str], samples: int,
    progress: Progress = lambda _text, _part: None,
) -> list[Score]:  # fmt: skip
    """One score for each method, over the pairs of ``attribute`` that the prior ``path`` made with
    ``schedule``.

    Raises UserError where there are none, and where the attribute has no label.
    """
    if attribute not in labelled.WITHOUT_REGION:
        raise UserError(f"{attribute} cannot be labelled in a picture that nobody edited")
    generator, ruler = prior.load(path), Ruler(installed_assets())
    cases = list(_cases(store, (attribute, schedule, weights.sha256(path)), generator))
    if not cases:
        raise UserError(f"{store.folder}: no pairs of {attribute} by this prior whose change shows")
    known = labelled.remembered(
        generator, ruler, samples, path, lambda part: progress("samples", part)
    )
    found = [find(method, generator, known, attribute) for method in methods]
    return [_judged(each, generator, ruler, attribute, cases, progress) for each in found]


def _judged(
    direction: Direction, generator: Generator, ruler: Ruler, attribute: str,
    cases: Sequence[Case], progress: Progress,
) -> Score:  # fmt: skip
    ours, theirs = list[float](), list[float]()
    for index, case in enumerate(cases):
        progress(direction.method, index / len(cases))

        def measure(amount: float, case: Case = case) -> float | None:
            picture = direction.picture(generator, case.start, amount)
            seen = ruler.look(pixels_of(picture[0]), case.region[0, 0].numpy())
            value = ruler.strength(attribute, seen)
            return None if value is None else value - case.before

        amount = matched(measure, case.change)
        if amount is not None:
            made = direction.picture(generator, case.start, amount)
            ours.append(change_outside(case.source, case.target, case.region))
            theirs.append(change_outside(case.source, made, case.region))
    return score(direction.method, len(cases), ours, theirs)


def _cases(store: Store, wanted: tuple[str, str, str], generator: Generator) -> Iterator[Case]:
    """``wanted``: attribute, schedule, hash of the prior."""
    for identity, pair in store.index().items():
        before, after = pair.measured
        ours = (pair.attribute, pair.schedule, pair.prior) == wanted
        shown = not SHOWS_NOTHING & set(pair.failed)
        if ours and shown and before is not None and after is not None and before != after:
            yield _case(store, identity, pair, generator)


@torch.no_grad()
def _case(store: Store, identity: str, pair: Provenance, generator: Generator) -> Case:
    tensors = load_file(store.file(identity, "latents.safetensors"))
    starts = [Start(tensors[part][None], _noises(tensors, part, generator))
              for part in ("source", "target")]  # fmt: skip
    source, target = (generator.synthesis(each.ws, each.noise) for each in starts)
    with Image.open(store.file(identity, "region.png")) as image:
        region = torch.from_numpy(np.asarray(image, np.float32) / np.float32(255))
    before, after = pair.measured
    assert before is not None and after is not None
    return Case(starts[0], source, target, region[None, None], before, after - before)


def _noises(tensors: dict[str, Tensor], part: str, generator: Generator) -> list[Tensor]:
    layers = [layer for layer in generator.synthesis.layers if isinstance(layer, SynthesisLayer)]
    return [tensors.get(f"{part}.noise.{i}", layer.noise) for i, layer in enumerate(layers)]


ALL_METHODS = tuple(METHODS)
