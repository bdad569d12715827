"""``hairstudio bench edit|app|nets|lab``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from hairstudio.evaluation.benchmark import Report


def run(options: argparse.Namespace) -> int:
    made = {"app": _app, "edit": _edit, "nets": _nets, "lab": _lab}
    report = made[options.subject](options.photo)
    print(msgspec.json.encode(report).decode() if options.json else report.as_text())
    return 0


def _edit(photo: Path | None) -> Report:
    from hairstudio.evaluation import benchmark

    return benchmark.bench_edit(photo)


def _app(photo: Path | None) -> Report:
    from hairstudio.studio import benchmark

    return benchmark.bench_app(photo)


def _nets(_photo: None) -> Report:
    from hairstudio.evaluation import net_benchmark

    return net_benchmark.bench_nets()


def _lab(_photo: None) -> Report:
    from hairstudio.evaluation import lab_benchmark

    return lab_benchmark.bench_lab()
