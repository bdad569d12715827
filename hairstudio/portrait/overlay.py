"""A picture of what the analysis found (``analyze --overlay``)."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Box
from hairstudio.imaging.resample import downscale
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.parsing import Class

LONGEST = 2048
HAIR, HAIRLINE, LANDMARK, HEAD = (255, 64, 64), (64, 255, 96), (255, 255, 255), (255, 210, 64)
TINT = 0.45

Picture = NDArray[np.uint8]


def overlay(pixels: NDArray[Any], analysis: Analysis) -> Picture:
    """The photo, at most 2048 px large, with hair tinted, hairline, landmarks and face box.

    ``pixels``: (H, W, 3) uint8 or uint16 RGB, the analysed photo. Returns (h, w, 3) uint8 RGB.
    """
    scale = min(1.0, LONGEST / max(pixels.shape[:2]))
    small = downscale(pixels, scale)
    picture = small if small.dtype == np.uint8 else (small >> 8).astype(np.uint8)
    picture = _tinted(picture, analysis, scale)
    unit = max(1, round(analysis.iod * scale / 120))
    for x, y in _shown(analysis.landmarks[:, :2], scale):
        cv2.circle(picture, (x, y), max(0, unit - 1), LANDMARK, cv2.FILLED, cv2.LINE_AA)
    for x, y in _shown(_hairline(analysis), scale):
        cv2.circle(picture, (x, y), unit, HAIRLINE, cv2.FILLED, cv2.LINE_AA)
    box = Box.around(analysis.landmarks[:, :2]).scaled(scale)
    cv2.rectangle(picture, (box.x, box.y), (box.right, box.bottom), HEAD, unit)
    return picture


def _tinted(picture: Picture, analysis: Analysis, scale: float) -> Picture:
    grid = analysis.grid
    hair = analysis.probability(Class.HAIR).astype(np.float32) / 255
    matrix = grid.from_photo.matrix * np.array([1 / scale, 1 / scale, 1])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    alpha = TINT * cv2.warpAffine(hair, matrix, picture.shape[1::-1], flags=flags)[..., None]
    return np.rint(picture * (1 - alpha) + np.array(HAIR) * alpha).astype(np.uint8)


def _hairline(analysis: Analysis) -> NDArray[np.float64]:
    curve = analysis.hairline
    known = np.isfinite(curve.v)
    face = np.stack([curve.u[known], curve.v[known]], -1).astype(np.float64)
    return analysis.frame.inverse.apply(face)


def _shown(points: NDArray[np.floating], scale: float) -> list[tuple[int, int]]:
    return [(round(x), round(y)) for x, y in (points * scale).tolist()]
