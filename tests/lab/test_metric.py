"""Measuring a new prior: once, seen, and to be stopped."""

import json
import os
import signal
import subprocess
import sys

import pytest
import torch

from hairstudio.lab import metric
from hairstudio.lab.pairs import Maker
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
from hairstudio.weights import convert

FFHQ = (512, 512, 512, 512, 512, 256, 128, 64, 32)
OURS = (256, 256, 256, 128, 64, 32)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("HAIRSTUDIO_CACHE", str(folder))
    return folder


def test_it_is_measured_once(small_prior, cache):
    first, second = list[float](), list[float]()
    before = Maker(small_prior, "combined", 1, first.append).metric
    after = Maker(small_prior, "combined", 1, second.append).metric
    assert first == sorted(first) and 0 <= first[0] < first[-1] < 1
    assert not second
    assert torch.equal(before.latent, after.latent)
    assert len(list(cache.glob("metric-*"))) == 1


def test_wide_networks_are_drawn_smaller():
    assert metric._side(GeneratorConfig(OURS, latent=256)) == 128
    assert 16 <= metric._side(GeneratorConfig(FFHQ)) <= 64


@pytest.fixture(scope="module")
def slow_prior(tmp_path_factory):
    """A file: random weights; it takes a minute to measure."""
    torch.manual_seed(0)
    channels = (192, 192, 192, 192, 96)
    tensors = Generator(GeneratorConfig(channels, latent=512, mapping_layers=2)).state_dict()
    del tensors["w_mean"]
    path = tmp_path_factory.mktemp("prior") / "slow.safetensors"
    convert.write(convert.Prior(tensors, convert.Description(64, channels, 512, 2, "random")), path)
    return path


@pytest.mark.skipif(os.name == "nt", reason="no SIGTERM")
@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_stopped(slow_prior, astronaut, cache, tmp_path, way):
    command = ["lab", "pairs", astronaut, "--attribute", "dye", "--prior", slow_prior, "--json",
               "--steps", "1", "-o", tmp_path / "s"]  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "hairstudio", *map(str, command)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        begun = json.loads(running.stdout.readline())
        assert begun == {"type": "preparing", "part": 0.0}
        running.send_signal(way)
        rest, error = running.communicate()
    assert running.returncode == 130
    assert "the same command goes on" in error
    assert all(json.loads(line)["type"] == "preparing" for line in rest.splitlines())
    assert not list(cache.glob("*metric-*"))
    assert not list((tmp_path / "s" / "pairs").iterdir())
