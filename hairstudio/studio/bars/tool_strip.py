"""The tools at the left."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hairstudio.studio.widgets.buttons import of_action, rule

GROUPS = (
    ("brush", "eraser", "lasso", "direction", "protect"), ("hairline", "picker"), ("hand", "zoom"),
)  # fmt: skip


class ToolStrip(QWidget):
    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("toolStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(48)
        column = QVBoxLayout(self)
        column.setContentsMargins(3, 8, 4, 8)
        column.setSpacing(4)
        for index, group in enumerate(GROUPS):
            if index:
                column.addSpacing(4)
                column.addWidget(rule(length=24), alignment=Qt.AlignmentFlag.AlignHCenter)
                column.addSpacing(4)
            for name in group:
                column.addWidget(of_action(actions[name], kind="bare", size=(40, 36)))
        column.addStretch(1)
