"""What a reconstruction must fulfil: each loss gives (N,), one value for each picture."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def outside(made: Tensor, original: Tensor, region: Tensor) -> Tensor:
    """Mean squared difference where ``region`` is 0, at full resolution.

    ``made``, ``original``: (N, 3, R, R) in -1..1; ``region``: (N, 1, R, R) 0..1.
    """
    return _mean((made - original).square(), 1 - region)


def inside(made: Tensor, reference: Tensor, region: Tensor, factor: int) -> Tensor:
    """Mean squared difference in the region after averaging ``factor`` x ``factor`` pixels
    (PULSE's downscaling loss): what is finer stays free."""
    gap = F.avg_pool2d(made - reference, factor)
    return _mean(gap.square(), F.avg_pool2d(region, factor))


def noise_regularity(noises: Sequence[Tensor]) -> Tensor:
    """0 for white noise: correlation of neighbours on all scales down to 8 px (Karras et al.,
    CVPR 2020, appendix D). ``noises``: (N, 1, r, r) each, r a power of two."""
    count, side = noises[0].shape[0], max(noise.shape[-1] for noise in noises)
    total = torch.zeros(count, device=noises[0].device)
    planes = noises[0].new_zeros(count, 0, side, side)
    while side >= 8:
        planes = torch.cat([planes, *(noise for noise in noises if noise.shape[-1] == side)], 1)
        for axis in (2, 3):
            total = total + (planes * planes.roll(1, axis)).mean((2, 3)).square().sum(1)
        planes, side = F.avg_pool2d(planes, 2) * 2, side // 2
    return total


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean over channels and places; 0 where nothing counts."""
    total = (values * weight).sum((1, 2, 3))
    return total / (weight.sum((1, 2, 3)) * values.shape[1]).clamp(min=1e-6)
