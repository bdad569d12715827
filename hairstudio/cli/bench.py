"""``hairstudio bench edit|app|nets|lab``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from hairstudio.evaluation.benchmark import Report


def run(options: argparse.Namespace) -> int:
    made = {"app": _app, "edit": _edit, "nets": _nets, "lab": _lab}
    report = made[options.subject](options)
    print(msgspec.json.encode(report).decode() if options.json else report.as_text())
    return 0


def _edit(options: argparse.Namespace) -> Report:
    from hairstudio.evaluation import benchmark

    return benchmark.bench_edit(options.photo)


def _app(options: argparse.Namespace) -> Report:
    from hairstudio.studio import benchmark

    return benchmark.bench_app(options.photo)


def _nets(options: argparse.Namespace) -> Report:
    from hairstudio.evaluation import net_benchmark

    return net_benchmark.bench_nets(options.compile, peer=options.peer)


def _lab(options: argparse.Namespace) -> Report:
    from hairstudio.evaluation import lab_benchmark, lab_unattended

    if options.unattended:
        return lab_unattended.bench_unattended(options.unattended)
    return lab_benchmark.bench_lab(options.prior, options.peer)
