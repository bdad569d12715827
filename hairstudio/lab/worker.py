"""A worker process: ``python -m hairstudio.lab.worker``. Reads a job (JSON) from stdin and writes
events to stdout, one JSON object a line. SIGINT or SIGTERM makes it save and stop; so does the end
of its parent, which it notices when it writes."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

import msgspec

from hairstudio import settings
from hairstudio.errors import UserError
from hairstudio.lab.messages import Failed

STOPPED, FAILED = 130, 2


def main() -> int:
    """Exit status: 0 all done, 130 stopped, 2 bad input."""
    cancel = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        cancel.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    settings.use_numba_cache()
    from hairstudio.lab import jobs

    job = msgspec.json.decode(sys.stdin.buffer.read(), type=jobs.Job)

    def emit(event: msgspec.Struct) -> None:
        try:
            sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            cancel.set()

    try:
        return 0 if jobs.run(job, emit, cancel) else STOPPED
    except UserError as error:
        emit(Failed(str(error)))
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
