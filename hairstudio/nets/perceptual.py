"""Perceptual distance between pictures: features of the parsing network, or of the user's VGG16.

As in LPIPS (Zhang et al., CVPR 2018): features are normalised over their channels at every place,
squared differences are averaged over places and summed over layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.errors import UserError
from hairstudio.nets import bisenet

Features = Callable[[Tensor], Iterable[Tensor]]
VGG_WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


class ParsingFeatures(nn.Module):
    """RGB (N, 3, H, W) in -1..1, H and W multiples of 32 -> ResNet-18 features at 1/8, 1/16, 1/32
    of the face parsing network."""

    mean: Tensor
    std: Tensor

    def __init__(self, path: Path) -> None:
        super().__init__()
        net = bisenet.load(path).requires_grad_(False)
        self.resnet = net.cp.resnet
        self.register_buffer("mean", net.mean)
        self.register_buffer("std", net.std)

    def forward(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.resnet(((rgb + 1) / 2 - self.mean) / self.std)

    def pooled(self, rgb: Tensor) -> Tensor:
        """One vector (N, 512) for each picture."""
        return self(rgb)[-1].mean((2, 3))


class VGG16(nn.Module):
    """RGB (N, 3, H, W) in -1..1 -> features after each of the five groups of convolutions."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        layers, inputs = list[nn.Module](), 3
        for group in VGG_WIDTHS:
            for width in group:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
                inputs = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor(bisenet.MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(bisenet.STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        x, found = ((rgb + 1) / 2 - self.mean) / self.std, list[Tensor]()
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                found.append(x)
            x = layer(x)
        return found


def load_vgg16(path: Path) -> VGG16:
    """torchvision's ``vgg16`` weights from a file of the user's. Raises UserError for another."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        convolutions = {k: v for k, v in state.items() if k.startswith("features.")}
        net = VGG16()
        net.load_state_dict(convolutions)
    except Exception as error:
        raise UserError(f"{path}: not the weights of a VGG16: {error}") from error
    return net.eval().requires_grad_(False)


def distance(features: Features, a: Tensor, b: Tensor, weight: Tensor | None = None) -> Tensor:
    """Mean perceptual distance of a batch, a scalar, 0 for equal pictures; see ``distances``."""
    return distances(features, a, b, weight).mean()


def distances(features: Features, a: Tensor, b: Tensor, weight: Tensor | None = None) -> Tensor:
    """(N,) perceptual distance of each picture, 0 for equal ones.

    ``weight``: (N, 1, H, W) 0..1, where it counts.
    """
    return compared(features(a), features(b), weight)


def compared(a: Iterable[Tensor], b: Iterable[Tensor], weight: Tensor | None = None) -> Tensor:
    """(N,) as ``distances``, from features that are known already."""
    return torch.stack([_layer(x, y, weight) for x, y in zip(a, b, strict=True)]).sum(0)


def _layer(x: Tensor, y: Tensor, weight: Tensor | None) -> Tensor:
    gap = (F.normalize(x, dim=1) - F.normalize(y, dim=1)).square().sum(1, keepdim=True)
    if weight is None:
        return gap.mean((1, 2, 3))
    at = F.interpolate(weight, gap.shape[2:], mode="area")
    return (gap * at).sum((1, 2, 3)) / at.sum((1, 2, 3)).clamp(min=1e-6)
