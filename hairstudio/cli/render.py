"""``hairstudio render``: the photo of a document with its edits."""

from __future__ import annotations

import argparse

from hairstudio.cli import work
from hairstudio.cli.work import Source, Targets
from hairstudio.editing import document


def run(options: argparse.Namespace) -> int:
    source = Source(options.source, lambda: document.load(options.source))
    return work.process([source], Targets.of(options), options.report,
                        (options.engine, options.device))  # fmt: skip
