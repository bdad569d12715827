"""Fréchet distance of the prior: pictures of its own are near, noise is far."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from hairstudio.cli import main
from hairstudio.evaluation import prior_quality
from hairstudio.nets import prior
from hairstudio.training.data import Entry, write_pack
from hairstudio.weights import priors, store

SAMPLES = 48


@pytest.fixture(scope="module")
def generator():
    return prior.load(priors.path())


def pack(path, pictures):
    named = [(Entry(f"{i}", f"person {i}"), Image.fromarray(p)) for i, p in enumerate(pictures)]
    write_pack(iter(named), path, 128)
    return path


def generated(generator):
    z = torch.randn(SAMPLES, generator.config.latent, generator=torch.Generator().manual_seed(7))
    with torch.inference_mode():
        rgb = ((generator(z).clamp(-1, 1) + 1) * 127.5).byte()
    return list(rgb.permute(0, 2, 3, 1).numpy())


def test_own_pictures_are_near_and_noise_is_far(tmp_path, generator, capsys):
    own = pack(tmp_path / "own.zip", generated(generator))
    noise = np.random.default_rng(0).integers(0, 256, (SAMPLES, 128, 128, 3), np.uint8)
    other = pack(tmp_path / "noise.zip", list(noise))
    parser = store.path("face_parsing")
    near = prior_quality.measure(generator, own, parser, SAMPLES)
    assert near.reals == SAMPLES
    assert main(["evaluate", "prior", str(other), "--samples", str(SAMPLES), "--json"]) == 0
    far = json.loads(capsys.readouterr().out)
    assert 0 < near.floor < near.distance  # few samples: far from 0 even so
    assert far["distance"] > 2 * near.distance


def test_what_is_no_pack_is_named(tmp_path, capsys):
    path = tmp_path / "nothing.zip"
    path.write_bytes(b"")
    assert main(["evaluate", "prior", str(path)]) == 2
    assert "nothing.zip: not a data pack" in capsys.readouterr().err
