"""Continue a picture into a hole by copying from around it.

At a coarse scale the hole is filled from its edge inwards, so that what the edge cuts (a star, a
stripe) is completed like its whole fellows (after Criminisi et al., TIP 2004). Then, coarse to
fine, every place in and beside the hole looks for the patch of known picture that fits its
surroundings best (PatchMatch, Barnes et al. 2009) and all patches vote on its colour (Wexler et
al., TPAMI 2007), so lines and patterns go on straight. Large-scale tone is continued apart from
texture, so a patch need not have its new place's brightness. Detail finer than the search is
copied at the picture's own scale: grain stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands.chance import uniform
from hairstudio.imaging.filters import disc, fast_blur, normalised_blur, smoothstep
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

WORKING = 64.0  # pixels per IOD of the finest search
LEVELS = 3
HALF = 3  # patches of 7 x 7
BEGIN = 16  # searches per ring of the coarsest level, from the edge inwards
ROUNDS = 5  # of search and vote per level
TRUST = 1.3  # known pixels count so much more than those a pixel deeper in the hole
FARTHER = 0.03  # cost of a copy from an IOD away, by the square of the distance
APART, SOFT = 0.5, 1.5  # cost of a copy of another kind; sigma of the border of kinds, pixels
DARK = np.float32(0.08)  # added before the logarithm
TONE = 0.4  # sigma, IOD
MIXED = (0.1, 0.3)  # spread about the tone, log, of an even background and of many things
RING = 0.02  # IOD around the hole: what is known there is matched, but neither copied nor kept
SPREAD = (0.012, 0.04, 0.12)  # sigmas, IOD, over which what is off on the seam is believed
UNLIKE = 0.15  # what is further off there, log, is another thing and not another tone
ODD, ODD_NEAR = (0.06, 0.16), 0.1
"""Mean error on the seam, log, of a copy that fits and of one that does not, seen within so many
IOD."""
NEAR = 1.2  # how far to search, IOD


def fill(rgb: Array, hole: Bools, known: Bools, kind: Array, unit: float) -> tuple[Array, Array]:
    """The picture with its ``hole`` continued from ``known`` pixels, others are neither; and where
    no copy fits, (h, w) 0..1.

    ``rgb``: (h, w, 3) float32; ``hole``, ``known``: (h, w); ``kind``: (h, w) 0..1, things that are
    not copied in each other's place; ``unit``: pixels per IOD. Some known pixels beside the hole
    change too. Where there is nothing to copy from, the picture comes back as it is.
    """
    factor = min(1.0, WORKING / unit)
    picture, rgb = rgb, np.log(rgb + DARK)  # what is dark varies less: no copy turns black
    tone = _tone(rgb, known, hole, unit)
    ring = known & (cv2.dilate(hole.astype(np.uint8), disc(RING * unit)) > 0)
    masks = hole, known, known & ~ring
    levels = [_Level.of(rgb - tone, kind, masks, factor / 2**i, unit) for i in range(LEVELS)]
    levels = [level for level in levels if level.source.any() and level.hole.any()]
    if not levels:
        return picture, np.zeros(hole.shape, np.float32)
    finest = levels[0]
    voted, match = _solved(levels)
    coarse, now, odd = (
        cv2.resize(plane, rgb.shape[1::-1], interpolation=how)
        for plane, how in (
            (finest.toned(voted), cv2.INTER_CUBIC), (finest.image, cv2.INTER_CUBIC),
            (finest.misfit(voted), cv2.INTER_LINEAR),
        )
    )  # fmt: skip
    detail, new = rgb - tone - now, hole | ring
    _copy(detail, new, masks[2], finest.around, match)
    filled = np.clip(np.exp(tone + coarse + detail) - DARK, 0, 1)
    return np.where(new[..., None], filled, picture), odd


def _solved(levels: list[_Level]) -> tuple[Array, Ints]:
    """What the patches say in and around the hole, on the finest level (the first), and the
    matches."""
    image, match = _begun(levels[-1])
    for number, level in enumerate(reversed(levels)):
        image = cv2.resize(image, level.size, interpolation=cv2.INTER_LINEAR)
        match = _scaled(match, level.size)
        for turn in range(ROUNDS):
            image = np.where(level.hole[..., None], image, level.image)
            level.search(image, level.weight, level.around, match, 16 * number + turn)
            image = level.vote(image, level.weight, level.around, match)
    return image, match


def _begun(level: _Level) -> tuple[Array, Ints]:
    """The hole filled from its edge inwards, each ring after what is known before it."""
    image = np.where(level.hole[..., None], _nearest(level.image, level.source), level.image)
    match = np.zeros((*level.hole.shape, 2), np.int32)
    depth = cv2.distanceTransform(level.hole.astype(np.uint8), cv2.DIST_C, 3)
    for ring in range(1, int(depth.max()) + 1):
        weight = np.where(depth < ring, level.weight, 0)
        around = level.around & (depth <= ring)
        for turn in range(BEGIN):
            level.search(image, weight, around, match, 1000 + BEGIN * ring + turn)
        voted = level.vote(image, weight, around, match)
        image = np.where((level.hole & (depth == ring))[..., None], voted, image)
    return image, match


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
    """``iod``: pixels; ``weight``: how much a pixel counts when patches are compared, 0 = not;
    ``source``: centres of patches that may be copied."""

    iod: float
    image: Array
    kind: Array
    hole: Bools
    weight: Array
    source: Bools

    @classmethod
    def of(
        cls, rgb: Array, kind: Array, masks: tuple[Bools, Bools, Bools], factor: float, unit: float
    ) -> _Level:
        """``masks``: hole, known, fit to be copied."""
        size = [max(2 * HALF + 2, round(side * factor)) for side in (rgb.shape[1], rgb.shape[0])]
        shares = [
            cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
            for mask in masks
        ]
        full, fit = (share > 0.5 for share in shares[1:])
        empty = (shares[0] > 0) & ~full
        depth = cv2.distanceTransform((~full).astype(np.uint8), cv2.DIST_L2, 3)
        weight = np.where(full | empty, np.float32(TRUST) ** -depth, 0).astype(np.float32)
        side = 2 * HALF + 1
        source = cv2.erode(fit.astype(np.uint8), np.ones((side, side)), borderValue=0) > 0
        known = masks[1].astype(np.float32)[..., None]
        image = cv2.resize(rgb * known, size, interpolation=cv2.INTER_AREA)
        image /= np.maximum(shares[1], np.float32(0.1))[..., None]
        kind = cv2.resize(kind, size, interpolation=cv2.INTER_AREA)
        if full.any():
            kind = fast_blur(_nearest(kind, full), SOFT)
        return cls(unit * factor, image, kind, empty, weight, source)

    def search(self, image: Array, weight: Array, around: Bools, match: Ints, turn: int) -> None:
        """Improve ``match`` of all centres ``around``."""
        _search(self._scene(image, weight), around, match, NEAR * self.iod, turn)

    def vote(self, image: Array, weight: Array, around: Bools, match: Ints) -> Array:
        return _vote(self._scene(image, weight), around, match)

    def _scene(self, image: Array, weight: Array) -> Scene:
        side = (2 * HALF + 1, 2 * HALF + 1)
        whole = cv2.boxFilter(weight, -1, side, normalize=False, borderType=cv2.BORDER_CONSTANT)
        return Scene(image, weight, whole + np.float32(0.01), self.kind, self.iod, self.source)

    @cached_property
    def around(self) -> Bools:
        """Centres of patches that reach into the hole."""
        side = 2 * HALF + 1
        return cv2.dilate(self.hole.astype(np.uint8), np.ones((side, side))) > 0

    @cached_property
    def seam(self) -> Bools:
        """What is known of those patches."""
        return self.around & (self.weight == 1) & ~self.hole

    def misfit(self, voted: Array) -> Array:
        """(h, w) 0..1, 1 where the seam is not what would go on in the hole: a copy does not belong
        there."""
        off = np.linalg.norm(self.image - voted, axis=2) / np.float32(3**0.5)
        near = normalised_blur(off, self.seam.astype(np.float32), ODD_NEAR * self.iod)
        return smoothstep(*ODD, near)

    def toned(self, voted: Array) -> Array:
        """What the patches say, in the tone that the seam says."""
        weight = self.seam.astype(np.float32)
        error = np.clip(self.image - voted, -UNLIKE, UNLIKE)
        near, far, further = (normalised_blur(error, weight, s * self.iod) for s in SPREAD)
        at_edge = np.clip(2 * fast_blur(weight, SPREAD[0] * self.iod), 0, 1)[..., None]
        far = (far + further) / 2
        return np.where(self.around[..., None], voted + far + at_edge * (near - far), self.image)

    @property
    def size(self) -> tuple[int, int]:
        return self.image.shape[1], self.image.shape[0]


def _nearest(plane: Array, known: Bools) -> Array:
    """Every pixel of (h, w[, c]) has the value of the nearest known one."""
    _, label = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    values = np.zeros((int(label.max()) + 1, *plane.shape[2:]), np.float32)
    values[label[known]] = plane[known]
    return values[label]


def _scaled(match: Ints, size: tuple[int, int]) -> Ints:
    """Matches (source x, y of every pixel; 0 = none) for a picture of another size."""
    rx, ry = size[0] / match.shape[1], size[1] / match.shape[0]
    there = np.indices(match.shape[:2], np.int32)[::-1].transpose(1, 2, 0)
    offset = np.where(match.any(2, keepdims=True), match - there, 0)
    larger = cv2.resize(offset, size, interpolation=cv2.INTER_NEAREST)
    moved = np.rint(larger * np.array([rx, ry])).astype(np.int32)
    there = np.indices((size[1], size[0]), np.int32)[::-1].transpose(1, 2, 0)
    return np.ascontiguousarray(np.where(larger.any(2, keepdims=True), there + moved, 0), np.int32)


class Scene(NamedTuple):
    """What patches are compared by: see ``_Level``; ``whole``: at least the weight of a patch."""

    image: Array
    weight: Array
    whole: Array
    kind: Array
    iod: float
    source: Bools


@kernel()
def _cost(scene: Scene, x: int, y: int, sx: int, sy: int, limit: float) -> float:
    """Weighted mean squared difference of two patches, and how little the one suits the place;
    anything above ``limit`` where it is surely more."""
    image, weight, kind = scene.image, scene.weight, scene.kind
    height, width = weight.shape
    far = ((x - sx) ** 2 + (y - sy) ** 2) / scene.iod**2
    unfit = APART * abs(kind[y, x] - kind[sy, sx]) + FARTHER * far
    most = (limit - unfit) * scene.whole[y, x]
    total, norm = 0.0, 1e-6
    for j in range(max(-HALF, -y), min(HALF, height - 1 - y) + 1):
        if total > most:
            return 2 * limit
        for i in range(max(-HALF, -x), min(HALF, width - 1 - x) + 1):
            w = weight[y + j, x + i]
            if w == 0:
                continue
            r = image[y + j, x + i, 0] - image[sy + j, sx + i, 0]
            g = image[y + j, x + i, 1] - image[sy + j, sx + i, 1]
            b = image[y + j, x + i, 2] - image[sy + j, sx + i, 2]
            total += w * (r * r + g * g + b * b)
            norm += w
    return total / norm + unfit


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
def _search(scene: Scene, around: Bools, match: Ints, reach: float, turn: int) -> None:
    source = scene.source
    height, width = around.shape
    step = 1 if turn % 2 == 0 else -1
    for place in range(around.size):
        number = place if step > 0 else around.size - 1 - place
        y, x = number // width, number % width
        if not around[y, x]:
            continue
        best = 1e9
        sx, sy = match[y, x, 0], match[y, x, 1]
        for k in range(-1, 10):
            if k >= 0:
                sx, sy = _candidate(match, x, y, k, step, reach, turn * around.size + number)
            if sx < 0 or sy < 0 or sx >= width or sy >= height or not source[sy, sx]:
                continue
            cost = _cost(scene, x, y, sx, sy, best)
            if cost < best:
                best = cost
                match[y, x, 0], match[y, x, 1] = sx, sy


@kernel()
def _vote(scene: Scene, around: Bools, match: Ints) -> Array:
    """Colours that all patches over a pixel agree on, the fitting ones above all."""
    image, weight, source = scene.image, scene.weight, scene.source
    height, width = around.shape
    total = np.zeros((height, width, 3), np.float32)
    norm = np.full((height, width, 1), 1e-9, np.float32)
    for y in range(height):
        for x in range(width):
            sx, sy = match[y, x, 0], match[y, x, 1]
            if not around[y, x] or not source[sy, sx]:
                continue
            w = max(weight[y, x], np.float32(0.01)) / (1e-3 + _cost(scene, x, y, sx, sy, 1e9))
            for j in range(max(-HALF, -y), min(HALF, height - 1 - y) + 1):
                for i in range(max(-HALF, -x), min(HALF, width - 1 - x) + 1):
                    for c in range(3):
                        total[y + j, x + i, c] += w * image[sy + j, sx + i, c]
                    norm[y + j, x + i, 0] += w
    total /= norm
    for y in range(height):
        for x in range(width):
            if norm[y, x, 0] < 1e-8:
                total[y, x] = image[y, x]
    return total


@kernel()
def _copy(detail: Array, hole: Bools, source: Bools, coarse: Bools, match: Ints) -> None:
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
                if min(sx, sy) < 0 or sx >= width or sy >= height or not source[sy, sx]:
                    continue
                w = max(1 - abs(u - cx), 0.0) * max(1 - abs(v - cy), 0.0)
                r += w * detail[sy, sx, 0]
                g += w * detail[sy, sx, 1]
                b += w * detail[sy, sx, 2]
                norm += w * w
            norm = np.sqrt(norm)  # blended grain keeps its spread
            detail[y, x, 0], detail[y, x, 1], detail[y, x, 2] = r / norm, g / norm, b / norm
