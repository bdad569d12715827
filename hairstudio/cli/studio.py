"""The app: ``hairstudio [--lab] [PHOTO|DOCUMENT]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from hairstudio.errors import UserError


def run(options: argparse.Namespace) -> int:
    path: Path | None = options.path
    if path is not None and not path.is_file():
        raise UserError(f"{path}: no such file, and no command (see --help)")
    from hairstudio.cli.console import native_noise_muted
    from hairstudio.studio import app

    return app.main(path, native_noise_muted, options.lab)
