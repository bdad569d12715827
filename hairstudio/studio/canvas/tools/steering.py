"""Moving the hairline on the photo, and drawing where strands shall run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from hairstudio.studio.canvas import marks
from hairstudio.studio.canvas.compare import Pane
from hairstudio.studio.canvas.pointer import Gesture, Pointer
from hairstudio.studio.canvas.scene import Handle, Point
from hairstudio.studio.canvas.tools.base import Drawing, Handler
from hairstudio.studio.canvas.view import View

if TYPE_CHECKING:
    from hairstudio.studio.canvas.widget import Canvas


class Hairline(Handler):
    """Drag anywhere on the photo: the line follows, higher or lower."""

    cursor = Qt.CursorShape.SizeVerCursor

    def press(self, pointer: Pointer) -> Gesture | None:
        handle = self.canvas.scene.handle
        return None if handle is None else _Dragging(self.canvas, handle, pointer)

    def paint(self, painter: QPainter, pane: Pane, ratio: float) -> None:
        handle = self.canvas.scene.handle
        if handle is None or len(handle.curve) < 2:
            return
        spots = [_place(handle, point, pane.view, ratio) for point in handle.curve]
        marks.stroke(painter, marks.curve(spots))
        marks.knob(painter, spots[len(spots) // 2], QPointF(*handle.up))


def _place(handle: Handle, point: Point, view: View, ratio: float) -> QPointF:
    moved = handle.value * handle.unit
    x, y = (at + moved * up for at, up in zip(point, handle.up, strict=True))
    return QPointF(*view.to_device(x, y)) / ratio


class _Dragging:
    def __init__(self, canvas: Canvas, handle: Handle, pointer: Pointer) -> None:
        self.canvas, self.handle, self.start = canvas, handle, pointer
        self.moved = False

    def move(self, pointer: Pointer) -> None:
        dx, dy = pointer.x - self.start.x, pointer.y - self.start.y
        higher = (dx * self.handle.up[0] + dy * self.handle.up[1]) / self.handle.unit
        self.moved = True
        self._set(min(max(self.handle.value + higher, -1.0), 1.0))

    def release(self, pointer: Pointer) -> None:
        handle = self.canvas.scene.handle
        if self.moved and handle is not None:
            self.canvas.hairline_released.emit(handle.value)

    def abort(self) -> None:
        if self.moved:
            self._set(self.handle.value)
            self.canvas.hairline_released.emit(self.handle.value)

    def _set(self, value: float) -> None:
        self.canvas.set_handle(replace(self.handle, value=value))
        self.canvas.hairline_moved.emit(value)


class Direction(Handler):
    """Draw a line: strands nearby shall run along it."""

    cursor = Qt.CursorShape.CrossCursor

    def press(self, pointer: Pointer) -> Gesture | None:
        return Directing(self.canvas, pointer, closed=False)

    def paint(self, painter: QPainter, pane: Pane, ratio: float) -> None:
        gesture = self.canvas.gesture
        drawn = (gesture.points,) if isinstance(gesture, Directing) else ()
        for points in (*self.canvas.scene.directions, *drawn):
            if len(points) > 1:
                spots = [QPointF(*pane.view.to_device(*point)) / ratio for point in points]
                marks.stroke(painter, marks.arrow(spots))


class Directing(Drawing):
    """A direction that is being drawn."""

    def move(self, pointer: Pointer) -> None:
        self.add(pointer)

    def release(self, pointer: Pointer) -> None:
        self.hide()
        if len(self.points) > 1:
            self.canvas.direction_drawn.emit(tuple(self.points))

    def abort(self) -> None:
        self.hide()
