"""Sliders: keys, typed values beside them, double-click resets, the wheel only with focus."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from hairstudio.studio import theme

FINE, COARSE = 0.01, 0.10


@dataclass(frozen=True)
class Range:
    """Values of a slider. ``origin``: where its fill begins and what a double click gives."""

    low: float = 0.0
    high: float = 1.0
    reset: float = 0.0
    origin: float = 0.0
    fine: float = FINE
    coarse: float = COARSE

    def clipped(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return round(value / self.fine) * self.fine


class Slider(QWidget):
    """``moved`` with every new value, ``released`` when the drag, key or wheel step is over."""

    moved = Signal(float)
    released = Signal()

    TRACK, THUMB, HEIGHT = 4, 16, 24

    def __init__(self, values: Range, name: str) -> None:
        super().__init__()
        self.values = values
        self._value = values.reset
        self._dragging = self._hovered = self._by_keys = False
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.HEIGHT)
        theme.on_change(self.update)

    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value without telling anybody."""
        self._value = self.values.clipped(value)
        self.setAccessibleDescription(f"{self._value:.2f}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(120, self.HEIGHT)

    # places

    @property
    def _middle(self) -> float:
        return self.HEIGHT / 2

    def _x(self, value: float) -> float:
        low, high, half = self.values.low, self.values.high, self.THUMB / 2
        return half + (value - low) / (high - low) * (self.width() - 2 * half)

    def _value_at(self, x: float) -> float:
        low, high, half = self.values.low, self.values.high, self.THUMB / 2
        return low + (x - half) / max(1.0, self.width() - 2 * half) * (high - low)

    # what the user does

    def _go(self, value: float) -> None:
        value = self.values.clipped(value)
        if value != self._value:
            self.set_value(value)
            self.moved.emit(value)

    def _step(self, value: float) -> None:
        self._go(value)
        self.released.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging, self._by_keys = True, False
            self._grip = event.position().x() - self._x(self._value)
            if abs(self._grip) > self.THUMB / 2:
                self._grip = 0.0
                self._go(self._value_at(event.position().x()))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._dragging:
            self._go(self._value_at(event.position().x() - self._grip))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._dragging and event.button() == Qt.MouseButton.LeftButton:
            self._dragging = False
            self.update()
            self.released.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._dragging = False
        self._step(self.values.reset)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if not self.hasFocus():
            event.ignore()
            return
        turns = event.angleDelta().y() / 120
        self._step(self._value + turns * self.values.fine)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        values, key = self.values, event.key()
        coarse = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = values.coarse if coarse else values.fine
        where = {
            Qt.Key.Key_Left: self._value - step, Qt.Key.Key_Down: self._value - step,
            Qt.Key.Key_Right: self._value + step, Qt.Key.Key_Up: self._value + step,
            Qt.Key.Key_Home: values.low, Qt.Key.Key_End: values.high,
        }  # fmt: skip
        if key not in where:
            super().keyPressEvent(event)
            return
        self._by_keys = True
        self._go(where[Qt.Key(key)])

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if not event.isAutoRepeat():
            self.released.emit()
        super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self._by_keys = event.reason() in (
            Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
        )  # fmt: skip
        super().focusInEvent(event)
        self.update()

    # drawing

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_marks(painter)
        self._draw_track(painter)
        self._draw_thumb(painter)
        if self.hasFocus() and self._by_keys:
            self._draw_focus(painter)

    def _draw_marks(self, painter: QPainter) -> None:
        """Ticks under the track: none on a plain slider."""

    def _bar(self, left: float, right: float) -> QRectF:
        return QRectF(left, self._middle - self.TRACK / 2, right - left, self.TRACK)

    def _draw_track(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._shade("track"))
        radius = self.TRACK / 2
        painter.drawRoundedRect(self._bar(0, self.width()), radius, radius)
        start, end = sorted((self._x(self.values.origin), self._x(self._value)))
        if self.values.origin == self.values.low:
            start = 0
        painter.setBrush(self._shade("accent"))
        painter.drawRoundedRect(self._bar(start, end), radius, radius)

    def _draw_thumb(self, painter: QPainter) -> None:
        grown = 2 if self.isEnabled() and (self.underMouse() or self._dragging) else 0
        radius = (self.THUMB + grown) / 2
        painter.setPen(QPen(self._shade("panel"), 2))
        painter.setBrush(self._thumb_colour())
        painter.drawEllipse(QPointF(self._x(self._value), self._middle), radius, radius)

    def _thumb_colour(self) -> QColor:
        return self._shade("text")

    def _draw_focus(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self.THUMB / 2 + 3
        painter.drawEllipse(QPointF(self._x(self._value), self._middle), radius, radius)

    def _shade(self, token: str) -> QColor:
        used = token if self.isEnabled() or token == "panel" else "line2"
        return theme.colour(used)


class HairlineSlider(Slider):
    """The large one: a mark at 0, ticks at the quarters."""

    TRACK, THUMB, HEIGHT = 6, 24, 44
    TICKS = (-1.0, -0.5, 0.5, 1.0)

    @property
    def _middle(self) -> float:
        return 16

    def _bar(self, left: float, right: float) -> QRectF:
        """The track ends where the thumb's middle does."""
        half = self.THUMB / 2
        return super()._bar(max(half, left), min(self.width() - half, right))

    def _draw_marks(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(theme.colour("track"), 1))
        for tick in self.TICKS:
            x = round(self._x(tick))
            painter.drawLine(x, 22, x, 27)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _draw_track(self, painter: QPainter) -> None:
        super()._draw_track(painter)
        x = round(self._x(0.0))
        painter.setPen(QPen(self._shade("text"), 1))
        painter.drawLine(x, 6, x, 26)

    def _thumb_colour(self) -> QColor:
        return self._shade("accent")
