"""Iterative reconstruction: find the latent whose picture is the original outside a region, agrees
with a coarse reference inside it after downsampling, and stays plausible.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from hairstudio.lab import losses
from hairstudio.lab.latent import LatentSpace, cross_distance, sphere
from hairstudio.lab.metric import Metric
from hairstudio.lab.optimisers import LBFGS, Adam, Memory
from hairstudio.lab.schedule import COMBINED, Schedule, Weights
from hairstudio.nets.perceptual import (
    VGG16,
    Features,
    ParsingFeatures,
    averaged,
    computing_in,
    gaps,
)
from hairstudio.nets.precision import fast_dtype
from hairstudio.nets.stylegan2 import Generator, SynthesisLayer

Losses = list[dict[str, float]]
"""For each row of a batch, by name."""
History = list[Losses]
SETTLED, PATIENCE = 0.995, 60  # early stop: less than .5 % better in so many steps
EAGER = 6  # times as much resemblance counts
LEAST_STRENGTH = 1e-3  # of a layer's noise: the plane of one that is weaker shows nowhere


@dataclass(frozen=True, eq=False)
class Problem:
    """``original``, ``reference``: (N, 3, R, R) in -1..1; ``region``: (N, 1, R, R) 0..1, where the
    reference counts, after averaging ``factor`` x ``factor`` pixels (a divisor of R)."""

    original: Tensor
    reference: Tensor
    region: Tensor
    factor: int = 8

    @property
    def pasted(self) -> Tensor:
        """The original with the reference in its region."""
        return self.original + self.region * (self.reference - self.original)


@dataclass(eq=False)
class State:
    """Where a search stands; all that is needed to go on. ``v``: (N, styles or 1, d) whitened
    latent; ``memory``: the optimiser's; ``best``: latent and noise of the smallest loss."""

    v: Tensor
    noises: list[Tensor]  # planes that are searched
    start: Tensor
    memory: Memory
    step: int = 0
    history: History = field(default_factory=History)
    best_loss: Tensor | None = None
    best: list[Tensor] = field(default_factory=list[Tensor])

    @property
    def parameters(self) -> list[Tensor]:
        return [self.v, *self.noises]


@dataclass(frozen=True, eq=False)
class _Format:
    """Numbers in which the networks compute."""

    dtype: torch.dtype
    features: Features

    @classmethod
    def of(cls, features: Features, dtype: torch.dtype) -> _Format:
        known = isinstance(features, ParsingFeatures | VGG16)
        return cls(dtype, computing_in(features, dtype) if known else features)


