"""Single strands that the parser does not see: thin ridges of the hair's colour on skin, joined to
the hair. A wrinkle is not joined to hair, a lash is beside an eye.

Those that hang before the face are what a morphological opening removes (white top-hat); those
that grow at the hairline, one beside the other, are lines away from it, brighter in position than
what is to both sides (Steger, TPAMI 1998, by fixed orientations). Weak ones count where enough of
the same ridge is strong (hysteresis, as in Canny, TPAMI 1986).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.imaging.geometry import Box

Array = NDArray[np.float32]

WIDTH, LEVEL = 2, 11  # pixels of the working size; length of what is level
AROUND = 2  # widths of skin around
WEAK, STRONG = 0.10, 0.22  # height of a ridge between the colours behind (0) and of the hair (1)
STRONG_SHARE, STRONG_MESH = 0.25, 0.5
SINGLE, MESH = 2.5, 6.0  # widths: mean width of a strand with a few that cross it; of many
LENGTH, JOINED = 14.0, 8.0  # units: shortest strand; nearest point to the hair
AWAY, LOOSER = 100.0, 14.0  # units from the eyes: no wrinkles there; then nearest point to the hair
FEATURES, EYES = 6.0, 16.0  # units around features and lashes that have no loose strands
BY_EYE, HANGS = (
    24.0,
    1.5,
)  # what comes so near to an eye (units) hangs: it is so much higher than wide
ORIENTATIONS, HALF, APART = 8, 6, 2.5  # of lines; pixels to both ends, and to what is beside
AWAY_FROM_HAIR = 0.5  # cosine: lines run so much away from the hairline, wrinkles along it
FAINT, CLEAR, BAREST = 0.015, 0.035, 1.5  # height of a line; over that of the noise of bare skin
SHORTEST, ROOTED, BARE = 10.0, 6.0, (45.0, 90.0)  # units: of a line; of its root; bare skin
AROUND_ZONE = 70.0  # units around where hair grows that are looked at


def loose_strands(
    position: Array, contrast: Array, distance: Array, head: Array, features: Array, eyes: Array,
    unit: float,
) -> Array:  # fmt: skip
    """(h, w) float32 0..1: where a loose strand may be, soft over a pixel.

    All (h, w) float32 at the matte's working size: ``position`` between the colours behind and of
    the hair; ``contrast`` 0..1: how far they part; ``distance`` from the parsed hair, units;
    probabilities of ``head`` (skin or hair), ``features`` (with ears, whose folds are dark lines)
    and ``eyes``.
    """
    ridge = np.clip(position, -0.2, 1.2)
    ridge -= cv2.morphologyEx(ridge, cv2.MORPH_OPEN, disc(WIDTH))
    by_eye = cv2.distanceTransform((eyes < 0.5).astype(np.uint8), cv2.DIST_L2, 3) < AWAY * unit
    level = cv2.morphologyEx(position, cv2.MORPH_OPEN, np.ones((1, LEVEL), np.uint8))
    ridge = np.where(by_eye, np.minimum(ridge, position - level), ridge)  # no lids, no lashes
    kept = np.maximum(cv2.dilate(features, disc(FEATURES * unit)),
                      cv2.dilate(eyes, disc(EYES * unit)))  # fmt: skip
    ridge *= contrast * np.clip(1 - 1.5 * kept, 0, 1) * (distance > 1)
    # not an outline, an earring, a cord
    ridge *= smoothstep(0.55, 0.85, fast_blur(head, AROUND * WIDTH))
    weak = (ridge > WEAK).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    near = distance < np.where(by_eye, np.float32(JOINED), np.float32(LOOSER))
    wrinkles = np.bincount(labels[by_eye], minlength=count) > 0
    chosen = _strands(labels, count, boxes, ridge > STRONG, near, wrinkles, unit)
    ends = cv2.dilate(eyes, disc(BY_EYE * unit)) > 0.5  # of wrinkles beside the eye
    level = boxes[:, cv2.CC_STAT_HEIGHT] < HANGS * boxes[:, cv2.CC_STAT_WIDTH]
    chosen &= ~(level & (np.bincount(labels[ends], minlength=count) > 0))
    chosen = chosen[labels]
    return smoothstep(0.1, 0.4, fast_blur(cv2.dilate(chosen.astype(np.float32), disc(1)), 0.7))


def _strands(
    labels: NDArray[np.int32], count: int, boxes: NDArray[np.int32],
    strong: NDArray[np.bool_], joined: NDArray[np.bool_], wrinkles: NDArray[np.bool_], unit: float,
) -> NDArray[np.bool_]:  # fmt: skip
    """(count,) bool: the components that are long, strong and joined to the hair. ``wrinkles``:
    (count,), those that may be some; others are the surer the longer they are, even if faint."""
    length = np.hypot(boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT]) / unit
    touching = np.bincount(labels[joined], minlength=count) > 0
    height = np.bincount(labels[strong], minlength=count) / np.maximum(
        boxes[:, cv2.CC_STAT_AREA], 1
    )
    # pores and stubble make meshes, and so do strands that cross, but those are darker
    width = boxes[:, cv2.CC_STAT_AREA] / (WIDTH * unit * np.maximum(length, 1e-3))
    single = STRONG_SHARE * np.where(wrinkles, 1, LENGTH / np.maximum(length, LENGTH))
    least = np.where(width <= SINGLE, single, np.where(width <= MESH, STRONG_MESH, 2))
    chosen = (length >= LENGTH) & touching & (height >= least)
    chosen[0] = False
    return chosen


def growing_strands(
    position: Array, distance: Array, skin: Array, zone: Array, unit: float
) -> Array:
    """(h, w) float32 0..1: single hairs at the hairline in front of the parsed hair, with gaps of 0
    between them.

    All (h, w) float32 at the matte's working size: ``position`` and ``distance`` as in
    ``loose_strands``; ``zone`` 0..1: where hair grows.
    """
    found = np.zeros_like(position)
    near = Box.of_mask(zone > 0).grown(round(AROUND_ZONE * unit))
    part = near.intersection(Box.of_size(*zone.shape[::-1])).slices
    found[part] = _growing(position[part], distance[part], skin[part], zone[part], unit)
    return found


def _growing(position: Array, distance: Array, skin: Array, zone: Array, unit: float) -> Array:
    if not position.size:
        return position
    lines = _lines(np.clip(position, -0.2, 1.2), distance)
    bare = (distance > BARE[0]) & (distance < BARE[1]) & (skin > 0.9)
    noise = float(np.quantile(lines[bare], 0.95)) if bare.any() else 0.0
    clear = max(CLEAR, BAREST * noise)
    lines = lines * zone
    faint = (lines > clear * FAINT / CLEAR).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(faint, connectivity=8)
    long = np.hypot(boxes[:, cv2.CC_STAT_WIDTH], boxes[:, cv2.CC_STAT_HEIGHT]) > SHORTEST * unit
    rooted = np.bincount(labels[distance < ROOTED], minlength=count) > 0
    strong = np.bincount(labels[lines > clear], minlength=count) > 0
    chosen = (long & rooted & strong)[labels] & (faint > 0)
    return smoothstep(0.3 * clear, 0.6 * clear, lines * chosen) * smoothstep(0, 6, distance)


def _lines(position: Array, distance: Array) -> Array:
    """(h, w): how much lines away from the hair stand out of what is to both their sides."""
    slope = fast_blur(np.clip(distance, -60, 60), 6.0)
    dx, dy = cv2.Sobel(slope, cv2.CV_32F, 1, 0), cv2.Sobel(slope, cv2.CV_32F, 0, 1)
    steep = AWAY_FROM_HAIR * np.hypot(dx, dy)
    best = np.zeros_like(position)
    for angle in np.arange(ORIENTATIONS) * (np.pi / ORIENTATIONS):
        x, y = float(np.cos(angle)), float(np.sin(angle))
        mean = cv2.filter2D(position, -1, _line(x, y))
        aside = round(-y * APART), round(x * APART)
        sides = (np.roll(mean, (sign * aside[1], sign * aside[0]), (0, 1)) for sign in (1, -1))
        away = (np.abs(x * dx + y * dy) > steep).astype(np.float32)
        best = cv2.max(best, away * (mean - cv2.max(*sides)))
    return best


def _line(x: float, y: float) -> Array:
    """Weights of the mean along a line in that direction."""
    across = np.arange(-HALF, HALF + 1, dtype=np.float32)
    u, v = np.meshgrid(across, across)
    weights = np.exp(-2 * np.square(x * v - y * u)) * (np.hypot(u, v) <= HALF + 0.5)
    return np.asarray(weights / weights.sum(), np.float32)
