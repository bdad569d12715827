"""The sample photo enlarged, and its analysis with the real model files."""

import cv2
import numpy as np
import pytest

from hairstudio.imaging.photo import read_photo
from hairstudio.portrait.analysis import Assets, analyse
from hairstudio.weights import store


@pytest.fixture(scope="session")
def assets():
    return Assets(store.path("face_landmarker"), store.path("face_parsing"))


@pytest.fixture(scope="session")
def small(astronaut):
    """512 x 512, eye distance 41 pixels."""
    return read_photo(astronaut).pixels


@pytest.fixture(scope="session")
def head(small):
    """Head and shoulders only, enlarged four times: 1000 x 880, eye distance 166 pixels."""
    part = small[0:250, 110:330]
    return cv2.resize(part, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="session")
def analysis(head, assets):
    return analyse(head, assets)


@pytest.fixture(scope="session")
def landscape():
    """24 megapixels without a face: soft random hills."""
    rng = np.random.default_rng(5)
    coarse = rng.integers(40, 220, (40, 60, 3), np.uint8)
    return cv2.resize(coarse, (6000, 4000), interpolation=cv2.INTER_CUBIC)
