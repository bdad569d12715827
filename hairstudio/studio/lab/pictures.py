"""Pictures that lab processes sent, drawn in rounded tiles."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hairstudio.lab.messages import Picture
from hairstudio.studio import theme
from hairstudio.studio.widgets.buttons import label

RADIUS = 4


def image_of(picture: Picture) -> QImage:
    shared = QImage(picture.rgb, picture.width, picture.height, 3 * picture.width,
                    QImage.Format.Format_RGB888)  # fmt: skip
    return shared.copy()


def draw(painter: QPainter, image: QImage | None, place: QRectF, radius: float = RADIUS) -> None:
    """The whole picture, or an empty field."""
    painter.save()
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    shape = QPainterPath()
    shape.addRoundedRect(place, radius, radius)
    if image is None:
        painter.fillPath(shape, theme.colour("well"))
    else:
        painter.setClipPath(shape)
        painter.drawImage(place, image)
    painter.restore()


class Tile(QWidget):
    """A square picture of a fixed size."""

    def __init__(self, side: int, name: str = "") -> None:
        super().__init__()
        self.image: QImage | None = None
        self.setFixedSize(side, side)
        self.setAccessibleName(name)
        theme.on_change(self.update)

    def show_picture(self, picture: Picture | None) -> None:
        self.image = None if picture is None else image_of(picture)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        draw(painter, self.image, QRectF(self.rect()))
        painter.end()


class Captioned(QWidget):
    """A tile with its name and a remark below."""

    def __init__(self, title: str, side: int) -> None:
        super().__init__()
        self.tile = Tile(side, title)
        self.name, self.note = label(title, "strong"), label("", "caption")
        below = QHBoxLayout()
        below.addWidget(self.name)
        below.addStretch(1)
        below.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.tile, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(below)
        self.set_side(side)

    def set_side(self, side: int) -> None:
        self.tile.setFixedSize(side, side)
        self.setFixedWidth(side)
