"""Small pictures of this face's forehead with an edit on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.blend import Patch, blend, to_depth
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.resample import crop
from hairstudio.studio.canvas import qimage
from hairstudio.studio.tasks.room import EngineRoom
from hairstudio.studio.worker import StopWork

if TYPE_CHECKING:
    from hairstudio.portrait.analysis import Analysis
    from hairstudio.studio.tasks.render import RenderTile

WIDTH, MIDDLE = 2.9, -0.42
"""What a tile shows: its width and the height of its middle, IOD."""


def forehead(room: EngineRoom, task: RenderTile) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 RGB in sRGB. Raises StopWork when it was cancelled."""
    from hairstudio.editing.engine import Cancelled
    from hairstudio.studio.tasks.render import dense_regions

    scale, box = _place(task.analysis, task.size)
    state = task.state
    try:
        rendered = room.guide.render(
            task.photo, task.analysis, state.edits, scale=scale,
            protect=None if state.protect is None else room.dense(state.protect),
            regions=dense_regions(room, state), references=state.references, cancel=task.cancel,
        )  # fmt: skip
    except Cancelled:
        raise StopWork from None
    pixels = to_depth(crop(task.photo.pixels, box, scale), task.photo.pixels.dtype)
    for patch in rendered.patches:
        blend(pixels, Patch(patch.box.shifted(-box.x, -box.y), patch.rgb, patch.alpha))
    shown = qimage.to_display(pixels, task.photo.metadata.icc)
    return _sized(shown, task.size)


def _place(analysis: Analysis, size: tuple[int, int]) -> tuple[float, Box]:
    """The scale (at most 1) and the box that a tile shows."""
    scale = min(1.0, size[0] / (WIDTH * analysis.iod))
    x, y = analysis.frame.inverse.apply(np.array([analysis.centre, MIDDLE])) * scale
    width = round(WIDTH * analysis.iod * scale)
    height = round(width * size[1] / size[0])
    return scale, Box(round(float(x) - width / 2), round(float(y) - height / 2), width, height)


def _sized(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    if pixels.shape[1::-1] == size:
        return pixels
    return cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
