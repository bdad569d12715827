"""What the canvas says while there is no photo."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QIcon,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

_THUMBNAIL = QSize(120, 90)
_GAP = 6
_LIGHT, _DARK = QColor("#F2F2F2"), QColor("#161616")


class EmptyState(QWidget):
    """A picture, "Drop a photo here", a button and the photos opened last.

    ``open_requested()``: the button; ``recent_chosen(int)``: which of the recent photos.
    """

    open_requested = Signal()
    recent_chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.glyph, self.title = _Glyph(self), QLabel("Drop a photo here")
        self.button, self.recent_title = QPushButton("Open…"), QLabel()
        self.recents = QHBoxLayout()
        self.button.setObjectName("emptyOpen")
        self.button.clicked.connect(self.open_requested)
        self.color = _LIGHT
        self._lay_out()
        self.use_surround(QColor("#666666"))

    def set_texts(self, title: str, button: str, recent: str) -> None:
        """The words in the user's language; ``recent`` stands over the recent photos."""
        self.title.setText(title)
        self.button.setText(button)
        self.recent_title.setText(recent)

    def set_recents(self, photos: Sequence[tuple[str, QImage]]) -> None:
        """Names and thumbnails of the photos opened last."""
        while (item := self.recents.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for index, (name, image) in enumerate(photos):
            self.recents.addWidget(self._recent(index, name, image))
        self.recent_title.setVisible(bool(photos))

    def use_surround(self, color: QColor) -> None:
        """Words that can be read on it."""
        self.color = _LIGHT if color.lightnessF() < 0.5 else _DARK
        name = self.color.name()
        self.title.setStyleSheet(
            f"color: {name}; background: transparent; font-size: 15px; font-weight: 600"
        )
        self.setStyleSheet(
            f"QLabel {{ color: {name}; background: transparent }}"
            f"QToolButton#emptyRecent {{ color: {name} }}"
        )
        self.glyph.color = self.color
        self.glyph.update()

    def _recent(self, index: int, name: str, image: QImage) -> QToolButton:
        button = QToolButton()
        button.setObjectName("emptyRecent")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIcon(QIcon(QPixmap.fromImage(_cut(image, self.devicePixelRatioF()))))
        button.setIconSize(_THUMBNAIL + QSize(0, _GAP))
        button.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 116))
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setAutoRaise(True)
        button.clicked.connect(lambda: self.recent_chosen.emit(index))
        return button

    def _lay_out(self) -> None:
        middle = Qt.AlignmentFlag.AlignHCenter
        for label in (self.title, self.recent_title):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch()
        column.addWidget(self.glyph, 0, middle)
        column.addWidget(self.title)
        column.addWidget(self.button, 0, middle)
        column.addSpacing(24)
        column.addWidget(self.recent_title)
        column.addLayout(self.recents)
        column.addStretch()
        self.recents.setSpacing(16)
        self.recents.setAlignment(middle)
        self.recent_title.hide()


class _Glyph(QWidget):
    """A photo with an arrow into it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.color = _LIGHT
        self.setFixedSize(64, 54)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self.color, 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(2, 2, 60, 50), 6, 6)
        painter.drawLine(QPointF(32, 14), QPointF(32, 39))
        painter.drawPolyline([QPointF(23, 30), QPointF(32, 39), QPointF(41, 30)])


def _cut(image: QImage, ratio: float) -> QImage:
    """The middle of a photo with round corners, and room below it for the name."""
    size = _THUMBNAIL * ratio
    cover = image.scaled(
        size, Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip
    made = QImage(size + QSize(0, round(_GAP * ratio)), QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    painter, shape = QPainter(made), QPainterPath()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shape.addRoundedRect(QRectF(QPointF(0, 0), size), 4 * ratio, 4 * ratio)
    painter.setClipPath(shape)
    left, top = (cover.width() - size.width()) / 2, (cover.height() - size.height()) / 2
    painter.drawImage(QPointF(-left, -top), cover)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made
