from pathlib import Path

import pytest

from hairstudio import resources

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
