"""The cheat sheet: keys and gestures, from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from hairstudio.studio.actions import ACTIONS
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.buttons import label

GESTURES = (
    ("1 … 9, 0", "Flow 10 % … 90 %, 100 %"), ("Alt", "Hold while painting: erase"),
    ("Shift+click", "Straight line from the last point"), ("Space", "Hold: move the photo"),
    ("Ctrl+wheel", "Zoom at the cursor"), ("\\", "Hold: the photo without edits"),
    ("Alt+right-drag", "Size sideways, hardness up and down"),
)  # fmt: skip


class Shortcuts(QDialog):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keys and gestures"))
        self.resize(460, 620)
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(24, 16, 24, 16)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        keys = [(", ".join(spec.keys), spec.text) for spec in ACTIONS if spec.keys]
        for row, (key, text) in enumerate((*GESTURES, *keys)):
            grid.addWidget(label(tr(text).rstrip("…")), row, 0)
            grid.addWidget(label(key, "secondary"), row, 1, Qt.AlignmentFlag.AlignRight)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scroll)
