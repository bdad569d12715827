"""Continue a picture into a hole by copying from around it.

Coarse to fine, every place in the hole looks for the patch of known picture that fits its
surroundings best (PatchMatch, Barnes et al. 2009) and all patches vote on its colour (Wexler et
al., TPAMI 2007), so lines and patterns go on straight. Large-scale tone is continued apart from
texture, so a patch need not have its new place's brightness. Detail finer than the search is
copied at the picture's own scale: grain stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands.chance import uniform
from hairstudio.imaging.filters import disc, normalised_blur
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

WORKING = 64.0  # pixels per IOD of the finest search
LEVELS = 3
HALF = 3  # patches of 7 x 7
ROUNDS = 5  # of search and vote per level
TRUST = 1.3  # known pixels count so much more than those a pixel deeper in the hole
DARK = np.float32(0.08)  # added before the logarithm
TONE = 0.4  # sigma, IOD
MIXED = (0.1, 0.3)  # spread about the tone, log, of an even background and of many things
NEAR = 1.2  # how far to search, IOD


def fill(rgb: Array, hole: Bools, known: Bools, unit: float) -> Array:
    """The picture with its ``hole`` continued from ``known`` pixels; others are neither.

    ``rgb``: (h, w, 3) float32; ``hole``, ``known``: (h, w); ``unit``: pixels per IOD. Where there
    is nothing to copy from, the picture comes back as it is.
    """
    factor = min(1.0, WORKING / unit)
    picture, rgb = rgb, np.log(rgb + DARK)  # what is dark varies less: no copy turns black
    tone = _tone(rgb, known, hole, unit)
    levels = [_Level.of(rgb - tone, hole, known, factor / 2**step) for step in range(LEVELS)]
    levels = [level for level in levels if level.source.any() and level.hole.any()]
    if not levels:
        return picture
    image, match = levels[-1].first_guess(), np.zeros((2, 2, 2), np.int32)
    for index, level in reversed(list(enumerate(levels))):
        image = cv2.resize(image, level.size, interpolation=cv2.INTER_LINEAR)
        image = np.where(level.hole[..., None], image, level.image)
        match = _scaled(match, level.size)
        reach = NEAR * WORKING / 2**index
        for turn in range(ROUNDS):
            _search(image, level.weight, level.hole, level.source, match, reach, 16 * index + turn)
            image = _vote(image, level.weight, level.hole, level.source, match)
    coarse, now = (
        cv2.resize(plane, rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        for plane in (image, levels[0].image)
    )
    detail = rgb - tone - now
    _copy(detail, hole, levels[0].hole, match)
    filled = np.clip(np.exp(tone + coarse + detail) - DARK, 0, 1)
    return np.where(hole[..., None], filled, picture)


def _tone(rgb: Array, known: Bools, hole: Bools, unit: float) -> Array:
    """The large-scale tone, (h, w, 3), as far as it explains what surrounds the hole: a copy
    between things of different colour must keep its own."""
    tone = normalised_blur(rgb, known.astype(np.float32), TONE * unit)
    near = cv2.dilate(hole.astype(np.uint8), disc(TONE * unit)) > 0
    near = known & near if (known & near).any() else known
    if not near.any():
        return tone
    rest = float((rgb - tone)[near].std(0).mean())
    middle = tone[near].mean(0)
    even = np.float32(1 - np.interp(rest, MIXED, (0, 1)))
    return (middle + even * (tone - middle)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Level:
    """``weight``: how much a pixel counts when patches are compared, 0 = not; ``source``: centres
    of patches that are known as a whole."""

    image: Array
    hole: Bools
    weight: Array
    source: Bools

    @classmethod
    def of(cls, rgb: Array, hole: Bools, known: Bools, factor: float) -> _Level:
        size = [max(2 * HALF + 2, round(side * factor)) for side in (rgb.shape[1], rgb.shape[0])]
        shares = [
            cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
            for mask in (hole, known)
        ]
        empty, full = shares[0] > 0, (shares[1] > 0.999) & (shares[0] == 0)
        depth = cv2.distanceTransform((~full).astype(np.uint8), cv2.DIST_L2, 3)
        weight = np.where(full | empty, np.float32(TRUST) ** -depth, 0).astype(np.float32)
        side = 2 * HALF + 1
        source = cv2.erode(full.astype(np.uint8), np.ones((side, side)), borderValue=0) > 0
        image = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        return cls(image, empty, weight, source)

    @property
    def size(self) -> tuple[int, int]:
        return self.image.shape[1], self.image.shape[0]

    def first_guess(self) -> Array:
        """The nearest known colours."""
        _, label = cv2.distanceTransformWithLabels(
            (~self.source).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        colours = np.zeros((int(label.max()) + 1, 3), np.float32)
        colours[label[self.source]] = self.image[self.source]
        return np.where(self.hole[..., None], colours[label], self.image)


def _scaled(match: Ints, size: tuple[int, int]) -> Ints:
    """Matches (source x, y of every pixel; 0 = none) for a picture of another size."""
    rx, ry = size[0] / match.shape[1], size[1] / match.shape[0]
    there = np.indices(match.shape[:2], np.int32)[::-1].transpose(1, 2, 0)
    offset = np.where(match.any(2, keepdims=True), match - there, 0)
    larger = cv2.resize(offset, size, interpolation=cv2.INTER_NEAREST)
    moved = np.rint(larger * np.array([rx, ry])).astype(np.int32)
    there = np.indices((size[1], size[0]), np.int32)[::-1].transpose(1, 2, 0)
    return np.ascontiguousarray(np.where(larger.any(2, keepdims=True), there + moved, 0), np.int32)


@kernel()
def _cost(image: Array, weight: Array, x: int, y: int, sx: int, sy: int) -> float:
    """Weighted mean squared difference of two patches."""
    height, width = weight.shape
    total, norm = 0.0, 1e-6
    for j in range(max(-HALF, -y), min(HALF, height - 1 - y) + 1):
        for i in range(max(-HALF, -x), min(HALF, width - 1 - x) + 1):
            w = weight[y + j, x + i]
            if w == 0:
                continue
            r = image[y + j, x + i, 0] - image[sy + j, sx + i, 0]
            g = image[y + j, x + i, 1] - image[sy + j, sx + i, 1]
            b = image[y + j, x + i, 2] - image[sy + j, sx + i, 2]
            total += w * (r * r + g * g + b * b)
            norm += w
    return total / norm


@kernel()
def _candidate(match: Ints, x: int, y: int, k: int, step: int, reach: float,
               number: int) -> tuple[int, int]:  # fmt: skip
    """The k-th place to try: what suits the two neighbours, far places, then ever nearer ones."""
    if k < 2:
        nx = min(max(x - step * (1 - k), 0), match.shape[1] - 1)
        ny = min(max(y - step * k, 0), match.shape[0] - 1)
        if match[ny, nx, 0] == 0 and match[ny, nx, 1] == 0:
            return -1, -1
        return match[ny, nx, 0] + x - nx, match[ny, nx, 1] + y - ny
    cx, cy, radius = x, y, reach
    if k > 4 and match[y, x].any():
        cx, cy, radius = match[y, x, 0], match[y, x, 1], reach * 0.5 ** (k - 4)
    du, dv = 2 * uniform(number, k, 1) - 1, 2 * uniform(number, k, 2) - 1
    return int(cx + radius * du), int(cy + radius * dv)


@kernel()
def _search(image: Array, weight: Array, hole: Bools, source: Bools, match: Ints, reach: float,
            turn: int) -> None:  # fmt: skip
    height, width = hole.shape
    step = 1 if turn % 2 == 0 else -1
    for place in range(hole.size):
        number = place if step > 0 else hole.size - 1 - place
        y, x = number // width, number % width
        if not hole[y, x]:
            continue
        best = 1e9
        sx, sy = match[y, x, 0], match[y, x, 1]
        for k in range(-1, 10):
            if k >= 0:
                sx, sy = _candidate(match, x, y, k, step, reach, turn * hole.size + number)
            if sx < 0 or sy < 0 or sx >= width or sy >= height or not source[sy, sx]:
                continue
            cost = _cost(image, weight, x, y, sx, sy)
            if cost < best:
                best = cost
                match[y, x, 0], match[y, x, 1] = sx, sy


@kernel()
def _vote(image: Array, weight: Array, hole: Bools, source: Bools, match: Ints) -> Array:
    """Colours that all patches over a pixel of the hole agree on, the fitting ones above all."""
    height, width = hole.shape
    total = np.zeros((height, width, 3), np.float32)
    norm = np.full((height, width, 1), 1e-9, np.float32)
    for y in range(height):
        for x in range(width):
            sx, sy = match[y, x, 0], match[y, x, 1]
            if not hole[y, x] or not source[sy, sx]:
                continue
            w = weight[y, x] / (1e-3 + _cost(image, weight, x, y, sx, sy))
            for j in range(max(-HALF, -y), min(HALF, height - 1 - y) + 1):
                for i in range(max(-HALF, -x), min(HALF, width - 1 - x) + 1):
                    for c in range(3):
                        total[y + j, x + i, c] += w * image[sy + j, sx + i, c]
                    norm[y + j, x + i, 0] += w
    total /= norm
    for y in range(height):
        for x in range(width):
            if not hole[y, x] or norm[y, x, 0] < 1e-8:
                total[y, x] = image[y, x]
    return total


@kernel()
def _copy(detail: Array, hole: Bools, coarse: Bools, match: Ints) -> None:
    """Fill the hole in ``detail``: the matches of the four cells around each pixel, blended."""
    height, width = hole.shape
    rows, columns = coarse.shape
    fy, fx = height / rows, width / columns
    for y in range(height):
        for x in range(width):
            if not hole[y, x]:
                continue
            v, u = (y + 0.5) / fy - 0.5, (x + 0.5) / fx - 0.5
            j, i = int(np.floor(v)), int(np.floor(u))
            r, g, b, norm = 0.0, 0.0, 0.0, 1e-6
            for k in range(4):
                cx = min(max(i + k % 2, 0), columns - 1)
                cy = min(max(j + k // 2, 0), rows - 1)
                if not coarse[cy, cx]:
                    continue
                sx = x + int(np.rint((match[cy, cx, 0] - cx) * fx))
                sy = y + int(np.rint((match[cy, cx, 1] - cy) * fy))
                if min(sx, sy) < 0 or sx >= width or sy >= height or hole[sy, sx]:
                    continue
                w = max(1 - abs(u - cx), 0.0) * max(1 - abs(v - cy), 0.0)
                r += w * detail[sy, sx, 0]
                g += w * detail[sy, sx, 1]
                b += w * detail[sy, sx, 2]
                norm += w * w
            norm = np.sqrt(norm)  # blended grain keeps its spread
            detail[y, x, 0], detail[y, x, 1], detail[y, x, 2] = r / norm, g / norm, b / norm
