"""Face parsing: per-pixel class probabilities around one face.

BiSeNet sees the FFHQ crop, where it was trained, and a crop twice as wide, so that long
hair is found too. Softmax of three times the logits: the plain softmax is too timid inside
hair and too generous on foreheads.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.portrait.alignment import crop_frame

if TYPE_CHECKING:
    from hairstudio.nets.bisenet import BiSeNet

NETWORK_SIZE = 512
GRID_IOD = 160.0
WIDE = 2.0
SHARPNESS = 3.0


class Class(IntEnum):
    BACKGROUND = 0
    SKIN = 1
    LEFT_BROW = 2
    RIGHT_BROW = 3
    LEFT_EYE = 4
    RIGHT_EYE = 5
    GLASSES = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    EARRING = 9
    NOSE = 10
    MOUTH = 11
    UPPER_LIP = 12
    LOWER_LIP = 13
    NECK = 14
    NECKLACE = 15
    CLOTH = 16
    HAIR = 17
    HAT = 18


BROWS = (Class.LEFT_BROW, Class.RIGHT_BROW)
EARS = (Class.LEFT_EAR, Class.RIGHT_EAR)
FEATURES = (*BROWS, Class.LEFT_EYE, Class.RIGHT_EYE, Class.GLASSES,
            Class.MOUTH, Class.UPPER_LIP, Class.LOWER_LIP)  # fmt: skip
FACE_SKIN = (Class.SKIN, Class.NOSE)
ALL_SKIN = (*FACE_SKIN, *EARS, Class.NECK)


@dataclass(frozen=True)
class Grid:
    """An axis-aligned raster over the photo: ``box`` lies in the photo frame scaled by ``scale``."""

    box: Box
    scale: float

    @property
    def from_photo(self) -> Similarity:
        """Photo frame -> grid pixels."""
        return Similarity.resize(self.scale, (self.box.x, self.box.y))


@cache
def network(weights: Path) -> BiSeNet:
    """The parsing network, loaded once per process."""
    from hairstudio.nets import bisenet

    return bisenet.load(weights)


def grid_around(frame: Similarity, photo_size: tuple[int, int]) -> Grid:
    """The grid on which one face's maps live: what the wide crop sees of the photo."""
    scale = min(1.0, GRID_IOD * frame.scale)
    reach = np.array([[u, v] for u in (-4.2, 4.2) for v in (-4.0, 4.6)])
    box = Box.around(frame.inverse.apply(reach)).intersection(Box.of_size(*photo_size))
    return Grid(box.scaled(scale), scale)


def probabilities(
    net: BiSeNet, pixels: NDArray[np.generic], crop: Similarity
) -> NDArray[np.float32]:
    """One pass: (19, 512, 512) float32 class probabilities of the crop (of 512 pixels)."""
    import torch

    top = float(np.iinfo(pixels.dtype).max)
    rgb = warp_to_crop(pixels, crop, NETWORK_SIZE).astype(np.float32) / top
    batch = torch.from_numpy(rgb).permute(2, 0, 1)[None]
    with torch.inference_mode():
        return torch.softmax(SHARPNESS * net(batch)[0], 0).numpy()


def warp_to_crop(pixels: NDArray[np.generic], crop: Similarity, size: int) -> NDArray[np.generic]:
    """Resample the photo to a ``size`` x ``size`` crop, antialiased, mirrored beyond its borders."""
    corners = crop.inverse.apply(np.array([[0, 0], [size, 0], [0, size], [size, size]], float))
    height, width = pixels.shape[:2]
    box = Box.around(corners).grown(8).intersection(Box.of_size(width, height))
    part = pixels[box.slices]
    shrink = min(1.0, 2 * crop.scale)
    if shrink < 1:
        part = cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    rx, ry = part.shape[1] / box.w, part.shape[0] / box.h
    inverse = crop.inverse.matrix
    to_part = np.array([[rx, 0, rx * (0.5 - box.x) - 0.5], [0, ry, ry * (0.5 - box.y) - 0.5]])
    matrix = to_part @ np.vstack([inverse, [0, 0, 1]])
    if shrink < 1:
        part = cv2.GaussianBlur(part, (0, 0), 0.6)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(part, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REFLECT)


def _to_grid(plane: NDArray[np.float32], crop: Similarity, grid: Grid) -> NDArray[np.float32]:
    matrix = grid.from_photo.inverse.then(crop).matrix
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (grid.box.w, grid.box.h)
    return cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def parse(
    weights: Path, pixels: NDArray[np.generic], landmarks: NDArray[np.floating], grid: Grid
) -> NDArray[np.uint8]:
    """Class probabilities on the grid: (19, h, w) uint8, 255 = certain."""
    net = network(weights)
    near = crop_frame(landmarks, NETWORK_SIZE)
    far = crop_frame(landmarks, NETWORK_SIZE, WIDE)
    ramp = np.minimum(np.arange(NETWORK_SIZE), np.arange(NETWORK_SIZE)[::-1]) / 48
    ramp = np.clip(ramp, 0, 1).astype(np.float32)
    trust = np.minimum(ramp[:, None], ramp[None, :])
    trust = cv2.warpAffine(trust, grid.from_photo.inverse.then(near).matrix,
                           (grid.box.w, grid.box.h),
                           flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)  # fmt: skip
    fine, coarse = probabilities(net, pixels, near), probabilities(net, pixels, far)
    planes = np.empty((len(Class), grid.box.h, grid.box.w), np.uint8)
    for plane, f, c in zip(planes, fine, coarse, strict=True):
        blended = _to_grid(f, near, grid) * trust + _to_grid(c, far, grid) * (1 - trust)
        plane[:] = np.rint(blended * 255)
    return planes
