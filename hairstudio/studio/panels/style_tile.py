"""A style of bangs as a picture of this face."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton

from hairstudio.studio import icons, theme

PICTURE = QSize(104, 76)
LABEL = 24
RING = 2


class StyleTile(QAbstractButton):
    """``picture`` size at most ``PICTURE``; grey until a picture comes."""

    def __init__(self, key: object, text: str, tip: str = "") -> None:
        super().__init__()
        self.key = key
        self._image: QImage | None = None
        self._size = PICTURE
        self.setText(text)
        self.setToolTip(tip or text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_picture_size(PICTURE)

    def set_picture_size(self, size: QSize) -> None:
        self._size = size
        self.setFixedSize(size.width() + 2 * RING, size.height() + LABEL + 2 * RING)

    def set_image(self, image: QImage | None) -> None:
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(RING, RING, self._size.width(), self._size.height())
        self._draw_picture(painter, box)
        if self.isChecked() or self.hasFocus() or (self.underMouse() and self.isEnabled()):
            token = "accent" if self.isChecked() or self.hasFocus() else "line2"
            painter.setPen(QPen(theme.colour(token), RING))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 5, 5)
        if self.isChecked():
            self._draw_check(painter, box)
        self._draw_label(painter, box)

    def _draw_picture(self, painter: QPainter, box: QRectF) -> None:
        path = QPainterPath()
        path.addRoundedRect(box, 4, 4)
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(box, theme.colour("raised"))
        if self._image is not None:
            painter.setOpacity(1.0 if self.isEnabled() else 0.45)
            painter.drawImage(box, self._image)
        painter.restore()

    def _draw_check(self, painter: QPainter, box: QRectF) -> None:
        disc = QRectF(box.right() - 22, box.top() + 4, 18, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("fill"))
        painter.drawEllipse(disc)
        icons.paint(painter, "check", disc.adjusted(3, 3, -3, -3), theme.tokens().onfill)

    def _draw_label(self, painter: QPainter, box: QRectF) -> None:
        selected = self.isChecked()
        weight = theme.QFont.Weight.DemiBold if selected else theme.QFont.Weight.Normal
        painter.setFont(theme.font(12, weight))
        token = "accent" if selected else "text2" if self.isEnabled() else "dis"
        painter.setPen(theme.colour(token))
        place = QRectF(0, box.bottom() + 2, self.width(), LABEL - 2)
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight,
                                                self.width())  # fmt: skip
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
