"""Compiled loops that fill a warped picture with texture from rigidly moved patches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

WITHIN = (0.6, 1.0)  # inside of hair or skin where a patch begins to be it, and is
INSTEAD = 0.05  # weight with which one patch stands in where the other shows something else


@kernel()
def place(
    warp: Array,
    levels: Array,
    step: Array,
    dx: float,
    dy: float,
    top: int,
    maps: Array,
    weights: Array,
) -> None:
    """Choose two patches for each pixel, with weights whose sum is 1.

    ``levels``: (h, w) number of the patch, between two of them where they meet; ``warp``, ``step``:
    (h, w) displacement along (dx, dy) of patch 0 and from each to the next, pixels; ``top``: row of
    the picture that is row 0 here. Writes ``maps`` (2, 2, h, w): patch, then x and y of its source,
    and ``weights`` (2, h, w).
    """
    for i in range(levels.shape[0]):
        for j in range(levels.shape[1]):
            first = np.floor(levels[i, j])
            t = min(max((levels[i, j] - first - 0.35) / 0.3, 0.0), 1.0)
            second = t * t * (3 - 2 * t)
            weights[0, i, j], weights[1, i, j] = 1 - second, second
            for k in range(2):
                maps[k, 0, i, j] = j + (warp[i, j] + (first + k) * step[i, j]) * dx
                maps[k, 1, i, j] = top + i + (warp[i, j] + (first + k) * step[i, j]) * dy


@kernel()
def _ramp(value: float, limits: tuple[float, float]) -> float:
    return min(max((value - limits[0]) / (limits[1] - limits[0]), 0.0), 1.0)


@kernel()
def _suits(inside: Array, i: int, j: int, hair: float, skin: float) -> float:
    """How much of a pixel's wanted hair and skin a patch shows, away from their edges."""
    return hair * _ramp(inside[i, j, 0], WITHIN) + skin * _ramp(inside[i, j, 1], WITHIN)


@kernel()
def retexture(
    picture: Array,
    fine: Array,
    wanted: Array,
    fines: tuple[Array, Array],
    insides: tuple[Array, Array],
    weights: Array,
) -> None:
    """Replace ``fine`` in ``picture`` by the patches.

    ``picture``, ``fine`` (h, w, 3) are already warped; ``wanted`` (h, w, 2): how much hair and
    plain skin from patches; ``fines`` (h, w, 3) and ``insides`` (h, w, 2: inside of hair and skin)
    from the two patches of ``place``, with its ``weights``. Changes ``picture``.
    """
    for i in range(picture.shape[0]):
        for j in range(picture.shape[1]):
            hair, skin = wanted[i, j, 0], wanted[i, j, 1]
            first = _suits(insides[0], i, j, hair, skin)
            second = _suits(insides[1], i, j, hair, skin)
            a, b = first * (weights[0, i, j] + INSTEAD), second * (weights[1, i, j] + INSTEAD)
            share = (a * first + b * second) / max(a + b, 1e-6)
            # grain that is blended would lose its spread; hair meets where it looks alike
            grain = skin / max(hair + skin, 1e-6)
            size = max(a + b + grain * (np.sqrt(a * a + b * b) - a - b), 1e-6)
            a, b = a / size, b / size
            norm = 1 + grain * (1 / np.sqrt((1 - share) ** 2 + share * share) - 1)
            for c in range(3):
                patched = a * fines[0][i, j, c] + b * fines[1][i, j, c]
                mixed = norm * ((1 - share) * fine[i, j, c] + share * patched)
                picture[i, j, c] += mixed - fine[i, j, c]
