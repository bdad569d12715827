"""Losses of a search on a logarithmic axis; three styles of line, so that colour is not needed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from hairstudio.studio import theme
from hairstudio.studio.i18n import tr

LEFT, RIGHT, TOP, BOTTOM = 48, 176, 8, 24
LOW, HIGH = -2, 3  # powers of ten
Losses = Sequence[dict[str, float]]

LINES = (
    ("outside", "Outside", "text", Qt.PenStyle.SolidLine),
    ("inside", "Inside", "accent", Qt.PenStyle.SolidLine),
    ("perceptual", "Perceptual", "text2", Qt.PenStyle.DashLine),
)


class LossChart(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(132)
        self.setAccessibleName(tr("Losses"))
        self._losses: Losses = ()
        self._steps = 0
        theme.on_change(self.update)

    def show_losses(self, losses: Losses, steps: int) -> None:
        self._losses, self._steps = losses, steps
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(12))
        self._draw_axes(painter)
        for index, (name, title, token, style) in enumerate(LINES):
            pen = QPen(theme.colour(token), 1.5, style)
            self._draw_line(painter, name, pen)
            self._draw_entry(painter, index, name, tr(title), pen)
        painter.end()

    @property
    def _field(self) -> QRectF:
        return QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)

    def _y(self, value: float) -> float:
        power = min(max(math.log10(max(value, 1e-9)), LOW), HIGH)
        return self._field.bottom() - (power - LOW) / (HIGH - LOW) * self._field.height()

    def _x(self, step: float) -> float:
        return self._field.left() + step / max(1, self._steps) * self._field.width()

    def _draw_axes(self, painter: QPainter) -> None:
        field, right = self._field, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for power in range(LOW, HIGH + 1):
            y = round(self._y(10.0**power)) + 0.5
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.setPen(theme.colour("text2"))
            painter.drawText(QRectF(0, y - 8, LEFT - 10, 16), right, f"{10.0**power:g}")
        if self._steps:
            last = tr("{count} steps", count=self._steps)
            place = QRectF(field.right() - 100, field.bottom() + 6, 100, 16)
            painter.drawText(place, right, last)
            painter.drawText(QRectF(field.left(), field.bottom() + 6, 40, 16), 0, "0")

    def _draw_line(self, painter: QPainter, name: str, pen: QPen) -> None:
        points = [QPointF(self._x(step), self._y(losses[name]))
                  for step, losses in enumerate(self._losses, 1) if losses.get(name)]  # fmt: skip
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(points))

    def _draw_entry(self, painter: QPainter, index: int, name: str, title: str, pen: QPen) -> None:
        y, left = TOP + 12 + 26 * index, self._field.right() + 20
        painter.setPen(pen)
        painter.drawLine(QPointF(left, y), QPointF(left + 20, y))
        painter.setPen(theme.colour("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left + 28, y - 8, 90, 16), middle, title)
        value = self._losses[-1].get(name) if self._losses else None
        text = f"{value:.3f}" if value else "–"  # 0: nothing is asked for, as inside a source
        place = QRectF(self.width() - 60, y - 8, 60, 16)
        painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, text)
