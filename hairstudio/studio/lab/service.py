"""The one lab process that lives as long as the page: it reads stores, keeps decisions, draws."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from hairstudio.lab.messages import Request
from hairstudio.studio.lab.processes import LabProcess, answers

COMMAND = ("hairstudio.lab.service",)


class Service(QObject):
    """``said``: an answer; ``lost``: it ended though nobody asked it to; the next request starts
    it again."""

    said = Signal(object)
    lost = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: LabProcess | None = None

    def ask(self, *requests: Request) -> None:
        """Answers come in the order of the requests, but only the latest ``Point`` is drawn."""
        for request in requests:
            self._running().ask(request)

    def _running(self) -> LabProcess:
        if self._process is None:
            self._process = LabProcess(COMMAND, answers(), {}, self)
            self._process.said.connect(self.said)
            self._process.ended.connect(self._ended)
        return self._process

    @Slot(int, str)
    def _ended(self, _status: int, reason: str) -> None:
        if self._process is not None:
            self._process.deleteLater()
            self._process = None
        self.lost.emit(reason)

    def close(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None
