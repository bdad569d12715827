"""``hairstudio bench edit``."""

from __future__ import annotations

import argparse

import msgspec

from hairstudio.evaluation import benchmark


def run(options: argparse.Namespace) -> int:
    report = benchmark.bench_edit(options.photo)
    print(msgspec.json.encode(report).decode() if options.json else report.as_text())
    return 0
