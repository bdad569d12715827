"""Workers on a real local Ray cluster; one is killed in the middle."""

import threading
import time

import psutil
import pytest

from hairstudio.lab.jobs import Job, Made
from hairstudio.lab.pairs import Work
from hairstudio.lab.store import Store

ray = pytest.importorskip("ray", reason="the extra hairstudio[cluster] is not installed")


def kill_one_in_the_middle(store):
    """Of the processes that run tasks, once a search has begun."""
    while not store.searches():
        time.sleep(0.05)
    for process in psutil.Process().children(recursive=True):
        if "ray::_work" in " ".join(process.cmdline()):
            process.kill()
            return


def test_a_task_whose_worker_is_killed_loses_nothing(small_prior, astronaut, tmp_path):
    from hairstudio.lab import cluster

    works = tuple(Work(photo=str(astronaut), attribute="dye", value="auburn", seed=seed)
                  for seed in range(4))  # fmt: skip
    job = Job(store=str(tmp_path / "s"), prior=str(small_prior), schedule="combined", steps=60,
              threads=1, works=works)  # fmt: skip
    store, events = Store(tmp_path / "s"), []
    killer = threading.Thread(target=kill_one_in_the_middle, args=(store,))
    killer.start()
    assert cluster.run(job, 2, events.append, threading.Event(), "local")
    killer.join()
    assert len(store.index()) == 4
    assert not store.searches()
    made = [event.pair for event in events if isinstance(event, Made)]
    assert len(made) == len(set(made)) <= 4
