"""``bench lab``: how fast the lab's searches go, and whether they find the prior's own pictures
again. The projector is NVIDIA's, with the same prior and the same features."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch
from torch import Tensor

from hairstudio.errors import UserError
from hairstudio.evaluation import lab_peer
from hairstudio.evaluation.benchmark import Figure, Report, load, machine
from hairstudio.lab import gates, metric
from hairstudio.lab.latent import LatentSpace, open_space
from hairstudio.lab.metric import Metric
from hairstudio.lab.reconstruct import Problem, Reconstruction
from hairstudio.lab.schedule import COMBINED, SCHEDULES, Schedule
from hairstudio.nets import prior
from hairstudio.nets.perceptual import ParsingFeatures
from hairstudio.nets.stylegan2 import Generator
from hairstudio.weights import priors
from hairstudio.weights import store as weights

TIMED, WARM = 12, 3  # steps
SAMPLES, SEED = 2, 11
SEARCH = 300  # steps for a sample


def bench_lab(path: Path | None = None, peer: Path | None = None) -> Report:
    """``path``: of a prior, None for the installed one; ``peer``: a checkout of NVIDIA's, for a
    comparison with their projector alone. Raises UserError where one of them cannot be used."""
    found = path or priors.path()
    if found is None:
        raise UserError("no prior is installed")
    busy, generator = load(), prior.load(found)
    space = open_space(generator, found)
    features = ParsingFeatures(weights.path("face_parsing")).eval()
    known = metric.remembered(generator, space, found)
    if peer is None:
        figures = [*_speeds(generator, space, features, known),
                   *_inversions(generator, space, features, known)]  # fmt: skip
    else:
        picture = _sample(generator, SEED)
        figures = [*lab_peer.compared(peer, generator, space, features, known, picture)]
    return Report(machine(), torch.get_num_threads(), busy, tuple(figures))


def _speeds(
    generator: Generator, space: LatentSpace, features: ParsingFeatures, known: Metric
) -> Iterator[Figure]:
    problem = _problem(_sample(generator, SEED))
    rates = dict[str, float]()
    for name, schedule in SCHEDULES.items():
        search = Reconstruction(generator, space, features, problem, schedule, metric=known)
        rates[name] = _steps_per_second(search)
        yield Figure(f"{name}, {generator.config.resolution} px", rates[name], "steps/s")
    yield Figure("combined over projector", rates["combined"] / rates["projector"], "x")


def _steps_per_second(search: Reconstruction) -> float:
    times = list[float]()
    state = search.begin()
    search.schedule = replace(search.schedule, steps=WARM + TIMED)
    search.run(state, progress=lambda _step, _losses: times.append(time.perf_counter()))
    return 1 / median(after - before for before, after in zip(times[WARM:], times[WARM + 1 :],
                                                              strict=False))  # fmt: skip


def _inversions(
    generator: Generator, space: LatentSpace, features: ParsingFeatures, known: Metric
) -> Iterator[Figure]:
    schedule: Schedule = replace(COMBINED, steps=SEARCH)
    for index in range(SAMPLES):
        wanted = _sample(generator, SEED + index)
        search = Reconstruction(generator, space, features, _problem(wanted), schedule,
                                metric=known)  # fmt: skip
        state = search.begin()
        start = time.perf_counter()
        search.run(state)
        seconds = time.perf_counter() - start
        found = gates.psnr(search.picture(*search.solution(state)), wanted)
        name = f"sample {index + 1} of the prior, found again"
        yield Figure(f"{name}: PSNR (30 or more is good)", found, "dB")
        yield Figure(f"{name}: {state.step} steps", 1000 * seconds)


@torch.no_grad()
def _sample(generator: Generator, seed: int) -> Tensor:
    chance = torch.Generator().manual_seed(seed)
    return generator(torch.randn(1, generator.config.latent, generator=chance)).clamp(-1, 1)


def _problem(picture: Tensor) -> Problem:
    """Nothing is edited."""
    return Problem(picture, picture, torch.zeros_like(picture[:, :1]))
