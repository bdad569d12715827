"""Several worker processes on this machine, or wherever a launcher starts them."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading

import msgspec

from hairstudio import settings
from hairstudio.errors import UserError
from hairstudio.lab.jobs import Emit, Job
from hairstudio.lab.messages import Failed, Line, Refused

_decoder = msgspec.json.Decoder[Line](Line)
_Read = bytes | None


def run(job: Job, count: int, emit: Emit, cancel: threading.Event) -> bool:
    """Let ``count`` processes work on the job; False when it is not done: it was cancelled or all
    workers died. What one refuses is reported once. Raises UserError where none can work."""
    workers = [_start(job) for _ in range(count)]
    lines = queue.SimpleQueue[_Read]()
    for worker in workers:
        threading.Thread(target=_read, args=(worker, lines), daemon=True).start()
    stop = _Stop(workers, cancel)
    refused, reasons, running = set[Refused](), list[str](), count
    while running:
        stop.pass_on()
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            continue
        event = None if line is None else _decoder.decode(line)
        match event:
            case None:
                running -= 1
            case Failed():
                reasons.append(event.reason)
            case Refused() if event in refused:
                pass
            case _:
                refused |= {event} if isinstance(event, Refused) else set()
                emit(event)
    codes = [worker.wait() for worker in workers]
    if reasons and 0 not in codes:
        raise UserError(reasons[0])
    return 0 in codes  # one that got to the end saw all pairs made


class _Stop:
    """Tells the workers once that the job is cancelled."""

    def __init__(self, workers: list[subprocess.Popen[bytes]], cancel: threading.Event) -> None:
        self._workers, self._cancel = workers, cancel
        self._told = False

    def pass_on(self) -> None:
        if self._cancel.is_set() and not self._told:
            self._told = True
            for worker in self._workers:
                worker.terminate()


def _start(job: Job) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hairstudio.lab.worker"]
    threads = settings.thread_variables(job.threads or settings.threads())
    worker = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | threads
    )
    assert worker.stdin is not None
    worker.stdin.write(msgspec.json.encode(job))
    worker.stdin.close()
    return worker


def _read(worker: subprocess.Popen[bytes], lines: queue.SimpleQueue[_Read]) -> None:
    assert worker.stdout is not None
    for line in worker.stdout:
        lines.put(line)
    lines.put(None)
