"""What the canvas says while there is no photo."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

_THUMBNAIL = QSize(120, 90)
_TEXT, _QUIET = QColor("#F2F2F2"), QColor("#D2D2D2")


class EmptyState(QWidget):
    """A picture, "Drop a photo here", a button and the photos opened last.

    ``open_requested()``: the button; ``recent_chosen(int)``: which of the recent photos.
    """

    open_requested = Signal()
    recent_chosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.title, self.button = QLabel("Drop a photo here"), QPushButton("Open…")
        self.button.setObjectName("emptyOpen")
        self.recent_title, self.recents = QLabel(), QHBoxLayout()
        for label, color in ((self.title, _TEXT), (self.recent_title, _QUIET)):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setStyleSheet(f"color: {color.name()}; background: transparent")
        self.button.clicked.connect(self.open_requested)
        self.recents.setSpacing(16)
        self._lay_out()

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

    def _recent(self, index: int, name: str, image: QImage) -> QToolButton:
        button = QToolButton()
        button.setObjectName("emptyRecent")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIcon(QIcon(QPixmap.fromImage(_cut(image, self.devicePixelRatioF()))))
        button.setIconSize(_THUMBNAIL)
        button.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 116))
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setAutoRaise(True)
        button.setStyleSheet(f"QToolButton {{ color: {_TEXT.name()}; }}")
        button.clicked.connect(lambda: self.recent_chosen.emit(index))
        return button

    def _lay_out(self) -> None:
        font = self.title.font()
        font.setPixelSize(15)
        font.setWeight(font.Weight.DemiBold)
        self.title.setFont(font)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch()
        column.addSpacing(72)
        column.addWidget(self.title)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(24)
        column.addWidget(self.recent_title)
        column.addLayout(self.recents)
        column.addStretch()
        self.recents.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.recent_title.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """A photo with an arrow into it, over the title."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(_QUIET, 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        middle = QPointF(self.width() / 2, self.title.y() - 48.0)
        painter.translate(middle)
        frame = QRectF(-30, -22, 60, 50)
        painter.setClipRect(QRectF(-60, -40, 120, 80))
        painter.drawRoundedRect(frame, 6, 6)
        painter.drawLine(QPointF(0, -10), QPointF(0, 15))
        painter.drawPolyline([QPointF(-9, 6), QPointF(0, 15), QPointF(9, 6)])


def _cut(image: QImage, ratio: float) -> QImage:
    """The middle of a photo at the thumbnail's shape."""
    size = _THUMBNAIL * ratio
    cover = image.scaled(
        size, Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )  # fmt: skip
    left, top = (cover.width() - size.width()) // 2, (cover.height() - size.height()) // 2
    cut = cover.copy(left, top, size.width(), size.height())
    cut.setDevicePixelRatio(ratio)
    return cut
