"""Checkpoints of other projects: renamed completely, or refused in one line; never run."""

import io
import os
import pickle
import sys
import types
import warnings
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import torch

from hairstudio import cli
from hairstudio.errors import UserError
from hairstudio.nets import prior as priors
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
from hairstudio.weights import convert
from hairstudio.weights.priors import path

CONFIG = GeneratorConfig((16, 16, 8), latent=12, mapping_layers=3)


class Payload:
    def __reduce__(self):
        return os.mkdir, ("executed",)


class Evaluated:
    def __reduce__(self):
        return eval, ("__import__('os').mkdir('executed')",)


class Called:
    """Pickled as a call."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.fixture
def generator():
    torch.manual_seed(0)
    network = Generator(CONFIG).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    network.w_mean.normal_()
    return network


@pytest.fixture
def nvidia(monkeypatch):
    """NVIDIA's pickling: modules that carry source code, under the names that their files use."""
    names = ("dnnlib", "dnnlib.util", "torch_utils", "torch_utils.persistence")
    modules = {name: types.ModuleType(name) for name in names}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)

    class EasyDict(dict):
        pass

    def _reconstruct_persistent_obj(meta):
        raise AssertionError("the reader must not call this")

    EasyDict.__module__, EasyDict.__qualname__ = "dnnlib.util", "EasyDict"
    modules["dnnlib.util"].EasyDict = EasyDict
    function = _reconstruct_persistent_obj
    function.__module__ = "torch_utils.persistence"
    function.__qualname__ = "_reconstruct_persistent_obj"
    modules["torch_utils.persistence"]._reconstruct_persistent_obj = function

    class Module:
        def __init__(self, state, name):
            self.state, self.name = state, name

        def __reduce__(self):
            source = "import os; os.mkdir('executed')"
            meta = EasyDict(type="class", version=6, module_src=source, class_name=self.name,
                            state=self.state)  # fmt: skip
            return function, (meta,)

    return Module


def nested(module, tensors, **settings):
    """A tree of persistent modules from dotted names; buffers are what is no parameter there."""
    state = {name: OrderedDict() for name in ("_parameters", "_buffers", "_modules")}
    state |= {"training": False, "_non_persistent_buffers_set": set(), **settings}
    children = {}
    for name, tensor in tensors.items():
        head, _, rest = name.partition(".")
        if rest:
            children.setdefault(head, {})[rest] = tensor
        elif head in ("w_avg", "noise_const", "resample_filter"):
            state["_buffers"][head] = tensor
        else:
            state["_parameters"][head] = torch.nn.Parameter(tensor)
    for head, inner in children.items():
        state["_modules"][head] = nested(module, inner, **settings)
    return module(state, "Network")


def in_nvidias_names(network):
    tensors = {"mapping.w_avg": network.w_mean, "synthesis.b4.const": network.synthesis.input[0]}
    for i, layer in enumerate(network.mapping.layers):
        tensors |= {f"mapping.fc{i}.weight": layer.weight, f"mapping.fc{i}.bias": layer.bias}
    for i, layer in enumerate(network.synthesis.layers):
        place = f"synthesis.b{4 * 2 ** ((i + 1) // 2)}.conv{(i + 1) % 2}"
        tensors |= {f"{place}.weight": layer.conv.weight, f"{place}.bias": layer.bias,
                    f"{place}.affine.weight": layer.affine.weight,
                    f"{place}.affine.bias": layer.affine.bias,
                    f"{place}.noise_const": layer.noise[0, 0],
                    f"{place}.noise_strength": layer.noise_strength,
                    f"{place}.resample_filter": torch.ones(4, 4)}  # fmt: skip
    for i, layer in enumerate(network.synthesis.to_rgb):
        place = f"synthesis.b{4 * 2**i}.torgb"
        tensors |= {f"{place}.weight": layer.conv.weight, f"{place}.bias": layer.bias,
                    f"{place}.affine.weight": layer.affine.weight,
                    f"{place}.affine.bias": layer.affine.bias}  # fmt: skip
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def in_mmagics_names(network):
    tensors = {"constant_input.input": network.synthesis.input}
    for i, layer in enumerate(network.mapping.layers):
        tensors[f"style_mapping.{i + 1}.linear.weight_orig"] = layer.weight
        tensors[f"style_mapping.{i + 1}.bias"] = layer.bias
    for i, layer in enumerate(network.synthesis.layers):
        place = f"convs.{i - 1}" if i else "conv1"
        tensors |= {f"{place}.conv.weight": layer.conv.weight[None],
                    f"{place}.conv.style_modulation.linear.weight_orig": layer.affine.weight,
                    f"{place}.conv.style_modulation.bias": layer.affine.bias,
                    f"{place}.conv.blur.kernel": torch.ones(4, 4),
                    f"{place}.noise_injector.weight": layer.noise_strength.reshape(1),
                    f"{place}.activate.bias": layer.bias,
                    f"injected_noise_{i}": layer.noise}  # fmt: skip
    for i, layer in enumerate(network.synthesis.to_rgb):
        place = f"to_rgbs.{i - 1}" if i else "to_rgb1"
        tensors |= {f"{place}.conv.weight": layer.conv.weight.flip(0)[None],
                    f"{place}.bias": layer.bias.flip(0).reshape(1, 3, 1, 1),
                    f"{place}.conv.style_modulation.linear.weight_orig": layer.affine.weight,
                    f"{place}.conv.style_modulation.bias": layer.affine.bias}  # fmt: skip
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def dump_nvidia(path, module, tensors, **settings):
    network = nested(module, tensors, **{"conv_clamp": 256} | settings)
    objects = {"G": None, "D": None, "G_ema": network, "training_set_kwargs": {},
               "augment_pipe": None}  # fmt: skip
    path.write_bytes(pickle.dumps(objects))


