"""Editor and data lab in one window; the lab is not made before it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from hairstudio.studio.files import Files
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.order import Kept
from hairstudio.studio.lab.page import LabPage
from hairstudio.studio.widgets.buttons import button, segments


class LabSwitch(QStackedWidget):
    """``buttons``: Editor and Data lab, hidden until the lab was opened once."""

    def __init__(self, editor: QWidget, files: Files) -> None:
        super().__init__()
        self.addWidget(editor)
        self._files = files
        self.page: LabPage | None = None
        self._editor = button(tr("Editor"), "face", checkable=True)
        self._lab = button(tr("Data lab"), "flask", checkable=True)
        self.buttons = segments(self._editor, self._lab)
        self.buttons.hide()
        self._editor.clicked.connect(self.show_editor)
        self._lab.clicked.connect(self.show_lab)

    def toggle(self) -> None:
        if self.currentIndex():
            self.show_editor()
        else:
            self.show_lab()

    def show_lab(self) -> None:
        if self.page is None:
            memory = self._files.memory
            self.page = LabPage(memory.lab_store)
            self.page.store_chosen.connect(self._keep_store)
            self.page.queue.to_keep.connect(self._keep_queue)
            self.page.queue.restore(memory.lab_queue)
            self.addWidget(self.page)
        self.buttons.show()
        self.setCurrentIndex(1)
        self.page.gallery.setFocus()
        self._mark()

    def _keep_store(self, folder: str) -> None:
        self._files.remember(lab_store=folder)

    def _keep_queue(self, kept: tuple[Kept, ...]) -> None:
        if kept != self._files.memory.lab_queue:
            self._files.remember(lab_queue=kept)

    def show_editor(self) -> None:
        self.setCurrentIndex(0)
        self._mark()

    def _mark(self) -> None:
        self._editor.setChecked(self.currentIndex() == 0)
        self._lab.setChecked(self.currentIndex() == 1)

    def open_soon(self) -> None:
        """Once the window is there."""
        QTimer.singleShot(0, self, self.show_lab)

    def close_lab(self) -> None:
        if self.page is not None:
            self.page.close_lab()
