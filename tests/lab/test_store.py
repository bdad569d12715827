"""The store: whole pairs or none, whatever is killed; nothing done twice, nothing lost."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from hairstudio.errors import UserError
from hairstudio.lab.store import Provenance, Store

PICTURES = {
    "source": np.full((8, 8, 3), 7, np.uint8),
    "target": np.full((8, 8, 3), 9, np.uint8),
    "region": np.eye(8, dtype=np.uint8) * 255,
}
WORKER = """
import sys, time
import numpy as np, torch
from pathlib import Path
from hairstudio.lab.store import Provenance, Store
store = Store(Path(sys.argv[1]))
made = 0
for seed in range(int(sys.argv[2])):
    work = Provenance(photo="0", person="p", licence="CC0", attribute="bangs", prior="1",
                      schedule="combined", seed=seed, measured=(0.0, 1.0))
    with store.claim(work.id) as mine:
        if mine:
            time.sleep(0.02)
            picture = np.zeros((64, 64, 3), np.uint8)
            made += store.add(work, {"source": picture}, {"v": torch.zeros(2)})
            print(work.id, flush=True)
"""


def provenance(seed=0, **changed):
    known = {"photo": "ab", "person": "p1", "licence": "public domain", "attribute": "bangs",
             "prior": "cd", "schedule": "combined", "seed": seed,
             "measured": (0.1, 0.8)}  # fmt: skip
    return Provenance(**{**known, **changed})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_a_pair_comes_back_as_it_was(store):
    latents = {"source": torch.randn(4, 6), "target": torch.randn(4, 6)}
    work = provenance(figures={"outside": 31.5}, failed=("landmarks",))
    assert store.add(work, PICTURES, latents)
    assert store.read(work.id) == work
    folder = store.folder / "pairs" / work.id
    for name, picture in PICTURES.items():
        assert np.array_equal(np.asarray(Image.open(folder / f"{name}.png")), picture)
    again = load_file(folder / "latents.safetensors")
    assert all(torch.equal(again[name], latents[name]) for name in latents)


def test_the_same_work_is_stored_once(store):
    assert store.add(provenance(), PICTURES, {"v": torch.zeros(1)})
    assert not store.add(provenance(measured=(0.0, 0.0)), PICTURES, {"v": torch.ones(1)})
    assert store.read(provenance().id).measured == (0.1, 0.8)
    assert len(store.index()) == 1


def test_another_perceptual_network_makes_another_pair():
    assert provenance(perceptual="ef").id != provenance().id == provenance(losses={"a": 1.0}).id


@pytest.mark.parametrize("damage", [b"", b'{"photo": "a', None])
def test_the_index_is_rebuilt_when_it_is_lost_or_cut(store, damage):
    for seed in range(3):
        store.add(provenance(seed), PICTURES, {"v": torch.zeros(1)})
    path = store.folder / "index.jsonl"
    path.unlink() if damage is None else path.write_bytes(damage)
    assert [p.seed for p in store.index().values()] == [
        store.read(identity).seed for identity in store
    ]
    assert len(path.read_bytes().splitlines()) == 3


def test_a_claim_is_free_again_when_its_process_dies(store):
    code = ("import sys, time; from pathlib import Path; from hairstudio.lab.store import Store\n"
            "with Store(Path(sys.argv[1])).claim('x') as mine:\n"
            "    print(mine, flush=True); time.sleep(60)")  # fmt: skip
    holder = subprocess.Popen([sys.executable, "-c", code, store.folder], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"True\n"
    with store.claim("x") as mine:
        assert not mine
    holder.kill()
    holder.wait()
    with store.claim("x") as mine:
        assert mine


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_workers_may_be_killed_and_nothing_is_done_twice_or_lost(store):
    command = [sys.executable, "-c", WORKER, str(store.folder), "40"]
    first, second = (subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2))
    first.stdout.readline()
    time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    rest = first.communicate()[0].split(), second.communicate()[0].split()
    assert second.returncode == 0
    third = subprocess.run(command, capture_output=True, check=True).stdout.split()
    done = [*rest[0], *rest[1], *third]
    assert len(done) == len(set(done))
    assert len(list(store)) == 40
    assert not list((store.folder / "pairs").glob(".*"))
    assert store.index().keys() == set(store)
    for identity in store:
        assert {path.name for path in (store.folder / "pairs" / identity).iterdir()} == {
            "source.png", "latents.safetensors", "pair.json",
        }  # fmt: skip


def test_what_is_no_pair_is_named(store):
    with pytest.raises(UserError, match="nowhere"):
        store.read("nowhere")
