"""``train prior`` as a process of its own: killed, it goes on from its last checkpoint."""

import re
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from hairstudio.training import checkpoint, data, prior


@pytest.fixture
def pack(tmp_path):
    chance = np.random.default_rng(0)
    noise = chance.integers(0, 255, (24, 16, 16, 3), np.uint8)
    pictures = ((data.Entry("", f"p{i}"), Image.fromarray(n)) for i, n in enumerate(noise))
    data.write_pack(pictures, tmp_path / "pack.zip", 16)
    return tmp_path / "pack.zip"


def start(pack, run, *more):
    command = [sys.executable, "-m", "hairstudio", "train", "prior", pack, "--run", run,
               "--save-every", "0.1", "--threads", "1", *more]  # fmt: skip
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)


def test_a_killed_run_goes_on(pack, tmp_path):
    run = tmp_path / "run"
    first = start(pack, run)
    wait_for(lambda: (run / prior.CHECKPOINT).exists(), first)
    first.kill()
    first.wait()
    seen = checkpoint.load(run / prior.CHECKPOINT)[1]["seen"]
    assert seen > 0
    second = start(pack, run, "--pictures", str(seen + 32))
    text, _ = second.communicate(timeout=120)
    begun, ended = map(int, re.findall(r"(\d+) pictures seen", text))
    assert (begun, ended) == (seen, seen + 32)


def test_a_paused_run_rests_saved(pack, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / prior.PAUSE).touch()
    resting = start(pack, run)
    wait_for(lambda: resting.stdout.readline() != "", resting)
    wait_for((run / prior.CHECKPOINT).exists, resting)  # while it rests
    resting.terminate()
    text, _ = resting.communicate(timeout=120)
    assert "0 pictures seen" in text


def wait_for(ready, process):
    limit = time.monotonic() + 120
    while not ready():
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.1)
