"""A fixed raster of the face frame on which strands grow: the same at every scale.

Cell (row j, column i) lies at u = LEFT + i PITCH, v = TOP + j PITCH (u right, v down, unit IOD).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import fast_blur
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.imaging.kernels import kernel
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

CELLS = 64
"""Cells per IOD."""
PITCH = 1 / CELLS
LEFT, TOP = -1.75, -2.5
WIDTH, HEIGHT = 225, 241
UNIT = CELLS / 250
"""IOD / 250, the length of the recipes, in cells."""

COLUMNS: Array = (LEFT + PITCH * np.arange(WIDTH)).astype(np.float32)
ROWS: Array = (TOP + PITCH * np.arange(HEIGHT)).astype(np.float32)
U: Array = np.broadcast_to(COLUMNS, (HEIGHT, WIDTH))
V: Array = np.broadcast_to(ROWS[:, None], (HEIGHT, WIDTH))

TO_FACE = Similarity(PITCH, 0.0, LEFT, TOP)
"""Canvas cells -> face frame."""


def gather(plane: Array, frame: Similarity, outside: float | None = None) -> Array:
    """Bring an (h, w[, c]) float32 map onto the canvas, antialiased.

    ``frame``: the map's pixels -> face frame; ``outside``: value beyond its borders (None:
    the nearest pixel's).
    """
    cell = PITCH / frame.scale  # map pixels per cell
    if cell > 1.5:
        plane = fast_blur(plane, 0.4 * cell)
    border = cv2.BORDER_REPLICATE if outside is None else cv2.BORDER_CONSTANT
    fill = (0.0 if outside is None else outside,) * 4
    return cv2.warpAffine(
        plane, TO_FACE.then(frame.inverse).matrix, (WIDTH, HEIGHT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=border, borderValue=fill,
    ).astype(np.float32)  # fmt: skip


def scatter(plane: Array, view: View, box: Box | None = None) -> Array:
    """Bring an (HEIGHT, WIDTH[, c]) canvas map to the pixels of a view, or of a ``box`` in it,
    (h, w[, c]) float32."""
    part = box or Box.of_size(*view.size)
    from_view = Similarity.resize(1.0, (part.x, part.y))
    matrix = from_view.inverse.then(view.frame).then(TO_FACE.inverse).matrix
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        plane, matrix, (part.w, part.h), flags=flags, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)


def at(plane: Array, points: Array) -> Array:
    """An (HEIGHT, WIDTH[, c]) canvas map at (n, m, 2) points (u, v): (n, m[, c]); 0 beyond."""
    cells = (points - np.array([LEFT, TOP], np.float32)) * np.float32(CELLS)
    return cv2.remap(plane, np.ascontiguousarray(cells, np.float32), None, cv2.INTER_LINEAR)


@kernel()
def bilinear(plane: Array, x: float, y: float) -> float:
    """Sample (h, w) at pixel (x, y), clamped to its borders."""
    h, w = plane.shape
    x = min(max(x, 0.0), w - 1.001)
    y = min(max(y, 0.0), h - 1.001)
    i, j = int(x), int(y)
    a, b = x - i, y - j
    top = plane[j, i] * (1 - a) + plane[j, i + 1] * a
    return top * (1 - b) + (plane[j + 1, i] * (1 - a) + plane[j + 1, i + 1] * a) * b


@kernel()
def sample(planes: Array, x: float, y: float, out: Array) -> None:
    """Sample all planes of (h, w, c) at pixel (x, y), clamped to their borders, into (c,)."""
    h, w, count = planes.shape
    x = min(max(x, 0.0), w - 1.001)
    y = min(max(y, 0.0), h - 1.001)
    i, j = int(x), int(y)
    a, b = x - i, y - j
    p, q, r, s = (1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b
    for c in range(count):
        out[c] = (p * planes[j, i, c] + q * planes[j, i + 1, c]
                  + r * planes[j + 1, i, c] + s * planes[j + 1, i + 1, c])  # fmt: skip


@kernel()
def linear(curve: Array, x: float) -> float:
    """Sample (w,) at position x, clamped to its ends."""
    x = min(max(x, 0.0), curve.size - 1.001)
    i = int(x)
    return curve[i] + (curve[i + 1] - curve[i]) * (x - i)
