"""What every tool is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

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
