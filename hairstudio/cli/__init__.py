"""The command line. Start-up loads argparse only; a verb's own module is imported when it runs.

Exit status: 0 done, 2 bad input (one line on stderr), 1 a bug, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from hairstudio.cli.console import native_noise_muted
from hairstudio.cli.parser import parse
from hairstudio.errors import UserError

DONE, BAD_INPUT, STOPPED = 0, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parse(arguments)
    try:
        from hairstudio import settings

        settings.use_numba_cache()
        with native_noise_muted():
            verb = importlib.import_module(f"hairstudio.cli.{options.verb}")
            return verb.run(options)
    except UserError as error:
        print(f"hairstudio: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("hairstudio: stopped", file=sys.stderr)
        return STOPPED
