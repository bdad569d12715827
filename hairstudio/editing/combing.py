"""Strokes of the comb as a map of directions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.editing.edits import Comb
from hairstudio.imaging.geometry import Similarity
from hairstudio.portrait.view import View

WIDTH = 0.06  # IOD
FINE = 16  # parts of a pixel in which lines are drawn


def strokes(combed: Sequence[Comb], view: View) -> NDArray[np.float32] | None:
    """(h, w, 2) float32 unit vectors along the strokes in the view's axes, 0 away from them; None
    without strokes. Later strokes lie over earlier ones."""
    if not combed:
        return None
    to_view = Similarity.resize(view.scale, (view.box.x, view.box.y))
    made = np.zeros((view.box.h, view.box.w, 2), np.float32)
    width = max(1, round(WIDTH * view.iod))
    for stroke in combed:
        points = to_view.apply(np.array(stroke, np.float64))
        for start, end in pairwise(points):
            _draw(made, start, end, width)
    return made


def _draw(
    made: NDArray[np.float32], start: NDArray[np.float64], end: NDArray[np.float64], width: int
) -> None:
    along = end - start
    length = float(np.hypot(*along))
    if length < 1e-3:
        return
    color = (float(along[0] / length), float(along[1] / length))
    first, last = (tuple(np.rint(p * FINE).astype(int).tolist()) for p in (start, end))
    cv2.line(made, first, last, color, width, cv2.LINE_8, FINE.bit_length() - 1)
