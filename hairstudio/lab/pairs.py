"""One pair: a photo reconstructed as it is (source) and with an attribute changed (target).

Both are found by the same schedule. The target's search begins where the source's ended, so that
the pair differs by the attribute alone. Pictures and figures are the generator's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from hairstudio.editing.engine import Engine, installed_assets
from hairstudio.errors import UserError
from hairstudio.imaging.photo import read_photo
from hairstudio.lab import gates, references, state_file
from hairstudio.lab.gates import Figures
from hairstudio.lab.latent import open_space
from hairstudio.lab.live import Live
from hairstudio.lab.measure import Ruler, pixels_of
from hairstudio.lab.messages import TARGET_SHARE
from hairstudio.lab.reconstruct import (
    COMBINED,
    SCHEDULES,
    Problem,
    Reconstruction,
    Schedule,
    State,
    unedited,
)
from hairstudio.lab.references import Face, Reference
from hairstudio.lab.store import Provenance, Store
from hairstudio.nets import perceptual, prior
from hairstudio.weights import perceptual as perceptual_weights
from hairstudio.weights import store as weights

SAVE_EVERY = 50  # steps

Progress = Callable[[str, int, int, dict[str, float]], None]
"""Gets "source" or "target", the step, the steps there are, and the losses."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A pair to be made. ``photo``, ``donor``: files; see ``Provenance``."""

    photo: str
    attribute: str
    value: str = ""
    donor: str = ""
    seed: int = 0
    person: str = ""
    licence: str = "unknown"


@dataclass(frozen=True, eq=False)
class Found:
    """``v``: (1, styles, d) whitened latent; ``noises``: planes, [] = the prior's own;
    ``picture``: (1, 3, R, R), raw."""

    v: Tensor
    noises: list[Tensor]
    picture: Tensor
    losses: dict[str, float]


class Maker:
    """Makes pairs with one prior and one schedule."""

    def __init__(self, path: Path, schedule: str, steps: int | None = None) -> None:
        """``steps``: of the source's search, None for the schedule's own. Raises UserError for a
        file that is no prior and for missing model files."""
        assets = installed_assets()
        self.engine, self.ruler = Engine(assets), Ruler(assets)
        self.generator = prior.load(path)
        self.space = open_space(self.generator, path)
        judge = perceptual_weights.path()
        self.features = perceptual.load(judge)
        self.prior, self.perceptual = weights.sha256(path), weights.sha256(judge)
        self.schedule = scheduled(schedule, steps)

    @property
    def side(self) -> int:
        return self.generator.config.resolution

    def provenance(self, work: Work) -> Provenance:
        """What is known before the pair is made. Raises UserError for a missing photo."""
        return Provenance(
            photo=_hash(work.photo), donor=_hash(work.donor), attribute=work.attribute,
            value=work.value, prior=self.prior, perceptual=self.perceptual,
            schedule=self.schedule.name, steps=self.schedule.steps, seed=work.seed,
            licence=work.licence, person=work.person or Path(work.photo).stem,
            name=Path(work.photo).name, donor_name=Path(work.donor).name,
        )  # fmt: skip

    def reference(self, work: Work) -> Reference:
        """Raises UserError, naming the photo, where the work cannot be done."""
        donor = self._face(work.donor) if work.donor else None
        face = self._face(work.photo)
        try:
            return references.make(self.engine, face, work.attribute, work.value, self.side, donor)
        except UserError as error:
            raise UserError(f"{work.photo}: {error}") from error

    def make(
        self, work: Work, store: Store, cancel: threading.Event,
        progress: Progress = lambda _phase, _step, _steps, _losses: None, live: Live | None = None,
    ) -> Provenance | None:  # fmt: skip
        """Make the pair and store it; None when cancelled before: what is done then is kept, and
        the next call goes on from there. Raises UserError where the work cannot be done."""
        known, reference = self.provenance(work), self.reference(work)
        problem = _problem(reference)
        run = _Run(self, store, known.id, work.seed, cancel, progress, live)
        if live is not None:
            live.begin(problem.original, problem.reference, problem.region)
        source = run.search("source", unedited(problem), inversion(self.schedule), None)
        if source is None:
            return None
        held = replace(problem, original=source.picture) if self.schedule.paired else problem
        start = renewed(source, problem.region, work.seed)
        target = run.search("target", held, targeted(self.schedule), start)
        if target is None:
            return None
        return self._store(store, known, problem, source, target)

    def figures(
        self, attribute: str, problem: Problem, source: Found, target: Found
    ) -> tuple[Figures, tuple[float | None, float | None]]:
        """What the gates look at, and the attribute before and after."""
        region = problem.region[0, 0].numpy()
        photo, before, after, wanted = (
            self.ruler.look(pixels_of(each[0]), region)
            for each in (problem.original, source.picture, target.picture, problem.reference)
        )
        strength = partial(self.ruler.strength, attribute)
        known = {"photo": strength(photo), "wanted": strength(wanted)}
        strengths = strength(before), strength(after)
        found = {
            **gates.of_pictures(problem, source.picture, target.picture),
            **gates.of_latents(self.space, source.v, target.v),
            **gates.of_faces(photo, before, after),
            **gates.reached(*strengths, known["wanted"]),
            **{name: value for name, value in known.items() if value is not None},
        }
        return {name: round(value, 4) for name, value in found.items()}, strengths

    def _store(
        self, store: Store, known: Provenance, problem: Problem, source: Found, target: Found
    ) -> Provenance:
        figures, measured = self.figures(known.attribute, problem, source, target)
        done = msgspec.structs.replace(
            known, measured=measured, losses=target.losses, figures=figures,
            failed=gates.failed(figures),
        )  # fmt: skip
        pictures = {
            "photo": pixels_of(problem.original[0]), "reference": pixels_of(problem.reference[0]),
            "source": pixels_of(source.picture[0]), "target": pixels_of(target.picture[0]),
            "region": (problem.region[0, 0].numpy() * 255).round().astype(np.uint8),
        }  # fmt: skip
        latents = {
            name: tensor
            for part, found in (("source", source), ("target", target))
            for name, tensor in self._latents(part, found)
        }
        store.add(done, pictures, latents)
        return done

    def _latents(self, part: str, found: Found) -> list[tuple[str, Tensor]]:
        noises = [(f"{part}.noise.{i}", noise) for i, noise in enumerate(found.noises)]
        return [(part, self.space.to_w(found.v)[0]), *noises]

    def _face(self, path: str) -> Face:
        photo = read_photo(Path(path))
        try:
            return Face.open(self.engine, photo)
        except UserError as error:
            raise UserError(f"{path}: {error}") from error


