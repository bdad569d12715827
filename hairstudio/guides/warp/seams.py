"""Where neighbouring patches of moved hair meet: along the lines on which they look most alike.

Each patch moves as a whole by one step more than the one above it, so that strands keep their
size; a cut of least difference (Efros and Freeman, "Image quilting", 2001) hides the change.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import smoothstep
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

STEEP = 2  # rows that a cut may rise or fall per column
SOFT = 6.7  # rows from one patch to the next; most of it is still the one or the other
ELSEWHERE = 4.0  # cost of showing something else than hair, average difference = 1
UNLIKE = 0.3, 0.6  # squared difference, summed over colours, at which patches do not meet
AROUND = 4.0  # columns that are judged together
OFF_CENTRE = np.float32(0.5)  # cost of a cut at the edge of what both patches have in common


class Hair(NamedTuple):
    """Hair on a grid: its ``look``, (h, w, c), and where it is, ``inside`` (h, w) 0..1."""

    look: Array
    inside: Array

    def moved(self, down: Array) -> Hair:
        """By so many rows, (w,) or (h, w)."""
        height, width = self.inside.shape
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        y -= down
        look, inside = (
            cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for plane in self
        )
        return Hair(look, inside)


def cut(
    hair: Hair, ends: tuple[Array, Array], warp: Array, moves: Array, steps: int
) -> tuple[Array, Array]:
    """(h, w) number of the patch, 0..``steps``, at each place of a grid; and (w,) how well patches
    meet in each column, 0..1.

    ``ends``: (w,) rows between which there is hair; ``warp``: (h, w) rows by which all patches move
    down; ``moves``: (w,) rows by which the last does more than the first.
    """
    upper, lower = (_even(row) for row in ends)
    rows = np.arange(len(warp), dtype=np.float32)[:, None]
    levels, fit = np.zeros_like(warp), np.ones_like(moves)
    here, before = hair.moved(warp), np.zeros_like(moves)
    for step in range(1, steps + 1):
        after: Array = moves * np.float32(step / steps)
        there = hair.moved(warp + after)
        room = upper + np.maximum(before, after), lower + np.minimum(before, after)
        path, met = _seam(here, there, room)
        levels += np.clip((rows - path) / np.float32(SOFT) + np.float32(0.5), 0, 1)
        fit = np.minimum(fit, met)
        here, before = there, after
    return levels, fit


def _seam(one: Hair, other: Hair, room: tuple[Array, Array]) -> tuple[Array, Array]:
    """(w,) rows where one hair had best give way to the other, and how well they meet there."""
    first, last = room
    middle: Array = (first + last) / np.float32(2)
    reach = np.maximum(last - middle, np.float32(1))
    rows = np.arange(len(one.inside), dtype=np.float32)[:, None]
    unlike = cv2.blur(np.square(one.look - other.look).sum(-1), (1, 3))
    both = cv2.min(one.inside, other.inside)
    average = float((unlike * both).sum() / max(float(both.sum()), 1.0)) + 1e-6
    cost = unlike / np.float32(average) + OFF_CENTRE * np.square((rows - middle) / reach)
    cost += np.float32(ELSEWHERE) * (2 - one.inside - other.inside)
    path = _cheapest(cost, middle, reach)
    there = unlike[path.astype(np.intp), np.arange(path.size)]
    return path, 1 - smoothstep(*UNLIKE, _even(there, AROUND))


def _even(row: Array, sigma: float = 2.0) -> Array:
    evened = cv2.GaussianBlur(row.astype(np.float32)[None], (0, 0), sigma)
    return evened[0].astype(np.float32, copy=False)


@kernel()
def _cheapest(cost: Array, middle: Array, room: Array) -> Array:
    """(w,) rows of the cheapest way through ``cost`` from left to right, near ``middle``."""
    height, width = cost.shape
    total = np.full((height, width), np.float32(1e9), np.float32)
    origin = np.zeros((height, width), np.int32)
    for x in range(width):
        first = max(int(np.floor(middle[x] - room[x])), 0)
        last = min(int(np.ceil(middle[x] + room[x])), height - 1)
        for y in range(first, last + 1):
            best, place = np.float32(1e9), y
            if x == 0:
                best = np.float32(0)
            else:
                for other in range(max(y - STEEP, 0), min(y + STEEP, height - 1) + 1):
                    if total[other, x - 1] < best:
                        best, place = total[other, x - 1], other
            if best >= np.float32(1e9):  # the corridor is steeper than the way may be
                best, place = total[:, x - 1].min(), int(total[:, x - 1].argmin())
            total[y, x], origin[y, x] = best + cost[y, x], place
    path = np.zeros(width, np.float32)
    row = int(total[:, width - 1].argmin())
    for x in range(width - 1, -1, -1):
        path[x] = row
        row = origin[row, x]
    return path
