"""Iterative reconstruction: find the latent whose picture is the original outside a region, agrees
with a coarse reference inside it after downsampling, and stays plausible.

Three published schedules and ours, which combines them: the StyleGAN projector (Karras et al.,
CVPR 2020), PULSE (Menon et al., CVPR 2020) and Mask-Guided Discovery (Yang et al., 2021).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import cast

import torch
from torch import Tensor

from hairstudio.lab import losses
from hairstudio.lab.latent import LatentSpace, cross_distance, sphere
from hairstudio.nets.perceptual import Features, distances
from hairstudio.nets.stylegan2 import Generator, SynthesisLayer

History = list[dict[str, float]]
GUIDED = range(2, 9)  # W+ layers that Mask-Guided Discovery moves
WARM, COOL = 0.05, 0.25  # shares of the steps: the rate rises, and falls
SETTLED, PATIENCE = 0.995, 60  # early stop: less than .5 % better in so many steps


@dataclass(frozen=True)
class Weights:
    """Of the losses; 0 leaves one out."""

    outside: float = 0.0
    inside: float = 0.0
    perceptual: float = 0.0  # outside the region, at full resolution
    likeness: float = 0.0  # to the original around the reference, everywhere
    prior: float = 0.0  # Mahalanobis distance beyond that of samples
    cross: float = 0.0
    noise: float = 0.0
    repulsion: float = 0.0  # between the solutions of one batch, inside the region


@dataclass(frozen=True)
class Schedule:
    """``shared``: one vector for all styles (W); ``on_sphere``: latents keep radius sqrt(d);
    ``moving``: styles that may change, None = all; ``jitter``: noise on the latent at the start;
    ``open_noise``: the noise planes are searched too."""

    name: str
    weights: Weights
    steps: int = 400
    rate: float = 0.05
    shared: bool = False
    on_sphere: bool = False
    moving: range | None = None
    jitter: float = 0.0
    open_noise: bool = False


PROJECTOR = Schedule("projector", Weights(likeness=1, noise=1e3), rate=0.1, shared=True,
                     jitter=0.05, open_noise=True)  # fmt: skip
PULSE = Schedule("pulse", Weights(inside=100, outside=100, cross=0.05), rate=0.2, on_sphere=True)
GUIDED_DISCOVERY = Schedule("mask-guided", Weights(inside=10, outside=10, perceptual=1,
                                                   repulsion=10), moving=GUIDED)  # fmt: skip
COMBINED = Schedule("combined", Weights(outside=10, inside=20, perceptual=1, prior=0.3, cross=0.002,
                                        noise=1e3), jitter=0.02, open_noise=True)  # fmt: skip
SCHEDULES = {s.name: s for s in (PROJECTOR, PULSE, GUIDED_DISCOVERY, COMBINED)}


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
    latent; ``moments``: Adam's, by parameter; ``best``: latent and noise of the smallest loss."""

    v: Tensor
    noises: list[Tensor]
    start: Tensor
    moments: list[tuple[Tensor, Tensor]]
    step: int = 0
    history: History = field(default_factory=History)
    best_loss: Tensor | None = None
    best: list[Tensor] = field(default_factory=list[Tensor])

    @property
    def parameters(self) -> list[Tensor]:
        return [self.v, *self.noises]


