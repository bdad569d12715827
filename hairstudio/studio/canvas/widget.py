"""The canvas: shows the photo and its edits, lets the user paint and compare."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hairstudio.imaging.brush import Axis, Brush
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio.canvas.picture import After, Picture
from hairstudio.studio.canvas.scene import (
    Compare,
    Face,
    Handle,
    Labels,
    MaskKind,
    Overlay,
    Point,
    Scene,
    Tool,
)
from hairstudio.studio.canvas.view import View


class Canvas(QWidget):
    """The photo with everything on it. Used from the GUI thread; never decodes or computes edits.

    Signals: ``view_changed(View)``; ``mask_needed(MaskKind)``: the user starts to paint and there
    is no mask: call ``set_mask`` at once, else nothing is painted; ``painted(MaskKind, Box)``:
    every event of a stroke, for the live preview; ``stroke_finished(Stroke)``: one undo step;
    ``stroke_aborted(MaskKind, Box)``: Esc, the mask is as before; ``brush_changed(Brush)``: by
    keys or dragging on the canvas; ``hairline_moved(float)`` while dragging,
    ``hairline_released(float)`` at its end; ``color_picked(object)``: (r, g, b) 0..255 of the
    photo; ``direction_drawn(object)``: points of the photo; ``wipe_moved(float)``;
    ``face_chosen(int)``: its number; ``surround_menu(QPoint)``: global position.
    """

    view_changed = Signal(object)
    mask_needed = Signal(object)
    painted = Signal(object, object)
    stroke_finished = Signal(object)
    stroke_aborted = Signal(object, object)
    brush_changed = Signal(object)
    hairline_moved = Signal(float)
    hairline_released = Signal(float)
    color_picked = Signal(object)
    direction_drawn = Signal(object)
    wipe_moved = Signal(float)
    face_chosen = Signal(int)
    surround_menu = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = Scene()
        self._view: View | None = None
        self._fitted = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # what to show

    def set_photo(self, photo: Picture | None) -> None:
        """Show a photo, fitted; the same size again (thumbnail, then photo) keeps the view."""
        old, self.scene.photo = self.scene.photo, photo
        if photo is None:
            self._view = None
        elif old is None or old.size != photo.size or self._view is None:
            self.fit()
        self.update()

    def set_after(self, after: After | None) -> None:
        """Show edits over the photo; None: nothing was edited."""
        self.scene.after = after
        self.update()

    def set_mask(self, kind: MaskKind, mask: TiledMask | None) -> None:
        """The mask that is shown and painted into (the very object)."""
        self.scene.masks.pop(kind, None)
        if mask is not None:
            self.scene.masks[kind] = mask
        self.update()

    def mask_changed(self, kind: MaskKind, box: Box | None = None) -> None:
        """Somebody else changed a mask (undo): draw ``box`` of the photo again, None = all."""
        self.update()

    def set_overlay(self, overlay: Overlay) -> None:
        self.scene.overlay = overlay
        self.update()

    def set_labels(self, labels: Labels) -> None:
        self.scene.labels = labels
        self.update()

    def set_compare(self, mode: Compare) -> None:
        self.scene.compare = mode
        self.update()

    def set_wipe(self, fraction: float) -> None:
        """Where the wipe line stands: 0..1 of the visible photo's width."""
        self.scene.wipe = fraction
        self.update()

    def set_peek(self, on: bool) -> None:
        """Show the photo alone while a key or button is held."""
        self.scene.peek = on
        self.update()

    def set_surround(self, color: QColor) -> None:
        self.scene.surround = color
        self.update()

    def set_faces(self, faces: Sequence[Face]) -> None:
        """Numbered outlines while the face chooser is open; () hides them."""
        self.scene.faces = tuple(faces)
        self.update()

    def set_handle(self, handle: Handle | None) -> None:
        """The hairline for its tool; None: hidden by a fringe, or not known yet."""
        self.scene.handle = handle
        self.update()

    def set_directions(self, strokes: Sequence[Sequence[Point]]) -> None:
        self.scene.directions = tuple(tuple(stroke) for stroke in strokes)
        self.update()

    # how to paint

    def set_tool(self, tool: Tool) -> None:
        self.scene.tool = tool
        self.update()

    def set_brush(self, brush: Brush) -> None:
        """The brush of the active tool; the other tools keep theirs."""
        self.scene.brushes[self.scene.tool] = brush
        self.update()

    def set_mirror(self, axis: Axis | None) -> None:
        """Paint on both sides of a line, the face's own axis; None: one side."""
        self.scene.mirror = axis

    def abort(self) -> bool:
        """Esc: undo the stroke in progress. False when there was none."""
        return False

    # where to look

    @property
    def view(self) -> View | None:
        return self._view

    def set_view(self, view: View) -> None:
        """Show this part; the view stays until the user or ``fit`` changes it."""
        self._fitted = False
        self._show(view)

    def fit(self) -> None:
        """The whole photo; also after resizing, until the view is changed."""
        if self.scene.photo is not None:
            self._fitted = True
            self._show(View.fit(self.scene.photo.size, self._port()))

    def zoom_to(self, zoom: float) -> None:
        """1 = 100 %: one photo pixel per device pixel."""
        if self._view is not None:
            self.set_view(self._view.zoomed(zoom))

    def zoom_step(self, steps: int) -> None:
        """The next usual zoom in (1) or out (-1)."""
        if self._view is not None:
            self.set_view(self._view.stepped(steps))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        if self._view is not None:
            self.fit() if self._fitted else self._show(self._view.resized(self._port()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.scale(1 / self.devicePixelRatioF(), 1 / self.devicePixelRatioF())
        painter.fillRect(QRectF(0, 0, *self._port()), self.scene.surround)
        if self.scene.photo is None or self._view is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        width, height = (side * self._view.zoom for side in self._view.photo)
        painter.drawImage(QRectF(*self._view.origin, width, height), self.scene.photo.levels[0])

    def _port(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def _show(self, view: View) -> None:
        self._view = view
        self.update()
        self.view_changed.emit(view)
