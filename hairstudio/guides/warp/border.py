"""Hair that the photo's border cuts, continued beyond it: what gets narrower towards the border
closes like a circle, all else goes straight on."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import fast_blur
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]

# how far sideways an outline is followed, per length away from the border, straight on and round:
STEEPEST, ROUND_STEEPEST = 2.5, 5.0
INSIDE = 1.5  # reaches from the border where outlines are measured: a blur knows nothing beyond


class Sides(NamedTuple):
    """A value for each border of a picture."""

    left: int
    top: int
    right: int
    bottom: int


class Cuts(NamedTuple):
    """Which spans of a picture's borders are covered. Each border is (n, 5): for every place along
    it, of the nearest span's nearest end, the span's centre, half its width, how much that gets
    less and the centre goes along per pixel outwards, and 1 where it may close like a circle; all
    as seen ``depth`` pixels inside.
    """

    left: Array
    top: Array
    right: Array
    bottom: Array
    depth: float

    @classmethod
    def of(cls, mask: Array, reach: float) -> Cuts:
        """Of (h, w) ``mask``, 0..1, looking some ``reach`` pixels inside its borders."""
        depth, wide = max(1, round(INSIDE * reach)), int(4 * reach) + 4
        strips = mask[:, wide - 1 :: -1], mask[wide - 1 :: -1].T, mask[:, -wide:], mask[-wide:].T
        left, top, right, bottom = (_spans(strip, reach, depth) for strip in strips)
        return cls(left, top, right, bottom, depth)

    def bring_in(self, x: Array, y: Array) -> None:
        """Change places beyond the borders to those on them where the same outline comes from;
        (h, w) float32 maps."""
        right, bottom = len(self.top) - 1, len(self.left) - 1
        _bring_in(x, y, 0, -1, self.left, self.depth)
        _bring_in(x, y, right, 1, self.right, self.depth)
        _bring_in(y, x, 0, -1, self.top, self.depth)
        _bring_in(y, x, bottom, 1, self.bottom, self.depth)


def _spans(strip: Array, reach: float, depth: int) -> Array:
    """Of a strip (n, wide) whose last column is the border."""
    soft = fast_blur(np.ascontiguousarray(strip), reach)
    column = soft.shape[1] - 1 - depth
    here, last = soft[:, column], len(strip) - 1
    ends = np.flatnonzero((here[1:] > 0.5) != (here[:-1] > 0.5))
    if ends.size == 0:
        return np.tile(np.array([0, last, 0, 0, 0], np.float32), (len(strip), 1))
    across = (soft[ends, column + 1] - soft[ends, column - 1]) / 2
    along = here[ends + 1] - here[ends]
    move = np.clip(-across / along, -ROUND_STEEPEST, ROUND_STEEPEST)
    inwards = np.sign(along)
    other = np.arange(ends.size) + inwards.astype(np.intp)
    paired = (other >= 0) & (other < ends.size)
    other = np.clip(other, 0, ends.size - 1)
    opposite = np.where(paired, ends[other], np.where(inwards > 0, last, 0))
    centre = np.where(paired, (ends + opposite) / 2, opposite)
    drift = np.where(paired, (move + move[other]) / 2, 0)
    values = [centre, np.abs(ends - centre), inwards * (move - drift), drift, paired]
    nearest = np.searchsorted((ends[1:] + ends[:-1]) / 2, np.arange(len(strip)))
    return np.stack(values, -1)[nearest].astype(np.float32)


@kernel()
def _half_width(half: float, narrowing: float, is_round: bool, distance: float) -> float:
    """Of a span this far outwards from where its ``half`` width was measured; 0 = closed."""
    if is_round and narrowing > 0:
        square = half * half - 2 * half * narrowing * distance - distance * distance
        return np.sqrt(max(square, 0.0))
    slope = min(max(narrowing, -STEEPEST), STEEPEST)
    return max(half - slope * distance, 0.0)


@kernel()
def _bring_in(
    across: Array, along: Array, border: float, sign: int, spans: Array, depth: float
) -> None:
    for i in range(across.shape[0]):
        for j in range(across.shape[1]):
            beyond = (across[i, j] - border) * sign
            if beyond <= 0:
                continue
            place = min(max(int(along[i, j] + 0.5), 0), spans.shape[0] - 1)
            centre, half, narrowing, drift, is_round = spans[place]
            here = _half_width(half, narrowing, is_round > 0, depth)
            there = _half_width(half, narrowing, is_round > 0, depth + beyond)
            centre += drift * depth
            aside = along[i, j] - centre - drift * beyond
            off = abs(aside) * max(here, 1.0) / max(there, 0.05)
            off = min(off, max(abs(aside), half + depth))  # any place off the span is off it
            across[i, j] = border
            along[i, j] = centre + off if aside > 0 else centre - off


def continued(mask: NDArray[np.bool_], pad: Sides, reach: float, unsure: int) -> NDArray[np.bool_]:
    """(h, w) ``mask`` on a raster that goes on beyond its borders by ``pad``; where it does, what
    is on the last ``unsure`` cells is not believed."""
    height, width = mask.shape
    columns = np.arange(-pad.left, width + pad.right, dtype=np.float32)
    rows = np.arange(-pad.top, height + pad.bottom, dtype=np.float32)
    left, top, right, bottom = (unsure if side else 0 for side in pad)
    plane = mask[top : height - bottom, left : width - right].astype(np.float32)
    x, y = np.meshgrid(columns - np.float32(left), rows - np.float32(top))
    Cuts.of(plane, reach).bring_in(x, y)
    placed = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return placed > 0.5