class Reconstruction:
    """One search over a batch; deterministic for a seed. ``run`` may be called again to go on."""

    def __init__(
        self, generator: Generator, space: LatentSpace, features: Features,
        problem: Problem, schedule: Schedule = COMBINED, seed: int = 0,
    ) -> None:  # fmt: skip
        self.generator, self.space, self.features = generator, space, features
        self.problem, self.schedule, self.seed = problem, schedule, seed

    def begin(self, start: Tensor | None = None) -> State:
        """``start``: (N, styles, d) whitened latent; None: the mean, or a sample on a sphere."""
        count, schedule = len(self.problem.original), self.schedule
        chance = torch.Generator().manual_seed(self.seed)
        styles = 1 if schedule.shared else self.generator.config.styles
        shape = count, styles, self.space.size
        if start is not None:
            v = start.mean(1, keepdim=True) if schedule.shared else start.clone()
        elif schedule.on_sphere:
            v = sphere(torch.randn(shape, generator=chance))
        else:
            v = torch.zeros(shape)
        noises = [torch.randn(count, *layer.noise.shape[1:], generator=chance)
                  for layer in self._layers] if schedule.open_noise else []  # fmt: skip
        zeros = [(torch.zeros_like(p), torch.zeros_like(p)) for p in (v, *noises)]
        return State(v, noises, v.clone(), zeros)

    def run(
        self, state: State, cancel: threading.Event | None = None,
        progress: Callable[[int, dict[str, float]], None] = lambda _step, _losses: None,
    ) -> bool:  # fmt: skip
        """Go on until the steps are done or nothing gets better; False when cancelled before."""
        while state.step < self.schedule.steps and not self._settled(state):
            if cancel is not None and cancel.is_set():
                return False
            found = self._step(state)
            progress(state.step, found)
        return True

    @torch.no_grad()
    def picture(self, v: Tensor, noises: list[Tensor] | None = None) -> Tensor:
        """(N, 3, R, R) of a latent; fixed noise where none is given."""
        return self._made(v, noises or [])

    @property
    def _layers(self) -> list[SynthesisLayer]:
        return cast(list[SynthesisLayer], list(self.generator.synthesis.layers))

    def _made(self, v: Tensor, noises: list[Tensor]) -> Tensor:
        latent = sphere(v) if self.schedule.on_sphere else v
        ws = self.space.to_w(latent).expand(-1, self.generator.config.styles, -1)
        return self.generator.synthesis(ws, noises or "const")

    def _settled(self, state: State) -> bool:
        totals = [entry["total"] for entry in state.history]
        if len(totals) <= 2 * PATIENCE:
            return False
        return min(totals[-PATIENCE:]) > SETTLED * min(totals[:-PATIENCE])

    def _step(self, state: State) -> dict[str, float]:
        chance = torch.Generator().manual_seed(self.seed * 1_000_003 + state.step)
        parameters = [p.detach().requires_grad_() for p in state.parameters]
        v, noises = self._jittered(parameters[0], state, chance), parameters[1:]
        terms = dict(self._terms(v, noises))
        each = torch.stack(list(terms.values())).sum(0)
        gradients = torch.autograd.grad(each.sum(), parameters)
        self._remember_best(state, each.detach())
        self._move(state, gradients)
        means = {name: float(term.detach().mean()) for name, term in terms.items()}
        found = means | {"total": float(each.detach().mean())}
        state.history.append(found)
        state.step += 1
        return found

    def _jittered(self, v: Tensor, state: State, chance: torch.Generator) -> Tensor:
        left = max(0.0, 1 - state.step / (0.75 * self.schedule.steps))
        return v + self.schedule.jitter * left**2 * torch.randn(v.shape, generator=chance)

    def _terms(self, v: Tensor, noises: list[Tensor]) -> Iterator[tuple[str, Tensor]]:
        problem, weights = self.problem, self.schedule.weights
        made, around = self._made(v, noises), 1 - problem.region
        known: dict[str, Callable[[], Tensor]] = {
            "outside": lambda: losses.outside(made, problem.original, problem.region),
            "inside": lambda: losses.inside(
                made, problem.reference, problem.region, problem.factor
            ),
            "perceptual": lambda: distances(self.features, made, problem.original, around),
            "likeness": lambda: distances(self.features, made, problem.pasted),
            "prior": lambda: (self.space.distance(v) - 1).clamp(min=0).square().mean(1),
            "cross": lambda: cross_distance(v),
            "noise": lambda: losses.noise_regularity(noises),
            "repulsion": lambda: self._repulsion(made),
        }
        for name, term in known.items():
            weight = getattr(weights, name)
            if weight:
                yield name, weight * term()

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

    def _move(self, state: State, gradients: tuple[Tensor, ...]) -> None:
        """One step of Adam (betas .9, .999), its rate ramped up and down."""
        done = (state.step + 1) / self.schedule.steps
        rate = self.schedule.rate * min(1.0, done / WARM) * min(1.0, (1 - done) / COOL + 0.02)
        state.v = state.v.clone()
        for parameter, gradient, (mean, square) in zip(
            state.parameters, gradients, state.moments, strict=True
        ):
            mean.lerp_(gradient, 0.1)
            square.lerp_(gradient.square(), 0.001)
            count = state.step + 1
            step = mean / (1 - 0.9**count) / ((square / (1 - 0.999**count)).sqrt() + 1e-8)
            parameter -= rate * step
        self._constrain(state)

    def _constrain(self, state: State) -> None:
        if self.schedule.on_sphere:
            state.v = sphere(state.v)
        if self.schedule.moving is not None:
            fixed = [i for i in range(state.v.shape[1]) if i not in self.schedule.moving]
            state.v[:, fixed] = state.start[:, fixed]
        for noise in state.noises:  # stays white: mean 0, variance 1
            noise -= noise.mean((2, 3), keepdim=True)
            noise /= noise.square().mean((2, 3), keepdim=True).sqrt() + 1e-8


def unedited(problem: Problem) -> Problem:
    """The same photo without an edit: how well the prior can show it at all."""
    return replace(problem, reference=problem.original, region=torch.zeros_like(problem.region))
