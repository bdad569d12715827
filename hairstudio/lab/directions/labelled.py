"""Samples of the prior with what our analysis says about each: the labels that methods learn
from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from hairstudio import settings
from hairstudio.files import atomic_write
from hairstudio.lab.measure import Ruler, pixels_of
from hairstudio.nets.stylegan2 import Generator
from hairstudio.weights import store as weights

SEED, TRUNCATION = 2, 0.7
VERSION = 2  # of how they are measured
WITHOUT_REGION = ("dye", "hairline", "bangs", "volume", "eyes", "brows", "nose", "mouth")
"""Attributes that need no region to be measured."""


@dataclass(frozen=True, eq=False)
class Samples:
    """``w``: (N, d); ``strengths``: (N,) by attribute, nan where it cannot be seen."""

    w: Tensor
    strengths: dict[str, Tensor]

    def known(self, attribute: str) -> tuple[Tensor, Tensor]:
        """Latents and strengths of the samples that show the attribute."""
        values = self.strengths[attribute]
        seen = values.isfinite()
        return self.w[seen], values[seen]


def remembered(
    generator: Generator, ruler: Ruler, count: int, path: Path,
    progress: Callable[[float], None] = lambda _part: None,
) -> Samples:  # fmt: skip
    """The samples of the prior in the file ``path``; they are measured once and kept in the cache
    folder under the file's hash."""
    name = f"labels-{weights.sha256(path)[:16]}-{count}-{VERSION}.safetensors"
    cached = settings.cache_folder() / name
    try:
        strengths = load_file(cached)
        return Samples(strengths.pop("w"), strengths)
    except (OSError, SafetensorError, KeyError):
        found = draw(generator, ruler, count, progress)
        with atomic_write(cached, overwrite=True) as part:
            save_file({"w": found.w, **found.strengths}, part)
        return found


@torch.no_grad()
def draw(
    generator: Generator, ruler: Ruler, count: int,
    progress: Callable[[float], None] = lambda _part: None,
) -> Samples:  # fmt: skip
    """``count`` seeded samples, measured; somewhat truncated, so that faces are found in them."""
    chance = torch.Generator().manual_seed(SEED)
    w = generator.w_plus(torch.randn(count, generator.config.latent, generator=chance),
                         TRUNCATION)[:, 0].clone()  # fmt: skip
    nowhere = np.zeros((generator.config.resolution,) * 2, np.float32)
    rows = list[list[float]]()
    for index in range(count):
        picture = generator.synthesis(w[index, None, None].expand(-1, generator.config.styles, -1))
        seen = ruler.look(pixels_of(picture[0]), nowhere)
        found = [ruler.strength(name, seen) for name in WITHOUT_REGION]
        rows.append([math.nan if value is None else value for value in found])
        progress((index + 1) / count)
    return Samples(w, dict(zip(WITHOUT_REGION, torch.tensor(rows).T.contiguous(), strict=True)))
