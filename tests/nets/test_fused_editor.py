"""The fused editor on a random prior: identity at 0, ablations, and pairs learned by heart."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from hairstudio.nets.fused_editor import BASE, SMALL, FusedEditor, Request, Task
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig

FFHQ = GeneratorConfig((512, 512, 512, 512, 512, 256, 128, 64, 32))
TINY = GeneratorConfig((32, 32, 32, 24, 16), latent=32, mapping_layers=2)


@pytest.fixture(autouse=True)
def repeatable():
    torch.manual_seed(0)


def smooth(count, size, low=6):
    return F.interpolate(torch.randn(count, 3, low, low), size, mode="bicubic").tanh()


def request(count=2, size=64, strength=1.0):
    region = torch.zeros(count, 1, size, size)
    region[:, :, size // 4 : size // 2, size // 8 : -size // 8] = 1
    tasks = torch.arange(count) % len(Task)
    return Request(smooth(count, size), smooth(count, size, 12), region, region,
                   torch.full((count,), strength), tasks)  # fmt: skip


def small(**switches):
    return FusedEditor(replace(SMALL, resolution=64, **switches), Generator(TINY))


def test_sizes():
    with torch.device("meta"):
        prior = Generator(FFHQ)
        small, base = (FusedEditor(replace(c, resolution=1024), prior) for c in (SMALL, BASE))
    assert count(small) <= 9e6 < count(base)


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_strength_0_and_pixels_outside_the_region_stay():
    editor = small()
    asked = request(strength=0.0)
    assert torch.equal(editor(asked), asked.photo)
    with torch.no_grad():
        editor.paint.bias.fill_(torch.nan)
    assert torch.equal(editor(asked), asked.photo)
    editor = small()
    asked = request(strength=0.7)
    changed = (editor(asked) != asked.photo).any(1, keepdim=True)
    assert changed.any()
    assert not (changed & (asked.region == 0)).any()


@pytest.mark.parametrize("resolution", [32, 64, 128])
def test_crops_smaller_and_larger_than_the_prior(resolution):
    editor = FusedEditor(replace(SMALL, resolution=resolution), Generator(TINY))
    assert editor(request(1, resolution)).shape == (1, 3, resolution, resolution)


def test_switches_cut_what_they_say():
    asked = request()
    other = replace_guide(asked)
    unguided = small(no_guide=True)
    assert torch.equal(unguided(asked), unguided(other))
    guided = small()
    assert not torch.equal(guided(asked), guided(other))
    alone = small(no_prior=True)
    before = alone(asked)
    alone.prior.synthesis.input.mul_(2)
    assert torch.equal(alone(asked), before)
    assert not alone.fusions
    latent = small(latent_only=True)
    wanted = latent.prior.synthesis(latent.encode(asked)[1])
    picture = asked.photo + asked.region * (wanted - asked.photo)
    assert torch.allclose(latent(asked), picture, atol=1e-5)


def replace_guide(asked):
    return replace(asked, guide=asked.guide.flip(3))


def test_gradients_reach_everything_but_the_prior():
    editor = small()
    for fusion in editor.fusions.values():
        torch.nn.init.normal_(fusion.widen.weight, std=0.1)
    editor(request()).square().mean().backward()
    unmoved = [n for n, p in editor.named_parameters() if p.grad is None]
    assert not unmoved
    assert all(p.grad is None for p in editor.prior.parameters())
    assert not [name for name in editor.state_dict() if "prior" in name]


def test_eight_pairs_are_learned_by_heart():
    """More than 35 dB inside the region."""
    config = replace(SMALL, resolution=32, widths=(8, 8, 12, 16, 24, 32, 48, 48))
    editor = FusedEditor(config, Generator(GeneratorConfig((16, 16, 16, 16), latent=16)))
    asked = request(8, 32)
    wanted = torch.where(asked.region > 0, smooth(8, 32, 8), asked.photo)
    optimiser = torch.optim.Adam(editor.parameters())
    steps = 240
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        F.mse_loss(editor(asked), wanted).backward()
        optimiser.step()
        schedule.step()
    error = (editor(asked) - wanted).square().sum() / (3 * asked.region.sum())
    assert 10 * torch.log10(4 / error) > 35
