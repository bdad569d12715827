"""``hairstudio weights list|fetch|verify|import``."""

from __future__ import annotations

import argparse
from pathlib import Path

from hairstudio.cli.console import Bar
from hairstudio.errors import UserError
from hairstudio.weights import fetch, store, verify
from hairstudio.weights.catalog import Asset


def run(options: argparse.Namespace) -> int:
    """Run one action; 2 when a file is missing or damaged after ``verify``."""
    actions = {"list": _list, "fetch": _fetch, "verify": _verify, "import": _import}
    return actions[options.action](options)


def _list(_options: argparse.Namespace) -> int:
    for found in store.status():
        _show(found)
        _show_licence(found.asset)
    _show_prior()
    return 0


def _show_prior() -> None:
    from hairstudio.nets import prior  # imports torch
    from hairstudio.weights import priors

    path = priors.path()
    if path is None:
        return
    known = prior.describe(path)
    print(f"{path.name}: the lab's StyleGAN2, {known.resolution} px; {known.source}")
    print(f"    licence: {known.licence}")


def _fetch(_options: argparse.Namespace) -> int:
    with Bar() as bar:
        fetched = fetch.fetch_all(
            lambda asset, done, total: bar.show(f"{asset.file}, {total >> 10} KB", done / total)
        )
    for asset in fetched:
        print(f"{asset.file}: fetched")
        _show_licence(asset)
    if not fetched:
        print("all model files are there")
    return 0


def _verify(_options: argparse.Namespace) -> int:
    states = verify.verify_all()
    for found in states:
        _show(found)
    return 0 if all(found.state == "ready" for found in states) else 2


def _import(options: argparse.Namespace) -> int:
    if options.role == "prior":
        return _import_prior(options.files)
    if options.role == "perceptual":
        return _import_perceptual(options.files)
    for file in options.files:
        asset = store.import_file(file)
        print(f"{file}: imported as {asset.file}")
        _show_licence(asset)
    return 0


def _import_prior(files: list[Path]) -> int:
    from hairstudio.nets import prior  # imports torch

    if len(files) > 1:
        raise UserError("--as prior takes one file")
    found = prior.import_file(files[0])
    print(f"{files[0]}: imported as the prior: StyleGAN2, {found.resolution} px")
    print(f"    licence: {found.licence}")
    return 0


def _import_perceptual(files: list[Path]) -> int:
    from hairstudio.weights import perceptual  # imports torch

    if len(files) > 2:
        raise UserError("--as perceptual takes a VGG16 and, perhaps, LPIPS's weights for it")
    perceptual.import_files(*files)
    print(f"{files[0]}: imported for the perceptual distance")
    print("    licence: that of the file; the lab uses it from now on")
    return 0


def _show(found: store.Status) -> None:
    print(f"{found.asset.file}: {found.state}, {found.asset.bytes} bytes, {found.asset.purpose}")


def _show_licence(asset: Asset) -> None:
    licence = asset.licence
    print(f"    licence: {licence.name} ({licence.link}); commercial use: {licence.commercial_use}")