class Reconstruction:
    """One search over a batch; deterministic for its seeds. ``run`` may be called again to go on.

    Rows of a batch do not look at each other (but for ``repulsion``); their rounding differs with
    the size of the batch."""

    def __init__(
        self, generator: Generator, space: LatentSpace, features: Features,
        problem: Problem, schedule: Schedule = COMBINED, seed: int | Sequence[int] = 0,
        fixed: Sequence[Tensor] = (), metric: Metric | None = None,
    ) -> None:  # fmt: skip
        """``seed``: of each row, or of the first; ``fixed``: noise planes, where they are not
        searched; the prior's own if empty; ``metric``: for a quick schedule."""
        self.generator, self.space, self.features = generator, space, features
        self.problem, self.schedule = problem, schedule
        count = len(problem.original)
        self.seeds = range(seed, seed + count) if isinstance(seed, int) else seed
        self.fixed = list(fixed) or [layer.noise for layer in self._layers]
        self._searched = self._shown_planes() if schedule.open_noise else []
        self._exact = _Format.of(features, torch.float32)
        self._rough = _Format.of(features, fast_dtype())
        self._optimiser = self._quick(metric) if schedule.quick else Adam(schedule.rate)
        self._regions = dict[torch.Size, Tensor]()
        with torch.no_grad():
            wanted = problem.pasted if self._pasted else problem.original
            self._wanted = list(self._exact.features(wanted))

    def begin(self, start: Tensor | None = None, noises: Sequence[Tensor] = ()) -> State:
        """``start``: (N, styles, d) whitened latent; None: the mean of W, or a sample on
        a sphere.
        ``noises``: planes to begin with, for a schedule that searches them; white if empty."""
        schedule, chances = self.schedule, self._chances()
        styles = 1 if schedule.shared else self.generator.config.styles
        if start is not None:
            v = start.mean(1, keepdim=True) if schedule.shared else start.clone()
        elif schedule.on_sphere:
            v = sphere(_drawn((styles, self.space.size), chances))
        else:
            v = self.space.start.expand(len(self.seeds), styles, -1).clone()
        sides = [self._layers[layer].noise.shape[1:] for layer in self._searched]
        planes = [noises[layer].clone() for layer in self._searched] if noises else [
            _drawn(tuple(side), chances) for side in sides
        ]  # fmt: skip
        return State(v, planes, v.clone(), self._optimiser.begin(_flat([v, *planes])))

    def run(
        self, state: State, cancel: threading.Event | None = None,
        progress: Callable[[int, Losses], None] = lambda _step, _losses: None,
    ) -> bool:  # fmt: skip
        """Go on until the steps are done or nothing gets better; False when cancelled before."""
        while state.step < self.schedule.steps and not self._settled(state):
            if cancel is not None and cancel.is_set():
                return False
            found = self.step(state)
            progress(state.step, found)
        return True

    @torch.no_grad()
    def solution(self, state: State) -> tuple[Tensor, list[Tensor]]:
        """The best latent (N, styles, d), and its noise planes: searched, or fixed."""
        v, *noises = state.best or state.parameters
        found = self._latent(v).expand(-1, self.generator.config.styles, -1)
        return found.clone(), self._all_planes([white(noise) for noise in noises])

    @torch.no_grad()
    def picture(self, v: Tensor, noises: list[Tensor] | None = None) -> Tensor:
        """(N, 3, R, R) of a latent, as exact as can be; the fixed noise where none is given."""
        return self._made(v, noises or self.fixed, torch.float32)

    @property
    def _layers(self) -> list[SynthesisLayer]:
        return cast(list[SynthesisLayer], list(self.generator.synthesis.layers))

    @property
    def _pasted(self) -> bool:
        """Whether features of the reference are asked for."""
        weights = self.schedule.weights
        return weights.likeness > 0 or weights.resemblance > 0

    def _shown_planes(self) -> list[int]:
        strengths = [abs(float(layer.noise_strength)) for layer in self._layers]
        return [index for index, each in enumerate(strengths) if each >= LEAST_STRENGTH]

    def _all_planes(self, searched: Sequence[Tensor]) -> list[Tensor]:
        found = dict(zip(self._searched, searched, strict=True))
        return [found.get(index, plane) for index, plane in enumerate(self.fixed)]

    def _quick(self, metric: Metric | None) -> LBFGS:
        if metric is None:
            return LBFGS()
        planes = [(layer, self._layers[layer].noise.numel()) for layer in self._searched]
        return LBFGS(lambda gradient: metric(gradient, planes))

    def _chances(self, step: int | None = None) -> list[torch.Generator]:
        """Of each row: at the start, or at a step."""
        seeds = [seed if step is None else seed * 1_000_003 + step for seed in self.seeds]
        return [torch.Generator().manual_seed(seed) for seed in seeds]

    def _latent(self, v: Tensor) -> Tensor:
        """What ``v`` stands for under the schedule's constraints."""
        if self.schedule.on_sphere:
            return sphere(v)
        return self.space.within_reach(v) if self.schedule.bounded else v

    def _made(self, v: Tensor, planes: list[Tensor], dtype: torch.dtype) -> Tensor:
        ws = self.space.to_w(self._latent(v)).expand(-1, self.generator.config.styles, -1)
        return self.generator.synthesis(ws, planes, dtype=dtype).float()

    def _settled(self, state: State) -> bool:
        alike = state.history[max(self._changes) :]
        totals = [sum(row["total"] for row in rows) for rows in alike]
        if len(totals) <= 2 * PATIENCE:
            return False
        return min(totals[-PATIENCE:]) > SETTLED * min(totals[:-PATIENCE])

    def step(self, state: State) -> Losses:
        """Evaluate once, move once; the losses before the move."""
        parameters = [p.detach().requires_grad_() for p in state.parameters]
        v, noises = self._jittered(parameters[0], state), parameters[1:]
        if state.step in self._changes:
            self._forget_losses(state)
        terms = dict(self._terms(v, noises, self._form(state.step), self._weights(state.step)))
        each = torch.stack(list(terms.values())).sum(0)
        by_v, *by_noises = torch.autograd.grad(each.sum(), parameters)
        gradient = _flat([by_v, *map(self._still_inside, by_noises)])
        self._remember_best(state, each.detach())
        self._move(state, gradient, each.detach())
        columns = {name: term.tolist() for name, term in (*terms.items(), ("total", each))}
        found = [dict(zip(columns, row, strict=True))
                 for row in zip(*columns.values(), strict=True)]  # fmt: skip
        state.history.append(found)
        state.step += 1
        return found

    @property
    def _changes(self) -> tuple[int, int, int]:
        """The steps from which on synthesis is computed exactly, features are, and resemblance
        counts once."""
        parts = self.schedule.rough, self.schedule.glancing, self.schedule.eager
        rough, glancing, eager = (math.ceil(part * self.schedule.steps) for part in parts)
        return rough, max(rough, glancing), eager

    def _form(self, step: int) -> _Format:
        exact, sharp, _ = self._changes
        dtype = (self._rough if step < exact else self._exact).dtype
        return _Format(dtype, (self._rough if step < sharp else self._exact).features)

    def _weights(self, step: int) -> Weights:
        weights = self.schedule.weights
        times = EAGER if step < self._changes[-1] else 1
        return replace(weights, resemblance=times * weights.resemblance)

    def _forget_losses(self, state: State) -> None:
        """Those in another number format or with other weights are not to be compared."""
        state.best_loss = None
        if "loss" in state.memory:
            state.memory["loss"] = torch.full_like(state.memory["loss"], torch.inf)

    def _jittered(self, v: Tensor, state: State) -> Tensor:
        if not self.schedule.jitter:
            return v
        left = max(0.0, 1 - state.step / (0.75 * self.schedule.steps))
        drawn = _drawn(tuple(v.shape[1:]), self._chances(state.step))
        return v + self.schedule.jitter * left**2 * drawn

    def _terms(
        self, v: Tensor, noises: list[Tensor], form: _Format, weights: Weights
    ) -> Iterator[tuple[str, Tensor]]:
        problem = self.problem
        planes = _all_white(noises)
        made = self._made(v, self._all_planes(planes), form.dtype)
        seen = form.features(made) if weights.perceptual or self._pasted else []
        apart = gaps(seen, self._wanted if seen else [])
        inside = [self._region_like(gap) for gap in apart]
        known: dict[str, Callable[[], Tensor]] = {
            "outside": lambda: losses.outside(made, problem.original, problem.region),
            "inside": lambda: losses.inside(
                made, problem.reference, problem.region, problem.factor
            ),
            "perceptual": lambda: averaged(apart, [1 - part for part in inside]),
            "resemblance": lambda: averaged(apart, inside),
            "likeness": lambda: averaged(apart),
            "prior": lambda: (self.space.distance(v) - 1).clamp(min=0).square().mean(1),
            "cross": lambda: cross_distance(v),
            "noise": lambda: losses.noise_regularity(planes),
            "repulsion": lambda: self._repulsion(made),
        }
        for name, term in known.items():
            weight = getattr(weights, name)
            if weight and (planes or name != "noise"):
                yield name, weight * term()

    def _still_inside(self, gradient: Tensor) -> Tensor:
        """That of a noise plane, but 0 in the region of a pair: features take the patterns that
        searched noise would draw there for hair."""
        if not self.schedule.paired:
            return gradient
        return gradient * (1 - self._region_like(gradient))

    def _region_like(self, values: Tensor) -> Tensor:
        """The region in the size of (N, C, h, w)."""
        size = values.shape[2:]
        if size not in self._regions:
            self._regions[size] = F.interpolate(self.problem.region, size, mode="area")
        return self._regions[size]

    def _repulsion(self, made: Tensor) -> Tensor:
        """(N,) likeness of each solution to the others inside the region."""
        region, likeness = self.problem.region, list[Tensor]()
        for index in range(len(made)):
            others = torch.cat([made[:index], made[index + 1 :]]).detach()
            own = made[index].expand_as(others)
            gap = losses.inside(own, others, region[index].expand_as(others[:, :1]), 1)
            likeness.append(torch.exp(-gap).sum())
        return torch.stack(likeness)

    def _remember_best(self, state: State, each: Tensor) -> None:
        if state.best_loss is None:
            state.best_loss, state.best = each, [p.clone() for p in state.parameters]
            return
        better = each < state.best_loss
        state.best_loss = torch.where(better, each, state.best_loss)
        for kept, live in zip(state.best, state.parameters, strict=True):
            kept[better] = live[better]

    def _move(self, state: State, gradient: Tensor, loss: Tensor) -> None:
        part = (state.step + 1) / self.schedule.steps
        moved = self._optimiser.move(_flat(state.parameters), gradient, loss, state.memory, part)
        sizes = [p[0].numel() for p in state.parameters]
        state.v, *state.noises = (
            part.reshape(like.shape)
            for part, like in zip(moved.split(sizes, 1), state.parameters, strict=True)
        )
        self._constrain(state)

    def _constrain(self, state: State) -> None:
        if self.schedule.moving is not None:
            fixed = [i for i in range(state.v.shape[1]) if i not in self.schedule.moving]
            state.v[:, fixed] = state.start[:, fixed]
        if not self.schedule.quick:  # it knows the way that it went; others stay in bounds
            state.v = self._latent(state.v)
            state.noises = [white(noise) for noise in state.noises]


