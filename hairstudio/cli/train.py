"""``hairstudio train variants|pack|prior|compact|shards|pause|resume``: for the lab."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from pathlib import Path
from types import FrameType

from hairstudio.cli.console import Bar
from hairstudio.errors import UserError


def run(options: argparse.Namespace) -> int:
    """Run one action."""
    actions = {"variants": _variants, "pack": _pack, "prior": _prior, "compact": _compact,
               "shards": _shards, "pause": _pause, "resume": _resume}  # fmt: skip
    return actions[options.action](options)


def _variants(options: argparse.Namespace) -> int:
    from hairstudio.editing.engine import Engine, installed_assets
    from hairstudio.training.variants import write_variants

    engine, made = Engine(installed_assets()), 0
    with Bar() as bar:
        for name in write_variants(engine, options.portraits, options.output, options.count):
            made += 1
            bar.show(name, made / options.count)
    print(f"{options.output}: {made} variants added")
    return 0


def _pack(options: argparse.Namespace) -> int:
    from hairstudio.training import data

    rows = [row for folder in options.folders for row in data.read_index(folder, options.smallest)]
    pictures = ((entry, data.shrunk(path, options.size)) for path, entry in rows)
    count = data.write_pack(pictures, options.output, options.size)
    print(f"{options.output}: {count} pictures, {options.output.stat().st_size >> 10} KB")
    return 0


def _prior(options: argparse.Namespace) -> int:
    import torch

    from hairstudio.training import prior

    if options.threads:
        torch.set_num_threads(options.threads)
    if hasattr(os, "nice"):
        os.nice(options.nice)
    trainer = prior.open_run(
        options.pack, options.run, options.start, options.average, options.batch
    )
    known = f"{trainer.seen} pictures seen, {len(trainer.pictures)} to learn from"
    print(f"{options.run}: {known}", flush=True)
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)  # saves first
    prior.train(trainer, options.run, pictures=options.pictures, save_every=options.save_every,
                stop=stopped.is_set)  # fmt: skip
    print(f"{options.run}: {trainer.seen} pictures seen")
    return 0


def _compact(options: argparse.Namespace) -> int:
    from hairstudio.training import prior

    prior.write_compact(options.run, options.output, options.average)
    print(f"{options.output}: {options.output.stat().st_size >> 10} KB")
    return 0


def _shards(options: argparse.Namespace) -> int:
    from hairstudio.training import prior

    print(f"{options.output}: {prior.write_shards(options.run, options.output)} files")
    return 0


def _pause(options: argparse.Namespace) -> int:
    _pause_file(options.run).touch()
    return 0


def _resume(options: argparse.Namespace) -> int:
    _pause_file(options.run).unlink(missing_ok=True)
    return 0


def _pause_file(run: Path) -> Path:
    from hairstudio.training.prior import PAUSE

    if not run.is_dir():
        raise UserError(f"{run}: no training run there")
    return run / PAUSE
