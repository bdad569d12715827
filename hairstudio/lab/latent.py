"""The space in which latents are searched: P, whitened.

P is W before the mapping network's last leaky ReLU; latents are nearly Gaussian there (Zhu et al.,
"Improved StyleGAN embedding", 2020). Whitened by the samples' mean and covariance, a plausible
vector has independent coordinates of variance 1, so its distance from the mean is Mahalanobis',
and the sphere of radius sqrt(d) is where nearly all samples lie (PULSE; Menon et al., CVPR 2020).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from hairstudio.nets.prior import Statistics, to_p

SMALLEST = 1e-4  # of the largest variance: directions that hold less count as this


class LatentSpace:
    """Maps whitened latents v (N, styles, d) to W+ (N, styles, d) and back."""

    def __init__(self, statistics: Statistics) -> None:
        values, vectors = torch.linalg.eigh(statistics.p_covariance.double())
        spread = values.clamp(min=SMALLEST * float(values.max())).sqrt()
        self.mean = statistics.p_mean
        self._colour = (vectors * spread).float()
        self._whiten = (vectors / spread).float()

    @property
    def size(self) -> int:
        return self.mean.numel()

    def to_w(self, v: Tensor) -> Tensor:
        return F.leaky_relu(self.mean + v @ self._colour.T, 0.2)

    def from_w(self, w: Tensor) -> Tensor:
        return (to_p(w) - self.mean) @ self._whiten

    def distance(self, v: Tensor) -> Tensor:
        """(N, styles) Mahalanobis distance from the mean over sqrt(d): about 1 for samples."""
        return v.square().mean(-1).sqrt()


def sphere(v: Tensor) -> Tensor:
    """Each vector scaled to radius sqrt(d)."""
    return F.normalize(v, dim=-1) * math.sqrt(v.shape[-1])


def cross_distance(v: Tensor) -> Tensor:
    """(N,) mean squared angle between the vectors of different styles: PULSE's geodesic cross
    loss. 0 when all styles share one vector."""
    unit = F.normalize(v, dim=-1)
    cosine = (unit @ unit.transpose(1, 2)).clamp(-1 + 1e-6, 1 - 1e-6)
    off = ~torch.eye(v.shape[1], dtype=torch.bool, device=v.device)
    return torch.arccos(cosine)[:, off].square().mean(1)
