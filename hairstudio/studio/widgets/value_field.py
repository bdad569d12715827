"""A value with its name and a thin bar: drag across it or type."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from hairstudio.studio import i18n, theme
from hairstudio.studio.widgets.number_field import Format
from hairstudio.studio.widgets.slider import Range

BAR = 3
MARGIN = 8


class ValueField(QWidget):
    """``moved`` with every new value, ``released`` when a drag or a step is over. ``curve``: the
    exponent by which the bar is uneven (2: finer steps for small values)."""

    moved = Signal(float)
    released = Signal()

    def __init__(
        self, values: Range, name: str, shown: Format, *, unit: float = 1.0, width: int = 124,
        curve: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.values, self._name, self._shown = values, name, shown
        self._unit, self._curve = unit, curve
        self._value, self._start = values.reset, 0.0
        self._dragging = self._moved = False
        self._field: QLineEdit | None = None
        self.words = True
        self.setFixedHeight(28)
        self.setFixedWidth(width)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        theme.on_change(self.update)

    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        self._value = min(max(value, self.values.low), self.values.high)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self.width(), 28)

    @property
    def _share(self) -> float:
        low, high = self.values.low, self.values.high
        return ((self._value - low) / (high - low)) ** (1 / self._curve)

    def _go(self, value: float) -> None:
        value = self.values.clipped(value)
        if value != self._value:
            self.set_value(value)
            self.moved.emit(value)

    def _go_share(self, share: float) -> None:
        low, high = self.values.low, self.values.high
        self._go(low + max(0.0, min(1.0, share)) ** self._curve * (high - low))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragging, self._moved = True, False
            self._start = event.position().x()
            self._from = self._share

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self._dragging:
            return
        way = event.position().x() - self._start
        self._moved |= abs(way) >= QApplication.startDragDistance() / 2
        if self._moved:
            self._go_share(self._from + way / self.width())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self._dragging:
            return
        self._dragging = False
        if self._moved:
            self.released.emit()
        else:
            self._edit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._dragging = False
        self._go(self.values.reset)
        self.released.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if not self.hasFocus():
            event.ignore()
            return
        self._go(self._value + event.angleDelta().y() / 120 * self.values.fine)
        self.released.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Left: -1}
        if event.key() in steps:
            coarse = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            step = self.values.coarse if coarse else self.values.fine
            self._go(self._value + steps[Qt.Key(event.key())] * step)
            self.released.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self._edit()
        else:
            super().keyPressEvent(event)

    def _edit(self) -> None:
        """Type the value instead."""
        field = QLineEdit(self._shown(self._value), self)
        field.setAlignment(Qt.AlignmentFlag.AlignRight)
        field.setGeometry(self.rect())
        field.setAccessibleName(self._name)
        field.editingFinished.connect(self._typed)
        field.show()
        field.selectAll()
        field.setFocus()
        self._field = field

    def _typed(self) -> None:
        field, self._field = self._field, None
        if field is None:
            return
        try:
            value = i18n.parsed(field.text()) * self._unit
        except ValueError:
            value = self._value
        if field.hasFocus():
            self.setFocus()  # else it goes to the next control
        field.hide()
        field.deleteLater()
        self._go(value)
        self.released.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_box(painter)
        text = "text" if self.isEnabled() else "dis"
        inner = self.rect().adjusted(MARGIN, 0, -MARGIN, -2)
        if self.words:
            painter.setPen(theme.colour("text2" if self.isEnabled() else "dis"))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, self._name)
        painter.setPen(theme.colour(text))
        sides = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, sides, self._shown(self._value))

    def _draw_box(self, painter: QPainter) -> None:
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        focused = self.hasFocus() and self._field is None
        painter.setPen(QPen(theme.colour("accent" if focused else "line2"), 1))
        painter.setBrush(theme.colour("well" if self.isEnabled() else "panel"))
        painter.drawRoundedRect(box, 4, 4)
        if not self.isEnabled():
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        width = (self.width() - 4) * self._share
        painter.drawRoundedRect(QRectF(2, self.height() - BAR - 1, width, BAR), 1.5, 1.5)
