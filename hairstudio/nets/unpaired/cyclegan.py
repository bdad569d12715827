"""CycleGAN (Zhu et al., ICCV 2017): two translators that must undo each other."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets.layers import Residual, Up, conv, least_squares
from hairstudio.nets.pix2pixhd import PatchDiscriminator

CYCLE, IDENTITY = 10.0, 5.0


class Translator(nn.Sequential):
    """RGB (N, 3, H, W) in -1..1 -> the same in the other domain; H, W multiples of 4."""

    def __init__(self, width: int = 64, blocks: int = 9) -> None:
        super().__init__(
            conv(3, width, 7), conv(width, 2 * width, stride=2),
            conv(2 * width, 4 * width, stride=2), *(Residual(4 * width) for _ in range(blocks)),
            Up(4 * width, 2 * width), Up(2 * width, width), nn.Conv2d(width, 3, 7, padding=3),
            nn.Tanh(),
        )  # fmt: skip


class CycleGAN(nn.Module):
    """Domain A (without the attribute) and B (with it)."""

    def __init__(self, width: int = 64, blocks: int = 9) -> None:
        super().__init__()
        self.to_b, self.to_a = Translator(width, blocks), Translator(width, blocks)
        self.judge_a, self.judge_b = PatchDiscriminator(3, width), PatchDiscriminator(3, width)

    def generator_loss(self, a: Tensor, b: Tensor) -> Tensor:
        """Fool both judges, undo each other, leave alone what is in the domain already."""
        as_b, as_a = self.to_b(a), self.to_a(b)
        fooled = least_squares(self.judge_b(as_b)[-1], 1) + least_squares(self.judge_a(as_a)[-1], 1)
        cycle = F.l1_loss(self.to_a(as_b), a) + F.l1_loss(self.to_b(as_a), b)
        same = F.l1_loss(self.to_a(a), a) + F.l1_loss(self.to_b(b), b)
        return fooled + CYCLE * cycle + IDENTITY * same

    def discriminator_loss(self, a: Tensor, b: Tensor) -> Tensor:
        with torch.no_grad():
            as_b, as_a = self.to_b(a), self.to_a(b)
        pairs = [(self.judge_a, a, as_a), (self.judge_b, b, as_b)]
        parts = [
            least_squares(judge(real)[-1], 1) + least_squares(judge(made)[-1], 0)
            for judge, real, made in pairs
        ]
        return torch.stack(parts).sum() / 2
