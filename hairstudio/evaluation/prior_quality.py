"""How close the prior's pictures come to real ones: Fréchet distance in parsing features."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from hairstudio.metrics import frechet
from hairstudio.nets.perceptual import ParsingFeatures
from hairstudio.nets.stylegan2 import Generator
from hairstudio.training import data

Features = NDArray[np.float32]
SEEN = 256  # pixels at which the features are taken
BATCH, SEED = 16, 0


@dataclass(frozen=True)
class PriorQuality:
    """``distance``: of ``samples`` generated pictures to ``reals`` of the pack; ``floor``: of one
    half of these to the other half, which no generator can be asked to beat."""

    distance: float
    floor: float
    samples: int
    reals: int


def measure(
    generator: Generator, pack: Path, features: Path, samples: int = 10_000,
    progress: Callable[[float], None] = lambda _: None,
) -> PriorQuality:  # fmt: skip
    """Compare all pictures of a data pack with seeded samples (truncation 1).

    ``features``: the face parsing network's file. Raises UserError for files that cannot be used.
    """
    net = ParsingFeatures(features).eval()
    reals = torch.cat([data.read_pack(pack, validation=side)[0] for side in (False, True)])
    seen = list(_pooled(net, (part.float() / 127.5 - 1 for part in reals.split(BATCH))))
    halves = [frechet.fit([np.concatenate(seen)[start::2]]) for start in (0, 1)]
    made = _pooled(net, _samples(generator, samples, progress))
    return PriorQuality(
        frechet.distance(frechet.fit(made), frechet.fit(seen)),
        frechet.distance(*halves), samples, len(reals),
    )  # fmt: skip


def _samples(
    generator: Generator, count: int, progress: Callable[[float], None]
) -> Iterator[Tensor]:
    chance = torch.Generator().manual_seed(SEED)
    for start in range(0, count, BATCH):
        progress(start / count)
        z = torch.randn(min(BATCH, count - start), generator.config.latent, generator=chance)
        with torch.inference_mode():
            yield generator(z).clamp(-1, 1)


def _pooled(net: ParsingFeatures, batches: Iterator[Tensor]) -> Iterator[Features]:
    """(n, 512) features, after 8 bits as in a file."""
    for batch in batches:
        stored = ((batch + 1) * 127.5).round() / 127.5 - 1
        with torch.inference_mode():
            yield net.pooled(F.interpolate(stored, SEEN, mode="bilinear", antialias=True)).numpy()
