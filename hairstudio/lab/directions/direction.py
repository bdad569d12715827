"""A direction in W or in style space, and what faces look like along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hairstudio.nets.stylegan2 import Generator, Noise


@dataclass(frozen=True, eq=False)
class Start:
    """A face to begin with. ``ws``: (1, styles, d); ``noises``: planes, or () for the prior's."""

    ws: Tensor
    noises: Sequence[Tensor] = ()

    @property
    def noise(self) -> Noise:
        return list(self.noises) or "const"


@dataclass(frozen=True, eq=False)
class Direction:
    """``method``: who found it; ``vector``: (d,) in W, a step of one standard deviation;
    ``channel``: layer and index in style space instead, whose step is ``vector`` (1,). Positive
    amounts strengthen the attribute."""

    method: str
    vector: Tensor
    channel: tuple[int, int] | None = None

    @torch.no_grad()
    def picture(self, generator: Generator, start: Start, amount: float) -> Tensor:
        """(1, 3, R, R) of the face ``amount`` steps further."""
        synthesis = generator.synthesis
        if self.channel is None:
            return synthesis(start.ws + amount * self.vector, start.noise)
        layer, index = self.channel
        styles = synthesis.styles(start.ws)
        styles[layer] = styles[layer].clone()
        styles[layer][:, index] += amount * self.vector
        return synthesis.from_styles(styles, start.noise)
