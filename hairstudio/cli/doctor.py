"""``hairstudio doctor``."""

from __future__ import annotations

import argparse

from hairstudio.evaluation import doctor


def run(_options: argparse.Namespace) -> int:
    """Print every check; 2 when something is missing that an edit needs."""
    checks = doctor.report()
    for check in checks:
        print(f"{'ok ' if check.ok else 'BAD'}  {check.name}: {check.text}")
    return 0 if all(check.ok for check in checks) else 2
