"""Hair that does not hide the scalp."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import octaves, sample
from hairstudio.guides.strands.tones import FLOOR
from hairstudio.portrait.parsing import BROWS, Class
from hairstudio.portrait.view import View

STUBBLE_CONTRAST, STUBBLE_AREA = 0.028, 1.5
"""A little hair (IOD^2) with less contrast than this, relative to its tone, is stubble."""
MUCH = 2.5
"""So much of it (IOD^2) is hair without a closer look."""
RED = 0.5
"""Scalp that shows through hair has more than this of the face's red (a of Lab)."""
WHITE, BROWS_TOO = 0.3, 0.8
"""White hair has less than this of it; brows of fair-haired heads have more than so much of the
hair's luminance."""


def is_stubble(view: View) -> bool:
    """What hair there is does not hide the scalp: little of it, with little contrast, and no
    lighter than skin; or next to none."""
    grid = view.analysis.grid
    seen = np.count_nonzero(view.analysis.probability(Class.HAIR) > 127)
    if view.state is None and seen > MUCH * (view.analysis.iod * grid.scale) ** 2:
        return False
    view, core = sample.sure_hair(view)
    area = float(core.sum()) / view.iod**2
    if not sample.LEAST_AREA <= area < STUBBLE_AREA:
        return area < sample.LEAST_AREA
    shown = core > 0.8 if (core > 0.8).any() else core > 0.5 * core.max()
    bands = octaves.split(view.luminance, core + np.float32(1e-4), view.unit).deviations(
        shown.astype(np.float32)
    )
    middle = float(np.median(view.luminance[core > 0.5 * core.max()]) + FLOOR)
    faint = float(bands.mean()) / middle < STUBBLE_CONTRAST
    skin = view.luminance[view.skin > 0.9]
    if skin.size == 0:
        return faint
    tone = float(np.median(skin))
    shines = middle > _half_way_to_brows(view, tone) and _as_red(view, shown)
    return middle < tone and (faint or shines) and not _fair(view, shown, middle)


def _fair(view: View, shown: NDArray[np.bool_], middle: float) -> bool:
    """Whether what is ``shown``, (h, w), of luminance ``middle``, is white hair, which is not red,
    or fair, as brows then are too: that has little contrast as well."""
    brow = view.luminance[view.probability(*BROWS) > 0.7]
    fair = brow.size > 20 and float(np.median(brow)) > BROWS_TOO * middle
    return fair or not _as_red(view, shown, WHITE)


def _as_red(view: View, shown: NDArray[np.bool_], share: float = RED) -> bool:
    """Whether what is ``shown``, (h, w), is about as red as skin, or a ``share`` of it: white hair
    is not."""
    own, skin = (view.rgb[where][None] for where in (shown, view.skin > 0.9))
    red, face = (float(np.median(cv2.cvtColor(part, cv2.COLOR_RGB2LAB)[..., 1]))
                 for part in (own, skin))  # fmt: skip
    return red > share * face


def _half_way_to_brows(view: View, skin: float) -> float:
    """Luminance between the brows' and the skin's: lighter "hair" on a small part of the head is
    scalp that shows."""
    brow = view.luminance[view.probability(*BROWS) > 0.7]
    return 0.5 * (skin + float(np.quantile(brow, 0.2))) if brow.size > 20 else 1.0
