"""The generator equals the public project whose checkpoints users have."""

import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from hairstudio.nets import prior as priors
from hairstudio.nets import stylegan2, winograd
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
from hairstudio.weights import convert

CHANNELS = (64, 64, 64, 64, 32)


@pytest.fixture(scope="module")
def reference(shared):
    return {
        name: torch.from_numpy(array)
        for name, array in np.load(shared / "fixtures" / "rosi64_ref.npz").items()
    }


@pytest.fixture(scope="module")
def generator(shared):
    network = Generator(GeneratorConfig(CHANNELS, latent=128)).eval()
    network.load_state_dict(convert.read(shared / "fixtures" / "rosi64.pt").tensors)
    return network


def close(ours, theirs):
    return (ours - theirs).abs().max() <= 1e-3


@torch.inference_mode()
def test_latents_and_pictures_agree(generator, reference):
    z, z2 = reference["z"], reference["z2"]
    assert close(generator.mapping(z), reference["w"])
    assert close(generator(z), reference["img_z"])
    assert close(generator(z, truncation=0.7), reference["img_z_trunc07"])
    assert close(generator.synthesis(reference["wplus"]), reference["img_wplus"])
    mixed = generator.mixed(generator.w_plus(z), generator.w_plus(z2), 4)
    assert close(generator.synthesis(mixed), reference["img_mix_z_z2_inject4"])
    assert not close(generator(z), reference["img_mix_z_z2_inject4"])


@torch.inference_mode()
def test_style_space_gives_the_same_picture(generator, reference):
    ws = reference["wplus"]
    styles = generator.synthesis.styles(ws)
    assert close(generator.synthesis.from_styles(styles), reference["img_wplus"])
    styles[5][:, 3] += 5  # one channel; scaling all of them is demodulated away
    assert not close(generator.synthesis.from_styles(styles), reference["img_wplus"])


@torch.inference_mode()
def test_features_can_be_replaced_at_every_resolution(generator, reference):
    seen = {}

    def fuse(resolution, features):
        seen[resolution] = features.shape
        return features * (0 if resolution == 16 else 1)

    picture = generator.synthesis(reference["wplus"], fuse=fuse)
    assert list(seen) == [4, 8, 16, 32, 64]
    assert seen[32] == (2, 64, 32, 32)
    assert not close(picture, reference["img_wplus"])


@pytest.mark.parametrize(("key", "multiplier"), [("64", 1), ("256", 2), ("1024", 2)])
def test_full_widths_agree(key, multiplier, shared, tmp_path):
    """Weights made by the fixture's rule, through a file in the public project's layout."""
    folder = shared / "fixtures"
    shapes = json.loads((folder / "rosi_fullwidth_keys.json").read_text())[f"{key}_cm{multiplier}"]
    torch.save({"g_ema": {n: by_rule(n, s) for n, s in shapes.items()}}, tmp_path / "full.pt")
    convert.write(convert.read(tmp_path / "full.pt"), tmp_path / "prior.safetensors")
    network = priors.load(tmp_path / "prior.safetensors")
    reference = np.load(folder / "rosi_fullwidth_ref.npz")
    with torch.inference_mode():
        w = network.mapping(torch.from_numpy(reference["z"]))
        assert close(w, torch.from_numpy(reference[f"w{key}"]))
        picture = network.synthesis(w[:, None].expand(-1, network.config.styles, -1))
    step = 4 if key == "1024" else 1
    assert close(picture[:, :, ::step, ::step], torch.from_numpy(reference[f"img{key}"]))


def by_rule(name, shape):
    x = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(shape).astype(np.float32)
    if name.endswith(".kernel"):
        return torch.tensor(np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64 * 4, dtype=torch.float32)
    if name.startswith("style.") and name.endswith("weight"):
        return torch.from_numpy(100 * x)
    if name.endswith(".modulation.bias"):
        return torch.from_numpy(1 + np.float32(0.1) * x)
    small = name.endswith(".noise.weight") or (name.endswith(".bias") and name[:6] != "style.")
    return torch.from_numpy(np.float32(0.1) * x if small else x)


