"""Allowed support: where an edit may touch the photo. The engine multiplies every alpha with it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.editing.edits import Edit, Hairline
from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.portrait.parsing import BROWS, Class
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

HEAD_MARGIN = 0.05  # IOD
HAIR_MARGIN = 2  # pixels of the view
NOT_HEAD = (Class.BACKGROUND, Class.NECK, Class.NECKLACE, Class.CLOTH)
FEATHER = 0.02  # IOD
THIN = 0.16  # IOD


def allowed(edit: Edit, view: View) -> Array:
    """(h, w) float32 0..1 for a view: 0 where this kind of edit must not change a pixel.

    Edges are feathered inwards, so that nothing that they cut shows a seam. Hands are known only
    as skin: what they cover is protected by the user's own mask.
    """
    if isinstance(edit, Hairline):
        return _above_brows_on_head(view) * _free_of(view, Class.GLASSES, *BROWS)
    return _hair_and_edge(view) * _free_of(view, Class.GLASSES)


def _free_of(view: View, *classes: Class) -> Array:
    """0 on some classes and on hats, 1 a little beyond them."""
    analysis = view.analysis
    reach = FEATHER * analysis.iod * analysis.grid.scale
    hat = _without_slivers(
        analysis.probability(Class.HAT), THIN * analysis.iod * analysis.grid.scale
    )
    covered = cv2.max(hat, analysis.probability(*classes))
    grown = cv2.dilate(covered, disc(reach)).astype(np.float32) / 255
    soft = view.resample(fast_blur(grown, reach / 2)).astype(np.float32, copy=False)
    return 1 - smoothstep(0.1, 0.6, soft)


def _without_slivers(hat: NDArray[np.uint8], width: float) -> NDArray[np.uint8]:
    """The parser sees thin hats along the edge of hair; real ones are wider."""
    side = max(1, round(width))
    return cv2.morphologyEx(hat, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))


def _above_brows_on_head(view: View) -> Array:
    inside = 1 - smoothstep(HEAD_MARGIN / 3, HEAD_MARGIN, _distance_from_head(view))
    return view.above_brows() * inside


def _distance_from_head(view: View) -> Array:
    """Distance from the head's silhouette in IOD, 0 inside it."""
    analysis = view.analysis
    elsewhere = (analysis.probability(*NOT_HEAD) > 127).astype(np.uint8)
    distance = cv2.distanceTransform(elsewhere, cv2.DIST_L2, 3)
    in_iod = distance * np.float32(1 / (analysis.iod * analysis.grid.scale))
    return view.resample(in_iod).astype(np.float32, copy=False)


def _hair_and_edge(view: View) -> Array:
    """The matte grown by 2 px; on skin below the brows only around hair that can be seen."""
    kernel = disc(HAIR_MARGIN)
    near = cv2.dilate((view.matte > 0).astype(np.float32), kernel)
    visible = cv2.dilate(smoothstep(0.05, 0.25, view.matte), kernel)
    face = smoothstep(0.3, 0.7, view.all_skin) * (1 - view.above_brows())
    return near * (1 - face * (1 - visible))
