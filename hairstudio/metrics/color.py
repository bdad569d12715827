"""Has the hair the asked colour, with its own light and shade, and has nothing else taken it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.blend import to_float
from hairstudio.metrics.ranks import spearman

Array = NDArray[np.float32]
Lab = tuple[float, float, float]

MAX_CHROMA_DISTANCE = 6.0
MAX_LIGHTNESS_DISTANCE = 8.0
MIN_SPEARMAN = 0.95
NEUTRAL = 4.0
SURE_SKIN = 0.9
SKIN_MARGIN = 3
THIN = 0.1  # IOD: how far hair thins out before skin


@dataclass(frozen=True)
class ColorMatch:
    """``median``: L*a*b* of the recoloured hair; ``chroma_distance``: of its a*b* to the target's;
    ``lightness``: its L* minus the target's; ``spearman``: of L* before and after, pixel by pixel;
    ``skin_levels``: largest change of sure skin, in levels of the photo's depth, that is wider than
    a strand: hairs that hang before the face are to be dyed."""

    median: Lab
    chroma_distance: float
    lightness: float
    spearman: float
    skin_levels: int

    @property
    def checks(self) -> dict[str, bool]:
        return {
            "chroma": self.chroma_distance <= MAX_CHROMA_DISTANCE,
            "lightness": abs(self.lightness) <= MAX_LIGHTNESS_DISTANCE,
            "structure": self.spearman >= MIN_SPEARMAN,
            "skin": self.skin_levels == 0,
        }

    @property
    def passed(self) -> bool:
        return all(self.checks.values())


def judge_color(
    before: NDArray[Any],
    after: NDArray[Any],
    hair: NDArray[np.bool_],
    skin: Array,
    target: Lab,
    strand: int = 1,
) -> ColorMatch:
    """Judge a recoloured photo.

    ``before``, ``after``: (H, W, 3) uint8 or uint16 sRGB; ``hair``: (H, W) bool, what is hair
    entirely; ``skin``: (H, W) float32 parsing probability 0..1; ``target``: L*a*b* (D65) of the
    shade; ``strand``: pixels, the widest loose strand. Raises ValueError when ``hair`` is empty.
    """
    if not hair.any():
        raise ValueError("no hair to measure")
    old, new = _lab(before)[hair], _lab(after)[hair]
    median = np.median(new, axis=0)
    change = cv2.absdiff(before, after).max(axis=2) * sure_skin(skin)
    stain = cv2.morphologyEx(change, cv2.MORPH_OPEN, np.ones((strand, strand), np.uint8))
    return ColorMatch(
        (float(median[0]), float(median[1]), float(median[2])),
        chroma_distance((float(median[1]), float(median[2])), target[1:]),
        float(median[0]) - target[0],
        spearman(old[:, 0], new[:, 0]),
        int(stain.max(initial=0)),
    )


def chroma_distance(ab: tuple[float, float], target: tuple[float, float]) -> float:
    """Distance in the a*b* plane; of the chroma alone when the target is so grey (chroma < 4) that
    its hue means nothing."""
    if np.hypot(*target) < NEUTRAL:
        return float(abs(np.hypot(*ab) - np.hypot(*target)))
    return float(np.hypot(ab[0] - target[0], ab[1] - target[1]))


def sure_skin(probability: Array) -> NDArray[np.bool_]:
    """Skin without doubt: probability > .9, eroded by 3 px."""
    side = 2 * SKIN_MARGIN + 1
    sure = (probability > SURE_SKIN).astype(np.uint8)
    return cv2.erode(sure, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0


def hair_entirely(hair: NDArray[np.bool_], skin: Array, iod: float) -> NDArray[np.bool_]:
    """(H, W) bool: parsed ``hair`` without its thin part before skin (probability 0..1), where the
    lightness of a pixel is the skin's; all of it where there is no other. ``iod`` in pixels."""
    away = cv2.distanceTransform((skin < 0.5).astype(np.uint8), cv2.DIST_L2, 5) > THIN * iod
    return hair & away if (hair & away).any() else hair


def _lab(rgb: NDArray[Any]) -> Array:
    return cv2.cvtColor(to_float(rgb), cv2.COLOR_RGB2LAB)
