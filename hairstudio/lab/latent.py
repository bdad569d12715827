"""The space in which latents are searched: P, whitened.

P is W before the mapping network's last leaky ReLU; latents are nearly Gaussian there (Zhu et al.,
"Improved StyleGAN embedding", 2020). Whitened by the samples' mean and covariance, a plausible
vector has independent coordinates of variance 1, so its distance from the mean is Mahalanobis',
and the sphere of radius sqrt(d) is where nearly all samples lie (PULSE; Menon et al., CVPR 2020).
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from hairstudio import settings
from hairstudio.files import atomic_write
from hairstudio.nets import prior
from hairstudio.nets.prior import Statistics, to_p
from hairstudio.nets.stylegan2 import Generator
from hairstudio.weights import store

SMALLEST = 1e-4  # of the largest variance: directions that hold less count as this
SAMPLES, SEED, PERCENTILE = 10_000, 1, 0.99
REACH_VERSION = 1


class LatentSpace:
    """Maps whitened latents v (N, styles, d) to W+ (N, styles, d) and back.

    ``start``: (d,), the mean of W, from where searches find their way faster than from that of P;
    ``reach``: the distance from the mean within which 99 % of the prior's samples lie.
    """

    def __init__(self, statistics: Statistics, reach: float = math.inf) -> None:
        values, vectors = torch.linalg.eigh(statistics.p_covariance.double())
        spread = values.clamp(min=SMALLEST * float(values.max())).sqrt()
        self.mean, self.reach = statistics.p_mean, reach
        self._colour = (vectors * spread).float()
        self._whiten = (vectors / spread).float()
        self.start = self.from_w(statistics.w_mean)

    @property
    def size(self) -> int:
        return self.mean.numel()

    def to_w(self, v: Tensor) -> Tensor:
        return F.leaky_relu(self.mean + v @ self._colour.T, 0.2)

    def from_w(self, w: Tensor) -> Tensor:
        return (to_p(w) - self.mean) @ self._whiten

    def distance(self, v: Tensor) -> Tensor:
        """(N, styles) Mahalanobis distance from the mean over sqrt(d): about 1 for samples."""
        return v.square().mean(-1).clamp(min=1e-12).sqrt()

    def within_reach(self, v: Tensor) -> Tensor:
        """``v`` with the vectors that are too far out brought back."""
        return v * (self.reach / self.distance(v)).clamp(max=1)[..., None]


def open_space(generator: Generator, path: Path) -> LatentSpace:
    """The latent space of the prior in the file ``path``; what it measures is remembered in the
    cache folder under the file's hash."""
    space = LatentSpace(prior.statistics(generator, path))
    name = f"reach-{store.sha256(path)[:16]}-{REACH_VERSION}.txt"
    cached = settings.cache_folder() / name
    try:
        space.reach = float(cached.read_text())
    except (OSError, ValueError):
        space.reach = measured_reach(generator, space)
        with atomic_write(cached, overwrite=True) as part:
            part.write_text(repr(space.reach))
    return space


@torch.no_grad()
def measured_reach(generator: Generator, space: LatentSpace) -> float:
    """The 99th percentile of the distances of 10,000 samples: other ones than those that the
    statistics come from. A sample is one layer's vector: the layers are independent."""
    chance = torch.Generator().manual_seed(SEED)
    z = torch.randn(SAMPLES, generator.config.latent, generator=chance)
    parts = [space.distance(space.from_w(generator.mapping(part))) for part in z.split(1000)]
    return float(torch.quantile(torch.cat(parts), PERCENTILE))


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
