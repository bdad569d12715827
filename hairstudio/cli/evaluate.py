"""``hairstudio evaluate prior``: for the lab."""

from __future__ import annotations

import argparse

import msgspec

from hairstudio.cli.console import Bar
from hairstudio.errors import UserError


def run(options: argparse.Namespace) -> int:
    """Measure and print."""
    from hairstudio.evaluation import prior_quality
    from hairstudio.nets import prior
    from hairstudio.weights import priors, store

    path = options.prior or priors.path()
    if path is None:
        raise UserError("no prior is installed; give one with --prior")
    with Bar() as bar:
        found = prior_quality.measure(
            prior.load(path), options.pack, store.path("face_parsing"), options.samples,
            lambda part: bar.show("samples", part),
        )  # fmt: skip
    if options.json:
        print(msgspec.json.encode(found).decode())
        return 0
    print(f"Fréchet distance in parsing features: {found.distance:.2f} "
          f"({found.samples} samples, {found.reals} real pictures; "
          f"half of them to the other half: {found.floor:.2f})")  # fmt: skip
    return 0
