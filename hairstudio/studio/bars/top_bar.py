"""The top bar: mark, menus, the document's name, undo, preferences, export."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QWidget

from hairstudio.studio import icons, theme
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.buttons import label, of_action, rule

HEIGHT = 40
SIDES = 320
"""Room for the menus, and for the buttons."""


class Mark(QWidget):
    """The app's sign."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(QSize(24, 24))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        icons.paint(painter, "mark", QRectF(1, 1, 21, 21), theme.tokens().accent)


class TopBar(QWidget):
    def __init__(self, menus: QMenuBar, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 8, 1)
        row.setSpacing(4)
        row.addWidget(Mark())
        if sys.platform != "darwin":
            menus.setFixedHeight(28)
            row.addWidget(menus)
        row.addStretch(1)
        self._row, self._switch_at = row, row.count()
        for name in ("undo", "redo"):
            row.addWidget(of_action(actions[name], size=(32, 32)))
        row.addSpacing(4)
        row.addWidget(rule(vertical=True))
        row.addSpacing(4)
        for name in ("preferences", "shortcuts"):
            row.addWidget(of_action(actions[name], size=(32, 32)))
        row.addSpacing(4)
        self._drawer = of_action(actions["panel"], size=(32, 32))
        row.insertWidget(row.count() - 1, self._drawer)
        self._drawer.hide()
        export = of_action(actions["export"], kind="primary", words=True, icon_size=18)
        export.setFixedHeight(28)
        row.addWidget(export)
        self._words = "", False
        self._title = QWidget(self)
        self._name, self._edited = label("", "strong"), label("", "secondary")
        middle = QHBoxLayout(self._title)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(4)
        middle.addWidget(self._name)
        middle.addWidget(self._edited)
        self._title.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_switch(self, switch: QWidget) -> None:
        """Editor or data lab."""
        self._row.insertWidget(self._switch_at, switch)
        self._row.insertSpacing(self._switch_at + 1, 12)

    def show_drawer(self, shown: bool) -> None:
        self._drawer.setVisible(shown)

    def set_title(self, name: str, edited: bool) -> None:
        self._words = name, edited
        self._centre()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._centre()

    def _centre(self) -> None:
        """The name in the middle, as long as there is room between menus and buttons."""
        name, edited = self._words
        room = min(420, self.width() - 2 * SIDES)
        metrics = self._name.fontMetrics()
        self._name.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, max(room, 48)))
        self._edited.setText(f"· {tr('edited')}" if edited and room > 160 else "")
        self._title.adjustSize()
        self._title.move((self.width() - self._title.width()) // 2,
                         (HEIGHT - 1 - self._title.height()) // 2)  # fmt: skip
