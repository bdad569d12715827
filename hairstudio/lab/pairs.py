"""One pair: a photo reconstructed as it is (source) and with an attribute changed (target).

Both are found by the same schedule. The target's search begins where the source's ended, so that
the pair differs by the attribute alone; a latent half-way between them is searched for as well, so
that all between them does. Pictures and figures are the generator's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
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
from hairstudio.lab import encoding, gates, metric, references, state_file
from hairstudio.lab.gates import Figures
from hairstudio.lab.interpolate import PARTS, Pair, places_of
from hairstudio.lab.latent import open_space
from hairstudio.lab.live import Live
from hairstudio.lab.measure import Ruler, pixels_of
from hairstudio.lab.reconstruct import Losses, Problem, Reconstruction, State, unedited
from hairstudio.lab.references import Face, Reference
from hairstudio.lab.schedule import Schedule, edited, halfway, inversion, scheduled
from hairstudio.lab.store import Provenance, Store
from hairstudio.nets import perceptual, prior
from hairstudio.weights import perceptual as perceptual_weights
from hairstudio.weights import store as weights

SAVE_EVERY = 50  # steps
PHOTO_SHARE = 0.15  # of what a target is held to: the rest is its source's picture
BATCH_PIXELS = 4 * 256**2  # of pictures that are searched at once: more take too much memory

Progress = Callable[[int, str, int, int, dict[str, float]], None]
"""Gets the row, the search ("source", "target", "middle"), its step, the steps that there are, and
the losses."""


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
class Task:
    """A pair that can be made; ``known``: what is known of it beforehand."""

    work: Work
    known: Provenance
    problem: Problem


@dataclass(frozen=True, eq=False)
class Found:
    """``v``: (N, styles, d) whitened latents; ``noises``: planes (N, 1, r, r); ``picture``:
    (N, 3, R, R), raw; ``losses``: of each row."""

    v: Tensor
    noises: list[Tensor]
    picture: Tensor
    losses: Losses

    @property
    def latents(self) -> list[Tensor]:
        return [self.v, *self.noises]

    def row(self, index: int) -> Found:
        at = slice(index, index + 1)
        noises = [noise[at] for noise in self.noises]
        return Found(self.v[at], noises, self.picture[at], self.losses[at])


class Maker:
    """Makes pairs with one prior and one schedule."""

    def __init__(
        self, path: Path, schedule: str, steps: int | None = None,
        progress: Callable[[float], None] = lambda _part: None,
    ) -> None:  # fmt: skip
        """``steps``: of the source's search, None for the schedule's own; ``progress``: of
        measuring a new prior, 0..1. Raises UserError for a file that is no prior and for missing
        model files, and Cancelled, see ``checkpoint``."""
        assets = installed_assets()
        self.engine, self.ruler = Engine(assets), Ruler(assets)
        self.generator = prior.load(path)
        self.space = open_space(self.generator, path)
        judge = perceptual_weights.path()
        self.features = perceptual.load(judge)
        self.prior, self.perceptual = weights.sha256(path), weights.sha256(judge)
        self.schedule = scheduled(schedule, steps)
        self.metric = metric.remembered(self.generator, self.space, path, progress)
        self.encoder, self.encoder_hash = None, ""
        if self.schedule.encoded and (found := encoding.trained(self.generator, path)):
            self.encoder, self.encoder_hash = found

    @property
    def side(self) -> int:
        return self.generator.config.resolution

    @property
    def batch(self) -> int:
        """Pairs that may be made at once: one where a schedule's solutions repel each other."""
        alone = self.schedule.weights.repulsion > 0
        return 1 if alone else max(1, BATCH_PIXELS // self.side**2)

    def provenance(self, work: Work) -> Provenance:
        """What is known before the pair is made. Raises UserError for a missing photo."""
        return Provenance(
            photo=_hash(work.photo), donor=_hash(work.donor), attribute=work.attribute,
            value=work.value, prior=self.prior, perceptual=self.perceptual,
            encoder=self.encoder_hash, schedule=self.schedule.name, steps=self.schedule.steps,
            seed=work.seed, licence=work.licence, person=work.person or Path(work.photo).stem,
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

    def prepare(self, work: Work) -> Task:
        """Raises UserError, naming the photo, where the work cannot be done."""
        return Task(work, self.provenance(work), _problem(self.reference(work)))

    def make(
        self, tasks: Sequence[Task], store: Store, cancel: threading.Event,
        progress: Progress = lambda _row, _phase, _step, _steps, _losses: None,
        lives: Sequence[Live] = (),
    ) -> list[Provenance] | None:  # fmt: skip
        """Make the pairs of some tasks in one batch and store those that are not there; None when
        cancelled before: what is done then is kept, and the next call with the same tasks goes on
        from there."""
        problem, seeds = _together(tasks), [task.work.seed for task in tasks]
        run = _Run(self, store, name_of(tasks), seeds, cancel, progress, lives)
        for row, live in enumerate(lives):
            each = tasks[row].problem
            live.begin(each.original, each.reference, each.region)
        begun = self._encoded(problem.original)
        source = run.search("source", unedited(problem), inversion(self.schedule), begun)
        if source is None:
            return None
        start = renewed(source, problem.region, seeds)
        held = _held(problem, source) if self.schedule.paired else problem
        target = run.search("target", held, edited(self.schedule), start)
        if target is None:
            return None
        found = {"source": source, "target": target}
        if self.schedule.paired:
            middle = self._middle(run, problem, source, target)
            if middle is None:
                return None
            found["middle"] = middle
        made = [self._stored(store, task, {part: each.row(row) for part, each in found.items()})
                for row, task in enumerate(tasks)]  # fmt: skip
        store.forget(name_of(tasks))
        return made

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
        known = {"photo": strength(photo), "wanted": strength(wanted, photo)}
        strengths = strength(before), strength(after, before)
        found = {
            **gates.of_pictures(problem, source.picture, target.picture),
            **gates.of_latents(self.space, source.v, target.v),
            **gates.of_faces(photo, before, after),
            **gates.reached(*strengths, known["wanted"]),
            **{name: value for name, value in known.items() if value is not None},
        }
        return {name: round(value, 4) for name, value in found.items()}, strengths

    def _encoded(self, original: Tensor) -> Found | None:
        """What a trained encoder takes for the photo."""
        if self.encoder is None:
            return None
        v = self.space.from_w(encoding.encode(self.encoder, original))
        return Found(v, [], original, [])

    def _middle(self, run: _Run, problem: Problem, source: Found, target: Found) -> Found | None:
        """Half-way: as the mean of both latents is in the region, as the mean of both pictures
        around it. None when cancelled."""
        mean = partial(torch.lerp, weight=0.5)
        v, *noises = map(mean, source.latents, target.latents)
        start = Found(v, noises, self._picture(v, noises), [])
        around = mean(source.picture, target.picture)
        held = replace(problem, original=around, reference=start.picture)
        return run.search("middle", held, halfway(self.schedule), start)

    def _stored(self, store: Store, task: Task, found: Mapping[str, Found]) -> Provenance:
        known, problem = task.known, task.problem
        if known.id in store:
            return store.read(known.id)
        source, target = found["source"], found["target"]
        figures, measured = self.figures(known.attribute, problem, source, target)
        done = msgspec.structs.replace(
            known, measured=measured, losses=target.losses[0], figures=figures,
            places=self._places(known.attribute, problem, found, measured),
            failed=gates.failed(figures),
        )  # fmt: skip
        pictures = {
            "photo": pixels_of(problem.original[0]), "reference": pixels_of(problem.reference[0]),
            "source": pixels_of(source.picture[0]), "target": pixels_of(target.picture[0]),
            "region": (problem.region[0, 0].numpy() * 255).round().astype(np.uint8),
        }  # fmt: skip
        latents = {
            name: tensor
            for part, each in found.items()
            for name, tensor in self._latents(part, each)
        }
        store.add(done, pictures, latents)
        return done

    def _places(
        self, attribute: str, problem: Problem, found: Mapping[str, Found],
        measured: tuple[float | None, float | None],
    ) -> tuple[float, ...]:  # fmt: skip
        """See ``interpolate.places_of``."""
        region, (first, last) = problem.region[0, 0].numpy(), measured
        before = self.ruler.look(pixels_of(found["source"].picture[0]), region)
        latents = (each.latents for each in found.values())  # source, target, middle
        paths = [Pair(*parts) for parts in zip(*latents, strict=True)]
        between = list[float | None]()
        for part in PARTS:
            v, *noises = (path.on_path(part) for path in paths)
            picture = pixels_of(self._picture(v, noises)[0])
            between.append(self.ruler.strength(attribute, self.ruler.look(picture, region), before))
        return places_of([first, *between, last])

    @torch.no_grad()
    def _picture(self, v: Tensor, noises: list[Tensor]) -> Tensor:
        return self.generator.synthesis(self.space.to_w(v), noises)

    def _latents(self, part: str, found: Found) -> list[tuple[str, Tensor]]:
        noises = [(f"{part}.noise.{i}", noise) for i, noise in enumerate(found.noises)]
        return [(part, self.space.to_w(found.v)[0]), *noises]

    def _face(self, path: str) -> Face:
        photo = read_photo(Path(path))
        try:
            return Face.open(self.engine, photo)
        except UserError as error:
            raise UserError(f"{path}: {error}") from error


def renewed(source: Found, region: Tensor, seeds: Sequence[int]) -> Found:
    """With fresh noise in the region: the old one still shows what was there."""
    chances = [torch.Generator().manual_seed(seed + 1) for seed in seeds]
    planes = list[Tensor]()
    for noise in source.noises:
        at = F.interpolate(region, noise.shape[2:], mode="area")
        fresh = [torch.randn(noise.shape[1:], generator=chance) for chance in chances]
        planes.append(torch.lerp(noise, torch.stack(fresh), at))
    return replace(source, noises=planes)


def _held(problem: Problem, source: Found) -> Problem:
    """The target is to be like its source; where it may differ, it comes nearer to the photo."""
    around = torch.lerp(source.picture, problem.original, PHOTO_SHARE)
    return replace(problem, original=around)


def name_of(tasks: Sequence[Task]) -> str:
    """Under which the searches of a batch are kept."""
    return "+".join(task.known.id for task in tasks)


@dataclass(frozen=True, eq=False)
class _Run:
    """The searches of a batch of pairs, each kept on disk while it is not done."""

    maker: Maker
    store: Store
    name: str
    seeds: Sequence[int]
    cancel: threading.Event
    progress: Progress
    lives: Sequence[Live]

    def search(
        self, phase: str, problem: Problem, schedule: Schedule, start: Found | None
    ) -> Found | None:
        """Go on where an earlier process stopped; None when cancelled."""
        maker, noises = self.maker, [] if start is None else start.noises
        search = Reconstruction(maker.generator, maker.space, maker.features, problem, schedule,
                                self.seeds, noises, maker.metric)  # fmt: skip
        path = self.store.search(self.name, phase)
        begun = path.exists()
        state = state_file.load(path) if begun else search.begin(start and start.v, noises)

        def each(step: int, found: Losses) -> None:
            if step % SAVE_EVERY == 0 or step == 1:
                state_file.save(state, path)
            for row, losses in enumerate(found):
                self.progress(row, phase, step, schedule.steps, losses)
            if any(live.due() for live in self.lives):
                self._show(phase, step, search.picture(*search.solution(state)))

        done = search.run(state, self.cancel, each)
        state_file.save(state, path)
        return _found(search, state) if done else None

    def _show(self, phase: str, step: int, pictures: Tensor) -> None:
        for live, picture in zip(self.lives, pictures, strict=True):
            live.step(phase, step, picture)


def _found(search: Reconstruction, state: State) -> Found:
    v, noises = search.solution(state)
    count = len(v)
    noises = [noise.expand(count, -1, -1, -1) for noise in noises]
    rows = zip(*state.history, strict=True)
    last = [min(row, key=lambda entry: entry["total"]) for row in rows]
    return Found(v, noises, search.picture(v, noises), last)


def _together(tasks: Sequence[Task]) -> Problem:
    problems = [task.problem for task in tasks]
    parts = ([getattr(each, name) for each in problems]
             for name in ("original", "reference", "region"))  # fmt: skip
    return Problem(*map(torch.cat, parts), factor=problems[0].factor)


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
