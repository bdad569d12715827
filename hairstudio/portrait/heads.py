"""Which hair grows on this head: not a neighbour's, nor a leak into the background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc
from hairstudio.portrait.alignment import face_frame
from hairstudio.portrait.parsing import EARS, Class, Grid

PIXELS_PER_IOD = 20.0
TEMPLES, HEAD_CENTRE = (127, 356), -0.35  # landmarks at its sides; v
SCALP = 1.25  # radius around it, in IOD, where hair grows on this head
REACH = 2.2  # and where this neck is
BESIDE = (*EARS, Class.NECK, Class.SKIN)  # they may cut hair beside them off from the scalp
GAP = 0.35  # hair cut off by a strap or a hand still belongs to the hair this near, in IOD

Mask = NDArray[np.bool_]


def keep_own_hair(
    planes: NDArray[np.uint8], grid: Grid, faces: list[NDArray[np.float32]], face: int
) -> None:
    """Turn hair that is not this face's into background, in place.

    ``planes``: (19, h, w) uint8 parsing on ``grid``; ``faces``: landmarks of all faces in the
    photo, (478, 3) each, photo frame.
    """
    hair = planes[Class.HAIR]
    step = PIXELS_PER_IOD * face_frame(faces[face]).scale / grid.scale
    size = (max(2, round(grid.box.w * step)), max(2, round(grid.box.h * step)))
    small = _reduced(hair, size) > 80
    distances = [_from_head(grid, points, size) for points in faces]
    mine = _territory(small, distances, face)
    neck = _dilated(_reduced(planes[list(BESIDE)].max(0), size) > 127, GAP / 2)
    neck &= distances[face] < REACH
    own = _attached(small & mine, (distances[face] < SCALP) | neck)
    reach = _dilated(own, 0.1) & (mine | ~small)
    keep = cv2.resize(reach.astype(np.float32), hair.shape[::-1], interpolation=cv2.INTER_LINEAR)
    kept = (hair * keep).astype(np.uint8)
    planes[Class.BACKGROUND] = cv2.add(planes[Class.BACKGROUND], hair - kept)
    hair[:] = kept


def _reduced(plane: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA)


def _dilated(mask: Mask, reach: float) -> Mask:
    """A mask of the small raster grown by ``reach`` IOD."""
    return cv2.dilate(mask.astype(np.uint8), disc(reach * PIXELS_PER_IOD)).astype(bool)


def _from_head(
    grid: Grid, landmarks: NDArray[np.float32], size: tuple[int, int]
) -> NDArray[np.float64]:
    """Distance of every small pixel from the middle of a head, in that head's IOD."""
    x = (np.arange(size[0]) + 0.5) * grid.box.w / size[0] - 0.5
    y = (np.arange(size[1]) + 0.5) * grid.box.h / size[1] - 0.5
    to_face = grid.from_photo.inverse.then(face_frame(landmarks))
    uv = to_face.apply(np.stack(np.meshgrid(x, y), -1))
    sides = face_frame(landmarks).apply(landmarks[list(TEMPLES), :2].astype(np.float64))
    return np.hypot(uv[..., 0] - sides[:, 0].mean(), uv[..., 1] - HEAD_CENTRE)


def _territory(hair: Mask, distances: list[NDArray[np.float64]], face: int) -> Mask:
    """Pixels that are nearer to this scalp than to another, along the hair (watershed)."""
    if len(distances) == 1:
        return np.ones_like(hair)
    nearest = np.argmin(distances, axis=0)
    seeds = np.where(np.min(distances, axis=0) < SCALP, nearest + 1, 0).astype(np.int32)
    ground = np.repeat(np.where(hair, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    owner = cv2.watershed(ground, seeds)
    seam = owner < 1
    return np.where(seam, nearest, owner - 1) == face


def _attached(hair: Mask, scalp: Mask) -> Mask:
    """The connected pieces of hair that touch the scalp, and those a small gap away from them."""
    labels = cv2.connectedComponents(hair.astype(np.uint8))[1]
    own = _pieces(labels, scalp)
    return _pieces(labels, _dilated(own, GAP))


def _pieces(labels: NDArray[np.int32], zone: Mask) -> Mask:
    touching = np.unique(labels[zone])
    return np.isin(labels, touching[touching > 0])
