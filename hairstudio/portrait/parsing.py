"""Face parsing: per-pixel class probabilities around one face.

BiSeNet sees the FFHQ crop, where it was trained, a crop twice as wide, and, while long hair goes
on, crops further down (three times as wide it no longer knows hair). Softmax of three times the
logits: the plain softmax is too timid inside hair and too generous on foreheads.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.portrait.alignment import crop_frame, face_frame

if TYPE_CHECKING:
    from hairstudio.nets.bisenet import BiSeNet

NETWORK_SIZE = 512
GRID_IOD = 160.0
WIDE = 2.0
SHARPNESS = 3.0
RAMP = 20  # network pixels over which a pass fades into the one below it
LOWER = 0.44  # of the wide crop's side: how much lower the next pass for long hair looks
MAX_LOWER = 2
LAST = NETWORK_SIZE - 1


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
    """An axis-aligned raster: ``box`` lies in the photo frame scaled by ``scale``."""

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


def probabilities(net: BiSeNet, pixels: NDArray[Any], crop: Similarity) -> NDArray[np.float32]:
    """One pass: (19, 512, 512) float32 class probabilities of the crop (of 512 pixels)."""
    import torch

    top = float(np.iinfo(pixels.dtype).max)
    rgb = warp_to_crop(pixels, crop, NETWORK_SIZE).astype(np.float32) / top
    batch = torch.from_numpy(rgb).permute(2, 0, 1)[None]
    with torch.inference_mode():
        return torch.softmax(SHARPNESS * net(batch)[0], 0).numpy()


def warp_to_crop(pixels: NDArray[Any], crop: Similarity, size: int) -> NDArray[Any]:
    """Resample the photo to a ``size`` x ``size`` crop, antialiased, edges repeated.

    (A mirrored border shows the network a second head on top of this one.) Only the part in view
    is touched: no copy of a 60 MP photo is made.
    """
    corners = crop.inverse.apply(np.array([[0, 0], [size, 0], [0, size], [size, size]], float))
    height, width = pixels.shape[:2]
    box = Box.around(corners).grown(8).intersection(Box.of_size(width, height))
    part = pixels[box.slices]
    shrink = min(1.0, 2 * crop.scale)
    if shrink < 1:
        reduced = max(1, round(box.w * shrink)), max(1, round(box.h * shrink))
        part = cv2.resize(part, reduced, interpolation=cv2.INTER_AREA)
        part = cv2.GaussianBlur(part, (0, 0), 0.6)
    rx, ry = part.shape[1] / box.w, part.shape[0] / box.h
    to_part = np.array([[rx, 0, rx * (0.5 - box.x) - 0.5], [0, ry, ry * (0.5 - box.y) - 0.5]])
    matrix = to_part @ np.vstack([crop.inverse.matrix, [0, 0, 1]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(part, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def parse(
    weights: Path, pixels: NDArray[Any], landmarks: NDArray[np.floating]
) -> tuple[Grid, NDArray[np.uint8]]:
    """Class probabilities around one face: the grid and (19, h, w) uint8, 255 = certain.

    ``pixels``: (H, W, 3) uint8 or uint16 RGB; ``landmarks``: (478, 3), photo frame.
    """
    net = network(weights)
    size = Box.of_size(pixels.shape[1], pixels.shape[0])
    near = crop_frame(landmarks, NETWORK_SIZE)
    far = crop_frame(landmarks, NETWORK_SIZE, _zoom_to_cover(near, size))
    passes = [(crop, probabilities(net, pixels, crop)) for crop in (near, far)]
    while len(passes) < 2 + MAX_LOWER and _hair_leaves_below(*passes[-1], size):
        lower = _lowered(passes[-1][0])
        passes.append((lower, probabilities(net, pixels, lower)))
    scale = min(1.0, GRID_IOD * face_frame(landmarks).scale)
    reach = np.vstack([_corners(crop) for crop, _ in passes])
    grid = Grid(Box.around(reach).intersection(size).scaled(scale), scale)
    return grid, _merged(passes, grid)


def _corners(crop: Similarity) -> NDArray[np.float64]:
    return crop.inverse.apply(np.array([[x, y] for x in (0.0, LAST) for y in (0.0, LAST)]))


def _zoom_to_cover(near: Similarity, photo: Box) -> float:
    """How far the wide crop zooms out: no farther than to the photo's corners."""
    corners = np.array([[x, y] for x in (0, photo.right) for y in (0, photo.bottom)], np.float64)
    reach = float(np.abs(near.apply(corners) - LAST / 2).max()) / (NETWORK_SIZE / 2)
    return float(np.clip(1.02 * reach, 1.1, WIDE))


def _lowered(crop: Similarity) -> Similarity:
    return Similarity(crop.a, crop.b, crop.tx, crop.ty - LOWER * NETWORK_SIZE)


def _hair_leaves_below(crop: Similarity, planes: NDArray[np.float32], photo: Box) -> bool:
    """Long hair goes on below this crop, and so does the photo."""
    columns = np.arange(NETWORK_SIZE, dtype=np.float64)
    below = crop.inverse.apply(np.stack([columns, np.full_like(columns, LAST)], -1))
    seen = ((below > 0) & (below < (photo.right, photo.bottom))).all(1)
    return int((seen & (planes[Class.HAIR, -RAMP] > 0.5)).sum()) > RAMP


def _merged(passes: list[tuple[Similarity, NDArray[np.float32]]], grid: Grid) -> NDArray[np.uint8]:
    """The passes laid over each other, the closest on top, each fading at its border."""
    planes = np.zeros((len(Class), grid.box.h, grid.box.w), np.uint8)
    planes[Class.BACKGROUND] = 255
    ramp = np.minimum(np.arange(NETWORK_SIZE), np.arange(NETWORK_SIZE)[::-1]) / RAMP
    fade = np.minimum(*np.meshgrid(ramp, ramp)).clip(0, 1).astype(np.float32)
    for crop, seen in reversed(passes):
        there = Box.around(grid.from_photo.apply(_corners(crop))).intersection(
            Box.of_size(grid.box.w, grid.box.h)
        )
        to_crop = Similarity(1, 0, there.x, there.y).then(grid.from_photo.inverse).then(crop).matrix
        trust = _warp(fade, to_crop, there)
        for under, over in zip(planes, seen, strict=True):
            part = under[there.slices]
            part[:] = np.rint(part + (255 * _warp(over, to_crop, there) - part) * trust)
    return planes


def _warp(plane: NDArray[np.float32], matrix: NDArray[np.float64], box: Box) -> NDArray[np.float32]:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, matrix, (box.w, box.h), flags=flags)