def test_gradients_reach_every_latent_vector():
    network = Generator(GeneratorConfig((16, 16, 8), latent=8, mapping_layers=2))
    ws = torch.randn(2, network.config.styles, 8, requires_grad=True)
    network.synthesis(ws, noise="none").square().mean().backward()
    assert (ws.grad.abs().sum((0, 2)) > 0).all()


@pytest.mark.parametrize(
    ("dtype", "least"), [(torch.float32, 100), (torch.bfloat16, 40), (torch.float16, 55)]
)
def test_the_fast_way_makes_the_same_picture(dtype, least, monkeypatch):
    torch.manual_seed(0)
    net = Generator(GeneratorConfig((256,) * 4, latent=64)).requires_grad_(False).synthesis
    ws = torch.randn(1, net.config.styles, 64)
    with monkeypatch.context() as direct:
        direct.setattr(winograd, "pays", lambda *_: False)
        slow = net(ws)
    with torch.inference_mode():
        fast = net(ws, dtype=dtype)
    assert not torch.equal(slow, fast)
    spread = slow.max() - slow.min()
    assert 20 * torch.log10(spread / (fast - slow).square().mean().sqrt()) > least


def test_torch_compile_draws_the_same():
    """Without its last step, which needs a compiler and minutes."""
    network = Generator(GeneratorConfig((16, 16), latent=16)).eval().requires_grad_(False)
    ws = network.w_plus(torch.randn(1, 16, generator=torch.manual_seed(1)))
    expected, plain = network.synthesis(ws), ws.clone().requires_grad_()
    network.synthesis(plain).square().mean().backward()
    network.synthesis.compile(backend="aot_eager", fullgraph=True)
    with torch.inference_mode():
        assert torch.allclose(network.synthesis(ws), expected, atol=1e-5)
    asked = ws.clone().requires_grad_()
    network.synthesis(asked).square().mean().backward()
    assert torch.allclose(asked.grad, plain.grad, atol=1e-6)


@torch.inference_mode()
def test_large_pictures_are_enlarged_in_strips_without_a_seam(monkeypatch):
    torch.manual_seed(0)
    conv = stylegan2.ModulatedConv(3, 5, 3, up=True).requires_grad_(False)
    x, style, bias = torch.randn(2, 3, 10, 8), torch.randn(2, 3), torch.randn(5)
    whole = conv(x, style, bias)
    monkeypatch.setattr(stylegan2, "STRIP", 3 * 2 * 3 * 8)  # three lines at once
    assert torch.allclose(conv(x, style, bias), whole, atol=1e-5)


def test_the_clamp_also_cuts_the_colours():
    """As NVIDIA's networks do, at each resolution."""
    torch.manual_seed(0)
    config = GeneratorConfig((16, 16), latent=16)
    free, cut = Generator(config), Generator(replace(config, clamp=0.25))
    cut.load_state_dict(free.state_dict())
    with torch.inference_mode():
        ws = free.w_plus(torch.randn(1, 16))
        assert free.synthesis(ws, side=4).abs().max() > 0.5
        assert cut.synthesis(ws, side=4).abs().max() == 0.25


def test_frozen_layers_at_once_have_the_gradients_of_their_steps(monkeypatch):
    """Of latents and noise, for two pictures at once."""
    torch.manual_seed(0)
    net = Generator(GeneratorConfig((64, 64, 64), latent=16)).requires_grad_(False).synthesis
    for layer in net.layers:
        layer.noise_strength.fill_(0.3)
        layer.bias.normal_()
    ws = torch.randn(2, net.config.styles, 16, requires_grad=True)
    planes = [torch.randn(2, *layer.noise.shape[1:], requires_grad=True) for layer in net.layers]
    wanted, asked = torch.randn(2, 3, 16, 16), [ws, *planes]
    at_once = torch.autograd.grad((net(ws, planes) * wanted).sum(), asked)
    monkeypatch.setattr(type(net.layers[0].conv), "at_once", lambda *_: False)
    in_steps = torch.autograd.grad((net(ws, planes) * wanted).sum(), asked)
    for ours, plain in zip(at_once, in_steps, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-4 * float(plain.abs().max()))
