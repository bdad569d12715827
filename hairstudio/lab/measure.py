"""What a generated picture shows: landmarks, face parts and the strength of an attribute.

Nothing is remembered from the photo: a picture is looked at as a stranger's.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from hairstudio.imaging.geometry import Similarity
from hairstudio.portrait import hairline, landmarks, parsing
from hairstudio.portrait.alignment import face_frame
from hairstudio.portrait.analysis import Assets
from hairstudio.portrait.parsing import FACE_SKIN, NETWORK_SIZE, Class
from hairstudio.portrait.parsing import FEATURES as FACE_PARTS

Array = NDArray[np.float32]
Pixels = NDArray[np.uint8]

LOOKED_AT = 384  # pixels, for landmarks: small enough not to be searched in tiles
FRINGE_HALF_WIDTH, FRINGE_TOP = 0.6, 0.6  # IOD: the part of the forehead that a fringe covers
SOFTNESS = 2 / 3  # power of the probabilities
LIDS = ((159, 145), (386, 374))
BROWS, EYES = (105, 334), (33, 133, 362, 263)
WINGS, LIPS = (64, 294), (0, 17)

UNITS = {"dye": "L*", "hairline": "IOD", "bangs": "share", "volume": "IOD^2", "fill": "share",
         "eyes": "IOD", "brows": "IOD", "nose": "IOD", "mouth": "IOD"}  # fmt: skip


def pixels_of(picture: Tensor) -> Pixels:
    """(3, R, R) in -1..1 -> (R, R, 3) uint8, as a file holds it."""
    levels = ((picture.detach().clamp(-1, 1) + 1) * 127.5).round()
    return np.ascontiguousarray(levels.permute(1, 2, 0).numpy().astype(np.uint8))


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture enlarged to the parsing network's size. ``points``: (478, 2) float32 landmarks
    there, None where no face was found; ``region``: (h, w) float32 0..1 of the edit."""

    assets: Assets
    rgb: Pixels
    region: Array

    @cached_property
    def points(self) -> Array | None:
        small = cv2.resize(self.rgb, (LOOKED_AT, LOOKED_AT), interpolation=cv2.INTER_AREA)
        found = landmarks.detect(self.assets.landmarker, small)
        to_seen = Similarity.resize(NETWORK_SIZE / LOOKED_AT)
        return to_seen.apply(found[0][:, :2]).astype(np.float32) if found else None

    @cached_property
    def frame(self) -> Similarity | None:
        """Pixels -> face frame."""
        return None if self.points is None else face_frame(self.points)

    @cached_property
    def planes(self) -> Array:
        """(19, h, w) class probabilities."""
        net = parsing.network(self.assets.parser)
        return parsing.probabilities(net, self.rgb, Similarity.resize(1))

    @property
    def hair(self) -> Array:
        return self.planes[Class.HAIR]

    @cached_property
    def soft_hair(self) -> Array:
        """(h, w), 0..1: less sharp than ``planes``, which are 0 or 1 nearly everywhere and so
        answer neither to a shade of hair nor to more of it where some is."""
        own = self.planes ** np.float32(SOFTNESS)
        return own[Class.HAIR] / own.sum(0)

    def distance(self, a: int, b: int) -> float:
        """Between two landmarks, IOD."""
        assert self.points is not None
        return self._iods(float(np.hypot(*(self.points[a] - self.points[b]))))

    def _iods(self, pixels: float) -> float:
        return pixels * self.frame.scale if self.frame is not None else math.nan


class Ruler:
    """Looks at pictures and measures them."""

    def __init__(self, assets: Assets) -> None:
        self.assets = assets

    def look(self, pixels: Pixels, region: Array) -> Seen:
        """``pixels``: (R, R, 3) uint8; ``region``: (R, R) float32 0..1."""
        size = (NETWORK_SIZE, NETWORK_SIZE)
        enlarged = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
        return Seen(self.assets, np.asarray(enlarged, np.uint8), cv2.resize(region, size))

    def strength(self, attribute: str, seen: Seen, at: Seen | None = None) -> float | None:
        """The attribute in its unit (UNITS); None where it cannot be seen. ``at``: another look at
        the same face, which says where that is: landmarks jump when hair falls over a face."""
        place = at or seen
        if seen.frame is None or place.frame is None:
            return None
        value = _STRENGTHS[attribute](seen, place)
        return round(value, 4) if math.isfinite(value) else None


def drift(before: Seen, after: Seen) -> float | None:
    """Mean distance (IOD) of the landmarks outside the region, between two pictures; None where
    one of them shows no face, or the region covers it all."""
    if before.points is None or after.points is None or before.frame is None:
        return None
    at = before.points.round().astype(int).clip(0, NETWORK_SIZE - 1)
    outside = before.region[at[:, 1], at[:, 0]] < 0.5
    if not outside.any():
        return None
    apart = np.hypot(*(after.points - before.points)[outside].T)
    return float(apart.mean() * before.frame.scale)


def _hair_lightness(seen: Seen, _at: Seen) -> float:
    hair = seen.hair > 0.5
    if not hair.any():
        return math.nan
    return float(np.median(cv2.cvtColor(_floats(seen.rgb), cv2.COLOR_RGB2LAB)[hair, 0]))


def _height(seen: Seen, at: Seen) -> float:
    assert at.frame is not None and at.points is not None
    face = seen.planes[[*FACE_SKIN, *FACE_PARTS]].sum(0)
    curve = hairline.trace(
        np.ascontiguousarray(seen.hair), at.frame, hairline.middle_of(at.points, at.frame),
        hairline.brow_line(at.points, at.frame), face=face,
    )  # fmt: skip
    return curve.height


def _cover(seen: Seen, at: Seen) -> float:
    """Share of hair on the forehead."""
    assert at.frame is not None and at.points is not None
    brow = hairline.brow_line(at.points, at.frame)
    middle = hairline.middle_of(at.points, at.frame)
    u = np.linspace(middle - FRINGE_HALF_WIDTH, middle + FRINGE_HALF_WIDTH, 49)
    v = np.linspace(brow - FRINGE_TOP, brow, 25)
    xy = at.frame.inverse.apply(np.stack(np.meshgrid(u, v), -1)).astype(np.float32)
    plane = np.ascontiguousarray(seen.soft_hair)
    return float(cv2.remap(plane, xy, None, cv2.INTER_LINEAR).mean())


def _area(seen: Seen, at: Seen) -> float:
    assert at.frame is not None
    return float(seen.hair.sum()) * at.frame.scale**2


def _hair_in_region(seen: Seen, _at: Seen) -> float:
    inside = seen.region > 0.5
    return float(seen.soft_hair[inside].mean()) if inside.any() else math.nan


def _lid_gap(seen: Seen, _at: Seen) -> float:
    return sum(seen.distance(*pair) for pair in LIDS) / len(LIDS)


def _brow_height(seen: Seen, _at: Seen) -> float:
    assert seen.frame is not None and seen.points is not None
    v = seen.frame.apply(seen.points)[:, 1]
    return float(v[list(EYES)].mean() - v[list(BROWS)].mean())


_STRENGTHS: dict[str, Callable[[Seen, Seen], float]] = {
    "dye": _hair_lightness,
    "hairline": _height,
    "bangs": _cover,
    "volume": _area,
    "fill": _hair_in_region,
    "eyes": _lid_gap,
    "brows": _brow_height,
    "nose": lambda seen, _at: seen.distance(*WINGS),
    "mouth": lambda seen, _at: seen.distance(*LIPS),
}


def _floats(pixels: NDArray[Any]) -> Array:
    return np.asarray(pixels, np.float32) / np.float32(255)
