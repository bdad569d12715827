"""Compiled loops that fill a warped picture with texture from rigidly moved patches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

WANDER = 0.35  # how unevenly displacement is taken up by patches, so that borders do not line up
CHANGED = (0.08, 0.25)  # |squeeze| where patches begin to replace the warped texture, and do
TORN = (0.75, 1.1)  # stretch at which even strands along the movement become patches
# power of the energy lost where stretched, won where squeezed (0.5: structure in all directions)
ACROSS = (0.8, 0.5)
LIVELY = 0.35  # contrast that patches gain where stretched: roots in hair's place are too dull


@kernel()
def place(
    shift: Array,
    wander: Array,
    aside: Array,
    patch: float,
    dx: float,
    dy: float,
    top: int,
    maps: Array,
    weights: Array,
) -> None:
    """Choose two patches for each pixel, with weights whose squares sum to 1.

    ``shift``: (h, w) wished displacement along (dx, dy); ``wander``: (h, w) noise of unit spread;
    ``aside``: (n,) sideways displacements, taken in turn; ``patch``: displacement between
    neighbouring patches; all in pixels. ``top``: row of the picture that is row 0 here. Writes
    ``maps`` (2, 2, h, w): patch, then x and y of its source, and ``weights`` (2, h, w).
    """
    for i in range(shift.shape[0]):
        for j in range(shift.shape[1]):
            steps = shift[i, j] / patch * (1 + WANDER * wander[i, j])
            first = np.floor(steps)
            t = min(max((steps - first - 0.35) / 0.3, 0.0), 1.0)
            second = t * t * (3 - 2 * t)
            norm = np.sqrt((1 - second) ** 2 + second * second)
            weights[0, i, j], weights[1, i, j] = (1 - second) / norm, second / norm
            for k in range(2):
                side = aside[(int(first) + k) % aside.size]
                maps[k, 0, i, j] = j + (first + k) * patch * dx + side * dy
                maps[k, 1, i, j] = top + i + (first + k) * patch * dy - side * dx


@kernel()
def retexture(
    rgb: Array,
    fine: Array,
    locks: Array,
    soft: Array,
    squeeze: Array,
    even: tuple[Array, Array],
    inside: tuple[Array, Array],
    weights: Array,
) -> None:
    """Replace ``fine`` in ``rgb`` by the patches where texture is loose and changed its length.

    ``rgb``, ``fine`` (h, w, 3), ``locks`` (h, w: relief of what is larger) and ``soft`` (h, w, 4:
    loose hair, loose skin, hair, contrast) are already warped; ``squeeze``: (h, w) logarithm of
    source length over new length; ``even`` and ``inside``: texture of unit spread (h, w, 3) and
    where hair and skin are (h, w, 2), from the two patches of ``place``, with its ``weights``.
    Changes ``rgb``, and clips it to 0..1.
    """
    for i in range(rgb.shape[0]):
        for j in range(rgb.shape[1]):
            change = (abs(squeeze[i, j]) - CHANGED[0]) / (CHANGED[1] - CHANGED[0])
            a, b = weights[0, i, j], weights[1, i, j]
            torn = min(max((-squeeze[i, j] - TORN[0]) / (TORN[1] - TORN[0]), 0.0), 1.0)
            hair = soft[i, j, 0] + (soft[i, j, 2] - soft[i, j, 0]) * torn
            share = hair * (a * inside[0][i, j, 0] + b * inside[1][i, j, 0])
            share += soft[i, j, 1] * (a * inside[0][i, j, 1] + b * inside[1][i, j, 1])
            share *= min(max(change, 0.0), 1.0) / (a + b)
            norm = 1 / np.sqrt((1 - share) ** 2 + share * share)
            # stretched structure loses gradient energy, squeezed gains it: its contrast makes up
            lost = ACROSS[0] if squeeze[i, j] < 0 else ACROSS[1]
            gain = (2 / (1 + np.exp(2 * squeeze[i, j]))) ** lost - 1
            kept = (1 - share) * (1 + gain * soft[i, j, 2])
            spread = soft[i, j, 3] * (1 + LIVELY * min(max(-squeeze[i, j] / TORN[0], 0.0), 1.0))
            shade = 1 + gain * locks[i, j] / (1 + locks[i, j])
            for c in range(3):
                patched = (a * even[0][i, j, c] + b * even[1][i, j, c]) * spread
                mixed = norm * (kept * fine[i, j, c] + share * patched)
                mixed += shade * (rgb[i, j, c] - fine[i, j, c])
                rgb[i, j, c] = min(max(mixed, 0.0), 1.0)