def _all_white(noises: Sequence[Tensor]) -> list[Tensor]:
    """``white`` of each plane, those of one size at once."""
    sizes = dict.fromkeys(noise.shape[-1] for noise in noises)
    alike = {side: [n for n in noises if n.shape[-1] == side] for side in sizes}
    made = {side: white(torch.cat(planes, 1)).split(1, 1) for side, planes in alike.items()}
    queues = {side: iter(planes) for side, planes in made.items()}
    return [next(queues[noise.shape[-1]]) for noise in noises]


def white(noise: Tensor) -> Tensor:
    """Planes of mean 0 and variance 1."""
    centred = noise - noise.mean((2, 3), keepdim=True)
    return centred / (centred.square().mean((2, 3), keepdim=True).sqrt() + 1e-8)


def _drawn(shape: tuple[int, ...], chances: Sequence[torch.Generator]) -> Tensor:
    """(N, *shape) standard normal numbers, each row by its own chance."""
    return torch.stack([torch.randn(shape, generator=chance) for chance in chances])


def _flat(tensors: Sequence[Tensor]) -> Tensor:
    """(N, P)."""
    return torch.cat([tensor.flatten(1) for tensor in tensors], 1)


def unedited(problem: Problem) -> Problem:
    """The same photo without an edit: how well the prior can show it at all."""
    return replace(problem, reference=problem.original, region=torch.zeros_like(problem.region))
