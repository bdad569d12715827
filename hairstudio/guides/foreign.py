"""What lies in the hair and is none: earrings and arms of glasses that the parser does not see."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.portrait import unmixing
from hairstudio.portrait.parsing import Class
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

FOREIGN, EARRING = (20, 30), 3.0  # distance in a*b* from such hair; units from the hair's edge
ORANGE = np.array([0.57, 0.82], np.float32)  # a*, b* of hair that the sun shines through: no gold
SUNLIT = 0.93, 0.97  # cosine of the angle to it
JOINED, NEAR = (7, 11), 30.0  # distance in a*b* of what is joined to it; units: how far
BRIGHTER = 10.0, 16.0  # L* over that of the hair around
LIT = 12.0  # units from the background
PEARL, BRIGHT, LOBE = (3.5, 20.0), (18, 35), 60.0  # units; L* over what is around; units
HINT = 12.0, 0.015, 0.03  # units around; probability of earrings: a faint idea is right in hair
DOUBT = 0.75  # of that idea in fair hair
ROUND = 0.2, 0.4  # of their light: all of them, not their highlights alone
SMALL = 0.25  # of the largest pearl: braids shine in many small places
ARM, ODD = (110.0, 9.0, 5.0), (14.0, 8.0, 8.0)  # units: reach, width, length; L*, a*, b*
LOCK, RED = 5.0, 2.0  # units to each side: what is so high is a lock, if it is not so much redder


@dataclass(frozen=True, eq=False)
class Foreign:
    """Maps are (h, w[, c]) float32 over the field of the view, at any size. ``lab``: the photo;
    ``base``: L* of the hair without strands; ``alpha``: of the hair; ``unlike``: (h, w, 2), own a*,
    b* minus those of hair of the same lightness; ``usual``: median L* of the hair; ``unit``:
    IOD / 250 in pixels."""

    view: View
    parsed: unmixing.Parsed
    lab: Array
    base: Array
    alpha: Array
    unlike: Array
    usual: float
    unit: float

    @property
    def size(self) -> tuple[int, int]:
        return self.base.shape[1], self.base.shape[0]

    @cached_property
    def jewellery(self) -> Array:
        """0..1: below the eyes, within the hair, what by its colour is none: earrings that the
        parser does not see."""
        smooth = fast_blur(self.unlike, max(self.unit, 0.6))
        length = cv2.magnitude(smooth[..., 0], smooth[..., 1])
        sunlit = smoothstep(*SUNLIT, smooth @ ORANGE / (length + np.float32(1e-3)))
        off = self._joined(length * (1 - sunlit))
        off = np.maximum(off, self._pearls)
        off *= cv2.erode(self.alpha, disc(EARRING * self.unit))
        off = cv2.dilate(off, disc(self.unit))
        below = cv2.resize(self.view.uv[1], self.size, interpolation=cv2.INTER_AREA)
        inside = smoothstep(0.3, 0.2, fast_blur(self._outdoors, 6 * self.unit))
        return off * inside * smoothstep(0.2, 0.3, below)

    @property
    def _outdoors(self) -> Array:
        return 1 - np.minimum(self.parsed.hair + self.parsed.solid, 1)

    def _joined(self, unlike: Array) -> Array:
        """0..1: what is so ``unlike`` hair in a*b*, deep in the hair also what is joined to it and
        less so: all of an earring. At the outline hair has light from the background."""
        sure = smoothstep(*FOREIGN, unlike)
        less = smoothstep(*JOINED, unlike) * smoothstep(0.4, 0.7, self.alpha)
        less *= smoothstep(*BRIGHTER, self.lab[..., 0] - self.base)
        seeds = sure * less > 0.5
        if not seeds.any():
            return sure
        labels = cv2.connectedComponents((less > 0.5).astype(np.uint8))[1]
        outdoors = (self._outdoors > 0.5).astype(np.uint8)
        lit = np.unique(labels[cv2.dilate(outdoors, disc(LIT * self.unit)) > 0])
        deep = np.setdiff1d(labels[seeds], np.append(lit, 0))
        near = cv2.dilate(seeds.astype(np.uint8), disc(NEAR * self.unit)) > 0
        joined = near & np.isin(labels, deep)
        return np.maximum(sure, less * joined)

    @cached_property
    def arms(self) -> Array:
        """0..1: arms of glasses that the parser takes for hair: what goes on from its glasses to
        the side, thin and of another colour than what is above and below."""
        glasses = self.view.resample(self.view.analysis.probability(Class.GLASSES), self.size)
        seen, (reach, width, length) = (glasses > 127).astype(np.uint8), ARM
        if not seen.any():
            return np.zeros_like(self.base)
        beside = cv2.dilate(seen, self._block(reach, width))
        off = self._odd(self._block(0, width))
        odd = (off.max(-1) > 1).astype(np.uint8) * beside
        lines = cv2.morphologyEx(odd, cv2.MORPH_OPEN, self._block(length, 0))
        locks = cv2.morphologyEx(lines, cv2.MORPH_OPEN, self._block(0, LOCK))
        lines = cv2.dilate(lines * ((locks == 0) | (off[..., 1] > RED)), disc(1))
        labels = cv2.connectedComponents(lines)[1]
        joined = np.unique(labels[cv2.dilate(seen, disc(width * self.unit)) > 0])
        there = np.isin(labels, joined[joined > 0]) & (seen == 0)
        return np.asarray(cv2.dilate(there.astype(np.float32), disc(self.unit)), np.float32)

    def _block(self, across: float, down: float) -> NDArray[np.uint8]:
        """Structuring element of so many units to each side."""
        sides = (2 * int(np.ceil(r * self.unit)) + 1 for r in (down, across))
        return np.ones(tuple(sides), np.uint8)

    def _odd(self, kernel: NDArray[np.uint8]) -> Array:
        """(h, w, 3): how much L*, a*, b* differ from what is around, over what is usual."""
        bright = self.lab - cv2.morphologyEx(self.lab, cv2.MORPH_OPEN, kernel)
        dark = cv2.morphologyEx(self.lab, cv2.MORPH_CLOSE, kernel) - self.lab
        return np.maximum(bright, dark) / np.array(ODD, np.float32)

    @property
    def _pearls(self) -> Array:
        """0..1: below an ear in dark hair, or where the parser has a faint idea of an earring, what
        is much brighter, wider than a strand's shine and not as wide as a lock's."""
        bright = cv2.morphologyEx(self.lab[..., 0], cv2.MORPH_OPEN, disc(PEARL[0] * self.unit))
        bright -= cv2.morphologyEx(self.lab[..., 0], cv2.MORPH_OPEN, disc(PEARL[1] * self.unit))
        near = cv2.dilate((self.parsed.ears > 0.5).astype(np.float32), disc(LOBE * self.unit))
        near *= smoothstep(35, 20, self.base)
        hint = cv2.dilate(self.parsed.earrings, disc(HINT[0] * self.unit))
        fair = smoothstep(50, 62, np.array(self.usual, np.float32))
        hint *= 1 - np.float32(DOUBT) * fair
        near = np.maximum(near, smoothstep(*HINT[1:], hint))
        most = cv2.dilate(near * bright, disc(2 * PEARL[0] * self.unit))
        pearls = near * smoothstep(*BRIGHT, most) * smoothstep(*ROUND, bright / (most + 1))
        _, labels, boxes, _ = cv2.connectedComponentsWithStats((pearls > 0.1).astype(np.uint8))
        area = boxes[:, cv2.CC_STAT_AREA]
        area[0] = 0
        return pearls * (area >= SMALL * area.max())[labels]