@torch.inference_mode()
def same_pictures(file, network, tmp_path):
    convert.write(convert.read(file), tmp_path / "prior.safetensors")
    loaded = priors.load(tmp_path / "prior.safetensors")
    z = torch.randn(2, CONFIG.latent)
    return torch.equal(loaded(z, 0.7), network(z, 0.7))


def test_nvidias_pickle(generator, nvidia, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dump_nvidia(tmp_path / "stylegan2.pkl", nvidia, in_nvidias_names(generator))
    assert same_pictures(tmp_path / "stylegan2.pkl", generator, tmp_path)
    assert priors.describe(tmp_path / "prior.safetensors").clamp == 256
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(("clamp", "rate"), [(None, 0.01), (0.5, 1.0)])
def test_nvidias_settings(clamp, rate, generator, nvidia, tmp_path):
    dump_nvidia(tmp_path / "own.pkl", nvidia, in_nvidias_names(generator),
                conv_clamp=clamp, bias_gain=rate)  # fmt: skip
    expected = Generator(replace(CONFIG, clamp=clamp, mapping_rate=rate)).eval()
    expected.load_state_dict(generator.state_dict())
    assert same_pictures(tmp_path / "own.pkl", expected, tmp_path)


def test_mmagics_checkpoint(generator, tmp_path):
    names = {f"generator_ema.{k}": t for k, t in in_mmagics_names(generator).items()}
    names["discriminator.convs.0.weight"] = torch.zeros(1)
    names["generator_ema.w_avg"] = generator.w_mean
    torch.save({"meta": {"epoch": 1}, "state_dict": names}, tmp_path / "stylegan2.pth")
    assert same_pictures(tmp_path / "stylegan2.pth", generator, tmp_path)


def test_a_file_without_a_mean_gets_the_measured_one(generator, tmp_path, monkeypatch):
    monkeypatch.setenv("HAIRSTUDIO_CACHE", str(tmp_path / "cache"))
    names = {f"generator_ema.{k}": t for k, t in in_mmagics_names(generator).items()}
    torch.save({"state_dict": names}, tmp_path / "stylegan2.pth")
    convert.write(convert.read(tmp_path / "stylegan2.pth"), tmp_path / "prior.safetensors")
    loaded = priors.load(tmp_path / "prior.safetensors")
    with torch.inference_mode():
        mean = generator.mapping(torch.randn(20_000, CONFIG.latent)).mean(0)
    assert (loaded.w_mean - mean).abs().max() < 0.1 * mean.abs().max()
    assert list((tmp_path / "cache").glob("latents-*"))


def mmengines_buffer(monkeypatch):
    """A log as mmengine keeps it in the checkpoints of a training run: pickled with its methods,
    which pickle writes as getattr of their class."""

    class HistoryBuffer:
        def mean(self): ...

        def __getstate__(self):
            return {"statistics_methods": {"mean": Called(getattr, HistoryBuffer, "mean")}}

    HistoryBuffer.__module__ = "mmengine.logging.history_buffer"
    HistoryBuffer.__qualname__ = "HistoryBuffer"
    for name in ("mmengine", "mmengine.logging", "mmengine.logging.history_buffer"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules[HistoryBuffer.__module__].HistoryBuffer = HistoryBuffer
    return HistoryBuffer()


def test_mmagics_training_checkpoint(generator, tmp_path, monkeypatch):
    names = {f"generator_ema.module.{k}": t for k, t in in_mmagics_names(generator).items()}
    names |= {"generator_ema.module.w_avg": generator.w_mean,
              "generator_ema.steps": torch.tensor(5)}  # fmt: skip
    logs = {"log_scalars": OrderedDict({"train/loss": mmengines_buffer(monkeypatch)})}
    torch.save({"state_dict": names, "message_hub": logs}, tmp_path / "iter_100.pth")
    assert same_pictures(tmp_path / "iter_100.pth", generator, tmp_path)
    torch.save({"state_dict": names | {"generator_ema.odd": torch.zeros(1)}}, tmp_path / "odd.pth")
    with pytest.raises(UserError, match=r"odd\.pth: unknown tensor generator_ema\.odd"):
        convert.read(tmp_path / "odd.pth")


@pytest.mark.parametrize("module", ["builtins", "__builtin__"])
def test_getattr_reaches_nothing(module, tmp_path):
    """A pickle that calls what getattr gives: here OrderedDict.fromkeys("ab")."""
    called = f"c{module}\ngetattr\n(ccollections\nOrderedDict\nVfromkeys\ntR(Vab\ntR."
    (tmp_path / "bad.pkl").write_bytes(called.encode())
    with pytest.raises(UserError, match=r"bad\.pkl: damaged, .*'Box' object is not callable"):
        convert.read(tmp_path / "bad.pkl")


@pytest.mark.parametrize("payload", [Payload(), Evaluated()])
@pytest.mark.parametrize("ending", ["pkl", "pt"])
def test_nothing_in_a_file_is_executed(payload, ending, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / f"hostile.{ending}"
    save = pickle.dumps if ending == "pkl" else None
    if save:
        file.write_bytes(save({"G_ema": payload}))
    else:
        torch.save({"g_ema": {"style.1.weight": payload}}, file)
    with pytest.raises(UserError, match=rf"hostile\.{ending}: refused: it asks for \w+\.\w+"):
        convert.read(file)
    assert not (tmp_path / "executed").exists()


def test_a_hostile_tensor_inside_nvidias_pickle_is_refused(
    generator, nvidia, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    dump_nvidia(tmp_path / "bad.pkl", nvidia, in_nvidias_names(generator), extra=Payload())
    with pytest.raises(UserError, match=r"bad\.pkl: refused"):
        convert.read(tmp_path / "bad.pkl")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("zipped", [False, True])
def test_a_hostile_payload_in_a_tensors_bytes_is_refused(zipped, tmp_path, monkeypatch):
    """NVIDIA's pickles hold each tensor's numbers as the bytes of a PyTorch file."""
    monkeypatch.chdir(tmp_path)
    inner = io.BytesIO()
    torch.save(Payload(), inner, _use_new_zipfile_serialization=zipped)
    called = Called(torch.storage._load_from_bytes, inner.getvalue())
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps({"G_ema": called}))
    expected = r"bad\.pkl: refused: it asks for \w+\.mkdir, which no file of weights needs$"
    with pytest.raises(UserError, match=expected):
        convert.read(tmp_path / "bad.pkl")
    assert not (tmp_path / "executed").exists()


def test_programs_are_refused(tmp_path):
    class Double(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * x

    with warnings.catch_warnings(action="ignore"):
        torch.jit.script(Double()).save(str(tmp_path / "program.pt"))
    with pytest.raises(UserError, match=r"program\.pt: refused: it is a program"):
        convert.read(tmp_path / "program.pt")


def import_over_a_good_prior(file, generator, nvidia, monkeypatch, capsys):
    """What ``weights import FILE --as prior`` says on stderr; it must leave the earlier prior."""
    monkeypatch.setenv("HAIRSTUDIO_DATA", str(file.parent / "data"))
    good = file.parent / "good.pkl"
    dump_nvidia(good, nvidia, in_nvidias_names(generator))
    assert cli.main(["weights", "import", str(good), "--as", "prior"]) == 0
    before = path().read_bytes()
    capsys.readouterr()
    assert cli.main(["weights", "import", str(file), "--as", "prior"]) == 2
    assert path().read_bytes() == before
    return capsys.readouterr().err


GREY = {f"synthesis.b{r}.torgb.weight": torch.ones(1, w, 1, 1)
        for r, w in zip((4, 8, 16), CONFIG.channels, strict=True)}  # fmt: skip
UNFIT = [
    ({"synthesis.b8.extra": torch.zeros(1)}, "unknown tensor synthesis.b8.extra: not a plain"),
    ({"synthesis.b8.conv0.bias": None}, "synthesis.layers.1.bias is missing"),
    ({"synthesis.b16.conv1.bias": None}, "synthesis.layers.4.bias is missing"),
    ({"synthesis.b4.torgb.weight": None}, "synthesis.to_rgb.0.conv.weight is missing"),
    ({"synthesis.b4.conv1.noise_strength": None}, "layers.0.noise_strength is missing"),
    ({"mapping.fc1.weight": torch.ones(12, 7)}, "mapping.layers.1.weight is (12, 7), not (12, 12)"),
    ({"synthesis.b4.const": torch.ones(3)}, "synthesis.input is (1, 3), not (1, 3, 4, 4)"),
    ({"mapping.w_avg": torch.zeros(7)}, "w_mean is (7,), not (12,)"),
    ({"mapping.w_avg": torch.full((12,), torch.nan)}, "w_mean has values that are not finite"),
    (GREY, "synthesis.to_rgb.0.conv.weight is (1, 16, 1, 1), not (3, 16, 1, 1)"),
]


@pytest.mark.parametrize(("change", "reason"), UNFIT)
def test_what_is_no_whole_network_leaves_the_earlier_prior(
    change, reason, generator, nvidia, tmp_path, monkeypatch, capsys
):
    tensors = in_nvidias_names(generator) | change
    tensors = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    dump_nvidia(tmp_path / "bad.pkl", nvidia, tensors)
    error = import_over_a_good_prior(tmp_path / "bad.pkl", generator, nvidia, monkeypatch, capsys)
    assert f"{tmp_path / 'bad.pkl'}: " in error and reason in error
    assert error.count("\n") == 1


ODD = [
    ({"g_ema": [1, 2]}, "not a StyleGAN2 checkpoint"),
    ({"g_ema": {5: torch.zeros(1)}}, "5 is not the name of a tensor"),
    ({"g_ema": {"style.1.weight": "text"}}, "'style.1.weight' is not the name of a tensor"),
    (
        {"g_ema": {"conv1.noise.weight": torch.zeros(3)}},
        "tensor conv1.noise.weight has a wrong shape",
    ),
    ({"g_ema": {"input.input": torch.zeros(())}}, "damaged, or not a checkpoint"),
    ({"g_ema": {}, "latent_avg": "text"}, "'latent_avg' is not the name of a tensor"),
    ({"generator_ema.to_rgb1.bias": torch.zeros(3)}, "damaged, or not a checkpoint"),
    ({"G_ema": np.zeros(3)}, "not a StyleGAN2 checkpoint"),
]


@pytest.mark.parametrize(("content", "reason"), ODD)
def test_odd_content_is_refused_in_one_line(
    content, reason, generator, nvidia, tmp_path, monkeypatch, capsys
):
    file = tmp_path / ("odd.pkl" if "G_ema" in content else "odd.pt")
    if file.suffix == ".pkl":
        file.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, file)
    error = import_over_a_good_prior(file, generator, nvidia, monkeypatch, capsys)
    assert f"{file}: {reason}" in error and error.count("\n") == 1


def test_something_else_is_refused(tmp_path):
    torch.save({"weights": torch.zeros(1)}, tmp_path / "other.pt")
    (tmp_path / "text.pkl").write_text("no pickle")
    with pytest.raises(UserError, match=r"other\.pt: not a StyleGAN2 checkpoint"):
        convert.read(tmp_path / "other.pt")
    with pytest.raises(UserError, match=r"text\.pkl: damaged, or not a checkpoint"):
        convert.read(tmp_path / "text.pkl")


def test_a_damaged_archive_is_named(tmp_path):
    torch.save({"g_ema": {"style.1.weight": torch.zeros(64, 64)}}, tmp_path / "good.pt")
    data = bytearray((tmp_path / "good.pt").read_bytes())
    start = data.index(b"PK\x01\x02")  # the directory at the end
    data[start : start + 4] = b"XXXX"
    (tmp_path / "damaged.pt").write_bytes(data)
    with pytest.raises(UserError, match=r"damaged\.pt: damaged"):
        convert.read(tmp_path / "damaged.pt")


def test_a_users_file_becomes_the_prior(generator, nvidia, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HAIRSTUDIO_DATA", str(tmp_path / "data"))
    dump_nvidia(tmp_path / "own.pkl", nvidia, in_nvidias_names(generator))
    assert cli.main(["weights", "import", str(tmp_path / "own.pkl"), "--as", "prior"]) == 0
    assert "16 px" in capsys.readouterr().out
    assert priors.load(path()).config.channels == CONFIG.channels
