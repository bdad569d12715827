"""One edit of the list: grip, eye, icon, name and detail, strength."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from hairstudio.editing.edits import Edit
from hairstudio.studio import i18n, icons, theme, wording
from hairstudio.studio.i18n import tr
from hairstudio.studio.state import ICONS, kind_name
from hairstudio.studio.widgets.buttons import button
from hairstudio.studio.widgets.number_field import NumberField
from hairstudio.studio.widgets.slider import Range

HEIGHT = 36
GRIP, EYE, ICON, TEXT, RIGHT = 14, 32, 55, 82, 16


class EditRow(QWidget):
    """Signals carry the row's ``index``: ``selected``, ``toggled``, ``strength``, ``renamed``,
    ``dropped``; ``typed``: the list gets the keys again; ``dragged(y)`` in the parent's pixels;
    ``menu(QPoint)`` in the screen's."""

    selected = Signal(int)
    toggled = Signal(int)
    strength = Signal(int, float)
    renamed = Signal(int, str)
    typed = Signal()
    dragged = Signal(float)
    dropped = Signal(int)
    menu = Signal(object)

    def __init__(self, index: int, edit: Edit, selected: bool) -> None:
        super().__init__()
        self.index = index
        self._edit, self._selected = edit, selected
        self.progress: float | None = None
        self.problem = ""
        self._press: QPointF | None = None
        self._dragging = False
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._make_controls()
        self.setAccessibleName(f"{wording.title(edit)} {wording.detail(edit)}")
        theme.on_change(self.update)

    def _make_controls(self) -> None:
        name = tr("Switch off") if self._edit.enabled else tr("Switch on")
        token = "text" if self._edit.enabled else "dis"
        self._eye = button(name=name, tip=f"{name}  {tr('Space')}", size=(24, 24))
        self._eye.setIcon(icons.icon("eye" if self._edit.enabled else "eye-off", token))
        self._eye.setIconSize(QSize(18, 18))
        self._eye.clicked.connect(lambda: self.toggled.emit(self.index))
        self._field = NumberField(Range(0, 1, 1), tr("Strength"), self._shown, 0.01)
        self._field.setProperty("flat", True)
        self._field.setFixedSize(60, 25)
        self._field.set_value(self._edit.strength)
        self._field.setEnabled(self._edit.enabled)
        self._field.entered.connect(self._entered)
        row = QHBoxLayout(self)
        row.setContentsMargins(EYE - 6, 0, RIGHT - 12, 0)
        row.addWidget(self._eye)
        row.addStretch(1)
        row.addWidget(self._field)

    def _entered(self, value: float) -> None:
        self.strength.emit(self.index, value)

    def _shown(self, value: float) -> str:
        return i18n.percent(value) if self._edit.enabled else tr("off")

    def refresh(self, edit: Edit, selected: bool) -> bool:
        """Show another state of the same row; False when it needs to be made anew."""
        if edit.enabled != self._edit.enabled or kind_name(edit) != kind_name(self._edit):
            return False
        self._edit, self._selected = edit, selected
        self._field.set_value(edit.strength)
        self.setAccessibleName(f"{wording.title(edit)} {wording.detail(edit)}")
        self.update()
        return True

    def show_progress(self, fraction: float | None) -> None:
        self.progress = fraction
        self.update()

    def show_problem(self, text: str) -> None:
        self.problem = text
        self.setToolTip(text)
        self.update()

    def rename(self) -> None:
        """Type another name."""
        field = QLineEdit(wording.title(self._edit), self)
        field.setGeometry(TEXT - 8, 4, self.width() - TEXT - 72, 28)
        field.selectAll()
        field.show()
        field.setFocus()
        field.editingFinished.connect(lambda: self._named(field))

    def _named(self, field: QLineEdit) -> None:
        if field.isHidden():
            return
        text = field.text().strip()
        if field.hasFocus():  # else the focus goes to the next control, and Space presses that
            self.typed.emit()
        field.hide()
        field.deleteLater()
        own = "" if text == wording.kind(self._edit) else text
        if own != self._edit.name:
            self.renamed.emit(self.index, own)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._press, self._dragging = event.position(), False
            self.selected.emit(self.index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._press is None:
            return
        far = abs(event.position().y() - self._press.y()) >= QApplication.startDragDistance()
        self._dragging |= far
        if self._dragging:
            self.dragged.emit(self.mapToParent(event.position()).y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._press = None
        if self._dragging:
            self._dragging = False
            self.dropped.emit(self.index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.rename()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        self.selected.emit(self.index)
        self.menu.emit(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._selected or self.underMouse():
            painter.fillRect(self.rect(), theme.colour("sel" if self._selected else "hover"))
        if self._selected:
            painter.fillRect(0, 0, 2, HEIGHT, theme.colour("accent"))
        if self.progress is not None:
            width = round(self.width() * self.progress)
            painter.fillRect(0, HEIGHT - 2, width, 2, theme.colour("accent"))
        self._draw_icons(painter)
        self._draw_text(painter)

    def _draw_icons(self, painter: QPainter) -> None:
        tokens = theme.tokens()
        colour = tokens.text if self._edit.enabled else tokens.dis
        icons.paint(painter, "grip", QRectF(GRIP - 6, 9, 18, 18), tokens.dis)
        if self.problem:
            icons.paint(painter, "warning", QRectF(ICON, 9, 18, 18), tokens.warn)
        else:
            icons.paint(painter, ICONS[kind_name(self._edit)], QRectF(ICON, 9, 18, 18), colour)

    def _draw_text(self, painter: QPainter) -> None:
        enabled = self._edit.enabled
        title, detail = wording.title(self._edit), wording.detail(self._edit)
        painter.setFont(theme.font(13))
        painter.setPen(QPen(theme.colour("text" if enabled else "dis")))
        room = self.width() - TEXT - 72
        metrics = painter.fontMetrics()
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(TEXT, 0, room, HEIGHT), middle, title)
        left = TEXT + metrics.horizontalAdvance(title) + 5
        painter.setFont(theme.font(12))
        painter.setPen(QPen(theme.colour("text2" if enabled else "dis")))
        rest = self.width() - 72 - left
        shown = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideRight, rest)
        painter.drawText(QRectF(left, 0.5, rest, HEIGHT), middle, shown)
