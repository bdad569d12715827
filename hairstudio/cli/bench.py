"""``hairstudio bench edit|app``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from hairstudio.evaluation.benchmark import Report


def run(options: argparse.Namespace) -> int:
    report = _app(options.photo) if options.subject == "app" else _edit(options.photo)
    print(msgspec.json.encode(report).decode() if options.json else report.as_text())
    return 0


def _edit(photo: Path | None) -> Report:
    from hairstudio.evaluation import benchmark

    return benchmark.bench_edit(photo)


def _app(photo: Path | None) -> Report:
    from hairstudio.studio import benchmark

    return benchmark.bench_app(photo)
