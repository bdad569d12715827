"""What every tool is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas.compare import Pane
from hairstudio.studio.canvas.pointer import Gesture, Pointer
from hairstudio.studio.canvas.scene import Point

if TYPE_CHECKING:
    from hairstudio.studio.canvas.widget import Canvas


class Handler:
    """Answers the pointer for one tool; the defaults do nothing."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def press(self, pointer: Pointer) -> Gesture | None:
        """The left button or the pen went down."""

    def spots(self, pointer: Pointer) -> list[Point]:
        """Where in the photo ``paint_pointer`` draws."""
        return [(pointer.x, pointer.y)]

    def reach(self) -> float:
        """How far from a spot ``paint_pointer`` draws, in logical pixels; 0: it does not."""
        return 0.0

    def paint_pointer(self, painter: QPainter, at: QPointF, pointer: Pointer) -> None:
        """Draw what goes with the pointer at a spot, logical pixels of a pane."""

    def paint(self, painter: QPainter, pane: Pane, ratio: float) -> None:
        """Draw the tool's own marks on a pane; the painter counts its logical pixels."""


class Drawing:
    """A line that is being drawn: an outline (``closed``) or a direction."""

    def __init__(self, canvas: Canvas, pointer: Pointer, *, closed: bool) -> None:
        self.canvas, self.closed = canvas, closed
        self.points: list[Point] = [(pointer.x, pointer.y)]

    def add(self, pointer: Pointer) -> None:
        """Go on to the pointer, in steps of two logical pixels, and show it."""
        x, y = self.points[-1]
        if max(abs(pointer.x - x), abs(pointer.y - y)) >= 2 * pointer.photo_per_pixel:
            self.points.append((pointer.x, pointer.y))
            # the line is rounded through its last points, and closed to the first
            self._repaint(self.points[-4:] + self.points[:1] * self.closed)

    def hide(self) -> None:
        """It is not there any more."""
        self._repaint(self.points)

    def _repaint(self, points: list[Point]) -> None:
        self.canvas.repaint_photo(Box.around(np.array(points)), margin=14)
