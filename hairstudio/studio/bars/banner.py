"""One sentence above the canvas: what is wrong with this photo, and one thing to do about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from hairstudio.studio import icons
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.buttons import button, label


class Banner(QFrame):
    """``act``: its button was pressed."""

    act = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setFixedHeight(36)
        self._sign, self._text = QLabel(), label()
        self._button = button("", kind="outlined")
        self._button.setFixedHeight(24)
        self._button.clicked.connect(self.act)
        close = button(icon="cross", name=tr("Close"), size=(24, 24), icon_size=14)
        close.clicked.connect(self.hide)
        self._text.setMinimumWidth(40)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        for each in (self._sign, self._text):
            row.addWidget(each)
        row.addStretch(1)
        row.addWidget(self._button)
        row.addWidget(close)
        self.hide()

    def tell(self, text: str, action: str = "", *, bad: bool = False) -> None:
        """Show a sentence; nothing hides the banner."""
        ratio = self.devicePixelRatioF()
        token = "err" if bad else "warn"
        self._sign.setPixmap(icons.pixmap("warning", 18, token, ratio))
        self._text.setText(text)
        self._text.setToolTip(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self.setVisible(bool(text))
