"""Compiled loops that fill a warped picture with texture from rigidly moved patches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

WANDER = 0.35  # how unevenly displacement is taken up by patches, so that borders do not line up
# |squeeze| where hair and skin's grain begin to be seen to have changed, and are replaced
CHANGED, GRAIN = (0.2, 0.5), (0.08, 0.25)
TORN = (0.75, 1.1)  # stretch at which even strands along the movement become patches
STRONGER = 0.12  # contrast that stretched texture gains at most
WITHIN = (0.6, 1.0)  # inside of hair or skin where a patch begins to be it, and is
INSTEAD = 0.05  # weight with which one patch stands in where the other shows something else
LIVELY = 0.35  # contrast that patches of skin gain where stretched


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
def _ramp(value: float, limits: tuple[float, float]) -> float:
    return min(max((value - limits[0]) / (limits[1] - limits[0]), 0.0), 1.0)


@kernel()
def _suits(inside: Array, i: int, j: int, hair: float, skin: float) -> float:
    """How much of a pixel's wanted hair and skin a patch shows, away from their edges."""
    return hair * _ramp(inside[i, j, 0], WITHIN) + skin * _ramp(inside[i, j, 1], WITHIN)


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
    lively: float,
) -> None:
    """Replace ``fine`` in ``rgb`` by the patches where texture is loose and changed its length.

    ``rgb``, ``fine`` (h, w, 3), ``locks`` (h, w, 2: relief of what is larger, and how much of the
    gradient energy lies across the movement, 0..1) and ``soft`` (h, w, 4: loose hair, loose skin,
    hair, contrast) are already warped; ``squeeze``: (h, w) logarithm of source length over new
    length; ``even`` and ``inside``: texture of unit spread (h, w, 3) and where hair and skin are
    (h, w, 2), from the two patches of ``place``, with its ``weights``; ``lively``: contrast that
    patches of hair gain where stretched. Changes ``rgb``, and clips it to 0..1.
    """
    for i in range(rgb.shape[0]):
        for j in range(rgb.shape[1]):
            change = _ramp(abs(squeeze[i, j]), CHANGED)
            torn = _ramp(-squeeze[i, j], TORN)
            hair = change * (soft[i, j, 0] + (soft[i, j, 2] - soft[i, j, 0]) * torn)
            skin = _ramp(abs(squeeze[i, j]), GRAIN) * soft[i, j, 1]
            first = _suits(inside[0], i, j, hair, skin)
            second = _suits(inside[1], i, j, hair, skin)
            a, b = first * (weights[0, i, j] + INSTEAD), second * (weights[1, i, j] + INSTEAD)
            share = (a * first + b * second) / max(a + b, 1e-6)
            size = max(np.sqrt(a * a + b * b), 1e-6)
            a, b = a / size, b / size
            norm = 1 / np.sqrt((1 - share) ** 2 + share * share)
            # squeezed structure gains gradient energy, stretched loses it, as far as it lies across
            # the movement: its contrast makes up; in stretched locks what was finer does
            won = locks[i, j, 1] * (np.exp(2 * squeeze[i, j]) - 1)
            gain, relief = (1 + won) ** -0.5 - 1, locks[i, j, 0]
            gain = min(gain, STRONGER) if gain > 0 else change * gain
            kept = (1 - share) * (1 + gain * soft[i, j, 2])
            more = LIVELY + (lively - LIVELY) * soft[i, j, 2]
            spread = soft[i, j, 3] * (1 + more * _ramp(-squeeze[i, j], (0.0, TORN[0])))
            shade = 1 + min(gain, 0.0) * relief / (1 + relief)
            for c in range(3):
                patched = (a * even[0][i, j, c] + b * even[1][i, j, c]) * spread
                mixed = norm * (kept * fine[i, j, c] + share * patched)
                mixed += shade * (rgb[i, j, c] - fine[i, j, c])
                rgb[i, j, c] = min(max(mixed, 0.0), 1.0)
