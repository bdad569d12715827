"""Pairs made unattended by a program that is killed again and again: all there, none twice.

The prior is random and small: the store and its workers are on trial, not the pictures.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import torch

from hairstudio import resources, settings
from hairstudio.errors import UserError
from hairstudio.evaluation.benchmark import SAMPLE, Figure, Report, load, machine
from hairstudio.lab.messages import Line, Made
from hairstudio.lab.store import Store
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig
from hairstudio.weights import convert

CHANNELS, LATENT, MAPPING = (64, 64, 64, 32, 16), 64, 2  # 64 px
STEPS, KILLS = 60, 2


def bench_unattended(pairs: int, steps: int = STEPS, kills: int = KILLS) -> Report:
    """Make ``pairs`` pairs of the sample photo; the program that does it is killed ``kills`` times
    in the middle of a search, and started again. Raises UserError where there is no SIGKILL."""
    if sys.platform == "win32":
        raise UserError("--unattended needs SIGKILL, which Windows does not have")
    busy, begun = load(), time.perf_counter()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "random.safetensors"
        write_prior(path)
        store = Store(Path(folder) / "pairs")
        command = _command(store, path, pairs, steps)
        stops = [pairs * (k + 1) // (kills + 1) for k in range(kills)]
        made = [pair for stop in (*stops, None) for pair in _made(command, store, stop)]
        seconds = time.perf_counter() - begun
        figures = _figures(store, made, pairs, kills, seconds)
        return Report(machine(), settings.threads(), busy, tuple(figures))


def write_prior(path: Path) -> None:
    """A seeded random one of 64 px."""
    torch.manual_seed(0)
    net = Generator(GeneratorConfig(CHANNELS, latent=LATENT, mapping_layers=MAPPING))
    tensors = {name: tensor for name, tensor in net.state_dict().items() if name != "w_mean"}
    side = 4 * 2 ** (len(CHANNELS) - 1)
    described = convert.Description(side, CHANNELS, LATENT, MAPPING, "random")
    convert.write(convert.Prior(tensors, described), path)


def _command(store: Store, path: Path, pairs: int, steps: int) -> list[str]:
    seeds = ",".join(map(str, range(pairs)))
    photo = str(resources.path(SAMPLE))
    return [sys.executable, "-m", "hairstudio", "lab", "pairs", photo, "--attribute", "dye",
            "--json", "--prior", str(path), "--steps", str(steps), "--seed", seeds,
            "-o", str(store.folder)]  # fmt: skip


def _made(command: list[str], store: Store, stop: int | None) -> Iterator[str]:
    """The pairs that one run of the program says it made. ``stop``: it is killed during a search
    as soon as the store holds so many; None: it works to the end."""
    running = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert running.stdout is not None
    with running.stdout as lines:
        for line in lines:
            match msgspec.json.decode(line, type=Line):
                case Made() as event:
                    yield event.pair
                case _ if stop is not None and len(list(store)) >= stop and store.searches():
                    os.kill(running.pid, signal.SIGKILL)
                    stop = None
                case _:
                    pass
    running.wait()


def _figures(
    store: Store, made: list[str], pairs: int, kills: int, seconds: float
) -> Iterator[Figure]:
    twice = len(made) - len(set(made))
    left = len(store.searches()) + sum(1 for _ in (store.folder / "pairs").glob(".*"))
    yield Figure(f"pairs in the store, of {pairs} asked for", len(list(store)), "pairs")
    yield Figure("of them in the index", len(store.index()), "pairs")
    yield Figure("made twice", twice, "pairs", limit=0)
    yield Figure("left half done", left, "pairs", limit=0)
    yield Figure("killed and started again", kills, "times")
    yield Figure("time for a pair", 1000 * seconds / pairs)
