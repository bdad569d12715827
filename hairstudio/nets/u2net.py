"""U^2-Net (Qin et al., Pattern Recognition 2020): a U of small Us, for masks and mattes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets.layers import conv


def _block(inputs: int, outputs: int, dilation: int = 1) -> nn.Sequential:
    return conv(inputs, outputs, norm="batch", dilation=dilation)


def _like(x: Tensor, other: Tensor) -> Tensor:
    return F.interpolate(x, other.shape[2:], mode="bilinear")


def _halved(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=True)


@dataclass(frozen=True)
class Stage:
    """A small U: width inside and at its end, levels; ``flat``: dilation instead of pooling."""

    middle: int
    outputs: int
    height: int
    flat: bool = False


class ResidualU(nn.Module):
    """RSU block: a small U with the input carried around it."""

    def __init__(self, inputs: int, stage: Stage) -> None:
        super().__init__()
        middle, out, height = stage.middle, stage.outputs, stage.height
        self.flat = stage.flat
        rates = [2**i if stage.flat else 1 for i in range(height - 1)]
        befores = [out, *([middle] * (height - 2))]
        afters = [*([middle] * (height - 2)), out]
        self.first = _block(inputs, out)
        self.down = nn.ModuleList(map(_block, befores, [middle] * len(rates), rates))
        self.bottom = _block(middle, middle, 2 ** (height - 1) if stage.flat else 2)
        self.up = nn.ModuleList(map(_block, [2 * middle] * len(rates), afters, rates[::-1]))

    def forward(self, x: Tensor) -> Tensor:
        carried = x = self.first(x)
        seen = list[Tensor]()
        for i, block in enumerate(self.down):
            x = block(x if self.flat or i == 0 else _halved(x))
            seen.append(x)
        x = self.bottom(x)
        for block, beside in zip(self.up, reversed(seen), strict=True):
            x = block(torch.cat([_like(x, beside), beside], 1))
        return x + carried


@dataclass(frozen=True)
class Stages:
    """``down``: from the finest to the coarsest; ``up``: back from the second coarsest."""

    down: tuple[Stage, ...]
    up: tuple[Stage, ...]


FULL = Stages(
    (Stage(32, 64, 7), Stage(32, 128, 6), Stage(64, 256, 5), Stage(128, 512, 4),
     Stage(256, 512, 4, flat=True), Stage(256, 512, 4, flat=True)),
    (Stage(256, 512, 4, flat=True), Stage(128, 256, 4), Stage(64, 128, 5), Stage(32, 64, 6),
     Stage(16, 64, 7)),
)  # fmt: skip
SMALL = Stages(
    (*(Stage(16, 64, height) for height in (7, 6, 5, 4)), *[Stage(16, 64, 4, flat=True)] * 2),
    (Stage(16, 64, 4, flat=True), *(Stage(16, 64, height) for height in (4, 5, 6, 7))),
)


class U2Net(nn.Module):
    """(N, inputs, H, W) -> logits, each (N, outputs, H, W): the fused ones, then every level's.

    ``stages``: ``FULL`` (44 million parameters) or ``SMALL`` (1.1 million).
    """

    def __init__(self, inputs: int = 3, outputs: int = 1, stages: Stages = FULL) -> None:
        super().__init__()
        downs = [stage.outputs for stage in stages.down]
        ups = [downs[-1], *(stage.outputs for stage in stages.up)]
        joined = [below + beside for below, beside in zip(ups, downs[-2::-1], strict=False)]
        self.down = nn.ModuleList(map(ResidualU, [inputs, *downs[:-1]], stages.down))
        self.up = nn.ModuleList(map(ResidualU, joined, stages.up))
        self.sides = nn.ModuleList(nn.Conv2d(width, outputs, 3, padding=1) for width in ups)
        self.fuse = nn.Conv2d(len(ups) * outputs, outputs, 1)

    def forward(self, x: Tensor) -> list[Tensor]:
        size, seen = x, list[Tensor]()
        for i, block in enumerate(self.down):
            x = block(_halved(x) if i else x)
            seen.append(x)
        levels = [seen.pop()]
        for block in self.up:
            beside = seen.pop()
            levels.append(block(torch.cat([_like(levels[-1], beside), beside], 1)))
        sides = [_like(s(level), size) for s, level in zip(self.sides, levels, strict=True)]
        return [self.fuse(torch.cat(sides, 1)), *sides[::-1]]


def loss(logits: list[Tensor], target: Tensor) -> Tensor:
    """Binary cross-entropy of all outputs against a mask (N, outputs, H, W) in 0..1, summed."""
    parts = [F.binary_cross_entropy_with_logits(level, target) for level in logits]
    return torch.stack(parts).sum()
