"""Painting masks: brush, eraser and protect brush, and the lasso."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from hairstudio.imaging import lasso
from hairstudio.imaging.brush import BrushStroke
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio.canvas import marks
from hairstudio.studio.canvas.compare import Pane
from hairstudio.studio.canvas.pointer import Gesture, Pointer
from hairstudio.studio.canvas.scene import MaskKind, Point, Stroke, Tool
from hairstudio.studio.canvas.tools.base import Drawing, Handler

if TYPE_CHECKING:
    from hairstudio.studio.canvas.widget import Canvas


class Painting(Handler):
    """Brush, eraser and protect brush: they differ in the mask and in what Alt turns around."""

    cursor = Qt.CursorShape.BlankCursor

    def __init__(self, canvas: Canvas, tool: Tool, kind: MaskKind, erase: bool = False) -> None:
        super().__init__(canvas)
        self.tool, self.kind, self.erase = tool, kind, erase
        self.last: tuple[TiledMask, Point] | None = None

    def press(self, pointer: Pointer) -> Gesture | None:
        mask = self.canvas.mask_to_paint(self.kind)
        if mask is None:
            return None
        erase = pointer.eraser or self.erase != pointer.alt
        return _Brushing(self, mask, pointer, erase)

    def start(self, mask: TiledMask) -> Point | None:
        """Where a straight line begins: the end of the last stroke in the same mask."""
        return self.last[1] if self.last is not None and self.last[0] is mask else None

    def spots(self, pointer: Pointer) -> list[Point]:
        axis, own = self.canvas.scene.mirror, (pointer.x, pointer.y)
        return [own] if axis is None else [own, axis.mirrored(*own)]

    def reach(self) -> float:
        radius = self.canvas.scene.brush.radius / self.canvas.photo_per_pixel
        return max(radius, marks.SMALLEST_RING) + 3

    def paint_pointer(self, painter: QPainter, at: QPointF, pointer: Pointer) -> None:
        brush = self.canvas.scene.brush
        marks.ring(painter, at, brush.radius / pointer.photo_per_pixel, brush.hardness)

    def paint(self, painter: QPainter, pane: Pane, ratio: float) -> None:
        axis, view = self.canvas.scene.mirror, pane.view
        if axis is None:
            return
        far = 2.0 * (view.photo[0] + view.photo[1]) / (axis.dx**2 + axis.dy**2) ** 0.5
        ends = [view.to_device(axis.x + t * axis.dx, axis.y + t * axis.dy) for t in (-far, far)]
        marks.dashed(painter, *(QPointF(x, y) / ratio for x, y in ends))


class _Brushing:
    """One stroke. Shift at the start joins it to the last one by a straight line; Shift later
    keeps it level or upright."""

    def __init__(self, tool: Painting, mask: TiledMask, pointer: Pointer, erase: bool) -> None:
        self.tool, self.canvas, self.erase = tool, tool.canvas, erase
        self.mask = mask
        self.stroke = BrushStroke(mask, self.canvas.scene.brush, erase, self.canvas.scene.mirror)
        self.at: Point = (pointer.x, pointer.y)
        self.lock: tuple[Point, bool] | None = None
        start = tool.start(mask) if pointer.shift else None
        self.joined = start is not None
        self._show(self.stroke.start(*(start or self.at), pointer.pressure))
        if start is not None:
            self._show(self.stroke.to(*self.at, pointer.pressure))

    def move(self, pointer: Pointer) -> None:
        if not pointer.shift:
            self.lock, self.joined = None, False
        self.at = self._locked(pointer)
        self._show(self.stroke.to(*self.at, pointer.pressure))

    def release(self, pointer: Pointer) -> None:
        change, box = self.stroke.finish()
        self.tool.last = self.mask, self.at
        self._show(box)
        if not change.empty:
            self.canvas.stroke_finished.emit(Stroke(self.tool.kind, self.tool.tool, change))

    def abort(self) -> None:
        box = self.stroke.abort()
        self.canvas.mask_changed(self.tool.kind, box)
        self.canvas.stroke_aborted.emit(self.tool.kind, box)

    def _locked(self, pointer: Pointer) -> Point:
        if not pointer.shift or self.joined:
            return pointer.x, pointer.y
        if self.lock is None:
            dx, dy = pointer.x - self.at[0], pointer.y - self.at[1]
            if max(abs(dx), abs(dy)) < 3 * pointer.photo_per_pixel:
                return self.at
            self.lock = self.at, abs(dx) >= abs(dy)
        (x, y), level = self.lock
        return (pointer.x, y) if level else (x, pointer.y)

    def _show(self, box: Box) -> None:
        if not box.empty:
            self.canvas.mask_changed(self.tool.kind, box)
            self.canvas.painted.emit(self.tool.kind, box)


class Lasso(Handler):
    """Draw an outline: its inside joins the region, with the eraser end or Alt it leaves it."""

    cursor = Qt.CursorShape.CrossCursor

    def press(self, pointer: Pointer) -> Gesture | None:
        mask = self.canvas.mask_to_paint(MaskKind.REGION)
        return None if mask is None else Outlining(self.canvas, mask, pointer)

    def paint(self, painter: QPainter, pane: Pane, ratio: float) -> None:
        gesture = self.canvas.gesture
        if isinstance(gesture, Outlining) and len(gesture.points) > 1:
            spots = [QPointF(*pane.view.to_device(*p)) / ratio for p in gesture.points]
            path = marks.curve(spots)
            path.lineTo(spots[0])
            marks.stroke(painter, path, 1.0)


class Outlining(Drawing):
    """An outline that is being drawn."""

    def __init__(self, canvas: Canvas, mask: TiledMask, pointer: Pointer) -> None:
        super().__init__(canvas, pointer, closed=True)
        self.mask, self.erase = mask, pointer.eraser or pointer.alt

    def move(self, pointer: Pointer) -> None:
        self.add(pointer)

    def release(self, pointer: Pointer) -> None:
        scene, before = self.canvas.scene, self.mask.snapshot()
        feather = (1 - scene.brush.hardness) * scene.brush.radius
        box = lasso.fill(self.mask, self.points, feather, erase=self.erase, axis=scene.mirror)
        change = self.mask.since(before)
        self.hide()
        if not change.empty:
            self.canvas.mask_changed(MaskKind.REGION, box)
            self.canvas.painted.emit(MaskKind.REGION, box)
            self.canvas.stroke_finished.emit(Stroke(MaskKind.REGION, Tool.LASSO, change))

    def abort(self) -> None:
        self.hide()
        self.canvas.stroke_aborted.emit(MaskKind.REGION, Box(0, 0, 0, 0))


class BrushSizing:
    """Dragging the brush itself: sideways its size, up and down its hardness. The ring stays."""

    def __init__(self, canvas: Canvas, pointer: Pointer) -> None:
        self.canvas, self.start, self.old = canvas, pointer, canvas.scene.brush

    def move(self, pointer: Pointer) -> None:
        moved = pointer.at - self.start.at
        size = self.old.size + 2 * moved.x() * self.start.photo_per_pixel
        hardness = self.old.hardness - moved.y() / 200
        self.canvas.change_brush(replace(self.old, size=size, hardness=hardness))

    def release(self, pointer: Pointer) -> None:
        pass

    def abort(self) -> None:
        self.canvas.change_brush(self.old)


_STEPS = ((10, 1), (50, 5), (100, 10), (200, 25), (500, 50))


def next_size(size: float, steps: int) -> float:
    """The next size for ``[`` and ``]``: finer steps for small brushes, there and back the same."""
    for _ in range(abs(steps)):
        step = next((by for limit, by in _STEPS if size < limit + (steps < 0) * 1e-3), 100)
        whole = round(size / step)
        if steps > 0:
            size = (whole + 1 if whole * step <= size else whole) * step
        else:
            size = (whole - 1 if whole * step >= size else whole) * step
    return size
