"""How hair, skin and light of one photo look, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.imaging.resample import crop
from hairstudio.portrait.parsing import FACE_SKIN, Class, Grid

ENOUGH_HAIR = 0.02  # IOD^2 of hair that is surely hair
NATIVE_SIDE = 640
FACE_LANDMARKS = 468  # the rest are irises
NEIGHBOURS = 9
MEDIAN_TO_SIGMA = 1.4826

Array = NDArray[np.float32]
Lab = tuple[float, float, float]


@dataclass(frozen=True)
class Palette:
    """L*a*b* (D65) of the own hair: medians of the fifth nearest to the crown, of the middle and
    of the farthest fifth; of all of it; and of its darkest and lightest tenth."""

    root: Lab
    body: Lab
    tip: Lab
    whole: Lab
    shadow: Lab
    highlight: Lab


@dataclass(frozen=True)
class Appearance:
    """``palette``: None when there is no hair to sample; ``skin``: median L*a*b*; ``light``: unit
    vector towards the main light (x right, y down, z away from the camera) and ``contrast``, its
    share of the light, 0..1; ``grain`` (luma, chroma): standard deviation of the photo's noise on
    skin, 0..1; ``sharpness``: share of the finest octave in the detail of hair (of skin without
    hair), at the photo's own scale: some 0.5 when sharp, below 0.2 when soft or upscaled."""

    palette: Palette | None
    skin: Lab
    light: tuple[float, float, float]
    contrast: float
    grain: tuple[float, float]
    sharpness: float


def measure(
    pixels: NDArray[Any],
    rgb: Array,
    planes: NDArray[np.uint8],
    grid: Grid,
    frame: Similarity,
    landmarks: NDArray[np.float32],
) -> Appearance:
    """``pixels``: the whole photo; ``rgb``: (h, w, 3) float32 0..1 and ``planes``: (19, h, w)
    uint8 parsing, both on ``grid``; ``frame``: photo -> face frame; ``landmarks``: (478, 3)."""
    hair = planes[Class.HAIR] > 230
    skin = cv2.add(*(planes[name] for name in FACE_SKIN)) > 230
    unit = grid.scale / frame.scale
    light, contrast = _light(rgb, skin, grid, landmarks)
    return Appearance(
        _palette(rgb, _eroded(hair, 0.03 * unit), grid.from_photo.inverse.then(frame)),
        _median(_lab(rgb[_sparse(skin, 5000)])),
        light,
        contrast,
        _grain(*_native(pixels, skin, grid)),
        _sharpness(*_native(pixels, hair if hair.any() else skin, grid)),
    )


