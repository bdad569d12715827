"""What the panel's sections are made of."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from hairstudio.studio import i18n
from hairstudio.studio.widgets.buttons import label
from hairstudio.studio.widgets.number_field import Format, NumberField
from hairstudio.studio.widgets.slider import Range, Slider

LABEL = 72
PADDING = 16


class Section(QWidget):
    """A header row and what stands below it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(PADDING, 8, PADDING, 12)
        self.column.setSpacing(8)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.title = label(title, "header")
        self.title.setFixedHeight(24)
        self.header.addWidget(self.title)
        self.header.addStretch(1)
        self.column.addLayout(self.header)


class ValueRow(QWidget):
    """Name, slider and a field for the same value. ``slider`` and ``field`` tell of changes."""

    def __init__(
        self, name: str, values: Range, shown: Format = i18n.percent, unit: float = 0.01,
        bold: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.label = label(name, "header" if bold else "secondary")
        self.label.setMinimumWidth(LABEL)
        self.slider = Slider(values, name)
        self.field = NumberField(values, name, shown, unit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for each in (self.label, self.slider, self.field):
            row.addWidget(each)
        self.slider.moved.connect(self.field.set_value)

    def set_value(self, value: float) -> None:
        self.slider.set_value(value)
        self.field.set_value(value)


def spread(left: QLabel, right: QLabel) -> QHBoxLayout:
    """Two texts at the ends of a row."""
    row = QHBoxLayout()
    row.addWidget(left)
    row.addStretch(1)
    row.addWidget(right)
    return row
