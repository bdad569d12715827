"""Below the canvas: ways to compare, zoom."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from hairstudio.studio import icons
from hairstudio.studio.actions import COMPARE
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.buttons import button, label, of_action, segments, set_words

ZOOMS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class PeekButton(QToolButton):
    """Held down, it shows the photo. ``held(bool)``."""

    held = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "outlined")
        self.setToolTip(tr("Peek  \\\nHold to see the photo without edits"))
        self.setAccessibleName(tr("Peek"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(9, 0, 9, 0)
        row.setSpacing(6)
        self._icon = button(icon="eye", kind="bare", size=(20, 20))
        self._words = (label(tr("Peek")), label(tr("hold"), "caption"), label("\\", "key"))
        for each in (self._icon, *self._words):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            each.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(each)
        self.pressed.connect(lambda: self.held.emit(True))
        self.released.connect(lambda: self.held.emit(False))
        self.setFixedHeight(28)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._row.sizeHint().width(), 28)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def fold(self, narrow: bool) -> None:
        for each in self._words:
            each.setVisible(not narrow)
        self.updateGeometry()


class CompareBar(QWidget):
    """``peeked(bool)``; ``zoom_wanted(float)``: 1 = 100 %."""

    peeked = Signal(bool)
    zoom_wanted = Signal(float)

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("compareBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(40)
        self._modes = [of_action(actions[name], words=True, icon_size=18) for name in COMPARE]
        for each in self._modes:
            each.setFixedHeight(28)
        self._peek = PeekButton()
        self._peek.held.connect(self.peeked)
        self._zoom = self._zoom_button()
        self._lay_out(actions)

    def _lay_out(self, actions: Mapping[str, QAction]) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 12, 0)
        row.setSpacing(8)
        row.addWidget(segments(*self._modes))
        row.addWidget(self._peek)
        save = of_action(actions["save-comparison"], size=(32, 28), icon_size=18)
        out = of_action(actions["zoom-out"], size=(28, 28), icon_size=16)
        in_ = of_action(actions["zoom-in"], size=(28, 28), icon_size=16)
        row.addWidget(save)
        row.addStretch(1)
        for each in (out, self._zoom, in_):
            row.addWidget(each)
        self._fit = of_action(actions["fit"], kind="outlined", words=True, icon_size=16)
        actual = of_action(actions["actual"], kind="outlined", words=True)
        for each in (self._fit, actual):
            each.setFixedHeight(28)
            row.addWidget(each)
        self._spare = (save, out, in_, actual)
        actual.setProperty("words", False)
        actual.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)

    def _zoom_button(self) -> QToolButton:
        made = button("100 %", "chevron-down", kind="outlined", name=tr("Zoom"), icon_size=14)
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        made.setIcon(icons.icon("chevron-down", "text2"))
        made.setFixedWidth(84)
        menu = QMenu(made)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        for zoom in ZOOMS:
            menu.addAction(tr("{value} %", value=round(100 * zoom))).setData(zoom)
        menu.triggered.connect(self._zoom_chosen)
        made.setMenu(menu)
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        made.setEnabled(False)
        return made

    def _zoom_chosen(self, action: QAction) -> None:
        self.zoom_wanted.emit(action.data())

    def show_zoom(self, zoom: float | None) -> None:
        self._zoom.setEnabled(zoom is not None)
        if zoom is not None:
            self._zoom.setText(tr("{value} %", value=round(100 * zoom)))

    def fold(self, narrow: bool, few: bool = False) -> None:
        """Without words; with ``few`` buttons, menus and keys do what the others did."""
        for each in self._spare:
            each.setVisible(not few)
        for each in (*self._modes, self._fit):
            set_words(each, not narrow)
        self._peek.fold(narrow)

    def allow_peek(self, possible: bool) -> None:
        self._peek.setEnabled(possible)
