"""The canvas: shows the photo and its edits, lets the user paint and compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

from PySide6.QtCore import QEvent, QPointF, QRect, Signal
from PySide6.QtGui import QColor, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from hairstudio.imaging.brush import Axis, Brush
from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio.canvas import drawing
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
from hairstudio.studio.canvas.surface import Surface
from hairstudio.studio.canvas.tools.painting import next_size
from hairstudio.studio.canvas.view import View

_LARGEST = 2000.0


class Canvas(Surface):
    """The photo with everything on it. Used from the GUI thread; never decodes or computes edits.

    Signals: ``view_changed(View)``; ``mask_needed(MaskKind)``: the user starts to paint and there
    is no mask: call ``set_mask`` at once, else nothing is painted; ``painted(MaskKind, Box)``:
    every event of a stroke, for the live preview; ``stroke_finished(Stroke)``: one undo step;
    ``stroke_aborted(MaskKind, Box)``: Esc, the mask is as before; ``brush_changed(Brush)``: by
    keys or dragging on the canvas; ``hairline_moved(float)`` while dragging,
    ``hairline_released(float)`` at its end; ``color_picked(object)``: (r, g, b) 0..255 of the
    photo; ``direction_drawn(object)``: points of the photo; ``wipe_moved(float)``;
    ``face_chosen(int)``: its number; ``surround_menu(QPoint)``: global position.

    Before undoing anything call ``abort``: a stroke may be in progress.
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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    # what to show

    def set_photo(self, photo: Picture | None) -> None:
        """Show a photo, fitted; the same size again (thumbnail, then photo) keeps the view."""
        old, self.scene.photo = self.scene.photo, photo
        if photo is None:
            self.abort()
            self.view = None
        elif old is None or old.size != photo.size or self.view is None:
            self.abort()
            self.fit()
        self.empty.setVisible(photo is None)
        self._refresh()

    def set_after(self, after: After | None) -> None:
        """Show edits over the photo; None: nothing was edited. Only where they are is drawn."""
        old, self.scene.after = self.scene.after, after
        if self.scene.photo is not None:
            size = self.scene.photo.size
            self.repaint_photo(drawing.reach(old, size).union(drawing.reach(after, size)))

    def set_mask(self, kind: MaskKind, mask: TiledMask | None) -> None:
        """The mask that is shown and painted into (the very object)."""
        if self.scene.masks.get(kind) is mask:
            return
        self.abort()
        self.scene.masks.pop(kind, None)
        if mask is not None:
            self.scene.masks[kind] = mask
        self.update()

    def set_overlay(self, overlay: Overlay) -> None:
        self._change(overlay=overlay)

    def set_labels(self, labels: Labels) -> None:
        self._change(labels=labels)

    def set_compare(self, mode: Compare) -> None:
        """The middle of the photo stays in the middle."""
        if mode is not self.scene.compare:
            self.abort()
            self._change(compare=mode)
            self._fill_port()

    def set_wipe(self, fraction: float) -> None:
        """Where the wipe line stands: 0..1 of the visible photo's width."""
        self._change(wipe=fraction)

    def set_peek(self, on: bool) -> None:
        """Show the photo alone while a key or button is held."""
        self._change(peek=on)

    def set_surround(self, color: QColor) -> None:
        self.empty.use_surround(color)
        self._change(surround=color)

    def set_faces(self, faces: Sequence[Face]) -> None:
        """Numbered outlines while the face chooser is open; () hides them."""
        self._change(faces=tuple(faces))

    def set_handle(self, handle: Handle | None) -> None:
        """The hairline for its tool; None: hidden by a fringe, or not known yet."""
        self._change(Tool.HAIRLINE, handle=handle)

    def set_directions(self, strokes: Sequence[Sequence[Point]]) -> None:
        """Direction strokes that are shown with their tool."""
        self._change(Tool.DIRECTION, directions=tuple(tuple(stroke) for stroke in strokes))

    def snapshot(self) -> Scene:
        """A copy for ``compare.comparison``, to be used in another thread."""
        masks = {kind: mask.snapshot() for kind, mask in self.scene.masks.items()}
        return replace(self.scene, masks=masks, brushes=dict(self.scene.brushes))

    # how to paint

    def set_tool(self, tool: Tool) -> None:
        """The active tool; it has its own brush."""
        if tool is not self.scene.tool:
            self.abort()
            self._change(tool=tool)

    def set_brush(self, brush: Brush) -> None:
        """The brush of the active tool; the other tools keep theirs."""
        self.scene.brushes[self.scene.tool] = brush
        self._refresh()

    def set_mirror(self, axis: Axis | None) -> None:
        """Paint on both sides of a line, the face's own axis; None: one side."""
        self._change(mirror=axis)

    def change_brush(self, brush: Brush) -> None:
        """As if by hand: 1 pixel to the photo's longer side, and ``brush_changed`` tells."""
        photo = self.scene.photo
        largest = float(max(photo.size)) if photo is not None else _LARGEST
        size = min(max(brush.size, 1.0), largest)
        brush = replace(brush, size=size, hardness=min(max(brush.hardness, 0.0), 1.0))
        self.set_brush(brush)
        self.brush_changed.emit(brush)

    def resize_brush(self, steps: int) -> None:
        """``]`` (1) and ``[`` (-1)."""
        brush = self.scene.brush
        self.change_brush(replace(brush, size=next_size(brush.size, steps)))

    def harden_brush(self, steps: int) -> None:
        """Shift + ``]`` (1) and ``[`` (-1): a tenth."""
        brush = self.scene.brush
        self.change_brush(replace(brush, hardness=round(brush.hardness * 10 + steps) / 10))

    # where to look

    def set_view(self, view: View) -> None:
        """Show this part; the view stays until the user or ``fit`` changes it."""
        self.fitted = False
        self._show(view)

    def fit(self) -> None:
        """The whole photo; also after resizing, until the view is changed."""
        if self.scene.photo is not None:
            self.fitted = True
            self._show(self.fitting(self.scene.photo))

    def zoom_to(self, zoom: float) -> None:
        """1 = 100 %: one photo pixel per device pixel."""
        if self.view is not None:
            self.set_view(self.view.zoomed(zoom))

    def zoom_step(self, steps: int) -> None:
        """The next usual zoom in (1) or out (-1)."""
        if self.view is not None:
            self.set_view(self.view.stepped(steps))

    def pan(self, dx: float, dy: float) -> None:
        if self.view is not None:
            ratio = self.devicePixelRatioF()
            self.set_view(self.view.panned(dx * ratio, dy * ratio))

    def zoom_by(self, factor: float, at: QPointF) -> None:
        if self.view is not None:
            self.set_view(self.view.zoomed(self.view.zoom * factor, self.in_pane(at)))

    def turn(self, notches: float, at: QPointF) -> None:
        if self.view is not None:
            self.set_view(self.view.turned(notches, self.in_pane(at)))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self.empty.setGeometry(self.rect())
        self._fill_port()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        self.paint_region(cast(Iterable[QRect], event.region()))  # its stubs lack __iter__

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._fill_port()
        return super().event(event)

    def _fill_port(self) -> None:
        if self.view is not None:
            self.fit() if self.fitted else self._show(self.view.resized(self.port()))

    def _show(self, view: View) -> None:
        if view != self.view:
            self.view = view
            self._refresh()
            self.view_changed.emit(view)

    def _change(self, only_with: Tool | None = None, **changes: Any) -> None:
        """Set what the scene says and draw it, if it is new and can be seen with the tool."""
        new = {name: value for name, value in changes.items() if getattr(self.scene, name) != value}
        for name, value in new.items():
            setattr(self.scene, name, value)
        if new and only_with in (None, self.scene.tool):
            self._refresh()

    def _refresh(self) -> None:
        self.update()
        self.update_cursor()
