"""The shape of bangs, and whose hair they are made of."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hairstudio.editing.edits import Bangs, Fill
from hairstudio.studio import i18n
from hairstudio.studio.i18n import tr
from hairstudio.studio.panels.binding import Binding
from hairstudio.studio.panels.section import LABEL, ValueRow
from hairstudio.studio.session import Session
from hairstudio.studio.widgets.buttons import button, label, reason
from hairstudio.studio.widgets.slider import Range

SIGNED, PART = Range(-1, 1, 0, 0), Range(0, 1, 0, 0)
ROWS = (
    ("length", "Length", SIGNED), ("density", "Density", SIGNED), ("curl", "Curl", PART),
    ("parting", "Parting", SIGNED), ("softness", "Softness", Range(0, 1, 0.5, 0)),
)  # fmt: skip


class Shape(QWidget):
    """``reference``: a photo is wanted whose hair is taken."""

    reference = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.rows = {name: self._row(name, title, values) for name, title, values in ROWS}
        for row in self.rows.values():
            column.addWidget(row)
        column.addLayout(self._hair())
        session.changed.connect(self.refresh)
        session.analysed.connect(self.refresh)

    def _row(self, name: str, title: str, values: Range) -> ValueRow:
        signed = values.low < 0
        row = ValueRow(tr(title), values, i18n.number if signed else i18n.percent,
                       1.0 if signed else 0.01)  # fmt: skip
        Binding(self._session, Bangs, name, lambda: values.reset).to_row(row)
        return row

    def _hair(self) -> QHBoxLayout:
        self._choose = button(tr("Own hair"), "file", kind="outlined", name=tr("Reference hair"),
                              icon_size=16)  # fmt: skip
        self._choose.clicked.connect(self.reference)
        self._back = button(icon="cross", name=tr("Back to the person’s own hair"), size=(28, 28),
                            icon_size=14)  # fmt: skip
        self._back.clicked.connect(self._session.return_hair)
        row = QHBoxLayout()
        row.setSpacing(8)
        name = label(tr("Hair from"), "secondary")
        name.setFixedWidth(LABEL + 4)
        for each in (name, self._choose):
            row.addWidget(each)
        row.addStretch(1)
        row.addWidget(self._back)
        return row

    @Slot()
    def refresh(self) -> None:
        why = self._session.reason
        state = self._session.state
        edit = state.edit if isinstance(state.edit, Fill) else state.of(Bangs)
        number = getattr(edit, "hair_from", None)
        found = state.references.get(number) if number else None
        self._choose.setText(_file(found.name) if found else tr("Own hair"))
        self._back.setVisible(found is not None)
        missing = "" if edit is not None else tr("Pick a style of bangs first")
        reason(self._choose, why or missing, tr("Take colour and texture from another photo"))
        for row in self.rows.values():
            for each in (row.slider, row.field):
                reason(each, why)


def _file(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1][:24]
