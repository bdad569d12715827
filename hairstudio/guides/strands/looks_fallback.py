"""Looks for heads without hair to sample: from the brows, the beard, else a plain dark brown."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, looks, octaves, surroundings
from hairstudio.guides.strands.looks import CONTRAST, Looks
from hairstudio.guides.strands.tones import FLOOR, Tones
from hairstudio.portrait.parsing import BROWS
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
Bools = NDArray[np.bool_]

DARK_BROWN = np.array([0.17, 0.125, 0.10], np.float32)
PLAIN = "a plain dark brown"
BLACK_HAIR = np.array([1.12, 0.97, 0.90], np.float32)
"""Nearly black hair: colour over luminance."""
LEVELS = np.array([0.45, 0.75, 1.0, 1.35, 2.1, 2.8], np.float32)
"""Luminance of typical hair at 5, 25, 50, 75, 95, 99 %, relative to its median."""
LEAST_SHARP = 1.2
"""High-frequency ratio of hair in focus; eyes and brows, where it is read, are smoother."""
DARKEST, LIGHTER, LEAST_TONE = 0.1, 1.25, 0.07
"""The darkest share of brow and beard is hair alone; hair of the head is so much lighter as a
whole, and no darker than this."""
VISIBLE = 0.92
"""Brows or a beard are darker than the skin times this,"""
BEARD, BEARD_TONE, BEARD_SHARE = (0.95, 1.9, 0.8), 0.55, 0.15
"""and a beard lies between these v (below the nose) and as far aside, darker than the cheeks times
this on so large a share of the skin there."""
NEUTRAL = (0.09, 0.22)
"""Brows as dark as this are those of nearly black hair; lighter ones keep their colour."""


def from_face(view: View) -> tuple[Looks, str]:
    """Looks without own hair, and what they were taken from, in words."""
    color, seen = _sampled_color(view)
    luminance = float(cv2.cvtColor(color[None, None], cv2.COLOR_RGB2GRAY)[0, 0])
    steps = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    ratio = color / (luminance + FLOOR)
    lut = np.clip(steps * (ratio + (1 - ratio) * steps), 0, 1).astype(np.float32)
    levels = np.clip(LEVELS * luminance, 0, 0.95).astype(np.float32)
    small = view.luminance[:64, :64]
    count = len(octaves.split(small, np.ones_like(small), view.unit).parts)
    fine = np.full(count, CONTRAST * (luminance + FLOOR), np.float32)
    shape = canvas.V.shape
    sharp = max(octaves.sharpness(view.luminance, view.features > 0.5), LEAST_SHARP)
    return Looks(
        Tones(lut, levels),
        np.full(shape, np.log(luminance + FLOOR), np.float32),
        np.broadcast_to(ratio, (*shape, 3)).astype(np.float32),
        surroundings.light_on_skin(view), np.zeros_like(view.luminance), fine,
        np.zeros(0, np.float32), sharp,
        *octaves.grain(view.rgb, view.skin > 0.95), surroundings.unlike_nothing(),
        np.zeros((*shape, 3), np.float32), surroundings.shine_on_skin(view), looks.redness(view),
    ), seen  # fmt: skip


def _sampled_color(view: View) -> tuple[Array, str]:
    """Colour of the brows' darkest hairs, else of the beard's: between them skin shines through.
    And a word for what was looked at."""
    skin = (view.skin > 0.9) & view.above_brows().astype(bool)
    if skin.sum() < 30:
        return DARK_BROWN, PLAIN
    face = float(np.median(view.luminance[skin]))
    for name, where in (("the brows", view.probability(*BROWS) > 0.7), ("the beard", _beard(view))):
        if where.sum() < 30:
            continue
        luminance = view.luminance[where]
        dark = luminance <= np.quantile(luminance, DARKEST)
        tone = float(np.median(luminance[dark]))
        if tone < VISIBLE * face:
            return _of_hair_alone(np.median(view.rgb[where][dark], 0), tone, face), name
    return DARK_BROWN, PLAIN


def _beard(view: View) -> Bools:
    """Where dark hair stands on the lower face; nowhere when too little of it is dark."""
    u, v = view.uv
    jaw = (view.skin > 0.5) & (v > BEARD[0]) & (v < BEARD[1]) & (np.abs(u) < BEARD[2])
    cheeks = (view.skin > 0.9) & (v > 0.3) & (v < 0.7)
    if not jaw.any() or not cheeks.any():
        return np.zeros(jaw.shape, np.bool_)
    dark = jaw & (view.luminance < BEARD_TONE * float(np.median(view.luminance[cheeks])))
    return dark if dark.sum() > BEARD_SHARE * jaw.sum() else np.zeros_like(dark)


def _of_hair_alone(color: Array, tone: float, face: float) -> Array:
    """Without the skin's colour, which shows through thin hair and tints it dark or light."""
    faint = 1 - min((face - tone) / (0.5 * face), 1.0)
    faint = max(faint, float(np.interp(tone, NEUTRAL, (1, 0))))
    middle = np.float32(max(LIGHTER * min(tone, 0.3 * face), LEAST_TONE))
    color = color.astype(np.float32) * (middle / np.float32(tone))
    return np.asarray(color + (middle * BLACK_HAIR - color) * np.float32(faint), np.float32)
