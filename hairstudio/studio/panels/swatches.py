"""Round colour buttons."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QWidget

from hairstudio.guides import palette
from hairstudio.studio import icons, theme, wording
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.buttons import button

SIZE = 28
COLUMNS = 7


def colour_of(shade: str) -> QColor:
    return QColor.fromRgbF(*palette.shade(shade).rgb)


class Swatch(QAbstractButton):
    """A shade, by palette name or RRGGBB."""

    def __init__(self, shade: str) -> None:
        super().__init__()
        self.shade = shade
        self.setCheckable(True)
        self.setFixedSize(SIZE + 4, SIZE + 6)
        self.setToolTip(wording.shade(shade))
        self.setAccessibleName(wording.shade(shade))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        if self.isChecked() or self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, SIZE / 2 + 1, SIZE / 2 + 1)
        radius = SIZE / 2 - (2.5 if self.isChecked() else 0.5)
        painter.setPen(QPen(theme.colour("text2" if self.underMouse() else "line2"), 1))
        painter.setBrush(colour_of(self.shade))
        if not self.isEnabled():
            painter.setOpacity(0.45)
        painter.drawEllipse(middle, radius, radius)


class PickerButton(QAbstractButton):
    """Takes a colour from the photo."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(SIZE + 4, SIZE + 6)
        self.setToolTip(tr("Take a colour from the photo"))
        self.setAccessibleName(tr("Colour picker"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent" if self.hasFocus() else "line2"), 1))
        painter.setBrush(theme.colour("hover" if self.underMouse() else "raised"))
        middle = QPointF(self.width() / 2, self.height() / 2)
        painter.drawEllipse(middle, SIZE / 2 - 0.5, SIZE / 2 - 0.5)
        token = "text" if self.isEnabled() else "dis"
        place = QRectF(middle.x() - 8, middle.y() - 8, 16, 16)
        icons.paint(painter, "picker", place, getattr(theme.tokens(), token))


class Catalogue(QFrame):
    """All shades of the palette in a popup."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 10, 10, 10)
        grid.setSpacing(4)
        self.swatches = [Swatch(name) for name in palette.names()]
        for index, swatch in enumerate(self.swatches):
            grid.addWidget(swatch, *divmod(index, COLUMNS))
        self.other = button(tr("Other colour…"), kind="link")
        grid.addWidget(self.other, len(self.swatches) // COLUMNS + 1, 0, 1, COLUMNS)
