"""The command line. Start-up loads argparse only; a verb's own module is imported when it runs.

Exit status: 0 done, 2 bad input (one line on stderr), 1 a bug, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import atexit
import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import NoReturn

from hairstudio.cli.console import native_noise_muted
from hairstudio.cli.parser import APP, parse
from hairstudio.errors import UserError

BAD_INPUT, STOPPED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parse(arguments)
    try:
        from hairstudio import settings
        from hairstudio.cli import interrupt

        interrupt.listen()
        settings.use_numba_cache()
        for variable, count in settings.thread_variables(settings.threads()).items():
            os.environ.setdefault(variable, count)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="surrogateescape")  # old file names, byte for byte
        # Qt says on the same channel why it cannot start; the app mutes it itself later
        with nullcontext() if options.verb == APP else native_noise_muted():
            verb = importlib.import_module(f"hairstudio.cli.{options.verb}")
            status = verb.run(options)
        sys.stdout.flush()
        return status
    except UserError as error:
        print(f"hairstudio: {error}", file=sys.stderr)
        return BAD_INPUT
    except MemoryError:
        print("hairstudio: not enough memory for this photo", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:  # who read our output has gone: "hairstudio ... | head"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return STOPPED
    except KeyboardInterrupt:
        print("hairstudio: stopped", file=sys.stderr, flush=True)
        _leave(STOPPED)


def _leave(status: int) -> NoReturn:
    """End the process at once: native libraries that were stopped in the middle of their work now
    and then crash while Python takes itself apart."""
    with suppress(OSError):
        sys.stdout.flush()
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage] - temporary folders go
    os._exit(status)
