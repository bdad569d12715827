"""``hairstudio lab``: pairs from photos, unattended; stopped, killed, gone on with; the grid."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time

import numpy as np
import psutil
import pytest
import safetensors.torch
import torch
from PIL import Image
from safetensors.torch import load_file

from hairstudio.cli import main
from hairstudio.errors import UserError
from hairstudio.lab import gates, jobs, pool
from hairstudio.lab.jobs import Job, Made, Stepped
from hairstudio.lab.pairs import Maker, Work
from hairstudio.lab.reconstruct import Problem
from hairstudio.lab.store import Store
from hairstudio.nets import prior
from hairstudio.weights import priors

STEPS = 6


@pytest.fixture(scope="module")
def maker(small_prior):
    return Maker(small_prior, "combined", STEPS)


def job(folder, prior, photo, seeds, **changed):
    works = tuple(Work(photo=str(photo), attribute="dye", value="auburn", seed=s) for s in seeds)
    known = {"schedule": "combined", "steps": STEPS, "threads": 1}
    return Job(store=str(folder), prior=str(prior), works=works, **(known | changed))


def arguments(folder, prior, photo, *more):
    return ["lab", "pairs", str(photo), "--attribute", "dye", "--prior", str(prior), "--steps",
            str(STEPS), "-o", str(folder), *more]  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory, small_prior, astronaut):
    """Two pairs, made by the command line."""
    folder = tmp_path_factory.mktemp("pairs") / "store"
    assert main(arguments(folder, small_prior, astronaut, "--seed", "0,1")) == 0
    return Store(folder)


def test_a_pair_holds_what_its_latents_show(store, maker):
    identity = next(iter(store))
    pair = store.read(identity)
    assert (pair.attribute, pair.value, pair.name) == ("dye", "auburn", "astronaut.png")
    assert (pair.prior, pair.perceptual) == (maker.prior, maker.perceptual) != ("", "")
    assert {"unedited", "outside", "apart", "inside", "distance", "reach"} <= pair.figures.keys()
    assert pair.figures["distance"] <= pair.figures["reach"] + 1e-3
    latents = load_file(store.file(identity, "latents.safetensors"))
    noises = [latents[f"target.noise.{i}"] for i in range(7)]
    made = maker.generator.synthesis(latents["target"][None], noises)[0]
    stored = np.asarray(Image.open(store.file(identity, "target.png")), np.float32)
    shown = ((made.clamp(-1, 1) + 1) * 127.5).permute(1, 2, 0).numpy()
    assert np.abs(shown - stored).max() < 1
    assert not store.searches()


def test_what_is_there_is_not_made_again(store, small_prior, astronaut, capsys):
    before = {i: store.file(i, "pair.json").stat().st_mtime_ns for i in store}
    assert main(arguments(store.folder, small_prior, astronaut, "--seed", "0,1")) == 0
    assert capsys.readouterr().out == ""
    assert {i: store.file(i, "pair.json").stat().st_mtime_ns for i in store} == before


def members(path):
    with tarfile.open(path) as tar:
        return tar.getnames()


def test_info_and_export(store, tmp_path, capsys):
    assert main(["lab", "info", str(store.folder), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["id"] for row in rows} == set(store)
    out = tmp_path / "pairs.tar"
    assert main(["lab", "export", str(store.folder), "-o", str(out), "--all"]) == 0
    names = members(out)
    assert [n.split(".")[0] for n in names] == [i for i in store for _ in range(7)]
    assert {n.split(".", 1)[1] for n in names} >= {"source.png", "target.png", "json"}
    assert main(["lab", "export", str(store.folder), "-o", str(tmp_path / "good.tar")]) == 0
    assert members(tmp_path / "good.tar") == []  # a random prior shows no face


def the_middle_is_what_it_says(cells, path):
    with tarfile.open(cells) as tar:
        name = next(each for each in tar.getnames() if each.endswith("-e.json"))
        read = {part: tar.extractfile(name.replace("json", part)).read()
                for part in ("json", "png", "latents.safetensors")}  # fmt: skip
    known, tensors = json.loads(read["json"]), safetensors.torch.load(read["latents.safetensors"])
    noises = [tensors[f"noise.{i}"] for i in range(7)]
    made = prior.load(path).synthesis(tensors["w"][None], noises)[0].detach()
    shown = ((made.clamp(-1, 1) + 1) * 127.5).permute(1, 2, 0).numpy()
    stored = np.asarray(Image.open(io.BytesIO(read["png"])), np.float32)
    return (known["degree"], known["identity"]) == (0.5, 0.5) and np.abs(shown - stored).max() < 1


def test_a_grid_of_two_pairs(store, small_prior, tmp_path, capsys):
    out = tmp_path / "grid.png"
    command = ["lab", "interpolate", str(store.folder), *store, "-o", str(out)]
    assert main([*command, "--prior", str(small_prior)]) == 0
    assert [line[0] for line in capsys.readouterr().out.splitlines()[:9]] == list("abcdefghi")
    assert Image.open(out).size == (800, 920)
    cells = tmp_path / "cells.tar"
    assert main([*command, "--prior", str(small_prior), "--force", "--cells", str(cells)]) == 0
    assert len(members(cells)) == 27
    assert the_middle_is_what_it_says(cells, small_prior)
    other = str(priors.path())
    assert main([*command, "--force", "--prior", other]) == 2
    assert "another prior made these pairs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (["--attribute", "eyes"], "needs the face of another photo"),
        (["--value", "no-such-shade"], "no-such-shade"),
        (["--prior", "nowhere.safetensors"], "nowhere.safetensors"),
        (["--donor", "nowhere.jpg", "--attribute", "nose"], "nowhere.jpg: no such file"),
    ],
)
def test_bad_input_is_one_line(change, reason, small_prior, astronaut, tmp_path, capsys):
    assert main(arguments(tmp_path / "s", small_prior, astronaut, *change)) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert len(error.splitlines()) == 1


def test_a_photo_without_a_face_does_not_stop_the_others(small_prior, astronaut, tmp_path, capfd):
    Image.new("RGB", (300, 300), "grey").save(tmp_path / "a.png")
    command = arguments(tmp_path / "s", small_prior, tmp_path / "a.png")
    assert main([*command[:3], str(astronaut), *command[3:]]) == 2
    assert "a.png: no face" in capfd.readouterr().err
    assert len(list(Store(tmp_path / "s"))) == 1


def test_no_store_is_named(tmp_path, capsys):
    assert main(["lab", "info", str(tmp_path)]) == 2
    assert "no store of pairs" in capsys.readouterr().err


def test_a_cancelled_pair_goes_on_and_comes_out_the_same(store, maker, tmp_path, astronaut):
    works = job(store.folder, maker.prior, astronaut, (0, 1)).works
    tasks = [maker.prepare(work) for work in works]
    again, stop = Store(tmp_path / "s"), threading.Event()

    def at_step_2(_row, phase, step, _steps, _losses):
        if phase == "target" and step == 2:
            stop.set()

    assert maker.make(tasks, again, stop, at_step_2) is None
    assert again.searches() == {task.known.id for task in tasks}
    done = maker.make(tasks, again, threading.Event())
    assert done == [store.read(pair.id) for pair in done]
    assert not again.searches()


def test_who_dies_while_a_batch_is_stored_searches_nothing_again(
    small_prior, astronaut, tmp_path, monkeypatch
):
    todo, events = job(tmp_path / "s", small_prior, astronaut, (0, 1)), []
    with monkeypatch.context() as patch:
        patch.setattr(Store, "forget", lambda *_: None)
        jobs.run(todo, events.append, threading.Event())
    store, lost = Store(tmp_path / "s"), next(e.pair for e in events if isinstance(e, Made))
    before = store.read(lost)
    shutil.rmtree(store.file(lost, "."))
    again = []
    jobs.run(todo, again.append, threading.Event())
    assert [type(event) for event in again] == [Made]
    assert store.read(lost) == before
    assert not list((store.folder / "searches").iterdir())


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_killed_workers_lose_nothing_and_nothing_is_done_twice(small_prior, astronaut, tmp_path):
    """Two workers; one is killed in the middle of a pair, and the other does the rest."""
    todo = job(tmp_path / "s", small_prior, astronaut, range(6))
    events, kill = [], True

    def note(event):
        nonlocal kill
        events.append(event)
        if kill and isinstance(event, Stepped) and event.step == 3:
            kill = False
            psutil.Process().children()[0].kill()

    assert pool.run(todo, 2, note, threading.Event())
    made = [event.pair for event in events if isinstance(event, Made)]
    assert len(made) == len(set(made)) == 6
    store = Store(tmp_path / "s")
    assert set(store) == set(made) == store.index().keys()
    assert not store.searches()
    assert not list((store.folder / "pairs").glob(".*"))


def test_workers_that_cannot_work_say_why(tmp_path, astronaut):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"bad\.safetensors: not a prior"):
        pool.run(job(tmp_path / "s", bad, astronaut, [0]), 1, print, threading.Event())


def test_ctrl_c_saves_and_the_same_command_goes_on(small_prior, astronaut, tmp_path):
    command = [sys.executable, "-m", "hairstudio",
               *arguments(tmp_path / "s", small_prior, astronaut, "--steps", "5000")]  # fmt: skip
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    store = Store(tmp_path / "s")
    while not store.searches():
        time.sleep(0.1)
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    assert "the same command goes on" in running.communicate()[1]
    assert running.returncode == 130
    assert len(store.searches()) == 1


def test_gates():
    grey = torch.zeros(1, 3, 8, 8)
    region = torch.zeros(1, 1, 8, 8)
    region[..., :4] = 1
    edited = grey + 0.5 * region
    figures = gates.of_pictures(Problem(grey, edited, region, 4), grey, edited)
    assert figures["outside"] == figures["apart"] == 99
    assert figures["inside"] == 0
    assert abs(figures["inside_before"] - 0.25) < 0.01
    good = {**figures, "distance": 1.0, "distance_source": 1.0, "reach": 1.1, "drift": 0.01}
    assert gates.failed(good) == ()
    assert gates.failed(good | {"drift": 0.2}) == ("landmarks",)
    assert gates.failed(good | {"distance": 1.2}) == ("latent",)
    assert gates.failed(good | gates.reached(0.1, 0.12, 0.9)) == ("attribute",)
    assert gates.failed(good | gates.reached(0.1, 0.6, 0.9)) == ()
    assert gates.reached(None, 0.6, 0.9) == {}
    assert gates.failed({k: v for k, v in good.items() if k != "drift"}) == ("face",)
    noisy = gates.of_pictures(Problem(grey, edited, region, 4), grey, edited + 0.1)
    assert 26 < noisy["outside"] < 27
