"""Volume: fuller or flatter hair."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hairstudio.editing.edits import Volume
from hairstudio.studio import i18n
from hairstudio.studio.i18n import tr
from hairstudio.studio.panels.binding import Binding
from hairstudio.studio.panels.section import PADDING, ValueRow
from hairstudio.studio.session import Session
from hairstudio.studio.widgets.buttons import reason
from hairstudio.studio.widgets.slider import Range


class VolumeSection(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(PADDING, 8, PADDING, 12)
        self.row = ValueRow(tr("Volume"), Range(-1, 1, 0, 0), i18n.number, 1.0, bold=True)
        column.addWidget(self.row)
        self.binding = Binding(session, Volume, "amount", lambda: 0.0).to_row(self.row)
        session.changed.connect(self.refresh)
        session.analysed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        for each in (self.row.slider, self.row.field):
            reason(each, self._session.reason)
