"""How strongly pictures answer to the numbers that a search moves, on average over the prior.

A generator answers to few directions of its latents strongly and to most of them hardly, and these
directions are nearly the same everywhere (Wang and Ponce, "The geometry of deep generative image
models and its applications", ICLR 2021). A search that knows them beforehand needs half the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from hairstudio import settings
from hairstudio.files import atomic_write
from hairstudio.imaging.checkpoint import checkpoint
from hairstudio.lab.latent import LatentSpace
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig, SynthesisLayer
from hairstudio.weights import store

PROBES, SEED, VERSION = 4, 7, 3  # probes for each number of a latent vector
LARGEST = 128  # pixels: layers beyond are taken to be like the last one before
MOST = 1e13  # products of all pictures, some minutes' worth: wide networks are drawn smaller
BATCH, OF_BATCH = 8, 8e9  # pictures at once and their products, at most: a second's worth
LEAST = 4e-6  # of the largest curvature: is added to all
LEAST_NOISE = 1e-6  # likewise, for noise: its mean is over many numbers, and so better known
NOISE = 3.0  # times as far as its curvature says


@dataclass(frozen=True, eq=False)
class Metric:
    """Inverse curvature of the mean squared difference of pictures. ``latent``: (styles, d, d), of
    each style's whitened vector; ``noise``: (layers,), of one number of each layer's plane."""

    latent: Tensor
    noise: Tensor

    def __call__(self, gradient: Tensor, planes: list[tuple[int, int]]) -> Tensor:
        """Of (N, P): latents, then planes, each given as its layer and how many numbers it has."""
        styles, size = self.latent.shape[:2]
        latents, *parts = gradient.split([styles * size, *(count for _, count in planes)], 1)
        shaped = torch.einsum("nld,lde->nle", latents.view(-1, styles, size), self.latent)
        scaled = [part * self.noise[layer] for part, (layer, _) in zip(parts, planes, strict=True)]
        return torch.cat([shaped.flatten(1), *scaled], 1)


def remembered(
    generator: Generator, space: LatentSpace, path: Path,
    progress: Callable[[float], None] = lambda _part: None,
) -> Metric:  # fmt: skip
    """Of the prior in the file ``path``; measured once, which may take minutes, and kept in the
    cache folder under its hash. Raises Cancelled, see ``checkpoint``."""
    cached = settings.cache_folder() / f"metric-{store.sha256(path)[:16]}-{VERSION}.safetensors"
    try:
        return Metric(**load_file(cached))
    except (OSError, SafetensorError, TypeError):
        found = measured(generator, space, progress)
        with atomic_write(cached, overwrite=True) as part:
            save_file(vars(found), part)
        return found


def measured(
    generator: Generator, space: LatentSpace,
    progress: Callable[[float], None] = lambda _part: None,
) -> Metric:  # fmt: skip
    """From gradients of random combinations of pixels at samples of the prior."""
    latents, noises = map(torch.cat, zip(*_probes(generator, space, progress), strict=True))
    curvature = torch.einsum("kld,kle->lde", latents, latents) / len(latents)
    values, vectors = torch.linalg.eigh(curvature)
    most = float(values.max())
    shares = 1 / (values.clamp(min=0) + LEAST * most)
    inverse = torch.einsum("lde,le,lfe->ldf", vectors, shares, vectors)
    seen = int((values[:, -1] > 0).sum())  # styles of the resolutions that were drawn
    inverse[seen:] = inverse[seen - 1]
    return Metric(inverse.contiguous(), NOISE / (noises.mean(0) + LEAST_NOISE * most))


def _probes(
    generator: Generator, space: LatentSpace, progress: Callable[[float], None]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Gradients by latents (N, styles, d), and mean squares of those by planes (N, layers)."""
    chance, config = torch.Generator().manual_seed(SEED), generator.config
    layers = cast(list[SynthesisLayer], list(generator.synthesis.layers))
    side = _side(config)
    batch = max(1, min(BATCH, int(OF_BATCH / _products(config, side))))
    planes = [layer.noise.expand(batch, -1, -1, -1).clone().requires_grad_() for layer in layers]
    count = PROBES * config.latent // batch
    for index in range(count):
        checkpoint()
        progress(index / count)
        v = space.from_w(_mixed(generator, chance, batch)).requires_grad_()
        made = generator.synthesis(space.to_w(v), planes, side=side)
        weights = torch.randn(made.shape, generator=chance) / made[0].numel() ** 0.5
        by_v, *by_planes = torch.autograd.grad(
            (made * weights).sum(), [v, *planes], allow_unused=True, materialize_grads=True
        )
        yield by_v, torch.stack([each.square().mean((1, 2, 3)) for each in by_planes], 1)


def _side(config: GeneratorConfig) -> int:
    """Of the pictures that are drawn: as large as time allows."""
    side = min(LARGEST, config.resolution)
    while side > 8 and PROBES * config.latent * _products(config, side) > MOST:
        side //= 2
    return side


def _products(config: GeneratorConfig, side: int) -> int:
    """Of the convolutions of one picture."""
    total = 9 * 4**2 * config.channels[0] ** 2
    for index, (before, width) in enumerate(pairwise(config.channels), start=1):
        size = 4 * 2**index
        if size <= side:
            total += 9 * (before * width * (size // 2) ** 2 + width * width * size**2)
    return total


@torch.no_grad()
def _mixed(generator: Generator, chance: torch.Generator, batch: int) -> Tensor:
    """(batch, styles, d) of W+: samples with the finer styles of others."""
    z = torch.randn(2, batch, generator.config.latent, generator=chance)
    first, second = map(generator.w_plus, z)
    crossover = int(torch.randint(1, generator.config.styles + 1, (1,), generator=chance))
    return generator.mixed(first, second, crossover)
