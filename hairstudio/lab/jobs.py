"""A list of pairs to make, and the loop of a worker. Any number of workers share a store: each
takes what nobody else works on, and what a dead one left."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from hairstudio.errors import UserError
from hairstudio.imaging.checkpoint import Cancelled, cancellable
from hairstudio.lab.live import Live
from hairstudio.lab.messages import Event, Made, Preparing, Refused, Stepped
from hairstudio.lab.pairs import Maker, Task, Work
from hairstudio.lab.store import Store

PAUSE = 0.5  # seconds until a worker asks again for what others work on


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """``store``, ``prior``: paths; ``steps``: None for the schedule's own; ``threads``: of each
    worker, None for all cores; ``live``: pictures of the searches are told too; ``batch``: pairs
    that are searched at once, at most."""

    store: str
    prior: str
    schedule: str
    works: tuple[Work, ...]
    steps: int | None = None
    threads: int | None = None
    live: bool = False
    batch: int = 4


Emit = Callable[[Event], None]


def run(job: Job, emit: Emit, cancel: threading.Event) -> bool:
    """Make what is not there; False when cancelled before all is done.

    Raises UserError for a store, a prior or model files that cannot be used.
    """
    if job.threads:
        import torch

        torch.set_num_threads(job.threads)
    store = Store(Path(job.store))
    maker = _maker(job, emit, cancel)
    if maker is None:
        return False
    left = _batches(job.works, min(job.batch, maker.batch))
    while left:
        todo = (_left(job, maker, store, works, emit, cancel) for works in left)
        left = [works for works in todo if works]
        if cancel.wait(PAUSE if left else 0):
            return not left
    return True


def _maker(job: Job, emit: Emit, cancel: threading.Event) -> Maker | None:
    """None when cancelled."""
    try:
        with cancellable(cancel):
            return Maker(Path(job.prior), job.schedule, job.steps,
                         lambda part: emit(Preparing(part)))  # fmt: skip
    except Cancelled:
        return None


def _batches(works: Sequence[Work], size: int) -> list[Sequence[Work]]:
    """Whoever works on them, the same pairs are made together: what they round to is the same."""
    alike = [list(found) for _, found in itertools.groupby(works, lambda work: work.attribute)]
    return [some[i : i + size] for some in alike for i in range(0, len(some), size)]


def _left(
    job: Job, maker: Maker, store: Store, works: Sequence[Work], emit: Emit,
    cancel: threading.Event,
) -> Sequence[Work]:  # fmt: skip
    """Make what is not there and nobody else makes; what is left to do then. What cannot be made
    is told, and done with."""
    with ExitStack() as claims:
        found = _Found(maker, store, emit)
        for work in works:
            if cancel.is_set():
                return works
            found.sort(work, claims)
        tasks = found.tasks
        if tasks and not _made(job, maker, store, tasks, emit, cancel):
            return works
        return found.others


@dataclass(eq=False)
class _Found:
    """The works of a batch: those to do here, those that are there, and those that others do."""

    maker: Maker
    store: Store
    emit: Emit
    mine: dict[int, Task] = field(default_factory=dict[int, Task])
    there: dict[int, Work] = field(default_factory=dict[int, Work])
    others: list[Work] = field(default_factory=list[Work])

    def sort(self, work: Work, claims: ExitStack) -> None:
        index = len(self.mine) + len(self.there)
        try:
            identity = self.maker.provenance(work).id
            if claims.enter_context(self.store.claim(identity)):
                self.mine[index] = self.maker.prepare(work)
            elif identity in self.store:
                self.there[index] = work
            else:
                self.others.append(work)
        except UserError as error:
            self.emit(Refused(work.photo, str(error)))

    @property
    def tasks(self) -> list[Task]:
        """Those to do; with those that are there, where somebody died while the batch was stored:
        its searches are done."""
        mine = list(self.mine.values())
        if not (mine and self.there):
            return mine
        known = {i: self.maker.provenance(work).id for i, work in self.there.items()}
        known |= {i: task.known.id for i, task in self.mine.items()}
        if not self.store.search("+".join(known[i] for i in sorted(known)), "target").exists():
            return mine
        whole = self.mine | {i: self.maker.prepare(work) for i, work in self.there.items()}
        return [whole[i] for i in sorted(whole)]


def _made(
    job: Job, maker: Maker, store: Store, tasks: Sequence[Task], emit: Emit,
    cancel: threading.Event,
) -> bool:  # fmt: skip
    new = [task.known.id not in store for task in tasks]

    def progress(row: int, phase: str, step: int, steps: int, losses: dict[str, float]) -> None:
        task = tasks[row]
        emit(Stepped(task.known.id, task.work.photo, phase, step, steps, losses))

    lives = [Live(emit, task.known.id, task.work.photo) for task in tasks] if job.live else []
    done = maker.make(tasks, store, cancel, progress, lives)
    for task, fresh, pair in zip(tasks, new, done or (), strict=False):
        if fresh:
            emit(Made(pair.id, task.work.photo, pair.figures, pair.failed))
    return done is not None
