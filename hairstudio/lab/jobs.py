"""A list of pairs to make, and the loop of a worker. Any number of workers share a store: each
takes what nobody else works on, and what a dead one left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from hairstudio.errors import UserError
from hairstudio.lab.live import Live
from hairstudio.lab.messages import Event, Made, Refused, Stepped
from hairstudio.lab.pairs import Maker, Work
from hairstudio.lab.store import Store

PAUSE = 0.5  # seconds until a worker asks again for what others work on


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """``store``, ``prior``: paths; ``steps``: None for the schedule's own; ``threads``: of each
    worker, None for all cores; ``live``: pictures of the searches are told too."""

    store: str
    prior: str
    schedule: str
    works: tuple[Work, ...]
    steps: int | None = None
    threads: int | None = None
    live: bool = False


Emit = Callable[[Event], None]


def run(job: Job, emit: Emit, cancel: threading.Event) -> bool:
    """Make what is not there; False when cancelled before all is done.

    Raises UserError for a store, a prior or model files that cannot be used.
    """
    if job.threads:
        import torch

        torch.set_num_threads(job.threads)
    store = Store(Path(job.store))
    maker = Maker(Path(job.prior), job.schedule, job.steps)
    left = list(job.works)
    while left:
        left = [work for work in left if not _settled(job, maker, store, work, emit, cancel)]
        if cancel.wait(PAUSE if left else 0):
            return not left
    return True


def _settled(
    job: Job, maker: Maker, store: Store, work: Work, emit: Emit, cancel: threading.Event
) -> bool:
    """Whether nothing is left to do here: the pair is there, or it cannot be made."""
    if cancel.is_set():
        return False
    try:
        identity = maker.provenance(work).id
        with store.claim(identity) as mine:
            return _made(job, maker, store, work, emit, cancel) if mine else identity in store
    except UserError as error:
        emit(Refused(work.photo, str(error)))
        return True


def _made(
    job: Job, maker: Maker, store: Store, work: Work, emit: Emit, cancel: threading.Event
) -> bool:
    identity = maker.provenance(work).id

    def progress(phase: str, step: int, steps: int, losses: dict[str, float]) -> None:
        emit(Stepped(identity, work.photo, phase, step, steps, losses))

    live = Live(emit, identity, work.photo) if job.live else None
    done = maker.make(work, store, cancel, progress, live)
    if done is not None:
        emit(Made(identity, work.photo, done.figures, done.failed))
    return done is not None
