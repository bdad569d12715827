"""Residual StyleGAN2 discriminator with minibatch standard deviation, average-pool downsampling."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets.stylegan2 import Linear, leaky_relu


class Conv(nn.Module):
    """Equalised-rate convolution in the input's dtype."""

    def __init__(self, inputs: int, outputs: int, size: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.gain, self.padding = 1 / math.sqrt(inputs * size * size), size // 2

    def forward(self, x: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return F.conv2d(x, (self.weight * self.gain).to(x.dtype), bias, padding=self.padding)


class Block(nn.Module):
    """Two 3x3 convolutions around a halving, with a residual."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first, self.second = Conv(inputs, inputs, 3), Conv(inputs, outputs, 3)
        self.skip = Conv(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = F.avg_pool2d(leaky_relu(self.first(x)), 2)
        y = leaky_relu(self.second(y))
        return (y + self.skip(F.avg_pool2d(x, 2))) * math.sqrt(0.5)


def minibatch_deviation(x: Tensor, group: int = 4) -> Tensor:
    """Append the mean standard deviation within groups of ``group`` samples as a channel."""
    count, _, height, width = x.shape
    group = math.gcd(group, count)
    grouped = x.float().reshape(group, count // group, -1)
    deviation = grouped.var(0, correction=0).add(1e-8).sqrt().mean(1)
    plane = deviation.repeat(group).view(count, 1, 1, 1).expand(-1, -1, height, width)
    return torch.cat([x, plane.to(x.dtype)], 1)


class Discriminator(nn.Module):
    """RGB (N, 3, R, R) in -1..1 -> realness logit (N,).

    ``channels``: width per resolution, 4 px first.
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        widths = channels[::-1]
        self.from_rgb = Conv(3, widths[0], 1)
        self.blocks = nn.ModuleList(Block(before, after) for before, after in pairwise(widths))
        last = widths[-1]
        self.conv = Conv(last + 1, last, 3)
        self.hidden, self.out = Linear(last * 16, last), Linear(last, 1)

    def forward(self, rgb: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        x = rgb.to(dtype).contiguous(memory_format=torch.channels_last)
        x = leaky_relu(self.from_rgb(x))
        for block in self.blocks:
            x = block(x)
        x = leaky_relu(self.conv(minibatch_deviation(x))).float()
        return self.out(leaky_relu(self.hidden(x.flatten(1))))[:, 0]
