"""Our search beside NVIDIA's projector, step for step in turn: same machine, prior and features.

Their networks come from a checkout of theirs that the user names; nothing of it is ours. The step
is the one that Karras et al. publish (CVPR 2020, appendix D) and their ``projector.py`` takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from hairstudio.errors import UserError
from hairstudio.evaluation import checkout
from hairstudio.evaluation.benchmark import Figure
from hairstudio.lab.latent import LatentSpace
from hairstudio.lab.metric import Metric
from hairstudio.lab.reconstruct import Problem, Reconstruction
from hairstudio.lab.schedule import COMBINED
from hairstudio.nets.perceptual import ParsingFeatures
from hairstudio.nets.stylegan2 import Generator
from hairstudio.weights.convert import names, nvidia

WARM, TIMED = 3, 15  # steps of each
RATE, JITTER, NOISE_WEIGHT = 0.1, 0.05, 1e5
Parts = tuple[float, float]
PARTS: dict[str, Parts] = {"rough part": (1, 1), "features rough": (0, 1), "exact rest": (0, 0)}
"""Of a search that is wholly one of its parts: what is ``rough``, what is ``glancing``."""
BATCHES = 1, 4  # searches of ours at once; theirs takes one picture
SAME = 1e-3  # of pictures in -1..1, theirs to ours


def compared(
    folder: Path, generator: Generator, space: LatentSpace, features: ParsingFeatures,
    metric: Metric, picture: Tensor,
) -> Iterator[Figure]:  # fmt: skip
    """``folder``: a checkout of NVlabs/stylegan3 or stylegan2-ada-pytorch; ``picture``:
    (1, 3, R, R) in -1..1. Raises UserError where the folder holds no such networks."""
    theirs = _Projector(_synthesis(folder, generator), generator, features, picture)
    ours = [_stepper(_search(generator, space, features, metric, picture, count, part))
            for count in BATCHES for part in PARTS.values()]  # fmt: skip
    walls, cpus = _in_turn((theirs.step, *ours))
    yield Figure("NVIDIA's projector, a step", walls[0], cpu=cpus[0])
    for index, count in enumerate(BATCHES):
        at = slice(len(PARTS) * index + 1, len(PARTS) * (index + 1) + 1)
        yield from _figures(count, walls[0], walls[at], "wall")
        yield from _figures(count, cpus[0], cpus[at], "processor")


def _figures(count: int, theirs: float, ours: Sequence[float], clock: str) -> Iterator[Figure]:
    """``ours``: ms of a step of each part of ``count`` searches in one batch."""
    who, times = f"ours, {count} at once, {clock} time", [each / count for each in ours]
    for name, each in zip(PARTS, times, strict=True):
        yield Figure(f"{who}: a step of one, {name}", each)
    ends = COMBINED.rough, COMBINED.glancing, 1.0
    shares = [end - start for start, end in pairwise((0.0, *ends))]
    mean = sum(share * each for share, each in zip(shares, times, strict=True))
    yield Figure(f"{who}: steps/s over theirs, whole search", theirs / mean, "x")


def _search(
    generator: Generator, space: LatentSpace, features: ParsingFeatures, metric: Metric,
    picture: Tensor, count: int, part: Parts,
) -> Reconstruction:  # fmt: skip
    pictures = picture.expand(count, -1, -1, -1).contiguous()
    problem = Problem(pictures, pictures, torch.zeros_like(pictures[:, :1]))
    schedule = replace(COMBINED, rough=part[0], glancing=part[1])
    return Reconstruction(generator, space, features, problem, schedule, metric=metric)


def _stepper(search: Reconstruction) -> Callable[[], object]:
    state = search.begin()
    return lambda: search.step(state)


def _in_turn(steps: Sequence[Callable[[], object]]) -> tuple[list[float], list[float]]:
    """Medians of wall and processor time, ms, of steps that are taken one after another."""
    times = [list[tuple[float, float]]() for _ in steps]
    for _ in range(WARM + TIMED):
        for step, kept in zip(steps, times, strict=True):
            wall, cpu = time.perf_counter(), time.process_time()
            step()
            kept.append((time.perf_counter() - wall, time.process_time() - cpu))
    sides = [list(zip(*kept[WARM:], strict=True)) for kept in times]
    return [1000 * median(side[0]) for side in sides], [1000 * median(side[1]) for side in sides]


class _Projector:
    """Their search: one vector of W for all layers, the noise planes, Adam."""

    def __init__(
        self, synthesis: Any, generator: Generator, features: ParsingFeatures, picture: Tensor
    ) -> None:
        self.synthesis, self.features = synthesis, features
        self.wanted = list(features(picture))
        self.styles = generator.config.styles
        self.w = generator.w_mean[None, None].clone().requires_grad_()
        planes = (b for name, b in synthesis.named_buffers() if "noise_const" in name)
        self.noises = [plane.copy_(torch.randn_like(plane)).requires_grad_() for plane in planes]
        self.adam = torch.optim.Adam([self.w, *self.noises], betas=(0.9, 0.999), lr=RATE)

    def step(self) -> None:
        w = self.w + JITTER * torch.randn_like(self.w)
        made = self.features(self.synthesis(w.repeat(1, self.styles, 1), noise_mode="const"))
        loss = torch.stack([(a - b).square().sum() / a[0, 0].numel()
                            for a, b in zip(made, self.wanted, strict=True)]).sum()  # fmt: skip
        loss = loss + NOISE_WEIGHT * torch.stack(list(map(_correlation, self.noises))).sum()
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()
        with torch.no_grad():
            for plane in self.noises:
                plane -= plane.mean()
                plane *= plane.square().mean().rsqrt()


def _correlation(plane: Tensor) -> Tensor:
    """Of a noise plane with itself, on all scales, as they sum it."""
    noise, total = plane[None, None], torch.zeros(())
    while True:
        for axis in (3, 2):
            total = total + (noise * noise.roll(1, axis)).mean().square()
        if noise.shape[2] <= 8:
            return total
        noise = F.avg_pool2d(noise, 2)


@torch.no_grad()
def _synthesis(folder: Path, generator: Generator) -> Any:
    """Their synthesis network with our weights; it draws what ours draws."""
    config, made = generator.config, checkout.networks(folder).SynthesisNetwork
    theirs = made(
        w_dim=config.latent, img_resolution=config.resolution, img_channels=3,
        channel_base=config.channels[-1] * config.resolution, channel_max=max(config.channels),
        num_fp16_res=0, conv_clamp=config.clamp,
    ).eval().requires_grad_(False)  # fmt: skip
    ours = generator.state_dict()
    state = {f"synthesis.{name}": tensor for name, tensor in theirs.state_dict().items()}
    for name, tensor in names.renamed(state, nvidia.RENAMES, nvidia.DERIVED).items():
        tensor.copy_(ours[name])
    ws = generator.w_mean.expand(1, config.styles, -1)
    apart = (theirs(ws, noise_mode="const") - generator.synthesis(ws)).abs().max()
    if float(apart) > SAME:
        raise UserError(f"{folder}: draws other pictures with the same weights")
    return theirs
