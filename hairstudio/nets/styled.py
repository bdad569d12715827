"""A modulated layer with frozen weights as one step of a gradient on a CPU: style, convolution,
demodulation, noise, bias and leaky ReLU. What surrounds the convolution is bound by memory, so each
way passes over the pixels once before it and once after it."""

from __future__ import annotations

from typing import Any, Protocol, cast

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
PARTS = 16  # of a picture, that threads share
SLOPE = 0.2


class Convolution(Protocol):
    """Linear and constant."""

    def convolve(self, x: Tensor) -> Tensor: ...

    def back(self, gradient: Tensor) -> Tensor:
        """To its input, as new memory."""
        ...


class FrozenUp:
    """Twice the size: a transposed 3x3 convolution and a filter, see ``ModulatedConv``."""

    def __init__(self, weight: Tensor, blur: Tensor) -> None:
        """``weight``: (outputs, inputs, 3, 3); ``blur``: (1, 1, 4, 4), symmetric."""
        swapped = weight.detach().transpose(0, 1)
        self.weight = swapped.contiguous(memory_format=torch.channels_last)
        self.blur, self.outputs = blur.expand(len(weight), 1, 4, 4).contiguous(), len(weight)

    def convolve(self, x: Tensor) -> Tensor:
        large = F.conv_transpose2d(x, self.weight, stride=2)
        return F.conv2d(large, self.blur, padding=1, groups=self.outputs)

    def back(self, gradient: Tensor) -> Tensor:
        large = F.conv2d(gradient, self.blur, padding=2, groups=self.outputs)
        return F.conv2d(large, self.weight, stride=2)


def layer(
    x: Tensor, style: Tensor, scale: Tensor, plane: Tensor, bias: Tensor, conv: Convolution
) -> Tensor:
    """leaky ReLU (``scale`` convolution (``style`` x) + ``bias`` + ``plane``), float32.

    ``x``: (N, C, H, W); ``style``: (N, C), ``scale``: (N, outputs); ``plane``: (N, 1, H, W);
    ``bias``: (outputs,), which gets no gradient.
    """
    return cast(Tensor, _Layer.apply(x, style, scale, plane, bias, conv))


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, style: Tensor, scale: Tensor, plane: Tensor, bias: Tensor,
        conv: Convolution,
    ) -> Tensor:  # fmt: skip
        y = conv.convolve(x * style[..., None, None]).contiguous(memory_format=torch.channels_last)
        _finish(_pixels(y), *_arrays(scale, bias, plane.flatten(1)))
        ctx.save_for_backward(x, style, scale, plane, bias, y)
        ctx.conv = conv
        return y

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        x, style, scale, plane, bias, y = ctx.saved_tensors
        by_y, by_plane = torch.empty_like(y), torch.empty_like(plane)
        by_scale, by_style = (each.new_zeros(len(y), PARTS, each.shape[1])
                              for each in (scale, style))  # fmt: skip
        arrays = _arrays(scale, bias, plane.flatten(1), by_plane.flatten(1), by_scale)
        _unfinish(_pixels(grad_outputs[0]), _pixels(y), _pixels(by_y), *arrays)
        by_x = ctx.conv.back(by_y).contiguous(memory_format=torch.channels_last)
        _unstyle(_pixels(by_x), _pixels(x), *_arrays(style, by_style))
        return by_x, by_style.sum(1), by_scale.sum(1) / scale, by_plane, None, None


def mixed(x: Tensor, weight: Tensor) -> Tensor:
    """(N, C, H, W), channels last, times (N, outputs, C) -> (N, outputs, H, W), each channel in one
    piece: for few outputs."""
    return cast(Tensor, _Mixed.apply(x, weight))


class _Mixed(torch.autograd.Function):
    """With a gradient to the input that has its channels last, too."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        pixels = x.permute(0, 2, 3, 1).flatten(1, 2)
        return torch.bmm(weight, pixels.mT).unflatten(2, x.shape[2:])

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, Tensor]:
        x, weight = ctx.saved_tensors
        pixels, gradient = x.permute(0, 2, 3, 1).flatten(1, 2), grad_outputs[0].flatten(2)
        by_x = torch.bmm(gradient.mT, weight).unflatten(1, x.shape[2:]).permute(0, 3, 1, 2)
        return by_x, torch.bmm(gradient, pixels)


def _pixels(x: Tensor) -> Array:
    """(N, C, H, W) -> (N, H * W, C), the same memory where channels come last."""
    last = x.detach().contiguous(memory_format=torch.channels_last)
    return last.permute(0, 2, 3, 1).flatten(1, 2).numpy()


def _arrays(*tensors: Tensor) -> tuple[Array, ...]:
    return tuple(tensor.detach().contiguous().numpy() for tensor in tensors)


@kernel(parallel=True)
def _finish(y: Array, scale: Array, bias: Array, plane: Array) -> None:
    """In place."""
    count, places, channels = y.shape
    for job in numba.prange(count * PARTS):
        i, part = divmod(np.int64(job), PARTS)
        for at in range(places * part // PARTS, places * (part + 1) // PARTS):
            for k in range(channels):
                value = y[i, at, k] * scale[i, k] + bias[k] + plane[i, at]
                y[i, at, k] = max(value, np.float32(SLOPE) * value)


@kernel(parallel=True)
def _unfinish(
    gradient: Array, out: Array, by_y: Array, scale: Array, bias: Array, plane: Array,
    by_plane: Array, by_scale: Array,
) -> None:  # fmt: skip
    """``by_scale``: (N, PARTS, C) sums of the gradient times what was scaled, and scaled."""
    count, places, channels = out.shape
    for job in numba.prange(count * PARTS):
        i, part = divmod(np.int64(job), PARTS)
        for at in range(places * part // PARTS, places * (part + 1) // PARTS):
            total = np.float32(0)
            for k in range(channels):
                shown = out[i, at, k]
                slope = np.float32(1) if shown > 0 else np.float32(SLOPE)
                slant = gradient[i, at, k] * slope
                by_scale[i, part, k] += slant * (shown / slope - bias[k] - plane[i, at])
                by_y[i, at, k] = slant * scale[i, k]
                total += slant
            by_plane[i, at] = total


@kernel(parallel=True)
def _unstyle(by_x: Array, x: Array, style: Array, by_style: Array) -> None:
    """``by_x`` in place; ``by_style``: (N, PARTS, C)."""
    count, places, channels = x.shape
    for job in numba.prange(count * PARTS):
        i, part = divmod(np.int64(job), PARTS)
        for at in range(places * part // PARTS, places * (part + 1) // PARTS):
            for k in range(channels):
                by_style[i, part, k] += by_x[i, at, k] * x[i, at, k]
                by_x[i, at, k] *= style[i, k]
