"""Between the canvas's tools and the bars: active tool, brushes, overlay, mirror, compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent

from hairstudio.studio.actions import COMPARE, TOOLS
from hairstudio.studio.bars.tool_options import BRUSHES, ToolOptions, dot
from hairstudio.studio.canvas import OVERLAY_COLORS, Brush, Canvas, Compare, Overlay, Tool
from hairstudio.studio.session import Session

TOOL = {name: Tool(name) for name in TOOLS}
MODE = {name: Compare(name.replace("-", "_")) for name in COMPARE}
SHARE = 0.12
"""Of the face's crop: how wide the first brush is."""


class Brushes(QObject):
    """``tool_chosen(str)``: another tool is active."""

    tool_chosen = Signal(str)

    def __init__(
        self, session: Session, canvas: Canvas, options: ToolOptions,
        actions: Mapping[str, QAction],
    ) -> None:  # fmt: skip
        super().__init__()
        self._session, self._canvas, self._options = session, canvas, options
        self._actions = actions
        self._colour = 0
        self._sized = False
        options.brush_changed.connect(canvas.set_brush)
        canvas.brush_changed.connect(options.set_brush)
        session.opened.connect(self._new_photo)
        session.analysed.connect(self._new_face)
        canvas.installEventFilter(self)
        actions["overlay"].setChecked(True)
        actions["result"].setChecked(True)
        self.choose("brush")
        self.show_overlay()

    @property
    def tool(self) -> str:
        return self._canvas.scene.tool.value

    def choose(self, name: str) -> None:
        self._canvas.set_tool(TOOL[name])
        self._actions[name].setChecked(True)
        self._options.show_tool(name)
        self._options.set_brush(self._canvas.scene.brush)
        self.tool_chosen.emit(name)

    def swap(self) -> None:
        """Paint to erase and back."""
        self.choose("brush" if self.tool == "eraser" else "eraser")

    def defaults(self) -> None:
        self._set(replace(Brush(), size=self._usual_size()))

    def _set(self, brush: Brush) -> None:
        self._canvas.set_brush(brush)
        self._options.set_brush(brush)

    def show_overlay(self) -> None:
        colour = OVERLAY_COLORS[self._colour]
        self._canvas.set_overlay(Overlay(self._actions["overlay"].isChecked(), colour))
        self._actions["overlay-colour"].setIcon(dot(colour))

    def next_overlay_colour(self) -> None:
        self._colour = (self._colour + 1) % len(OVERLAY_COLORS)
        self._actions["overlay"].setChecked(True)
        self.show_overlay()

    def mirror(self) -> None:
        face = self._session.face
        on = self._actions["mirror"].isChecked() and face is not None
        self._canvas.set_mirror(face.axis if face and on else None)

    def compare(self, name: str) -> None:
        self._actions[name].setChecked(True)
        self._canvas.set_compare(MODE[name])

    def next_compare(self) -> None:
        order = (*COMPARE[1:], COMPARE[0])
        now = self._canvas.scene.compare
        at = next((i for i, name in enumerate(order) if MODE[name] is now), -1)
        self.compare(order[(at + 1) % len(order)])

    def _usual_size(self) -> float:
        face, photo = self._session.face, self._session.photo
        across = face.crop if face else min(photo.size) if photo else 600
        return float(max(4, round(SHARE * across)))

    @Slot()
    def _new_photo(self) -> None:
        self._sized = False
        photo = self._session.photo
        if photo is not None:
            self._options.set_most(max(photo.size))
            self._size_all()

    @Slot()
    def _new_face(self) -> None:
        self.mirror()
        if self._session.face is not None and not self._sized:
            self._sized = True
            self._size_all()

    def _size_all(self) -> None:
        """Brushes that suit this photo; hardness and flow stay as they are."""
        now = self._canvas.scene.tool
        for name in BRUSHES:
            self._canvas.set_tool(TOOL[name])
            self._canvas.set_brush(replace(self._canvas.scene.brush, size=self._usual_size()))
        self._canvas.set_tool(now)
        self._options.set_brush(self._canvas.scene.brush)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Digits set the flow: 1 is 10 %, 0 all of it."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.text().isdigit() and event.modifiers() in _PLAIN:
            flow = (int(event.text()) or 10) / 10
            self._set(replace(self._canvas.scene.brush, flow=flow))
            return True
        return super().eventFilter(watched, event)


_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
