"""What the active tool can be told: above the canvas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from hairstudio.studio import i18n
from hairstudio.studio.canvas import Brush
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.buttons import button, label, of_action, rule, segments, set_words
from hairstudio.studio.widgets.slider import Range
from hairstudio.studio.widgets.value_field import ValueField

PAINTING = ("brush", "eraser", "lasso", "direction", "protect")
BRUSHES = ("brush", "eraser", "protect")
WORDS_FROM = 980
HINTS = {
    "hairline": "Drag the hairline on the photo: up for more forehead, down for more hair.",
    "picker": "Click a colour in the photo to dye the hair with it.",
    "hand": "Drag the photo. Hold Space for the hand with any other tool.",
    "zoom": "Click to zoom in, Alt-click to zoom out; Ctrl+wheel works with every tool.",
}
SIZE = Range(1, 1000, 80, 1, fine=1, coarse=10)
PART = Range(0, 1, 0.6, 0)


class ToolOptions(QWidget):
    """``brush_changed(Brush)`` when a field was moved."""

    brush_changed = Signal(object)

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("toolOptions")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(40)
        self._brush = Brush()
        self._tool, self._few = "brush", False
        self._make(actions)
        self._lay_out()
        self.show_tool("brush")

    def _make(self, actions: Mapping[str, QAction]) -> None:
        self._mode = segments(*(of_action(actions[n], words=True, icon_size=18)
                                for n in ("brush", "eraser")))  # fmt: skip
        words = {"brush": f" {tr('Paint')}", "eraser": f" {tr('Erase')}"}
        for each in self._mode.findChildren(QToolButton):
            name = each.defaultAction().objectName()
            each.defaultAction().setIconText(words[name])
            each.setFixedHeight(28)
        self._size = ValueField(SIZE, tr("Size"), _pixels, width=126, curve=2)
        self._hardness = ValueField(PART, tr("Hardness"), i18n.percent, unit=0.01, width=126)
        self._flow = ValueField(replace(PART, reset=1.0), tr("Flow"), i18n.percent, unit=0.01,
                                width=120)  # fmt: skip
        self._by_size = button(icon="pressure-size", name=tr("Pressure to size"), checkable=True,
                               tip=tr("Pen pressure changes the size"), size=(28, 28))  # fmt: skip
        self._by_flow = button(icon="pressure-flow", name=tr("Pressure to flow"), checkable=True,
                               tip=tr("Pen pressure changes the flow"), size=(28, 28))  # fmt: skip
        self._mirror = of_action(actions["mirror"], size=(28, 28), icon_size=18)
        self._own = of_action(actions["own-region"], kind="outlined", words=True, icon_size=18)
        self._own.setFixedHeight(28)
        self._clear = of_action(actions["clear"], size=(32, 28), icon_size=18)
        self._overlay = of_action(actions["overlay"], kind="quiet", words=True, icon_size=18)
        self._overlay.setFixedHeight(28)
        self._dot = of_action(actions["overlay-colour"], size=(22, 28), icon_size=12)
        self._dot.setProperty("kind", "bare")
        self._hint = label("", "caption")
        for field in (self._size, self._hardness, self._flow):
            field.moved.connect(self._changed)
        for each in (self._by_size, self._by_flow):
            each.toggled.connect(self._changed)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 1)
        row.setSpacing(8)
        self._brush_only = (
            self._size, self._hardness, self._flow, self._by_size, self._by_flow,
        )  # fmt: skip
        for each in (self._mode, *self._brush_only, self._mirror, self._hint):
            row.addWidget(each)
        row.addStretch(1)
        self._right = (self._own, self._clear, rule(vertical=True), self._overlay, self._dot)
        for each in self._right:
            row.addWidget(each)
        row.setSpacing(8)

    def show_tool(self, name: str) -> None:
        """Show the options of a tool."""
        self._tool = name
        for each in self._brush_only:
            each.setVisible(name in BRUSHES and not (self._few and each is not self._size))
        self._mode.setVisible(name in ("brush", "eraser"))
        self._mirror.setVisible(name in (*BRUSHES, "lasso") and not self._few)
        hint = HINTS.get(name, "")
        if name == "direction":
            hint = "Draw the way the hair shall fall, from the root to the tip."
        if name == "protect":
            hint = ""
        self._hint.setText(tr(hint) if hint else "")
        self._hint.setVisible(bool(hint))

    def set_brush(self, brush: Brush) -> None:
        """Show a brush without telling anybody."""
        self._brush = brush
        self._size.set_value(brush.size)
        self._hardness.set_value(brush.hardness)
        self._flow.set_value(brush.flow)
        for each, on in (
            (self._by_size, brush.pressure_size),
            (self._by_flow, brush.pressure_flow),
        ):
            each.blockSignals(True)
            each.setChecked(on)
            each.blockSignals(False)

    def set_most(self, size: float) -> None:
        """The largest brush: as wide as the photo."""
        self._size.values = replace(SIZE, high=max(200.0, size))

    def _changed(self, *_: object) -> None:
        self._brush = Brush(self._size.value(), self._hardness.value(), self._flow.value(),
                            self._by_size.isChecked(), self._by_flow.isChecked())  # fmt: skip
        self.brush_changed.emit(self._brush)

    def fold(self, narrow: bool, few: bool = False) -> None:
        """Without words where there is little room; with ``few`` fields the keys are left: [ ] and
        digits."""
        self._few = few
        self.show_tool(self._tool)
        for each in (self._own, self._overlay, *self._mode.findChildren(QToolButton)):
            set_words(each, not narrow)
        for field, wide in ((self._size, 126), (self._hardness, 126), (self._flow, 120)):
            field.words = not narrow
            field.setFixedWidth(76 if narrow else wide)
            field.setToolTip(field.accessibleName())


def _pixels(value: float) -> str:
    return tr("{value} px", value=round(value))


def dot(colour: QColor) -> QIcon:
    """A disc of the overlay's colour."""
    made = QPixmap(48, 48)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour)
    painter.setPen(QColor(255, 255, 255, 110))
    painter.drawEllipse(QRectF(2, 2, 44, 44))
    painter.end()
    return QIcon(made)
