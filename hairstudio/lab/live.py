"""Pictures of a running search for those who watch it, a few in a minute."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from hairstudio.lab.measure import pixels_of
from hairstudio.lab.messages import Event, Picture, Shown

EVERY = 1.0  # seconds
LARGEST = 256  # pixels
REGION_LINE = (232, 232, 232)


class Live:
    """Tells ``emit`` what the searches of one pair look like. A picture costs about a third of a
    step: one in ``EVERY`` seconds is enough."""

    def __init__(self, emit: Callable[[Event], None], pair: str, photo: str) -> None:
        self._emit, self._pair, self._photo = emit, pair, photo
        self._last = 0.0

    def begin(self, original: Tensor, reference: Tensor, region: Tensor) -> None:
        """``original``, ``reference``: (1, 3, R, R) in -1..1; ``region``: (1, 1, R, R) 0..1."""
        wanted = _outlined(pixels_of(reference[0]), region[0, 0].numpy())
        self._tell("source", 0, original=pixels_of(original[0]), reference=wanted)

    def due(self) -> bool:
        """Whether it is time for another picture."""
        return time.monotonic() - self._last >= EVERY

    def step(self, phase: str, step: int, picture: Tensor) -> None:
        """``picture``: the current one, (3, R, R)."""
        self._tell(phase, step, current=pixels_of(picture))
        self._last = time.monotonic()

    def _tell(self, phase: str, step: int, **pictures: NDArray[np.uint8]) -> None:
        packed = {name: packed_within(picture, LARGEST) for name, picture in pictures.items()}
        self._emit(Shown(self._pair, self._photo, phase, step, packed))


def packed_within(pixels: NDArray[np.uint8], largest: int) -> Picture:
    """(h, w, 3) RGB as a message, at most so many pixels wide and high."""
    height, width = pixels.shape[:2]
    scale = min(1.0, largest / max(height, width))
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Picture(pixels.shape[1], pixels.shape[0], pixels.tobytes())


def _outlined(pixels: NDArray[np.uint8], region: NDArray[np.float32]) -> NDArray[np.uint8]:
    """With a line around the region."""
    drawn = pixels.copy()
    inside = (region > 0.5).astype(np.uint8)
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(drawn, outlines, -1, REGION_LINE, max(1, pixels.shape[0] // 128))
    return drawn
