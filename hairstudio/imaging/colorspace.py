"""sRGB <-> CIE L*a*b* (D65), pixel by pixel, for compiled loops and for single colours.

The transfer curves are tables with linear interpolation: the error stays below .01 in L*.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

WHITE = (0.950456, 1.0, 1.089058)
_TO_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
_XYZ = (_TO_XYZ / np.array(WHITE)[:, None]).astype(np.float32)
_RGB = np.linalg.inv(_XYZ.astype(np.float64)).astype(np.float32)
_EPSILON, _KAPPA = 216 / 24389, 24389 / 27
_STEPS = 4096


def linear(code: Array) -> Array:
    """sRGB code 0..1 -> linear light."""
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def encoded(light: Array) -> Array:
    """Linear light -> sRGB code."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _curve(ratio: Array) -> Array:
    """CIE f of the tristimulus ratio."""
    return np.where(ratio > _EPSILON, np.cbrt(ratio), (_KAPPA * ratio + 16) / 116)


# The last two over the *square root* of light: fine steps where the eye needs them.
_RAMP = (np.arange(_STEPS + 2) / _STEPS).astype(np.float32)
_LINEAR = linear(_RAMP).astype(np.float32)
_CODE = encoded(_RAMP * _RAMP).astype(np.float32)
_CURVE = _curve(_RAMP * _RAMP).astype(np.float32)


@kernel()
def _read(table: Array, x: float) -> float:
    position = min(max(x, 0.0), 1.0) * _STEPS
    index = int(position)
    part = position - index
    return table[index] * (1 - part) + table[index + 1] * part


@kernel()
def to_lab(r: float, g: float, b: float) -> tuple[float, float, float]:
    """One sRGB pixel (0..1) -> L* 0..100, a*, b*."""
    r, g, b = _read(_LINEAR, r), _read(_LINEAR, g), _read(_LINEAR, b)
    x = _read(_CURVE, np.sqrt(_XYZ[0, 0] * r + _XYZ[0, 1] * g + _XYZ[0, 2] * b))
    y = _read(_CURVE, np.sqrt(_XYZ[1, 0] * r + _XYZ[1, 1] * g + _XYZ[1, 2] * b))
    z = _read(_CURVE, np.sqrt(_XYZ[2, 0] * r + _XYZ[2, 1] * g + _XYZ[2, 2] * b))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@kernel()
def _from_curve(f: float) -> float:
    cube = f * f * f
    return cube if cube > _EPSILON else (116 * f - 16) / _KAPPA


@kernel()
def from_lab(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    """L*a*b* -> sRGB 0..1; colours outside the gamut are clipped per channel."""
    f = (lightness + 16) / 116
    x, y, z = _from_curve(f + a / 500), _from_curve(f), _from_curve(f - b / 200)
    red = _RGB[0, 0] * x + _RGB[0, 1] * y + _RGB[0, 2] * z
    green = _RGB[1, 0] * x + _RGB[1, 1] * y + _RGB[1, 2] * z
    blue = _RGB[2, 0] * x + _RGB[2, 1] * y + _RGB[2, 2] * z
    return (
        _read(_CODE, np.sqrt(max(red, 0.0))),
        _read(_CODE, np.sqrt(max(green, 0.0))),
        _read(_CODE, np.sqrt(max(blue, 0.0))),
    )


@kernel()
def _convert(rgb: Array, lab: Array) -> None:
    for y in range(rgb.shape[0]):
        for x in range(rgb.shape[1]):
            lab[y, x, 0], lab[y, x, 1], lab[y, x, 2] = to_lab(
                rgb[y, x, 0], rgb[y, x, 1], rgb[y, x, 2]
            )


def lab_image(rgb: Array) -> Array:
    """(H, W, 3) float32 sRGB 0..1 -> L*a*b*."""
    lab = np.empty(rgb.shape, np.float32)
    _convert(rgb, lab)
    return lab


@kernel()
def lightness(rgb: Array, out: Array, first: int, last: int) -> None:
    """L* of rows ``first`` .. ``last`` - 1 of (h, w, 3) sRGB 0..1, into (h, w)."""
    for y in range(first, last):
        for x in range(out.shape[1]):
            out[y, x] = to_lab(rgb[y, x, 0], rgb[y, x, 1], rgb[y, x, 2])[0]
