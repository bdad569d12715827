"""The fused editor's encoder: a pyramid of features and the target's W+ latent."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DEEPEST = 8
SOURCES = (8, 16, 32)  # resolutions from which coarse, middle and fine styles are read
COARSE, MIDDLE = 4, 8  # the first styles of the middle and of the fine group


def activate(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2)


class Down(nn.Module):
    """Half the size: a strided convolution and one more, with a residual."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = activate(self.first(x))
        return x + activate(self.second(x))


class Encoder(nn.Module):
    """(N, inputs, R, R) -> features by resolution, R down to 8, and W+ offsets (N, styles, latent).

    ``widths``: channels by resolution, down to 8. The offsets begin at 0, so that an untrained
    encoder gives the mean latent. Styles are read as in pSp (Richardson et al., CVPR 2021): coarse
    ones from coarse features.
    """

    def __init__(self, inputs: int, widths: dict[int, int], styles: int, latent: int) -> None:
        super().__init__()
        sizes = sorted(widths, reverse=True)
        self.stem = nn.Conv2d(inputs, widths[sizes[0]], 3, padding=1)
        self.downs = nn.ModuleList(Down(widths[2 * size], widths[size]) for size in sizes[1:])
        self.groups = [_source(i) for i in range(styles)]
        self.heads = nn.ModuleList(nn.Linear(widths[source], latent) for source in self.groups)
        for head in self.heads:
            nn.init.zeros_(head.weight)  # type: ignore[arg-type]
            nn.init.zeros_(head.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        x = activate(self.stem(x))
        features = {x.shape[-1]: x}
        for down in self.downs:
            x = down(x)
            features[x.shape[-1]] = x
        pooled = {size: features[size].float().mean((2, 3)) for size in SOURCES}
        heads = zip(self.heads, self.groups, strict=True)
        return features, torch.stack([head(pooled[source]) for head, source in heads], 1)


def _source(style: int) -> int:
    return SOURCES[(style >= COARSE) + (style >= MIDDLE)]
