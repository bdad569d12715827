from pathlib import Path

import cv2
import numpy as np
import pytest

from hairstudio import resources
from hairstudio.imaging.photo import read_photo

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Photos of real people that may not be published: beside the repository, where present."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no ../shared folder beside the repository")
    return folder


@pytest.fixture(scope="session")
def astronaut() -> Path:
    """The public-domain sample photo: 512 x 512, one small frontal face."""
    return resources.path("samples/astronaut.png")


@pytest.fixture(scope="session")
def bare_forehead(astronaut):
    """(1056, 1024, 3) uint8: the sample's fringe hides her hairline, so the skin between it and
    the brows is stretched."""
    top, bottom, extra, zoom = 82, 89, 16, 2
    pixels = read_photo(astronaut).pixels
    height, width = pixels.shape[:2]
    stretched = np.array([0, top, bottom + extra, height + extra - 1], np.float32)
    rows = (np.arange((height + extra) * zoom) + 0.5) / zoom - 0.5
    columns = (np.arange(width * zoom) + 0.5) / zoom - 0.5
    source = np.interp(rows, stretched, [0, top, bottom, height - 1])
    x, y = np.meshgrid(columns.astype(np.float32), source.astype(np.float32))
    return cv2.remap(pixels, x, y, cv2.INTER_CUBIC)


@pytest.fixture(scope="session")
def small_prior(tmp_path_factory):
    """A file: random weights, 32 px."""
    import torch

    from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
    from hairstudio.weights import convert

    torch.manual_seed(0)
    channels = (24, 24, 24, 16)
    net = Generator(GeneratorConfig(channels, latent=24, mapping_layers=2))
    tensors = {name: tensor for name, tensor in net.state_dict().items() if name != "w_mean"}
    path = tmp_path_factory.mktemp("prior") / "small.safetensors"
    convert.write(convert.Prior(tensors, convert.Description(32, channels, 24, 2, "random")), path)
    return path
