"""The baselines: shapes, gradients to every parameter, and one batch learned by heart."""

import pytest
import torch
from torch.nn import functional as F

from hairstudio.nets import pix2pixhd, u2net
from hairstudio.nets.unpaired.cyclegan import CycleGAN
from hairstudio.nets.unpaired.hisd import HiSD
from hairstudio.nets.unpaired.starganv2 import StarGANv2


@pytest.fixture(autouse=True)
def repeatable():
    torch.manual_seed(0)


def faces(count=2, size=32):
    """Smooth random pictures in -1..1."""
    return F.interpolate(torch.randn(count, 3, 4, 4), size, mode="bicubic").tanh()


def fit(module, loss, steps, rate=2e-3):
    """The first and the last loss of some steps; every parameter must get a gradient."""
    optimiser = torch.optim.Adam(module.parameters(), rate, betas=(0.5, 0.99))
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        value = loss()
        value.backward()
        losses.append(float(value.detach()))
        optimiser.step()
    unmoved = [n for n, p in module.named_parameters() if p.grad is None or not p.grad.any()]
    assert not unmoved
    return losses[0], losses[-1]


def test_pix2pixhd_learns_a_batch():
    network = pix2pixhd.Pix2PixHD(5, width=16, downs=2, blocks=2)
    condition, wanted = torch.randn(2, 5, 32, 32), faces()
    assert network(condition).shape == (2, 3, 32, 32)
    first, last = fit(network, lambda: F.l1_loss(network(condition), wanted), 60)
    assert last < 0.4 * first


def test_pix2pixhds_judges_tell_real_from_made_and_match_features():
    judge = pix2pixhd.MultiScaleDiscriminator(8, width=8)
    condition, real, made = torch.randn(2, 5, 64, 64), faces(size=64), torch.rand(2, 3, 64, 64)

    def loss():
        scores = [judge(torch.cat([condition, x], 1)) for x in (real, made)]
        return sum(map(pix2pixhd.adversarial_loss, scores, (1.0, 0.0)))

    first, last = fit(judge, loss, 30)
    assert last < 0.3 * first
    features = [judge(torch.cat([condition, x], 1)) for x in (real, made)]
    assert len(features[0]) == 2
    assert pix2pixhd.matching_loss(features[0], features[0]) == 0
    assert pix2pixhd.matching_loss(features[1], features[0]) > 0


@pytest.mark.parametrize(
    ("stages", "millions"), [(u2net.FULL, 44.0), (u2net.SMALL, 1.13)], ids=["full", "small"]
)
def test_u2net_has_its_size(stages, millions):
    network = u2net.U2Net(stages=stages)
    count = sum(p.numel() for p in network.parameters()) / 1e6
    assert count == pytest.approx(millions, rel=0.01)


def test_u2net_learns_a_mask():
    network = u2net.U2Net(stages=u2net.SMALL)
    picture = faces(2, 64)
    mask = (picture.mean(1, keepdim=True) > 0).float()
    outputs = network(picture)
    assert len(outputs) == 7
    assert all(level.shape == (2, 1, 64, 64) for level in outputs)
    first, last = fit(network, lambda: u2net.loss(network(picture), mask), 25)
    assert last < 0.5 * first


def test_cyclegan_learns_a_batch():
    network = CycleGAN(width=8, blocks=1)
    a, b = faces(), faces()
    assert network.to_b(a).shape == a.shape
    translators = torch.nn.ModuleList([network.to_a, network.to_b])
    first, last = fit(translators, lambda: network.generator_loss(a, b), 40)
    assert last < 0.6 * first
    judges = torch.nn.ModuleList([network.judge_a, network.judge_b])
    first, last = fit(judges, lambda: network.discriminator_loss(a, b), 20)
    assert last < 0.5 * first


def test_starganv2_learns_a_batch():
    network = StarGANv2(width=8, style=8)
    x, own, other = faces(), torch.tensor([0, 1]), torch.tensor([1, 0])
    z = torch.randn(2, 2, network.latent)
    assert network.generator(x, network.mapping(z[0], other)).shape == x.shape
    makers = torch.nn.ModuleList([network.generator, network.mapping, network.encoder])
    first, last = fit(makers, lambda: network.generator_loss(x, own, other, z), 40)
    assert last < 0.7 * first
    first, last = fit(network.judge, lambda: network.discriminator_loss(x, own, other, z[0]), 80)
    assert last < 0.7 * first


def test_hisd_learns_a_batch():
    network = HiSD(width=8, style=8)
    x, own, other = faces(), torch.tensor([0, 1]), torch.tensor([1, 0])
    z = torch.randn(2, 16)
    assert network(x, network.map(z, other)).shape == x.shape
    parts = ["encode", "translate", "decode", "map", "extract"]
    makers = torch.nn.ModuleList(getattr(network, part) for part in parts)
    first, last = fit(makers, lambda: network.generator_loss(x, other, z), 40)
    assert last < 0.7 * first
    first, last = fit(network.judge, lambda: network.discriminator_loss(x, own, other, z), 40)
    assert last < 0.7 * first
