"""The list of edits: newest on top, the photo at the bottom."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QImage, QKeyEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hairstudio.editing.edits import Bangs, Color, Fill, Hairline, Volume
from hairstudio.studio import icons, theme
from hairstudio.studio.canvas import qimage
from hairstudio.studio.i18n import tr
from hairstudio.studio.panels.edit_row import HEIGHT, TEXT, EditRow
from hairstudio.studio.session import Session
from hairstudio.studio.state import ICONS, Kind
from hairstudio.studio.widgets.buttons import button, label, of_action
from hairstudio.studio.widgets.overlay_scroll import OverlayScroll
from hairstudio.studio.wording import KINDS

LEAST_ROWS, MOST_ROWS = 2, 6
HEADER, FOOT = 40, 8
HINT = "Pick a style, drag a slider or paint.\nEach change is an edit in this list."
ADDED: tuple[tuple[str, Kind], ...] = (
    ("bangs", Bangs), ("hairline", Hairline), ("color", Color), ("volume", Volume), ("fill", Fill),
)  # fmt: skip


class PhotoRow(QWidget):
    """The photo under all edits: locked."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self._picture = QImage()
        self._size = ""
        self.setAccessibleName(tr("Original photo"))
        theme.on_change(self.update)

    def show_photo(self, picture: QImage, size: str) -> None:
        self._picture, self._size = picture, size
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        icons.paint(painter, "lock", QRectF(29, 9, 18, 18), theme.tokens().dis)
        box = QRectF(54, 8, 20, 20)
        if not self._picture.isNull():
            painter.save()
            path = QPainterPath()
            path.addRoundedRect(box, 3, 3)
            painter.setClipPath(path)
            painter.drawImage(box, self._picture, _square(self._picture))
            painter.restore()
        painter.setPen(theme.colour("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(82, 0, 200, HEIGHT), middle, tr("Original photo"))
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("text2"))
        painter.drawText(QRectF(0, 0, self.width() - 16, HEIGHT),
                         middle | Qt.AlignmentFlag.AlignRight, self._size)  # fmt: skip


def _square(image: QImage) -> QRectF:
    side = min(image.width(), image.height())
    return QRectF((image.width() - side) / 2, (image.height() - side) / 4, side, side)


class _Line(QWidget):
    """Where a dragged row will go."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(self.rect(), theme.colour("accent"))


class EditsList(QWidget):
    def __init__(self, session: Session, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self._session, self._actions = session, actions
        self._rows: list[EditRow] = []
        self._drop: int | None = None
        self._most = 3
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, FOOT)
        column.setSpacing(0)
        column.addLayout(self._header())
        column.addWidget(self._scroller())
        self._photo = PhotoRow()
        column.addWidget(self._photo)
        self._hint = label(tr(HINT), "caption")
        self._hint.setContentsMargins(TEXT, 8, 0, 0)
        column.addWidget(self._hint)
        column.addStretch(1)
        self._photo.hide()
        self.set_rows(self._most)
        session.opened.connect(self._opened)
        session.changed.connect(self.refresh)
        session.analysed.connect(self.refresh)

    def _header(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 6, 8, 6)
        row.setSpacing(0)
        row.addWidget(label(tr("Edits"), "header"))
        row.addStretch(1)
        self._add = button(icon="plus", name=tr("Add an edit"), size=(28, 28))
        self._add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._add.setMenu(self._kinds())
        row.addWidget(self._add)
        for name in ("duplicate", "remove"):
            row.addWidget(of_action(self._actions[name], size=(28, 28), icon_size=18))
        return row

    def _kinds(self) -> QMenu:
        menu = QMenu(self)
        for name, kind in ADDED:
            action = menu.addAction(icons.icon(ICONS[name]), tr(KINDS[name]))
            action.setData(kind)
        menu.triggered.connect(self._added)
        return menu

    def _scroller(self) -> OverlayScroll:
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._line = _Line(self._body)
        self._line.hide()
        self._scroll = OverlayScroll()
        self._scroll.setWidget(self._body)
        return self._scroll

    def _added(self, action: QAction) -> None:
        kind = action.data()
        session = self._session
        session.push(tr("Add {name}", name=action.text()),
                     session.state.placed(session.fresh(kind, {})))  # fmt: skip

    @Slot()
    def _opened(self) -> None:
        file = self._session.file
        self._photo.setVisible(file is not None)
        if file is not None:
            width, height = file.document.photo.size
            self._photo.show_photo(qimage.opaque(qimage.packed(file.small)), f"{width} × {height}")

    @Slot()
    def refresh(self) -> None:
        state = self._session.state
        edits, selected = state.edits, state.selected
        self._add.setEnabled(self._session.editable)
        self._add.setToolTip(self._session.reason or tr("Add an edit"))
        kept = len(edits) == len(self._rows) and all(
            row.refresh(edit, index == selected)
            for index, (row, edit) in enumerate(zip(self._rows, edits, strict=True))
        )
        if not kept:
            self._remake()
        self._show_rows()

    def set_rows(self, count: int) -> None:
        """Room for so many edits, taken or not: what stands below keeps its place."""
        self._most = max(LEAST_ROWS, min(MOST_ROWS, count))
        self.setFixedHeight(HEADER + (self._most + 1) * HEIGHT + FOOT)
        self._show_rows()

    def _show_rows(self) -> None:
        session = self._session
        count = len(session.state.edits)
        self._scroll.setFixedHeight(min(self._most, count) * HEIGHT)
        self._hint.setVisible(session.editable and not count)
        selected = session.state.selected
        if selected is not None and count > self._most:
            QTimer.singleShot(0, self, self._reveal)

    @Slot()
    def _reveal(self) -> None:
        """The selected edit, in a list longer than its room."""
        selected = self._session.state.selected
        if selected is not None and selected < len(self._rows):
            self._scroll.ensureWidgetVisible(self._rows[selected], 0, 0)

    def _remake(self) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        state = self._session.state
        self._rows = [self._row(index) for index in range(len(state.edits))]
        for row in reversed(self._rows):
            self._column.addWidget(row)

    def _row(self, index: int) -> EditRow:
        state = self._session.state
        row = EditRow(index, state.edits[index], index == state.selected)
        row.selected.connect(self._session.select)
        row.toggled.connect(self._toggle)
        row.strength.connect(self._strengthen)
        row.renamed.connect(self._rename)
        row.typed.connect(self.setFocus)
        row.dragged.connect(self._dragged)
        row.dropped.connect(self._dropped)
        row.menu.connect(self._menu)
        return row

    def _toggle(self, index: int) -> None:
        self._session.edit(index, enabled=not self._session.state.edits[index].enabled)

    def _strengthen(self, index: int, value: float) -> None:
        self._session.edit(index, strength=value)

    def _rename(self, index: int, name: str) -> None:
        self._session.edit(index, name=name)

    def _menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        for name in ("duplicate", "rename", "remove"):
            menu.addAction(self._actions[name])
        menu.addSeparator()
        menu.addAction(self._actions["copy-edits"])
        menu.addAction(self._actions["paste-edits"])
        menu.popup(place)

    # reordering: places count from the top of the list

    def _dragged(self, y: float) -> None:
        place = max(0, min(len(self._rows), round(y / HEIGHT)))
        self._drop = place
        self._line.setGeometry(
            0, min(place * HEIGHT, self._body.height() - 2) - (place > 0), self._body.width(), 2
        )
        self._line.raise_()
        self._line.show()

    def _dropped(self, index: int) -> None:
        self._line.hide()
        if self._drop is None:
            return
        to, self._drop = len(self._rows) - self._drop, None
        self._session.move(index, to - 1 if to > index else to)

    def rename(self) -> None:
        selected = self._session.state.selected
        if selected is not None:
            self._rows[selected].rename()

    def show_progress(self, fraction: float | None) -> None:
        """On the selected row, while it is computed."""
        selected = self._session.state.selected
        for index, row in enumerate(self._rows):
            row.show_progress(fraction if index == selected else None)

    def show_problems(self, problems: Mapping[int, str]) -> None:
        for index, row in enumerate(self._rows):
            row.show_problem(problems.get(index, ""))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        state, session = self._session.state, self._session
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        if event.key() in steps and state.edits:
            at = (state.selected if state.selected is not None else -1) + steps[Qt.Key(event.key())]
            session.select(min(max(at, 0), len(state.edits) - 1))
        elif event.key() == Qt.Key.Key_Space and state.selected is not None:
            self._toggle(state.selected)
        else:
            super().keyPressEvent(event)
