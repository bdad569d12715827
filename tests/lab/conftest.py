"""The sample faces, aligned."""

import pytest
import torch

from hairstudio import resources
from hairstudio.editing.engine import Engine, installed_assets
from hairstudio.imaging.photo import read_photo
from hairstudio.lab.references import Face


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
