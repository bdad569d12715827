"""Perceptual distance between pictures: features of the parsing network, or of the user's VGG16.

As in LPIPS (Zhang et al., CVPR 2018): features have unit length over their channels at every place,
squared differences are averaged over places and summed over layers; channels count as LPIPS learned
where the user's file has its weights.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from hairstudio.nets import bisenet, winograd
from hairstudio.weights.perceptual import FILE, WIDTHS

Features = Callable[[Tensor], Iterable[Tensor]]


class ParsingFeatures(nn.Module):
    """RGB (N, 3, H, W) in -1..1, H and W multiples of 32 -> ResNet-18 features at 1/8, 1/16, 1/32
    of the face parsing network, of unit length."""

    mean: Tensor
    std: Tensor

    def __init__(self, path: Path) -> None:
        super().__init__()
        net = bisenet.load(path).requires_grad_(False)
        self.resnet = net.cp.resnet
        self.register_buffer("mean", net.mean)
        self.register_buffer("std", net.std)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        return [F.normalize(layer.float(), dim=1) for layer in self.maps(rgb)]

    def maps(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The features as the network has them."""
        x = ((rgb + 1) / 2 - self.mean) / self.std
        return self.resnet(x.to(self.resnet.conv1.weight.dtype))

    def computing_in(self, dtype: torch.dtype) -> ParsingFeatures:
        """A copy whose network computes in another number format."""
        made = copy.deepcopy(self)
        _fold(made.resnet)
        made.resnet.to(dtype)
        made.resnet.add_module("conv1", _Stem(made.resnet.conv1))
        _tile(made.resnet)
        return made

    def pooled(self, rgb: Tensor) -> Tensor:
        """One vector (N, 512) for each picture."""
        return self.maps(rgb)[-1].mean((2, 3))


def _fold(net: nn.Module) -> None:
    """Write the constant scales and shifts after convolutions into them: less to do each time."""
    for module in list(net.modules()):
        parts = dict(module.named_children())
        for conv, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("0", "1")):
            first, second = parts.get(conv), parts.get(norm)
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                module.add_module(conv, fuse_conv_bn_eval(first, second))
                module.add_module(norm, nn.Identity())


class _Stem(nn.Module):
    """A 7x7 convolution of stride 2 as one of 4x4 over blocks of 2x2 pixels: few input channels
    make gradients slow."""

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        taps = F.pad(conv.weight.detach(), (1, 0, 1, 0)).unflatten(3, (4, 2)).unflatten(2, (4, 2))
        weight = taps.permute(0, 1, 3, 5, 2, 4).flatten(1, 3)
        self.weight = weight.contiguous(memory_format=torch.channels_last)
        self.bias = conv.bias

    def forward(self, x: Tensor) -> Tensor:
        blocks = F.pixel_unshuffle(F.pad(x, (4, 2, 4, 2)), 2)
        return F.conv2d(
            blocks.contiguous(memory_format=torch.channels_last), self.weight, self.bias
        )


def _tile(net: nn.Module) -> None:
    """Compute its 3x3 convolutions in tiles, or as products."""
    for module in list(net.modules()):
        for name, part in list(module.named_children()):
            if isinstance(part, nn.Conv2d) and part.kernel_size == (3, 3):
                frozen = winograd.FrozenConv(part.weight, part.bias, part.stride[0])
                module.add_module(name, frozen)


class VGG16(nn.Module):
    """RGB (N, 3, H, W) in -1..1 -> features after each of the five groups of convolutions, of unit
    length, then scaled so that channels count as in LPIPS (1 without its weights)."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        layers, inputs = list[nn.Module](), 3
        for group in WIDTHS:
            for width in group:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
                inputs = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.scales = nn.ParameterList(torch.ones(group[-1]) for group in WIDTHS)
        self.register_buffer("mean", torch.tensor(bisenet.MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(bisenet.STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        x, found = ((rgb + 1) / 2 - self.mean) / self.std, list[Tensor]()
        x = x.to(cast(Tensor, self.features[0].weight).dtype)
        for layer in self.features:
            if isinstance(layer, nn.MaxPool2d):
                scale = self.scales[len(found)]
                found.append(F.normalize(x.float(), dim=1) * scale[:, None, None])
            x = layer(x)
        return found

    def computing_in(self, dtype: torch.dtype) -> VGG16:
        """A copy whose network computes in another number format."""
        made = copy.deepcopy(self)
        made.features.to(dtype)
        _tile(made.features)
        return made


@functools.lru_cache(maxsize=4)
def computing_in(features: ParsingFeatures | VGG16, dtype: torch.dtype) -> ParsingFeatures | VGG16:
    """As its method; made once."""
    return features.computing_in(dtype)


def load(path: Path) -> ParsingFeatures | VGG16:
    """The features of a file: ``vgg16.safetensors`` as imported, or the face parsing network's."""
    if path.name != FILE:
        return ParsingFeatures(path).eval()
    net = VGG16()
    net.load_state_dict(load_file(path))
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
    apart = gaps(a, b)
    if weight is None:
        return averaged(apart)
    return averaged(apart, [F.interpolate(weight, gap.shape[2:], mode="area") for gap in apart])


def gaps(a: Iterable[Tensor], b: Iterable[Tensor]) -> list[Tensor]:
    """(N, 1, h, w) squared distance at each place, of each layer."""
    return [(x - y).square().sum(1, keepdim=True) for x, y in zip(a, b, strict=True)]


def averaged(apart: Iterable[Tensor], weights: Iterable[Tensor] | None = None) -> Tensor:
    """(N,) means over places, summed over layers. ``weights``: (N, 1, h, w) of each layer."""
    if weights is None:
        return torch.stack([gap.mean((1, 2, 3)) for gap in apart]).sum(0)
    means = [
        (gap * at).sum((1, 2, 3)) / at.sum((1, 2, 3)).clamp(min=1e-6)
        for gap, at in zip(apart, weights, strict=True)
    ]
    return torch.stack(means).sum(0)
