"""Lab processes: started, spoken to and listened to without ever waiting for them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal, Slot

from hairstudio.lab.messages import Answer, Line, Request

LEAVE_MS = 3000
Failure = QProcess.ProcessError


class LabProcess(QObject):
    """``said``: a message; ``ended``: exit status (-1: it died) and the last line of its errors."""

    said = Signal(object)
    ended = Signal(int, str)

    def __init__(
        self, arguments: Sequence[str], decoder: msgspec.json.Decoder[Line | Answer],
        environment: Mapping[str, str], parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._decoder = decoder
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_environment(environment))
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._process.start(sys.executable, ["-m", *arguments])

    def ask(self, request: Request) -> None:
        self._process.write(msgspec.json.encode(request) + b"\n")

    def stop(self) -> None:
        """Let it keep what it has and end; ``ended`` comes then."""
        if sys.platform == "win32":
            self._process.kill()  # it has no window that could be closed
        else:
            self._process.terminate()

    def close(self) -> None:
        """End it now; nothing is said any more."""
        self.blockSignals(True)
        self._process.blockSignals(True)
        self.stop()
        if not self._process.waitForFinished(LEAVE_MS):
            self._process.kill()
            self._process.waitForFinished(LEAVE_MS)
        self.deleteLater()

    @Slot()
    def _read(self) -> None:
        while self._process.canReadLine():
            line = self._process.readLine().data()
            try:
                message = self._decoder.decode(line)
            except msgspec.DecodeError:
                continue  # a library's own words
            self.said.emit(message)

    @Slot(int, QProcess.ExitStatus)
    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        died = status is QProcess.ExitStatus.CrashExit
        errors = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        lines = errors.strip().splitlines()
        reason = lines[-1].removeprefix("hairstudio: ") if lines else ""
        self.ended.emit(-1 if died else code, reason)

    @Slot(QProcess.ProcessError)
    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is Failure.FailedToStart:
            self.ended.emit(-1, self._process.errorString())


def _environment(more: Mapping[str, str]) -> QProcessEnvironment:
    made = QProcessEnvironment.systemEnvironment()
    for name, value in more.items():
        made.insert(name, value)
    return made


def events() -> msgspec.json.Decoder[Line | Answer]:
    """For what ``hairstudio lab pairs --json`` says."""
    return msgspec.json.Decoder[Line](Line)  # type: ignore[return-value]


def answers() -> msgspec.json.Decoder[Line | Answer]:
    """For what the service says."""
    return msgspec.json.Decoder[Answer](Answer)  # type: ignore[return-value]
