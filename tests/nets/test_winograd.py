"""Winograd's convolution against the direct one."""

import pytest
import torch
from torch.nn import functional as F

from hairstudio.nets import winograd

LIMIT = {torch.float32: 1e-5, torch.bfloat16: 0.03}


@pytest.mark.parametrize("dtype", LIMIT)
@pytest.mark.parametrize("size", [(4, 4), (8, 20), (64, 128)])
def test_it_agrees_with_the_direct_convolution(size, dtype):
    torch.manual_seed(0)
    x = torch.randn(1, 96, *size).contiguous(memory_format=torch.channels_last)
    weight = torch.randn(40, 96, 3, 3) / (96 * 9) ** 0.5
    ours = winograd.convolve(x.to(dtype), winograd.transformed(weight, dtype))
    error = (ours.float() - F.conv2d(x, weight, padding=1)).square().mean().sqrt()
    assert error < LIMIT[dtype]
    assert ours.is_contiguous(memory_format=torch.channels_last)


def test_many_strips_are_one_picture(monkeypatch):
    torch.manual_seed(0)
    x = torch.randn(1, 32, 24, 16)
    kernel = winograd.transformed(torch.randn(32, 32, 3, 3), torch.float32)
    whole = winograd.convolve(x, kernel)
    monkeypatch.setattr(winograd, "STRIP", 1)
    torch.testing.assert_close(winograd.convolve(x, kernel), whole)


@pytest.mark.parametrize("dtype", LIMIT)
def test_gradients_agree_with_the_direct_convolution(dtype):
    torch.manual_seed(0)
    x = torch.randn(1, 96, 8, 20).contiguous(memory_format=torch.channels_last).requires_grad_()
    weight = torch.randn(40, 96, 3, 3) / (96 * 9) ** 0.5
    wanted = torch.randn(1, 40, 8, 20)
    kernels = [winograd.transformed(w, dtype) for w in (weight, winograd.turned(weight))]
    ours, direct = (
        torch.autograd.grad((made.float() * wanted).sum(), x)[0]
        for made in (winograd.Convolution.apply(x.to(dtype), *kernels),
                     F.conv2d(x, weight, padding=1))
    )  # fmt: skip
    assert (ours - direct).square().mean().sqrt() < LIMIT[dtype]
