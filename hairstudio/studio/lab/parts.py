"""What several sections of the lab's page are made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from hairstudio.studio.panels.section import Section
from hairstudio.studio.widgets.buttons import button, label
from hairstudio.studio.widgets.overlay_scroll import OverlayScroll

SIDE = 28


def small_button(icon: str, name: str, icon_size: int = 16, tip: str = "") -> QToolButton:
    return button(icon=icon, name=name, tip=tip, size=(SIDE, SIDE), icon_size=icon_size)


class ListSection(Section):
    """A section with a count beside its title and rows below that scroll from edge to edge."""

    def __init__(self, title: str, end: int = 8, below: int = 0) -> None:
        """``end``: room behind the header's buttons; ``below``: under the rows."""
        super().__init__(title)
        self.count = label("", "caption")
        self.header.insertWidget(1, self.count)
        self.header.setContentsMargins(16, 0, end, 0)
        self.column.setContentsMargins(0, 8, 0, below)
        body = QWidget()
        self.list = QVBoxLayout(body)
        self.list.setContentsMargins(0, 0, 0, 0)
        self.list.setSpacing(0)
        self.list.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.area = OverlayScroll()
        self.area.setWidget(body)
        self.column.addWidget(self.area, 1)

    def take_out(self, widget: QWidget) -> None:
        self.list.removeWidget(widget)
        widget.deleteLater()


def stacked(*widgets: QWidget, spacing: int = 0) -> QVBoxLayout:
    """Below each other, in the middle of the height."""
    column = QVBoxLayout()
    column.setSpacing(spacing)
    column.addStretch(1)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return column