def _eroded(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    return cv2.erode(mask.astype(np.uint8), disc(radius)).astype(bool)


def _sparse(mask: NDArray[np.bool_], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of at most about ``count`` evenly spread pixels of a mask."""
    y, x = np.nonzero(mask)
    step = max(1, y.size // count)
    return y[::step], x[::step]


def _lab(rgb: Array) -> Array:
    """(N, 3) RGB 0..1 -> L*a*b*."""
    return cv2.cvtColor(rgb[None], cv2.COLOR_RGB2LAB)[0] if len(rgb) else rgb


def _median(lab: Array) -> Lab:
    if not len(lab):
        return float("nan"), float("nan"), float("nan")
    lightness, a, b = (float(x) for x in np.median(lab, axis=0))
    return lightness, a, b


def _palette(rgb: Array, hair: NDArray[np.bool_], to_face: Similarity) -> Palette | None:
    if hair.sum() * to_face.scale**2 < ENOUGH_HAIR:
        return None
    y, x = _sparse(hair, 20000)
    lab = _lab(rgb[y, x])
    crown = np.array([0.0, -1.3])
    away = np.hypot(*(to_face.apply(np.stack([x, y], -1).astype(np.float64)) - crown).T)
    near, far = np.quantile(away, (0.2, 0.8))
    dark, bright = np.quantile(lab[:, 0], (0.1, 0.9))
    groups = (away <= near, (away > near) & (away < far), away >= far,
              np.ones(len(lab), bool), lab[:, 0] <= dark, lab[:, 0] >= bright)  # fmt: skip
    return Palette(*(_median(lab[group]) for group in groups))


def _native(
    pixels: NDArray[Any], mask: NDArray[np.bool_], grid: Grid
) -> tuple[Array, NDArray[np.bool_]]:
    """A part of the photo at its own scale, in the middle of a mask of the grid, with the mask."""
    if not mask.any():
        return np.zeros((8, 8, 3), np.float32), np.zeros((8, 8), bool)
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    at = np.array(np.unravel_index(int(depth.argmax()), depth.shape)[::-1], float)
    x, y = (int(value) for value in grid.from_photo.inverse.apply(at))
    box = Box(x, y, 0, 0).grown(NATIVE_SIDE // 2)
    box = box.intersection(Box.of_size(pixels.shape[1], pixels.shape[0]))
    matrix = Similarity(1, 0, box.x, box.y).then(grid.from_photo).matrix
    inside = cv2.warpAffine(
        _eroded(mask, 2).astype(np.uint8), matrix, (box.w, box.h),
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
    )  # fmt: skip
    return crop(pixels, box), inside.astype(bool)


def _grain(rgb: Array, mask: NDArray[np.bool_]) -> tuple[float, float]:
    """Noise of luma and chroma (Immerkaer 1996, with the median for robustness)."""
    if mask.sum() < 100:
        return 0.0, 0.0
    luma, red, _ = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb))
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
    found = [np.median(np.abs(cv2.filter2D(plane, -1, kernel)[mask])) for plane in (luma, red)]
    return float(found[0]) * MEDIAN_TO_SIGMA, float(found[1]) * MEDIAN_TO_SIGMA


def _sharpness(rgb: Array, mask: NDArray[np.bool_]) -> float:
    if mask.sum() < 100:
        return 0.0
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    fine, coarse = (luma - cv2.GaussianBlur(luma, (0, 0), sigma) for sigma in (0.8, 3.2))
    return float(np.std(fine[mask]) / (np.std(coarse[mask]) + 1e-6))


def _light(
    rgb: Array, skin: NDArray[np.bool_], grid: Grid, landmarks: NDArray[np.float32]
) -> tuple[tuple[float, float, float], float]:
    """Robust linear fit of skin luminance against the face's normals."""
    points = landmarks[:FACE_LANDMARKS].astype(np.float64)
    normals = _normals(points)
    height, width = skin.shape
    x, y = np.rint(grid.from_photo.apply(points[:, :2])).astype(int).T
    seen = (x >= 0) & (y >= 0) & (x < width) & (y < height) & (np.abs(normals[:, 2]) > 0.25)
    seen[seen] &= skin[y[seen], x[seen]]
    if seen.sum() < 50:
        return (0.0, -0.5, -0.866), 0.5
    luma = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0, 0), 2)
    brightness = luma[y[seen], x[seen]].astype(np.float64) ** 2.2
    ambient, *direction = _robust_fit(np.c_[np.ones(seen.sum()), normals[seen]], brightness)
    length = float(np.hypot.reduce(direction)) + 1e-9
    right, down, away = (float(part) / length for part in direction)
    towards = np.array([right, down, min(away, -0.15)])  # a lit face is not lit from behind
    right, down, away = (float(part) for part in towards / np.linalg.norm(towards))
    return (right, down, away), length / (abs(float(ambient)) + length)


def _normals(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outward normals of the face at (N, 3) landmarks: planes through their nearest neighbours."""
    distance = ((points[:, None, :2] - points[None, :, :2]) ** 2).sum(-1)
    patches = points[np.argpartition(distance, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]]
    patches -= patches.mean(1, keepdims=True)
    normals = np.linalg.eigh(patches.transpose(0, 2, 1) @ patches)[1][:, :, 0]
    return normals * -np.sign(normals[:, 2:])


def _robust_fit(design: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least squares, reweighted four times for Cauchy errors."""
    weight = np.ones(len(values))
    solution = np.zeros(design.shape[1])
    for _ in range(4):
        solution = np.asarray(
            np.linalg.lstsq(design * weight[:, None], values * weight, rcond=None)[0], np.float64
        )
        error = np.abs(values - design @ solution)
        weight = 1 / (1 + (error / (2 * np.median(error) + 1e-6)) ** 2)
    return solution
