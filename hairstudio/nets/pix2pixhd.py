"""pix2pixHD (Wang et al., CVPR 2018): the supervised baseline.

A global generator works at half the size, a local enhancer adds detail at the full size; several
discriminators see the pair at several scales, and their features are matched.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets.layers import Residual, Up, conv, half, least_squares

Features = list[Tensor]


class GlobalGenerator(nn.Sequential):
    """(N, inputs, H, W) -> features (N, width, H, W); H and W are multiples of 2^``downs``."""

    def __init__(self, inputs: int, width: int, downs: int, blocks: int) -> None:
        widths = [width * 2**i for i in range(downs + 1)]
        down = [conv(a, b, stride=2) for a, b in pairwise(widths)]
        middle = [Residual(widths[-1]) for _ in range(blocks)]
        up = [Up(a, b) for a, b in pairwise(widths[::-1])]
        super().__init__(conv(inputs, width, 7), *down, *middle, *up)


class Pix2PixHD(nn.Module):
    """Input (N, inputs, H, W) in -1..1 -> RGB (N, 3, H, W) in -1..1; H and W are multiples of
    2^(``downs`` + 1)."""

    def __init__(self, inputs: int, width: int = 64, downs: int = 4, blocks: int = 9) -> None:
        super().__init__()
        fine = width // 2
        self.coarse = GlobalGenerator(inputs, width, downs, blocks)
        self.look = nn.Sequential(conv(inputs, fine, 7), conv(fine, width, stride=2))
        self.enhance = nn.Sequential(*(Residual(width) for _ in range(3)), Up(width, fine))
        self.paint = nn.Conv2d(fine, 3, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        features = self.look(x) + self.coarse(half(x))
        return torch.tanh(self.paint(self.enhance(features)))


class PatchDiscriminator(nn.Module):
    """(N, inputs, H, W) -> its features; the last are the logits of patches."""

    def __init__(self, inputs: int, width: int, layers: int = 3) -> None:
        super().__init__()
        widths = [width * 2 ** min(i, 3) for i in range(layers + 1)]
        stages = [conv(inputs, width, 4, stride=2, norm="none", slope=0.2)]
        stages += [conv(a, b, 4, stride=2, slope=0.2) for a, b in pairwise(widths)]
        self.stages = nn.ModuleList([*stages, nn.Conv2d(widths[-1], 1, 3, padding=1)])

    def forward(self, x: Tensor) -> Features:
        found: Features = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found


class MultiScaleDiscriminator(nn.Module):
    """Condition and picture (N, inputs, H, W) -> features at each scale, finest first."""

    def __init__(self, inputs: int, width: int = 64, scales: int = 2) -> None:
        super().__init__()
        self.scales = nn.ModuleList(PatchDiscriminator(inputs, width) for _ in range(scales))

    def forward(self, x: Tensor) -> list[Features]:
        found: list[Features] = []
        for scale in self.scales:
            found.append(scale(x))
            x = half(x)
        return found


def adversarial_loss(judged: Sequence[Features], target: float) -> Tensor:
    """Least-squares loss of the logits, summed over scales; ``target`` 1 for real, 0 for made."""
    return torch.stack([least_squares(scale[-1], target) for scale in judged]).sum()


def matching_loss(made: Sequence[Features], real: Sequence[Features]) -> Tensor:
    """Mean absolute difference of the discriminators' features."""
    parts = [
        F.l1_loss(a, b.detach())
        for one, other in zip(made, real, strict=True)
        for a, b in zip(one[:-1], other[:-1], strict=True)
    ]
    return torch.stack(parts).mean()
