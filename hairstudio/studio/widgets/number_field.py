"""A field with one number: what is typed is checked; Esc brings the last good value back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from hairstudio.studio import i18n
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.slider import Range

Format = Callable[[float], str]


class NumberField(QLineEdit):
    """``entered`` with every value that the user typed. ``shown``: how a value reads; ``unit``:
    what one of the number typed is worth (0.01 for per cent)."""

    entered = Signal(float)

    def __init__(self, values: Range, name: str, shown: Format, unit: float = 1.0) -> None:
        super().__init__()
        self.values, self._shown, self._unit = values, shown, unit
        self._value = values.reset
        self._problem = ""
        self.setAccessibleName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedSize(64, 28)
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(self._check)
        self._show()

    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        if value != self._value and not (self.hasFocus() and self.isModified()):
            self._value = value
            self._show()

    def _show(self) -> None:
        self.setText(self._shown(self._value))
        self.setModified(False)
        self._mark("")

    def _typed(self) -> float | None:
        try:
            value = i18n.parsed(self.text()) * self._unit
        except ValueError:
            return None
        return value if self.values.low <= value <= self.values.high else None

    def _check(self) -> None:
        low, high = (self._shown(v) for v in (self.values.low, self.values.high))
        self._mark("" if self._typed() is not None else tr("{low} to {high}", low=low, high=high))

    def _mark(self, problem: str) -> None:
        if problem == self._problem:
            return
        self._problem = problem
        self.setProperty("invalid", bool(problem))
        self.setToolTip(problem)
        self.style().polish(self)

    def _finish(self) -> None:
        typed = self._typed()
        if not self.isModified():
            return
        if typed is None:
            self._show()
            return
        self._value = typed
        self._show()
        self.entered.emit(typed)

    def event(self, event: QEvent) -> bool:
        """Export and Duplicate keep their keys, which X11 gives to text fields."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if control and event.key() in (Qt.Key.Key_E, Qt.Key.Key_D):
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._show()
            self.selectAll()
        elif event.key() in steps:
            self._step(steps[Qt.Key(event.key())], event)
        else:
            super().keyPressEvent(event)

    def _step(self, direction: int, event: QKeyEvent) -> None:
        coarse = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = self.values.coarse if coarse else self.values.fine
        value = self.values.clipped(self._value + direction * step)
        if value != self._value:
            self._value = value
            self._show()
            self.entered.emit(value)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.selectAll()
