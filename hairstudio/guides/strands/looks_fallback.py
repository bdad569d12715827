"""Looks for heads without hair to sample: from the brows, else a plain dark brown."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, looks, octaves
from hairstudio.guides.strands.looks import FLOOR, Looks, Tones
from hairstudio.portrait.parsing import BROWS
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

DARK_BROWN = np.array([0.17, 0.125, 0.10], np.float32)
BLACK_HAIR = np.array([1.12, 0.97, 0.90], np.float32)
"""Nearly black hair: colour over luminance."""
LEVELS = np.array([0.45, 0.75, 1.0, 1.35, 2.1, 2.8], np.float32)
"""Luminance of typical hair at 5, 25, 50, 75, 95, 99 %, relative to its median."""
LEAST_SHARP = 1.2
"""High-frequency ratio of hair in focus; eyes and brows, where it is read, are smoother."""
CONTRAST = 0.22
"""Standard deviation of typical hair's luminance over its median, per octave at its strongest."""


def from_brows(view: View) -> tuple[Looks, bool]:
    """Looks without own hair, and whether the brows could be used."""
    color, seen = _brow_color(view)
    luminance = float(cv2.cvtColor(color[None, None], cv2.COLOR_RGB2GRAY)[0, 0])
    steps = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    ratio = color / (luminance + FLOOR)
    lut = np.clip(steps * (ratio + (1 - ratio) * steps), 0, 1).astype(np.float32)
    levels = np.clip(LEVELS * luminance, 0, 0.95).astype(np.float32)
    small = view.luminance[:64, :64]
    count = len(octaves.split(small, np.ones_like(small), view.unit).parts)
    fine = np.linspace(0.35, 1.0, count, dtype=np.float32) * np.float32(0.5 * CONTRAST * luminance)
    shape = canvas.V.shape
    sharp = max(octaves.sharpness(view.luminance, view.features > 0.5), LEAST_SHARP)
    return Looks(
        Tones(lut, levels),
        np.full(shape, np.log(luminance + FLOOR), np.float32),
        np.broadcast_to(ratio, (*shape, 3)).astype(np.float32),
        looks.light_on_skin(view), np.zeros_like(view.luminance), fine, sharp,
        *octaves.grain(view.rgb, view.skin > 0.95), np.zeros(shape, np.float32),
    ), seen  # fmt: skip


def _brow_color(view: View) -> tuple[Array, bool]:
    """The brows' darkest fifth: between them skin shines through."""
    brow = view.probability(*BROWS) > 0.7
    skin = (view.skin > 0.9) & view.above_brows().astype(bool)
    if brow.sum() < 30 or skin.sum() < 30:
        return DARK_BROWN, False
    luminance = view.luminance[brow]
    dark = luminance <= np.quantile(luminance, 0.2)
    color = np.median(view.rgb[brow][dark], 0).astype(np.float32)
    tone, face = float(np.median(luminance[dark])), float(np.median(view.luminance[skin]))
    if tone > 0.92 * face:
        return DARK_BROWN, False
    faint = 1 - min((face - tone) / (0.5 * face), 1.0)  # thin brows show the skin's colour
    neutral = np.float32(min(tone, 0.4 * face))
    return (color + (neutral * BLACK_HAIR - color) * np.float32(faint)).astype(np.float32), True
