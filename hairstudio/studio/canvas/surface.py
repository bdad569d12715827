"""The canvas's surface: where things are on the screen, drawing them, and what a press does."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QMarginsF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from hairstudio.imaging.geometry import Box
from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio.canvas import compare, marks, qimage
from hairstudio.studio.canvas.compare import Pane
from hairstudio.studio.canvas.empty import EmptyState
from hairstudio.studio.canvas.input import InputWidget
from hairstudio.studio.canvas.picture import Picture
from hairstudio.studio.canvas.pointer import Gesture, Pointer
from hairstudio.studio.canvas.scene import Face, MaskKind, Scene, Tool
from hairstudio.studio.canvas.tools import toolbox
from hairstudio.studio.canvas.tools.base import Handler
from hairstudio.studio.canvas.tools.looking import Panning, Wiping
from hairstudio.studio.canvas.tools.painting import BrushSizing, Painting
from hairstudio.studio.canvas.view import MARGIN, View

if TYPE_CHECKING:
    from hairstudio.studio.canvas.widget import Canvas

_NEAR = 6.0
"""Logical pixels around the wipe line that grab it."""


class Surface(InputWidget):
    """Everything between the scene and the screen. ``view``: None without a photo; ``fitted``:
    the view follows the widget's size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene()
        self.view: View | None = None
        self.fitted = True
        self.empty = EmptyState(self)
        self.handlers = toolbox.handlers(cast("Canvas", self))
        self._pane = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def handler(self) -> Handler:
        """The active tool."""
        return self.handlers[self.scene.tool]

    # where things are

    def device_size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def port(self) -> tuple[int, int]:
        """Device pixels of one pane."""
        return compare.port(self.scene, self.device_size())

    def fitting(self, photo: Picture) -> View:
        return View.fit(photo.size, self.port(), MARGIN * self.devicePixelRatioF())

    def panes(self) -> tuple[Pane, ...]:
        if self.view is None:
            return ()
        above = compare.stacked(self.scene, self.device_size())
        return compare.panes(self.scene, self.view, above)

    @property
    def photo_per_pixel(self) -> float:
        """Photo pixels per logical pixel."""
        return self.devicePixelRatioF() / (self.view.zoom if self.view is not None else 1.0)

    def in_pane(self, at: QPointF) -> tuple[float, float]:
        """Device pixels within the pane under a position; while dragging, within the pane where
        the drag began."""
        x, y = at.x() * self.devicePixelRatioF(), at.y() * self.devicePixelRatioF()
        panes = self.panes()
        if not panes:
            return x, y
        box = panes[self._pane if self.gesture is not None else self._pane_at(x, y)].box
        return x - box.x, y - box.y

    def _pane_at(self, x: float, y: float) -> int:
        """The pane under a device position; beside all, the nearest."""
        return max(0, sum(x >= pane.box.x and y >= pane.box.y for pane in self.panes()) - 1)

    def pointer_at(self, at: QPointF) -> Pointer:
        if self.view is None:
            return Pointer(0, 0, at, inside=False)
        x, y = self.view.to_photo(*self.in_pane(at))
        width, height = self.view.photo
        inside = -0.5 <= x < width - 0.5 and -0.5 <= y < height - 0.5
        return Pointer(x, y, at, self.photo_per_pixel, inside=inside)

    def color_at(self, pointer: Pointer) -> tuple[int, int, int] | None:
        """Mean of 5 x 5 pixels of the photo, 0..255; None beside it."""
        photo = self.scene.photo
        if photo is None or not pointer.inside:
            return None
        image = photo.levels[0]
        x, y = (floor((at + 0.5) / photo.step) for at in (pointer.x, pointer.y))
        around = QRect(x - 2, y - 2, 5, 5).intersected(image.rect())
        red, green, blue = qimage.rgb(image.copy(around)).mean((0, 1))
        return round(red), round(green), round(blue)

    # masks

    def mask_to_paint(self, kind: MaskKind) -> TiledMask | None:
        """The mask; the owner is asked for one that is missing."""
        if self.scene.photo is None:
            return None
        if kind not in self.scene.masks:
            cast("Canvas", self).mask_needed.emit(kind)
        return self.scene.masks.get(kind)

    def mask_changed(self, kind: MaskKind, box: Box | None = None) -> None:
        """A mask was written to (undo): draw ``box`` of the photo again, None = all."""
        if compare.shows_masks(self.scene):
            self.update() if box is None else self.repaint_photo(box)

    def repaint_photo(self, box: Box, margin: float = 2.0) -> None:
        """Draw a box of the photo again, wherever it is shown, with ``margin`` logical pixels."""
        around = ceil(margin * self.devicePixelRatioF()) + 1
        for pane in () if box.empty else self.panes():
            reach = pane.view.device_box(box).grown(around).shifted(pane.box.x, pane.box.y)
            self.update(self._logical(reach.intersection(pane.box)))

    # what a press does

    def begin(self, pointer: Pointer, button: Qt.MouseButton) -> Gesture | None:
        if self.view is None:
            return None
        at = pointer.at * self.devicePixelRatioF()
        self._pane = self._pane_at(at.x(), at.y())
        return self._gesture(pointer, button)

    def _gesture(self, pointer: Pointer, button: Qt.MouseButton) -> Gesture | None:
        canvas = cast("Canvas", self)
        if button == Qt.MouseButton.MiddleButton or self.space:
            return Panning(canvas, pointer)
        if button == Qt.MouseButton.RightButton:
            return self._second(pointer)
        if button != Qt.MouseButton.LeftButton:
            return None
        if self.scene.faces:
            self._choose_face(pointer)
            return None
        if self._on_wipe(pointer.at):
            return Wiping(canvas, pointer)
        return self.handler.press(pointer)

    def _second(self, pointer: Pointer) -> Gesture | None:
        canvas = cast("Canvas", self)
        if pointer.alt and isinstance(self.handler, Painting):
            return BrushSizing(canvas, pointer)
        if not pointer.inside:
            canvas.surround_menu.emit(self.mapToGlobal(pointer.at).toPoint())
        return None

    def _choose_face(self, pointer: Pointer) -> None:
        face = self._face_at(pointer)
        if face is not None:
            cast("Canvas", self).face_chosen.emit(face.number)

    def _face_at(self, pointer: Pointer) -> Face | None:
        """The smallest box under the pointer."""
        point = QPointF(pointer.x, pointer.y)
        under = [face for face in self.scene.faces if QRectF(*face.box).contains(point)]
        return min(under, key=lambda face: face.box[2] * face.box[3], default=None)

    def _on_wipe(self, at: QPointF) -> bool:
        """On the grip; on the line too, except with a tool that paints there."""
        panes = self.panes()
        if not panes or panes[0].wipe is None:
            return False
        pane, ratio = panes[0], self.devicePixelRatioF()
        off = at - compare.grip_center(pane, ratio)
        if off.x() ** 2 + off.y() ** 2 <= (marks.GRIP / 2) ** 2:
            return True
        seen = pane.view.visible
        beside = seen.y <= at.y() * ratio <= seen.bottom
        return beside and abs(off.x()) <= _NEAR and self.scene.tool in (Tool.HAND, Tool.ZOOM)

    # the pointer

    def hovered(self, old: QPointF | None) -> None:
        for at in (old, self.hover):
            if at is not None:
                self._update_pointer(at)

    def _update_pointer(self, at: QPointF) -> None:
        reach = self.handler.reach()
        if reach:
            margin = QMarginsF(reach, reach, reach, reach)
            for pane in self.panes():
                for spot in self._spots(pane, self.pointer_at(at)):
                    spot += QPointF(pane.box.x, pane.box.y) / self.devicePixelRatioF()
                    around = QRectF(spot.x(), spot.y(), 0, 0).marginsAdded(margin)
                    self.update(around.toAlignedRect())

    def _spots(self, pane: Pane, pointer: Pointer) -> list[QPointF]:
        """Where the tool's ring belongs in a pane; each half shows it, and so does a mirror."""
        places = (pane.view.to_device(*spot) for spot in self.handler.spots(pointer))
        return [QPointF(*place) / self.devicePixelRatioF() for place in places]

    def _pointer_spot(self) -> QPointF | None:
        """Where the tool's ring is drawn: it stays while it is resized, and gives way to others."""
        if isinstance(self.gesture, BrushSizing):
            return self.gesture.start.at
        busy = self.space or self.scene.peek or self.scene.faces
        other = isinstance(self.gesture, Panning | Wiping)
        if self.hover is None or busy or other or self.view is None:
            return None
        free = self.gesture is None and self._on_wipe(self.hover)
        return None if free else self.hover

    def update_cursor(self) -> None:
        shape = self._cursor()
        if self.cursor().shape() != shape:
            self.setCursor(shape)

    def _cursor(self) -> Qt.CursorShape:
        if self.view is None:
            return Qt.CursorShape.ArrowCursor
        if isinstance(self.gesture, Panning):
            return Qt.CursorShape.ClosedHandCursor
        if self.space:
            return Qt.CursorShape.OpenHandCursor
        if self.scene.faces:
            over = self.hover is not None and self._face_at(self.pointer_at(self.hover))
            return Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        if isinstance(self.gesture, Wiping) or (
            self.gesture is None and self.hover is not None and self._on_wipe(self.hover)
        ):
            return Qt.CursorShape.SplitHCursor
        return self.handler.cursor

    # drawing

    def paint_region(self, region: Iterable[QRect]) -> None:
        """Draw the exposed rectangles, logical pixels."""
        painter = QPainter(self)
        for rect in region:
            painter.save()
            painter.setClipRect(rect)
            self._paint(painter, rect)
            painter.restore()
        painter.end()

    def _paint(self, painter: QPainter, rect: QRect) -> None:
        painter.fillRect(rect, self.scene.surround)
        for pane in self.panes():
            painter.save()
            self._paint_pane(painter, pane, self._device(rect))
            painter.restore()

    def _paint_pane(self, painter: QPainter, pane: Pane, exposed: Box) -> None:
        ratio = self.devicePixelRatioF()
        painter.setClipRect(self._logical(pane.box), Qt.ClipOperation.IntersectClip)
        painter.scale(1 / ratio, 1 / ratio)
        painter.translate(pane.box.x, pane.box.y)
        inside = exposed.intersection(pane.box).shifted(-pane.box.x, -pane.box.y)
        compare.paint(painter, self.scene, pane, inside, ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(ratio, ratio)
        if not self.scene.peek:
            self.handler.paint(painter, pane, ratio)
            self._paint_faces(painter, pane, ratio)
        compare.paint_marks(painter, self.scene, pane, ratio, self.font())
        if not self.scene.peek:
            self._paint_pointer(painter, pane)

    def _paint_pointer(self, painter: QPainter, pane: Pane) -> None:
        at = self._pointer_spot()
        if at is not None:
            pointer = self.pointer_at(at)
            for spot in self._spots(pane, pointer):
                self.handler.paint_pointer(painter, spot, pointer)

    def _paint_faces(self, painter: QPainter, pane: Pane, ratio: float) -> None:
        zoom = pane.view.zoom / ratio
        for face in self.scene.faces:
            x, y, width, height = face.box
            corner = QPointF(*pane.view.to_device(x, y)) / ratio
            box = QRectF(corner.x(), corner.y(), width * zoom, height * zoom)
            marks.outline(painter, box, face.number, face.selected, self.font())

    def _device(self, rect: QRect) -> Box:
        ratio = self.devicePixelRatioF()
        return Box(rect.x(), rect.y(), rect.width(), rect.height()).scaled(ratio)

    def _logical(self, box: Box) -> QRect:
        ratio = self.devicePixelRatioF()
        left, top = floor(box.x / ratio), floor(box.y / ratio)
        return QRect(left, top, ceil(box.right / ratio) - left, ceil(box.bottom / ratio) - top)
