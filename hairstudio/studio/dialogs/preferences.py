"""Preferences, which take effect at once: theme; a place to try the pen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QTabletEvent
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from hairstudio.studio import theme
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.buttons import label, rule

NAMES = {"system": "As the system", "dark": "Dark", "light": "Light"}


class PenTest(QWidget):
    """Draws what the pen does, as wide as its pressure."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(140)
        self.setAccessibleName(tr("Pen test"))
        self._points: list[tuple[QPointF, float]] = []
        self._said = tr("Draw here with the pen")

    def tabletEvent(self, event: QTabletEvent) -> None:  # noqa: N802 - Qt's name
        self._add(event.position(), event.pressure())
        eraser = event.pointerType() == event.pointerType().Eraser
        end = tr("eraser end") if eraser else tr("tip")
        self._said = tr("Pen, {end}: pressure {p} %", end=end, p=round(100 * event.pressure()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._points.clear()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._said = tr("Mouse: full pressure")
        self._add(event.position(), 1.0)

    def _add(self, place: QPointF, pressure: float) -> None:
        self._points.append((place, pressure))
        del self._points[:-600]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line2"), 1))
        painter.setBrush(theme.colour("well"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        painter.setPen(theme.colour("text2"))
        painter.drawText(12, 22, self._said)
        painter.setPen(QPen(theme.colour("accent"), 0))
        painter.setBrush(theme.colour("accent"))
        for place, pressure in self._points:
            painter.drawEllipse(place, 1 + 7 * pressure, 1 + 7 * pressure)


class Preferences(QDialog):
    """``theme_chosen(str)``."""

    theme_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Preferences"))
        self.setMinimumWidth(420)
        self._schemes = QComboBox()
        self._schemes.setAccessibleName(tr("Theme"))
        for name in theme.CHOICES:
            self._schemes.addItem(tr(NAMES[name]), name)
        self._schemes.setCurrentIndex(theme.CHOICES.index(theme.choice()))
        self._schemes.activated.connect(self._chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.addWidget(label(tr("Theme")))
        row.addStretch(1)
        row.addWidget(self._schemes)
        column.addLayout(row)
        column.addWidget(rule())
        column.addWidget(label(tr("Pen test"), "header"))
        column.addWidget(PenTest())

    def _chosen(self, index: int) -> None:
        self.theme_chosen.emit(self._schemes.itemData(index))
