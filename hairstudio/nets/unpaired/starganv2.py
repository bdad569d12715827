"""StarGAN v2-style translation (Choi et al., CVPR 2020): one generator, a style for each domain."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets.layers import AdaIN, Residual, conv

STYLE, DIVERSITY, CYCLE = 1.0, 1.0, 1.0


class StyledBlock(nn.Module):
    """Two convolutions under AdaIN with a residual; ``up`` doubles the size."""

    def __init__(self, inputs: int, outputs: int, style: int, *, up: bool = False) -> None:
        super().__init__()
        self.up = up
        self.norms = nn.ModuleList([AdaIN(style, inputs), AdaIN(style, outputs)])
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        y = F.leaky_relu(self.norms[0](x, style), 0.2)
        if self.up:
            x, y = (F.interpolate(t, scale_factor=2.0) for t in (x, y))
        y = self.second(F.leaky_relu(self.norms[1](self.first(y), style), 0.2))
        return (y + self.skip(x)) * 0.5**0.5


class StarGenerator(nn.Module):
    """RGB (N, 3, H, W) in -1..1 and a style (N, style) -> RGB; H, W multiples of 4."""

    def __init__(self, width: int, style: int) -> None:
        super().__init__()
        self.encode = nn.Sequential(
            conv(3, width), conv(width, 2 * width, stride=2), conv(2 * width, 4 * width, stride=2),
            Residual(4 * width),
        )  # fmt: skip
        self.decode = nn.ModuleList([
            StyledBlock(4 * width, 4 * width, style),
            StyledBlock(4 * width, 2 * width, style, up=True),
            StyledBlock(2 * width, width, style, up=True),
        ])  # fmt: skip
        self.paint = nn.Conv2d(width, 3, 1)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        x = self.encode(x)
        for block in self.decode:
            x = block(x, style)
        return self.paint(x)


class PerDomain(nn.Module):
    """A body, then one linear head for each domain: (N, ...) and domains (N,) -> (N, outputs)."""

    def __init__(self, body: nn.Module, width: int, outputs: int, domains: int) -> None:
        super().__init__()
        self.body, self.heads = body, nn.Linear(width, outputs * domains)
        self.domains = domains

    def forward(self, x: Tensor, domain: Tensor) -> Tensor:
        heads = self.heads(self.body(x)).view(len(x), self.domains, -1)
        return heads[torch.arange(len(x), device=x.device), domain]


def _looking(width: int) -> nn.Sequential:
    stages = [conv(3, width, slope=0.2, norm="none")]
    stages += [conv(width * 2**i, width * 2 ** (i + 1), stride=2, slope=0.2, norm="none")
               for i in range(3)]  # fmt: skip
    return nn.Sequential(*stages, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class StarGANv2(nn.Module):
    """Generator, mapping network, style encoder and a discriminator with one head a domain."""

    def __init__(
        self, domains: int = 2, width: int = 64, style: int = 64, latent: int = 16
    ) -> None:
        super().__init__()
        self.latent = latent
        self.generator = StarGenerator(width, style)
        mapping = nn.Sequential(nn.Linear(latent, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU())
        self.mapping = PerDomain(mapping, 128, style, domains)
        self.encoder = PerDomain(_looking(width), 8 * width, style, domains)
        self.judge = PerDomain(_looking(width), 8 * width, 1, domains)

    def generator_loss(self, x: Tensor, own: Tensor, other: Tensor, z: Tensor) -> Tensor:
        """``own``, ``other``: domains (N,) of the pictures and of the wish; ``z``: (2, N, latent),
        two wishes that shall look different."""
        styles = [self.mapping(part, other) for part in z]
        made = [self.generator(x, style) for style in styles]
        fooled = F.softplus(-self.judge(made[0], other)).mean()
        style = F.l1_loss(self.encoder(made[0], other), styles[0])
        back = F.l1_loss(self.generator(made[0], self.encoder(x, own)), x)
        different = F.l1_loss(made[0], made[1].detach())
        return fooled + STYLE * style + CYCLE * back - DIVERSITY * different

    def discriminator_loss(self, x: Tensor, own: Tensor, other: Tensor, z: Tensor) -> Tensor:
        with torch.no_grad():
            made = self.generator(x, self.mapping(z, other))
        real, false = self.judge(x, own), self.judge(made, other)
        return F.softplus(-real).mean() + F.softplus(false).mean()
