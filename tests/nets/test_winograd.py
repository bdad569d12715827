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
    x = torch.randn(2, 32, 24, 16)
    kernel = winograd.transformed(torch.randn(32, 32, 3, 3), torch.float32)
    whole = winograd.convolve(x, kernel)
    monkeypatch.setattr(winograd, "STRIP", 1)
    monkeypatch.setattr(winograd, "LEAST", 1)
    torch.testing.assert_close(winograd.convolve(x, kernel), whole)


def test_pictures_of_a_batch_do_not_touch():
    torch.manual_seed(0)
    x = torch.randn(3, 32, 8, 12)
    kernel = winograd.transformed(torch.randn(32, 32, 3, 3), torch.float32)
    whole = winograd.convolve(x, kernel)
    for i in range(3):
        torch.testing.assert_close(winograd.convolve(x[i : i + 1], kernel), whole[i : i + 1])


@pytest.mark.parametrize("dtype", LIMIT)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(4, 4), (32, 20), (36, 34)])  # as a product, in tiles, directly
def test_a_frozen_convolution_passes_gradients_on(size, stride, dtype):
    torch.manual_seed(0)
    x = torch.randn(2, 136, *size).contiguous(memory_format=torch.channels_last).requires_grad_()
    weight, bias = torch.randn(128, 136, 3, 3) / (136 * 9) ** 0.5, torch.randn(128)
    frozen = winograd.FrozenConv(weight.to(dtype), bias.to(dtype), stride)
    assert winograd.pays(x.to(dtype), weight) == (size == (32, 20))
    ours, direct = frozen(x.to(dtype)).float(), F.conv2d(x, weight, bias, stride, 1)
    wanted = torch.randn_like(direct)
    assert (ours - direct).square().mean().sqrt() < LIMIT[dtype]
    gradients = [torch.autograd.grad((made * wanted).sum(), x)[0] for made in (ours, direct)]
    assert (gradients[0] - gradients[1]).square().mean().sqrt() < LIMIT[dtype]
