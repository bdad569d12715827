"""Adaptive discriminator augmentation (Karras et al., NeurIPS 2020): shift, scale, colour."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

TARGET = 0.6
SPAN = 20_000
MOST = 0.6  # beyond that colours and shifts leak into what is generated


def augment(rgb: Tensor, p: float, generator: torch.Generator) -> Tensor:
    """Apply each transform to each picture with probability ``p``; differentiable in ``rgb``.

    ``rgb``: (N, 3, R, R) float32 in -1..1.
    """
    if p <= 0:
        return rgb
    return _colour(_move(rgb, p, generator), p, generator)


def _gate(count: int, p: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(count, generator=generator) < p).float()


def _normal(count: int, generator: torch.Generator) -> Tensor:
    return torch.randn(count, generator=generator)


def _move(rgb: Tensor, p: float, generator: torch.Generator) -> Tensor:
    count = rgb.shape[0]
    scale = torch.exp2(_normal(count, generator) * 0.2 * _gate(count, p, generator))
    shift = (torch.rand(count, 2, generator=generator) - 0.5) * 0.25
    shift = shift * _gate(count, p, generator)[:, None]
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = scale, scale, shift
    grid = F.affine_grid(theta.to(rgb.device), list(rgb.shape), align_corners=False)
    return F.grid_sample(rgb, grid, padding_mode="reflection", align_corners=False)


def _colour(rgb: Tensor, p: float, generator: torch.Generator) -> Tensor:
    count = rgb.shape[0]
    bright = _normal(count, generator) * 0.2 * _gate(count, p, generator)
    contrast = torch.exp2(_normal(count, generator) * 0.3 * _gate(count, p, generator))
    saturation = torch.exp2(_normal(count, generator) * 0.5 * _gate(count, p, generator))
    bright, contrast, saturation = (
        x.to(rgb.device)[:, None, None, None] for x in (bright, contrast, saturation)
    )
    grey = rgb.mean(1, keepdim=True)
    return (grey + (rgb - grey) * saturation) * contrast + bright


def adapted(p: float, sign: float, pictures: int) -> float:
    """Move p towards the strength where the mean sign of D(real) is ``TARGET``."""
    step = pictures / SPAN
    return min(max(p + (step if sign > TARGET else -step), 0.0), MOST)
