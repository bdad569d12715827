"""Hand and zoom, the wipe line, and the picker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter

from hairstudio.studio.canvas import marks
from hairstudio.studio.canvas.pointer import Gesture, Pointer
from hairstudio.studio.canvas.tools.base import Handler
from hairstudio.studio.canvas.view import View

if TYPE_CHECKING:
    from hairstudio.studio.canvas.widget import Canvas

_DOUBLES = 120.0
"""Logical pixels of dragging that double the zoom."""


class Hand(Handler):
    cursor = Qt.CursorShape.OpenHandCursor

    def press(self, pointer: Pointer) -> Gesture | None:
        return Panning(self.canvas, pointer)


class Panning:
    """The photo follows the pointer."""

    def __init__(self, canvas: Canvas, pointer: Pointer) -> None:
        self.canvas, self.start, self.view = canvas, pointer.at, canvas.view

    def move(self, pointer: Pointer) -> None:
        if self.view is not None:  # from where it began: roundings do not add up
            moved = (pointer.at - self.start) * self.canvas.devicePixelRatioF()
            self.canvas.set_view(self.view.panned(moved.x(), moved.y()))

    def release(self, pointer: Pointer) -> None:
        pass

    def abort(self) -> None:
        if self.view is not None:
            self.canvas.set_view(self.view)


class Zoom(Handler):
    """A click zooms in, with Alt out; dragging sideways zooms freely."""

    cursor = Qt.CursorShape.CrossCursor

    def press(self, pointer: Pointer) -> Gesture | None:
        return None if self.canvas.view is None else _Zooming(self.canvas, pointer)


@dataclass
class _Zooming:
    canvas: Canvas
    start: Pointer
    dragged: bool = False

    def __post_init__(self) -> None:
        self.view: View | None = self.canvas.view

    def move(self, pointer: Pointer) -> None:
        moved = pointer.at.x() - self.start.at.x()
        self.dragged = self.dragged or abs(moved) > 3
        if self.view is not None and self.dragged:
            at = self.canvas.in_pane(self.start.at)
            self.canvas.set_view(self.view.zoomed(self.view.zoom * 2 ** (moved / _DOUBLES), at))

    def release(self, pointer: Pointer) -> None:
        if self.view is not None and not self.dragged:
            at = self.canvas.in_pane(self.start.at)
            self.canvas.set_view(self.view.stepped(-1 if self.start.alt else 1, at))

    def abort(self) -> None:
        if self.view is not None:
            self.canvas.set_view(self.view)


@dataclass
class Wiping:
    """Dragging the wipe line."""

    canvas: Canvas
    start: Pointer

    def __post_init__(self) -> None:
        self.old = self.canvas.scene.wipe

    def move(self, pointer: Pointer) -> None:
        view = self.canvas.view
        if view is not None and view.visible.w:
            x = pointer.at.x() * self.canvas.devicePixelRatioF()
            self._set((x - view.visible.x) / view.visible.w)

    def release(self, pointer: Pointer) -> None:
        pass

    def abort(self) -> None:
        self._set(self.old)

    def _set(self, fraction: float) -> None:
        self.canvas.set_wipe(min(max(fraction, 0.0), 1.0))
        self.canvas.wipe_moved.emit(self.canvas.scene.wipe)


class Picker(Handler):
    """Takes a colour from the photo, not from the result, so that it stays true."""

    cursor = Qt.CursorShape.CrossCursor

    def press(self, pointer: Pointer) -> Gesture | None:
        return _Picking(self.canvas)

    def reach(self) -> float:
        return 60.0

    def paint_pointer(self, painter: QPainter, at: QPointF, pointer: Pointer) -> None:
        color = self.canvas.color_at(pointer)
        if color is not None:
            marks.swatch(painter, at + QPointF(30, -30), QColor(*color))


@dataclass
class _Picking:
    canvas: Canvas

    def move(self, pointer: Pointer) -> None:
        pass

    def release(self, pointer: Pointer) -> None:
        color = self.canvas.color_at(pointer)
        if color is not None:
            self.canvas.color_picked.emit(color)

    def abort(self) -> None:
        pass