def scheduled(name: str, steps: int | None) -> Schedule:
    found = SCHEDULES[name]
    return found if steps is None else replace(found, steps=steps)


def inversion(schedule: Schedule) -> Schedule:
    """How the source is found. A schedule that moves some layers only begins with a photo that is
    inverted already."""
    return schedule if schedule.moving is None else replace(COMBINED, steps=schedule.steps)


def targeted(schedule: Schedule) -> Schedule:
    """How the target is found; it has less far to go."""
    return replace(schedule, steps=max(1, round(TARGET_SHARE * schedule.steps)))


def renewed(source: Found, region: Tensor, seed: int) -> Found:
    """With fresh noise in the region: the old one still shows what was there."""
    chance = torch.Generator().manual_seed(seed + 1)
    planes = list[Tensor]()
    for noise in source.noises:
        at = F.interpolate(region, noise.shape[2:], mode="area")
        planes.append(torch.lerp(noise, torch.randn(noise.shape, generator=chance), at))
    return replace(source, noises=planes)


@dataclass(frozen=True, eq=False)
class _Run:
    """The searches of one pair, each kept on disk while it is not done."""

    maker: Maker
    store: Store
    identity: str
    seed: int
    cancel: threading.Event
    progress: Progress
    live: Live | None

    def search(
        self, phase: str, problem: Problem, schedule: Schedule, start: Found | None
    ) -> Found | None:
        """Go on where an earlier process stopped; None when cancelled."""
        maker, noises = self.maker, [] if start is None else start.noises
        search = Reconstruction(
            maker.generator, maker.space, maker.features, problem, schedule, self.seed, noises
        )
        path = self.store.search(self.identity, phase)
        begun = path.exists()
        state = state_file.load(path) if begun else search.begin(start and start.v, noises)

        def each(step: int, found: dict[str, float]) -> None:
            if step % SAVE_EVERY == 0 or step == 1:
                state_file.save(state, path)
            self.progress(phase, step, schedule.steps, found)
            if self.live is not None:
                self.live.step(phase, step, lambda: search.picture(*search.solution(state)))

        done = search.run(state, self.cancel, each)
        state_file.save(state, path)
        return _found(search, state) if done else None


def _found(search: Reconstruction, state: State) -> Found:
    v, noises = search.solution(state)
    last = min(state.history, key=lambda entry: entry["total"])
    return Found(v, noises, search.picture(v, noises), last)


def _problem(reference: Reference) -> Problem:
    return Problem(
        _tensor(reference.original) * 2 - 1, _tensor(reference.rgb) * 2 - 1,
        _tensor(reference.region[..., None]), reference.factor,
    )  # fmt: skip


def _tensor(pixels: NDArray[np.float32]) -> Tensor:
    """(h, w, c) -> (1, c, h, w)."""
    return torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]


def _hash(path: str) -> str:
    """sha256 of a file, "" for none."""
    if not path:
        return ""
    try:
        return weights.sha256(Path(path))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
