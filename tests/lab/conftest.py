"""The sample faces, aligned, and a small random prior on disk."""

import pytest
import torch

from hairstudio import resources
from hairstudio.editing.engine import Engine, installed_assets
from hairstudio.imaging.photo import read_photo
from hairstudio.lab.references import Face
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
from hairstudio.weights import convert


@pytest.fixture(scope="session")
def engine():
    return Engine(installed_assets())


@pytest.fixture(scope="session")
def face(engine, astronaut):
    """Frontal, with a fringe."""
    return Face.open(engine, read_photo(astronaut))


@pytest.fixture(scope="session")
def donor(engine):
    return Face.open(engine, read_photo(resources.path("samples/curie.png")))


@pytest.fixture(autouse=True)
def one_thread():
    """Test processes run side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def small_prior(tmp_path_factory):
    """A file: random weights, 32 px."""
    torch.manual_seed(0)
    channels = (24, 24, 24, 16)
    net = Generator(GeneratorConfig(channels, latent=24, mapping_layers=2))
    tensors = {name: tensor for name, tensor in net.state_dict().items() if name != "w_mean"}
    path = tmp_path_factory.mktemp("prior") / "small.safetensors"
    convert.write(convert.Prior(tensors, convert.Description(32, channels, 24, 2, "random")), path)
    return path
