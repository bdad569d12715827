"""Building blocks and losses that several networks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Norm = Literal["instance", "batch", "none"]
_NORMS: dict[Norm, Callable[[int], nn.Module]] = {
    "instance": lambda width: nn.InstanceNorm2d(width, affine=True),
    "batch": nn.BatchNorm2d,
    "none": lambda _: nn.Identity(),
}


def conv(
    inputs: int, outputs: int, size: int = 3, *, stride: int = 1, norm: Norm = "instance",
    slope: float = 0.0, dilation: int = 1,
) -> nn.Sequential:  # fmt: skip
    """Convolution, normalisation, leaky ReLU of ``slope`` (0 = ReLU)."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, dilation * (size // 2), dilation),
        _NORMS[norm](outputs),
        nn.LeakyReLU(slope),
    )


class Up(nn.Sequential):
    """Twice the size (bilinear: no checkerboard), then a convolution."""

    def __init__(self, inputs: int, outputs: int, norm: Norm = "instance") -> None:
        double = nn.Upsample(scale_factor=2, mode="bilinear")
        super().__init__(double, conv(inputs, outputs, norm=norm))


class Residual(nn.Module):
    """Two convolutions around which the input is carried."""

    def __init__(self, width: int, norm: Norm = "instance") -> None:
        super().__init__()
        self.body = nn.Sequential(conv(width, width, norm=norm), conv(width, width, norm=norm)[:2])

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class AdaIN(nn.Module):
    """Instance normalisation whose scale and shift come from a style vector (N, style)."""

    def __init__(self, style: int, width: int) -> None:
        super().__init__()
        self.norm, self.affine = nn.InstanceNorm2d(width), nn.Linear(style, 2 * width)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = self.affine(style)[..., None, None].chunk(2, 1)
        return self.norm(x) * (1 + scale) + shift


def half(x: Tensor) -> Tensor:
    """Half the size by averaging."""
    return F.avg_pool2d(x, 2)


def least_squares(logits: Tensor, target: float) -> Tensor:
    """Least-squares GAN loss (Mao et al., ICCV 2017); ``target`` 1 for real, 0 for made."""
    return F.mse_loss(logits, torch.full_like(logits, target))
