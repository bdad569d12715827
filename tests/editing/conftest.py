"""A face whose hairline shows, and an engine with the real model files."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from hairstudio.editing.engine import Engine, installed_assets
from hairstudio.imaging.photo import Photo
from hairstudio.portrait.analysis import Analysis


@dataclass(frozen=True, eq=False)
class Face:
    """A photo with its analysis."""

    photo: Photo
    analysis: Analysis


def turned(pixels, degrees=12):
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(pixels, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)


def sixteen_bit(pixels):
    noise = np.random.default_rng(3).integers(0, 257, pixels.shape)
    return np.clip(pixels.astype(np.int64) * 256 + noise, 0, 65535).astype(np.uint16)


@pytest.fixture(scope="session")
def assets():
    return installed_assets()


@pytest.fixture(scope="session")
def engine(assets):
    return Engine(assets)


@pytest.fixture(scope="session")
def face(engine, bare_forehead):
    """8 bit, 1024 x 1056, eye distance 82 pixels."""
    photo = Photo(bare_forehead)
    return Face(photo, engine.analyse(photo))


@pytest.fixture(scope="session")
def faces(engine, face):
    """The same face in other photos: mirrored, turned, 16 bit, dark and turned in 16 bit."""
    own = face.photo.pixels
    pixels = [
        own,
        np.ascontiguousarray(own[:, ::-1]),
        turned(own),
        sixteen_bit(own),
        sixteen_bit(turned(own, -15) // 2),
    ]
    photos = [Photo(each) for each in pixels]
    return [Face(photo, engine.analyse(photo)) for photo in photos]
