"""Where a view shows hair for sure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands.tones import FLOOR
from hairstudio.imaging.filters import disc, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
COARSE_IOD = 200.0
LEAST_AREA = 0.015
"""Less hair than this (IOD^2) is no sample."""


def sure_hair(view: View) -> tuple[View, Array]:
    """The view reduced, and where it shows hair for sure, (h, w) 0..1."""
    coarse, matte = reduced(view)
    core = cv2.erode(np.clip((matte - 0.6) / 0.4, 0, 1), disc(6 * coarse.unit))
    return coarse, np.asarray(core * _not_skin_colour(coarse, core), np.float32)


def reduced(view: View) -> tuple[View, Array]:
    """The view at no more than COARSE_IOD, and its matte: enough for tones and light."""
    scale = COARSE_IOD / view.iod
    if scale >= 1:
        return view, view.matte
    size = (max(1, round(view.box.w * scale)), max(1, round(view.box.h * scale)))
    box = Box(round(view.box.x * scale), round(view.box.y * scale), *size)
    rgb = cv2.resize(view.rgb, size, interpolation=cv2.INTER_AREA)
    matte = cv2.resize(view.matte, size, interpolation=cv2.INTER_AREA)
    return View(rgb, box, view.scale * scale, view.analysis), matte


def _not_skin_colour(view: View, core: Array) -> Array:
    """0 where "hair" has the chroma of the face's skin (hands, scalp), 1 elsewhere."""
    ratio = view.rgb / (view.luminance[..., None] + FLOOR)
    skin = (view.skin > 0.9) & (core < 0.01) & (view.hair < 0.05)
    if skin.sum() < 100 or (core > 0.5).sum() < 100:
        return np.ones_like(core)
    tone, own = np.median(ratio[skin], 0), np.median(ratio[core > 0.5], 0)
    apart = float(np.abs(tone - own).sum())
    if apart < 0.25:  # hair of the skin's own hue: no telling
        return np.ones_like(core)
    to_skin = np.abs(ratio - tone).sum(2)
    bright = smoothstep(0.6, 0.8, view.luminance / np.median(view.luminance[skin]))
    return 1 - (1 - smoothstep(0.15 * apart, 0.35 * apart, to_skin)) * bright
