"""3x3 convolution by Winograd's minimal filtering (Lavin & Gray, CVPR 2016).

Blocks of 4x4 outputs take 36 products in place of 144, as 36 plain matrix products: about twice
as fast on a CPU as a direct convolution, where there are many channels. The interpolation points
0, +-5/8, +-3/2 lose less in bf16 than the usual 0, +-1, +-2 (compare Barabasz et al., ACM TOMS
2020). Few pixels take one product with all weights instead, which then are read once.
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


def convolve(x: Tensor, kernel: Tensor, bias: Tensor | None = None) -> Tensor:
    """(N, inputs, H, W) with zeros around, H and W multiples of 4 -> (N, outputs, H, W), both
    channels last. ``kernel`` says in which format products are computed; ``bias``: (outputs,)."""
    count, inputs, height, width = x.shape
    added = torch.zeros(kernel.shape[2]) if bias is None else bias.detach().float()
    pixels, y = x.detach().permute(0, 2, 3, 1), torch.empty(count, height, width, kernel.shape[2])
    down, across = height // BLOCK, width // BLOCK
    lines = max(1, max(STRIP // (TILE * TILE * inputs), LEAST) // across)
    for first in range(0, count, max(1, lines // down)):
        pictures = pixels[first : first + max(1, lines // down)]
        for top in range(0, down, lines):
            above, end = max(BLOCK * top - 1, 0), BLOCK * (top + lines)
            around = pictures[:, above : end + 1].float().contiguous()
            here = len(pictures) * min(lines, down - top) * across
            values = torch.empty(TILE * TILE, here, inputs)
            tiles.cut(around.numpy(), BLOCK * top - 1 - above, _INPUT, values.numpy())
            products = torch.bmm(values.to(kernel.dtype), kernel).float()
            start = first * down + top
            tiles.paste(products.numpy(), _OUTPUT, added.numpy(), start, y.numpy())
    return y.permute(0, 3, 1, 2).to(x.dtype)


def product(x: Tensor, matrix: Tensor, bias: Tensor | None = None, stride: int = 1) -> Tensor:
    """As ``convolve``, as one product with ``matrix`` (9 inputs, outputs): faster for few pixels,
    where time goes into reading the weights."""
    around = F.pad(x.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
    places = around.unfold(1, 3, stride).unfold(2, 3, stride)
    taps = places.permute(0, 1, 2, 4, 5, 3).reshape(-1, len(matrix))
    y = taps @ matrix if bias is None else torch.addmm(bias, taps, matrix)
    return y.view(*places.shape[:3], -1).permute(0, 3, 1, 2)


def product_back(gradient: Tensor, matrix: Tensor, stride: int) -> Tensor:
    """The gradient of ``product``'s input, ``stride`` times as large."""
    count, outputs, height, width = gradient.shape
    taps = gradient.permute(0, 2, 3, 1).reshape(-1, outputs) @ matrix.T
    parts = taps.view(count, height, width, 9, -1).unbind(3)
    x = torch.zeros(count, stride * height + 2, stride * width + 2, len(matrix) // 9)
    for tap, part in enumerate(parts):
        top, left = divmod(tap, 3)
        x[:, top : top + stride * height : stride, left : left + stride * width : stride] += part
    inner = x[:, 1:-1, 1:-1].to(gradient.dtype).permute(0, 3, 1, 2)
    return inner.contiguous(memory_format=torch.channels_last)


class FrozenConv(nn.Module):
    """A 3x3 convolution with zeros around whose weights do not change, in tiles or as one product
    where that pays. Gradients reach its input."""

    def __init__(self, weight: Tensor, bias: Tensor | None = None, stride: int = 1) -> None:
        """``weight``: (outputs, inputs, 3, 3); ``bias``: (outputs,); ``stride``: 1 or 2, of inputs
        whose size is a multiple of it."""
        super().__init__()
        self.weight, self.stride = weight.detach(), stride
        self.bias = None if bias is None else bias.detach()

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, _Convolution.apply(x, self))

    def convolve(self, x: Tensor) -> Tensor:
        """Without gradients."""
        if self.stride == 1 and pays(x, self.weight):
            return convolve(x, self.kernel, self.bias)
        if _few(x, self.stride):
            return product(x, self.matrix, self.bias, self.stride)
        return F.conv2d(x, self.direct, self.bias, self.stride, padding=1)

    def back(self, gradient: Tensor) -> Tensor:
        """The gradient of its input: it is convolved with the turned weights."""
        if self.stride == 1:
            return self.turned.convolve(gradient)
        if _few(gradient):
            return product_back(gradient, self.matrix, self.stride)
        return F.conv_transpose2d(gradient, self.direct, None, self.stride, 1, self.stride - 1)

    @functools.cached_property
    def direct(self) -> Tensor:
        return self.weight.contiguous(memory_format=torch.channels_last)

    @functools.cached_property
    def matrix(self) -> Tensor:
        return self.weight.permute(2, 3, 1, 0).flatten(0, 2).contiguous()

    @functools.cached_property
    def kernel(self) -> Tensor:
        return transformed(self.weight, self.weight.dtype)

    @functools.cached_property
    def turned(self) -> FrozenConv:
        return FrozenConv(turned(self.weight))


def _few(x: Tensor, stride: int = 1) -> bool:
    """Whether ``product`` is faster than a direct convolution (measured)."""
    count, _, height, width = x.shape
    return x.is_cpu and count * height * width < LEAST * (BLOCK * stride) ** 2


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
