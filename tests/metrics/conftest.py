"""Strand-like synthetic hair with known properties."""

import cv2
import numpy as np
import pytest


def draw_strands(seed=0, size=256, angle=70.0, level=0.35, contrast=0.5):
    """(size, size, 3) float32: filtered noise, long along ``angle`` (degrees), fine across it."""
    noise = np.random.default_rng(seed).normal(0, 1, (size, size)).astype(np.float32)
    octaves = [cv2.GaussianBlur(noise, (0, 0), 12 * s, sigmaY=s) for s in (0.7, 1.4, 2.8, 5.6)]
    along = sum(octave / octave.std() for octave in octaves) / 4
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), -angle, 1)
    along = cv2.warpAffine(along, turn, (size, size), borderMode=cv2.BORDER_REFLECT)
    grey = np.clip(level * (1 + contrast * along), 0.01, 1).astype(np.float32)
    return grey[..., None] * np.array([1, 0.8, 0.65], np.float32)


@pytest.fixture(scope="session")
def strands():
    return draw_strands
