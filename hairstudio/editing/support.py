"""Allowed support: where an edit may touch the photo. Every alpha is multiplied with it.

What parsing and landmarks say is worked out on the analysis grid and brought to the view;
eroded by one grid pixel first, so that interpolation carries nothing over the limits.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.editing.edits import Bangs, Edit, Fill, Hairline, Volume
from hairstudio.imaging.blend import to_depth, to_float
from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.parsing import ALL_SKIN, BROWS, FACE_SKIN, FEATURES, Class
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
Mask = NDArray[np.uint8]

HEAD_MARGIN = 0.05  # IOD
HAIR_VOLUME = 0.3  # IOD: how far new hair may stand off a head
BROW_FADE = 0.05  # IOD
FEATHER = 0.02  # IOD
THIN = 0.16  # IOD
VOLUME_MARGIN = 0.35  # IOD
REGION_MARGIN, INTO_HAIR = 0.12, 0.45  # IOD
HAIR_MARGIN = 2  # pixels of the view
NOT_HEAD = (Class.BACKGROUND, Class.NECK, Class.NECKLACE, Class.CLOTH)
# how sure the matte must be of hair in front of skin, by alpha 0..255
VISIBLE = to_depth(smoothstep(0.05, 0.25, np.linspace(0, 1, 256, dtype=np.float32)), np.uint8)


def allowed(edit: Edit, view: View, region: Array | None = None) -> Mask:
    """(h, w) uint8 for a view: 0 where this kind of edit must not change a pixel.

    ``region``: (h, w) float32 0..1, what the user painted, for edits that have one.

    Edges are feathered inwards, so that nothing that they cut shows a seam. Hands are known only
    as skin: what they cover is protected by the user's own mask.
    """
    analysis = view.analysis
    if isinstance(edit, Hairline):
        on_grid = _above_brows(analysis) * _on_head(analysis) * _free_of(analysis, *BROWS)
        return _brought_to(view, on_grid)
    if isinstance(edit, Volume):
        return _brought_to(view, _around_hair(analysis) * _free_of(analysis))
    if isinstance(edit, Bangs):
        assert region is not None
        on_head = _brought_to(view, _on_head(analysis, HAIR_VOLUME) * _free_of(analysis))
        return cv2.min(on_head, _near_region(view, region))
    if isinstance(edit, Fill):
        assert region is not None
        on_head = _brought_to(view, _on_head(analysis) * _free_of(analysis, *BROWS))
        return cv2.min(on_head, _near_region(view, region))
    hair = _hair_and_edge(view)
    return cv2.multiply(hair, _brought_to(view, _free_of(analysis, Class.EARRING)), scale=1 / 255)


def _near_region(view: View, region: Array) -> Mask:
    """A region grown by ``REGION_MARGIN``, in hair by ``INTO_HAIR``, edges soft."""
    away = cv2.distanceTransform((region <= 0).astype(np.uint8), cv2.DIST_L2, 5)
    reach = (REGION_MARGIN + (INTO_HAIR - REGION_MARGIN) * view.matte) * np.float32(view.iod)
    return to_depth(np.clip((reach - away) / np.float32(FEATHER * view.iod), 0, 1), np.uint8)


def _around_hair(analysis: Analysis) -> Array:
    """1 in hair and near it, 0 from ``VOLUME_MARGIN`` on and on the face."""
    hair = (analysis.probability(Class.HAIR) > 127).astype(np.uint8)
    distance = cv2.distanceTransform(1 - hair, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    distance *= np.float32(1 / (analysis.iod * analysis.grid.scale))
    near = smoothstep(VOLUME_MARGIN, VOLUME_MARGIN - 2 * FEATHER, distance)
    face = to_float(analysis.probability(*FACE_SKIN, *FEATURES))
    return near * (1 - smoothstep(0.3, 0.7, face))


def _hair_and_edge(view: View) -> Mask:
    """The matte grown by 2 px; on skin below the brows only around hair that can be seen."""
    analysis, kernel = view.analysis, disc(HAIR_MARGIN)
    near: Mask = cv2.dilate((view.matte > 0).astype(np.uint8), kernel) * np.uint8(255)
    visible = cv2.dilate(cv2.LUT(to_depth(view.matte, np.uint8), VISIBLE), kernel)
    skin = smoothstep(0.3, 0.7, to_float(analysis.probability(*ALL_SKIN))) * (
        1 - _above_brows(analysis)
    )
    return cv2.min(near, cv2.max(visible, _brought_to(view, 1 - skin)))


def _brought_to(view: View, on_grid: Array) -> Mask:
    inner = cv2.erode(to_depth(on_grid, np.uint8), np.ones((3, 3), np.uint8))
    return view.resample(inner).astype(np.uint8, copy=False)


def _above_brows(analysis: Analysis) -> Array:
    """1 above the brow line, 0 from it downwards."""
    grid = analysis.grid
    frame, brow = grid.from_photo.inverse.then(analysis.frame), analysis.hairline.brow
    x, y = np.arange(grid.box.w, dtype=np.float32), np.arange(grid.box.h, dtype=np.float32)
    v = (frame.b * x[None] + frame.a * y[:, None] + frame.ty).astype(np.float32)
    return np.float32(1) - smoothstep(brow - BROW_FADE, brow, v)


def _on_head(analysis: Analysis, margin: float = HEAD_MARGIN) -> Array:
    """1 on the head's silhouette, 0 from ``margin`` (IOD) outside it."""
    elsewhere = (analysis.probability(*NOT_HEAD) > 127).astype(np.uint8)
    distance = cv2.distanceTransform(elsewhere, cv2.DIST_L2, 5).astype(np.float32)
    margin *= _iod(analysis)
    return np.float32(1) - smoothstep(0.6 * margin, margin, distance)


def _free_of(analysis: Analysis, *classes: Class) -> Array:
    """0 on glasses, hats and some classes, 1 a little beyond them."""
    reach = FEATHER * _iod(analysis)
    hat = _without_slivers(analysis.probability(Class.HAT), THIN * _iod(analysis))
    covered = cv2.max(hat, analysis.probability(Class.GLASSES, *classes))
    grown = to_float(cv2.dilate(covered, disc(reach)))
    return np.float32(1) - smoothstep(0.1, 0.6, fast_blur(grown, reach / 2))


def _without_slivers(hat: Mask, width: float) -> Mask:
    """The parser sees thin hats along the edge of hair; real ones are wider."""
    side = max(1, round(width))
    return cv2.morphologyEx(hat, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))


def _iod(analysis: Analysis) -> float:
    """Eye distance in pixels of the grid."""
    return analysis.iod * analysis.grid.scale
