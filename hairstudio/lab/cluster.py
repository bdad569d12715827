"""Workers on a Ray cluster: the extra ``hairstudio[cluster]``.

Every node must see the store, the photos and the prior under the same paths, on a file system
whose locks hold between nodes (NFS 4). Each task runs the loop of a local worker, so what a dead
node left is taken by another one.
"""

from __future__ import annotations

import threading
from typing import Any

import msgspec

from hairstudio import settings
from hairstudio.errors import UserError
from hairstudio.lab import jobs
from hairstudio.lab.jobs import Emit, Event, Job, Made, Refused

PAUSE = 1.0  # seconds between two looks at the tasks
RESTARTS = 3  # of a task whose worker died


def run(job: Job, count: int, emit: Emit, cancel: threading.Event, address: str) -> bool:
    """Let ``count`` tasks work on the job; False when it is not done.

    ``address``: of the cluster's head, or "local" for one on this machine. Events come when a task
    ends. Raises UserError where Ray is not installed or the cluster cannot be reached.
    """
    ray = _ray()
    try:
        ray.init(address=address, log_to_driver=False, include_dashboard=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UserError(f"--cluster {address}: {error}") from error
    try:
        return _run(ray, job, count, emit, cancel)
    finally:
        ray.shutdown()


def _run(ray: Any, job: Job, count: int, emit: Emit, cancel: threading.Event) -> bool:
    count = job.threads or 1
    environment = {"env_vars": settings.thread_variables(count)}
    task = ray.remote(num_cpus=count, max_retries=RESTARTS, runtime_env=environment)(_work)
    left = [task.remote(msgspec.json.encode(job)) for _ in range(count)]
    refused = set[Refused]()
    while left and not cancel.is_set():
        ready, left = ray.wait(left, timeout=PAUSE)
        for each in ready:
            _tell(_events(ray, each), refused, emit)
    for each in left:
        ray.cancel(each, force=True)  # their searches are saved, their claims are free
    return not left


def _tell(events: list[Event], refused: set[Refused], emit: Emit) -> None:
    """What several tasks refuse is told once."""
    for event in events:
        if not isinstance(event, Refused):
            emit(event)
        elif event not in refused:
            refused.add(event)
            emit(event)


def _events(ray: Any, task: Any) -> list[Event]:
    try:
        return msgspec.json.decode(ray.get(task), type=list[Event])
    except ray.exceptions.WorkerCrashedError as error:
        raise UserError(f"a worker of the cluster died {RESTARTS + 1} times: {error}") from error
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, UserError):
            raise UserError(str(error.cause)) from error
        raise


def _work(job: bytes) -> bytes:
    """In the cluster: what was made or refused, as JSON."""
    found = list[Event]()

    def keep(event: Event) -> None:
        if isinstance(event, Made | Refused):
            found.append(event)

    jobs.run(msgspec.json.decode(job, type=Job), keep, threading.Event())
    return msgspec.json.encode(found)


def _ray() -> Any:
    try:
        import ray  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise UserError("--cluster needs Ray: pip install 'hairstudio[cluster]'") from error
    return ray
