"""A scroll area whose bar lies on its content's margin: a bar that appears moves nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QScrollBar

WIDTH = 6


class OverlayScroll(QScrollArea):
    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.setObjectName("overlay")
        self._bar.hide()
        true = self.verticalScrollBar()
        true.rangeChanged.connect(self._fit)
        true.valueChanged.connect(self._bar.setValue)
        self._bar.valueChanged.connect(true.setValue)

    @Slot(int, int)
    def _fit(self, low: int, high: int) -> None:
        self._bar.setRange(low, high)
        self._bar.setPageStep(self.verticalScrollBar().pageStep())
        self._bar.setVisible(high > low)
        self._bar.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._bar.setGeometry(self.width() - WIDTH, 0, WIDTH, self.height())
