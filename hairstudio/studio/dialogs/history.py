"""All steps of the document: a click goes there."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from hairstudio.studio import theme
from hairstudio.studio.i18n import tr
from hairstudio.studio.session import Session


class HistoryDialog(QDialog):
    """Stays open beside the photo."""

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("History"))
        self.resize(300, 420)
        self._session = session
        self._list = QListWidget()
        self._list.setAccessibleName(tr("History"))
        self._list.itemClicked.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self._list)
        session.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        history = self._session.history
        self._list.clear()
        for index, step in enumerate(history.steps):
            item = QListWidgetItem(step.name)
            if index > history.at:
                item.setForeground(theme.colour("dis"))
            self._list.addItem(item)
        self._list.setCurrentRow(history.at)

    def _go(self, item: QListWidgetItem) -> None:
        self._session.go(self._list.row(item))
