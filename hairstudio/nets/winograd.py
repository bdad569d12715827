"""3x3 convolution by Winograd's minimal filtering (Lavin & Gray, CVPR 2016).

Blocks of 4x4 outputs take 36 products in place of 144, as 36 plain matrix products: about twice
as fast on a CPU as a direct convolution, where there are many channels. The interpolation points
0, +-5/8, +-3/2 lose less in bf16 than the usual 0, +-1, +-2 (compare Barabasz et al., ACM TOMS
2020).
"""

from __future__ import annotations

import functools
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets import tiles
from hairstudio.nets.tiles import BLOCK, TILE

Array = NDArray[np.floating[Any]]

STRIP, LEAST = 2**19, 16
"""Values of a strip of tiles: they should stay in the processor's cache; tiles of a strip, where
there are more: else weights are read too often."""
_POINTS = np.array([0.0, 5 / 8, -5 / 8, 3 / 2, -3 / 2])


def _evaluation(terms: int) -> Array:
    """(6, terms): a polynomial at the points, and its leading coefficient."""
    return np.vstack([np.vander(_POINTS, terms, increasing=True), np.eye(terms)[-1:]])


_FILTER = torch.from_numpy(np.kron(_evaluation(3), _evaluation(3)))  # both axes in one product
_INPUT = np.linalg.inv(_evaluation(TILE)).T.astype(np.float32)
_OUTPUT = np.ascontiguousarray(_evaluation(BLOCK).T, np.float32)


def transformed(weight: Tensor, dtype: torch.dtype) -> Tensor:
    """Weights (outputs, inputs, 3, 3) -> (36, inputs, outputs) in ``dtype``."""
    taps = weight.permute(2, 3, 1, 0).reshape(9, -1)
    kernel = _FILTER.to(taps) @ taps
    return kernel.view(TILE * TILE, weight.shape[1], weight.shape[0]).to(dtype)


def pays(x: Tensor, weight: Tensor) -> bool:
    """Whether ``convolve`` takes this input and is faster than a direct convolution (measured). It
    loses more in short number formats, which are left alone where little is won."""
    count, _, height, width = x.shape
    exact, narrowest = x.dtype == torch.float32, min(weight.shape[:2])
    fits = x.is_cpu and height % BLOCK == 0 and width % BLOCK == 0
    many = count * height * width >= LEAST * BLOCK**2
    return fits and many and (narrowest >= 64 if exact else narrowest >= 128 and height >= 32)


def convolve(x: Tensor, kernel: Tensor) -> Tensor:
    """(N, inputs, H, W) with zeros around, H and W multiples of 4 -> (N, outputs, H, W), both
    channels last. ``kernel`` says in which format products are computed."""
    count, inputs, height, width = x.shape
    pixels, y = x.detach().permute(0, 2, 3, 1), torch.empty(count, height, width, kernel.shape[2])
    down, across = height // BLOCK, width // BLOCK
    lines = max(1, max(STRIP // (TILE * TILE * inputs), LEAST) // across)
    for first in range(0, count, max(1, lines // down)):
        pictures = pixels[first : first + max(1, lines // down)]
        for top in range(0, down, lines):
            padded = _padded(pictures, BLOCK * top, min(BLOCK * (top + lines), height))
            here = len(pictures) * min(lines, down - top) * across
            values = torch.empty(TILE * TILE, here, inputs)
            tiles.cut(padded.numpy(), _INPUT, values.numpy())
            products = torch.bmm(values.to(kernel.dtype), kernel).float()
            tiles.paste(products.numpy(), _OUTPUT, first * down + top, y.numpy())
    return y.permute(0, 3, 1, 2).to(x.dtype)


def _padded(pixels: Tensor, top: int, end: int) -> Tensor:
    """Lines of (N, H, W, C) and one more on each side; zeros around the picture."""
    lines = pixels[:, max(top - 1, 0) : end + 1].float()
    return F.pad(lines, (0, 0, 1, 1, int(top == 0), int(end == pixels.shape[1])))


class FrozenConv(nn.Module):
    """A 3x3 convolution with zeros around whose weights do not change, in tiles where that pays.
    Gradients reach its input: they are convolved with the turned weights."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None) -> None:
        """``weight``: (outputs, inputs, 3, 3); ``bias``: (outputs,)."""
        super().__init__()
        self.weight = weight.detach()
        self.bias = None if bias is None else bias.detach()[:, None, None]

    def forward(self, x: Tensor) -> Tensor:
        y = cast(Tensor, _Convolution.apply(x, self))
        return y if self.bias is None else y + self.bias

    def convolve(self, x: Tensor) -> Tensor:
        """Without the bias, and without gradients."""
        if pays(x, self.weight):
            return convolve(x, self.kernel)
        return F.conv2d(x, self.direct, padding=1)

    def back(self, gradient: Tensor) -> Tensor:
        """The gradient of its input."""
        return self.turned.convolve(gradient)

    @functools.cached_property
    def direct(self) -> Tensor:
        return self.weight.contiguous(memory_format=torch.channels_last)

    @functools.cached_property
    def kernel(self) -> Tensor:
        return transformed(self.weight, self.weight.dtype)

    @functools.cached_property
    def turned(self) -> FrozenConv:
        return FrozenConv(turned(self.weight))


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, conv: FrozenConv) -> Tensor:
        ctx.conv = conv
        return conv.convolve(x)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        return ctx.conv.back(grad_outputs[0]), None


def turned(weight: Tensor) -> Tensor:
    """(outputs, inputs, 3, 3) -> the weights that take gradients back."""
    return weight.flip(2, 3).transpose(0, 1)
