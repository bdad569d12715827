"""``hairstudio lab pairs|info|export|interpolate|grids|directions|direct``: pairs to learn from."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from hairstudio.cli.console import Bar
from hairstudio.errors import UserError
from hairstudio.files import is_folder

if TYPE_CHECKING:
    from hairstudio.lab.jobs import Job
    from hairstudio.lab.messages import Event
    from hairstudio.lab.store import Provenance

STOPPED, BAD_INPUT = 130, 2
SHOWN = ("unedited", "outside", "apart", "inside", "distance", "drift")


def run(options: argparse.Namespace) -> int:
    """Run one action."""
    actions = {"pairs": _pairs, "info": _info, "export": _export, "interpolate": _interpolate,
               "grids": _grids, "directions": _directions, "direct": _direct}  # fmt: skip
    return actions[options.action](options)


def _pairs(options: argparse.Namespace) -> int:
    from hairstudio.lab import cluster, jobs, pool

    job, cancel = _job(options), _stoppable()
    with Bar() as bar:
        teller = _JsonTeller(cancel) if options.json else _Teller(bar)
        if options.cluster:
            done = cluster.run(job, options.jobs, teller, cancel, options.cluster)
        elif options.jobs > 1:
            done = pool.run(job, options.jobs, teller, cancel)
        else:
            done = jobs.run(job, teller, cancel)
    if cancel.is_set():
        print("hairstudio: stopped; the same command goes on", file=sys.stderr)
        return STOPPED
    if not done:
        raise UserError(f"{options.output}: all workers died; the same command goes on")
    return BAD_INPUT if teller.refused else 0


def _job(options: argparse.Namespace) -> Job:
    from hairstudio import settings
    from hairstudio.lab import references
    from hairstudio.lab.jobs import Job
    from hairstudio.lab.pairs import Work
    from hairstudio.lab.store import Store

    value = references.check(options.attribute, options.value, options.donor is not None)
    photos = [file for path in options.photos for file in _pictures(path)]
    if not photos:
        raise UserError("no photo given: hairstudio lab pairs PHOTO --attribute bangs -o STORE")
    for path in filter(None, (*photos, options.donor)):
        if not path.is_file():
            raise UserError(f"{path}: no such file")
    Store(options.output)
    donor = "" if options.donor is None else str(options.donor.resolve())
    works = tuple(
        Work(photo=str(photo.resolve()), attribute=options.attribute, value=value, donor=donor,
             seed=seed, licence=options.licence)
        for photo in photos for seed in options.seed
    )  # fmt: skip
    return Job(
        store=str(options.output.resolve()), prior=str(_prior(options.prior).resolve()),
        works=works, schedule=options.schedule, steps=options.steps,
        threads=max(1, settings.threads() // options.jobs), live=options.json,
        batch=min(options.batch, math.ceil(len(works) / options.jobs)),
    )  # fmt: skip


def _pictures(path: Path) -> list[Path]:
    """A file, or the pictures in a folder."""
    from hairstudio.cli.edit import PICTURES

    if not is_folder(path):
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix.lower() in PICTURES)


def _prior(given: Path | None) -> Path:
    from hairstudio.weights import priors

    found = given or priors.path()
    if found is None:
        raise UserError("no prior is installed; give one with --prior")
    return found


def _stoppable() -> threading.Event:
    """Set by Ctrl-C and SIGTERM; the second one ends the process."""
    cancel = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return cancel


class _Teller:
    """Shows what happens to the pairs of a job."""

    def __init__(self, bar: Bar) -> None:
        self._bar, self.refused = bar, 0

    def __call__(self, event: Event) -> None:
        from hairstudio.lab.messages import Made, Preparing, Refused, Shown, Stepped

        match event:
            case Stepped():
                text = f"{Path(event.photo).name}: {event.phase}, step {event.step}"
                self._bar.show(text, event.step / event.steps)
            case Made():
                figures = " ".join(f"{k} {event.figures[k]:.2f}" for k in SHOWN
                                   if k in event.figures)  # fmt: skip
                verdict = f"FAILED {', '.join(event.failed)}" if event.failed else "good"
                print(f"{event.pair} {event.photo}: {verdict}; {figures}", flush=True)
            case Refused():
                self.refused += 1
                print(f"hairstudio: {event.reason}", file=sys.stderr)
            case Preparing():
                self._bar.show("measuring the prior, once", event.part)
            case Shown():
                pass


class _JsonTeller:
    """The same for other programs: one JSON object a line. When nobody reads them any more, what
    was done is kept."""

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel, self.refused = cancel, 0

    def __call__(self, event: Event) -> None:
        import msgspec

        from hairstudio.lab.messages import Refused

        self.refused += isinstance(event, Refused)
        try:
            sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            self._cancel.set()


def _info(options: argparse.Namespace) -> int:
    from hairstudio.lab import summary
    from hairstudio.lab.store import Store

    store = Store.existing(options.store)
    index = store.index()
    if options.json:
        import msgspec

        rows = [{"id": identity, **msgspec.to_builtins(p)} for identity, p in index.items()]
        print(msgspec.json.encode(rows).decode())
        return 0
    for identity, pair in index.items():
        print(_line(identity, pair))
    print(summary.as_text(index.values()))
    good = sum(not pair.failed for pair in index.values())
    begun = len(store.searches())
    print(f"{options.store}: {len(index)} pairs, {good} good, {begun} begun and not done")
    return 0


def _line(identity: str, pair: Provenance) -> str:
    before, after = ("-" if each is None else f"{each:.2f}" for each in pair.measured)
    figures = " ".join(f"{k} {pair.figures[k]:.2f}" for k in SHOWN if k in pair.figures)
    what = f"{pair.attribute} {pair.value or pair.donor_name}"
    verdict = f"FAILED {','.join(pair.failed)}" if pair.failed else "good"
    return f"{identity}  {pair.name}  {what}  {pair.schedule}  {before} -> {after}  {figures}  {verdict}"  # noqa: E501


def _export(options: argparse.Namespace) -> int:
    from hairstudio.lab import export
    from hairstudio.lab.store import Store

    store = Store.existing(options.store)
    count = export.write(store, options.output, overwrite=options.force, failed_too=options.all)
    print(f"{options.output}: {count} pairs")
    return 0


def _interpolate(options: argparse.Namespace) -> int:
    from hairstudio.files import check_target
    from hairstudio.lab import between, export, gridding
    from hairstudio.lab.store import Store

    store = Store.existing(options.store)
    for path in filter(None, (options.output, options.cells)):
        check_target(path, overwrite=options.force)
    made, between_them = between.make(store, options.first, options.second, _prior(options.prior))
    gridding.write(made, options.output, overwrite=options.force)
    if options.cells:
        export.write_grid(made, between_them, options.cells, overwrite=options.force)
    for cell in made.cells:
        print(f"{cell.letter}  {gridding.caption(cell, made.unit)}")
    for finding in made.findings:
        print(f"{options.output}: {finding.text}", file=sys.stderr)
    print(options.output)
    return 0


def _grids(options: argparse.Namespace) -> int:
    import msgspec

    from hairstudio.lab import survey
    from hairstudio.lab.store import Store

    with Bar() as bar:
        found = survey.survey(
            Store.existing(options.store), options.attribute, options.schedule,
            _prior(options.prior), options.rounds, lambda part: bar.show("grids", part),
        )  # fmt: skip
    print(msgspec.json.encode(found).decode() if options.json else found.as_text())
    return 0


def _directions(options: argparse.Namespace) -> int:
    import msgspec

    from hairstudio.lab.directions import compare
    from hairstudio.lab.store import Store

    methods = compare.ALL_METHODS if options.method == "all" else (options.method,)
    with Bar() as bar:
        scores = compare.compare(
            Store.existing(options.store), options.attribute, options.schedule,
            _prior(options.prior), methods, options.samples, bar.show,
        )  # fmt: skip
    if options.json:
        print(msgspec.json.encode(scores).decode())
        return 0
    for each in scores:
        found = (f"{each.share:.0%} of the pairs' change, on {each.whole} all of it; change outside"
                 f" {each.theirs:.4f}, the pairs' {each.ours:.4f}: {each.ratio:.1f} times as much,"
                 f" 95 % interval {each.low:.1f} to {each.high:.1f}"
                 if each.faces else "changes nothing to be seen")  # fmt: skip
        print(f"{each.method}: {each.faces} of {each.tried} faces; {found}")
    return 0


def _direct(options: argparse.Namespace) -> int:
    from hairstudio.lab import gridding
    from hairstudio.lab.directions import move
    from hairstudio.lab.store import Store

    with Bar() as bar:
        moved = move.move(Store.existing(options.store), options.pair, _prior(options.prior),
                          options.method, options.amounts, options.samples, bar.show)  # fmt: skip
    texts = [f"{each.amount:+g}: {_change(each.change)}, outside {each.outside:.3f}"
             for each in moved]  # fmt: skip
    gridding.write_sheet([each.picture for each in moved], texts, len(moved), options.output,
                         overwrite=options.force)  # fmt: skip
    print(*texts, options.output, sep="\n")
    return 0


def _change(value: float | None) -> str:
    return "not seen" if value is None else f"{value:+z.2f}"
