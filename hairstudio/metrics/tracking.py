"""Where a hairline has gone in an edited photo, to a fraction of a pixel of it.

The parsing network sees a hairline to about .03 IOD, and worse where hair thins out or lies in
shadow, differently after each edit. Pictures tell better: what the photo shows around its hairline
is looked for in the edited photo, around where the network sees the hairline there. What is not
found there (a hairline drawn anew, another shape) stays where the network sees it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Similarity
from hairstudio.portrait.hairline import REACH, HairlineCurve

Array = NDArray[np.float32]

STEP = 0.004  # IOD between samples
HALF = 18, 15  # samples to either side, along u and v: of what is looked for
AROUND = 38  # samples up and down where it is looked for (.15 IOD)
ALIKE = 0.5  # correlation of what is found


def followed(
    old: HairlineCurve,
    new: HairlineCurve,
    before: Array,
    after: Array,
    frame: Similarity,
) -> HairlineCurve:
    """``new`` with every column where ``after`` looks as ``before`` does around ``old``.

    ``before``, ``after``: (H, W, 3) float32 0..1, sRGB; ``frame``: their pixels -> face frame;
    ``old``, ``new``: hairlines as a network sees them in these, same columns. Columns without a
    likeness are those of ``new``; columns that ``old`` does not know say nothing.
    """
    top, pictures = _top(old), (_upright(before, old, frame), _upright(after, old, frame))
    v = np.where(np.isfinite(old.v), new.v, np.float32(np.nan))
    for i in np.flatnonzero(np.isfinite(v)):
        column = HALF[0] + round(float(old.u[i] - old.u[0]) / STEP)
        rows = round((float(old.v[i]) - top) / STEP), round((float(new.v[i]) - top) / STEP)
        shift = _shift(pictures, column, rows)
        if shift is not None:
            v[i] = old.v[i] + STEP * shift
    return HairlineCurve(new.u, v, new.brow)


def _top(curve: HairlineCurve) -> float:
    return curve.brow - REACH - STEP * (HALF[1] + AROUND)


def _upright(rgb: Array, curve: HairlineCurve, frame: Similarity) -> Array:
    """L*a*b* of the face frame around all columns of a curve, (rows, columns, 3)."""
    u = np.arange(-HALF[0], round(float(np.ptp(curve.u)) / STEP) + HALF[0] + 1)
    v = np.arange(round(REACH / STEP) + 2 * (HALF[1] + AROUND) + 1)
    face = np.stack(np.meshgrid(curve.u[0] + STEP * u, _top(curve) + STEP * v), -1)
    xy = frame.inverse.apply(face).astype(np.float32)
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    return cv2.remap(lab, xy, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _shift(pictures: tuple[Array, Array], column: int, rows: tuple[int, int]) -> float | None:
    """Samples from the hairline's row in the first picture to the likeness of its surroundings in
    the second, if there is one about the row there."""
    (before, after), (old, new) = pictures, rows
    columns = slice(column - HALF[0], column + HALF[0] + 1)
    wanted = before[old - HALF[1] : old + HALF[1] + 1, columns]
    first = new - HALF[1] - AROUND
    shown = after[first : new + HALF[1] + AROUND + 1, columns]
    likeness = cv2.matchTemplate(shown, wanted, cv2.TM_CCOEFF_NORMED)[:, 0]
    best = int(likeness.argmax())
    if likeness[best] < ALIKE:
        return None
    return first + HALF[1] + best + _vertex(likeness, best) - old


def _vertex(values: Array, best: int) -> float:
    """Where between samples the parabola through the best and its neighbours is highest."""
    if not 0 < best < values.size - 1:
        return 0.0
    low, middle, high = values[best - 1 : best + 2].tolist()
    bend = low - 2 * middle + high
    return 0.5 * (low - high) / bend if bend < 0 else 0.0
