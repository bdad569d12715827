"""HiSD (Li et al., CVPR 2021): styles by tag (bangs) and attribute (with, without).

A translator changes only the features of its tag, under an attention mask that it draws itself.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets.layers import Residual, Up, conv
from hairstudio.nets.unpaired.starganv2 import PerDomain, StyledBlock

STYLE, SAME = 1.0, 1.0


class HiSDTranslator(nn.Module):
    """Features (N, width, h, w) and a style (N, style) -> features changed where the mask says."""

    def __init__(self, width: int, style: int) -> None:
        super().__init__()
        self.change = StyledBlock(width, width, style)
        self.attend = StyledBlock(width, 1, style)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        mask = torch.sigmoid(self.attend(x, style))
        return mask * self.change(x, style) + (1 - mask) * x


class HiSD(nn.Module):
    """One tag with ``attributes`` values."""

    def __init__(
        self, attributes: int = 2, width: int = 64, style: int = 64, latent: int = 16
    ) -> None:
        super().__init__()
        deep = 4 * width
        self.encode = nn.Sequential(
            conv(3, width), conv(width, 2 * width, stride=2), conv(2 * width, deep, stride=2)
        )
        self.translate = HiSDTranslator(deep, style)
        self.decode = nn.Sequential(
            Residual(deep), Up(deep, 2 * width), Up(2 * width, width), nn.Conv2d(width, 3, 1)
        )
        mapper = nn.Sequential(nn.Linear(latent, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU())
        self.map = PerDomain(mapper, 128, style, attributes)
        self.extract = nn.Sequential(_pooled(width), nn.Linear(deep, style))
        self.judge = PerDomain(_pooled(width), deep, 1, attributes)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """RGB (N, 3, H, W) in -1..1 with the tag in this style; H, W multiples of 4."""
        return self.decode(self.translate(self.encode(x), style))

    def generator_loss(self, x: Tensor, other: Tensor, z: Tensor) -> Tensor:
        """``other``: attributes (N,) to change to; ``z``: (N, latent)."""
        features, style = self.encode(x), self.map(z, other)
        made = self.decode(self.translate(features, style))
        back = self(made, self.extract(x))
        same = F.l1_loss(self.decode(features), x) + F.l1_loss(back, x)
        same = same + F.l1_loss(self(x, self.extract(x)), x)
        fooled = F.softplus(-self.judge(made, other)).mean()
        return fooled + STYLE * F.l1_loss(self.extract(made), style) + SAME * same

    def discriminator_loss(self, x: Tensor, own: Tensor, other: Tensor, z: Tensor) -> Tensor:
        with torch.no_grad():
            made = self(x, self.map(z, other))
        return F.softplus(-self.judge(x, own)).mean() + F.softplus(self.judge(made, other)).mean()


def _pooled(width: int) -> nn.Sequential:
    return nn.Sequential(
        conv(3, width, slope=0.2, norm="none"),
        conv(width, 2 * width, stride=2, slope=0.2, norm="none"),
        conv(2 * width, 4 * width, stride=2, slope=0.2, norm="none"),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip
