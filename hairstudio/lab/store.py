"""Pairs on disk. A pair is a folder that appears whole or not at all and is never changed; the
index is only a summary of the folders and can be rebuilt from them.

    pairs/ID/    source.png, target.png, reference.png, region.png, latents.safetensors, pair.json
    searches/ID+ID-*.safetensors                   a search that is not done yet, for some pairs
    claims/ID    locked by the process that works on it; free again when that process ends
    index.jsonl  one line for each pair, appended
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from hairstudio.errors import UserError
from hairstudio.lab.interpolate import PARTS
from hairstudio.lab.locks import lock

Picture = NDArray[np.uint8]
PAIR = "pair.json"


class Provenance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a pair comes from, and how good it is. Hashes are sha256, hexadecimal.

    ``name``, ``donor_name``: files, for people; ``value``: of the attribute, as it was asked for;
    ``donor``: hash of the photo that a feature comes from; ``perceptual``: of the network whose
    features were compared; ``encoder``: of the fused editor whose encoder began the search, "" for
    none; ``measured``: strength of the attribute before and after, in its own unit, None where it
    could not be seen; ``places``: where between source and target it is a quarter, a half and three
    quarters there; ``losses``: the last of the search; ``figures``: what the quality gates looked
    at; ``failed``: the gates it failed.
    """

    photo: str
    person: str
    licence: str
    attribute: str
    prior: str
    perceptual: str = ""
    encoder: str = ""
    schedule: str
    seed: int
    steps: int = 0
    value: str = ""
    donor: str = ""
    name: str = ""
    donor_name: str = ""
    measured: tuple[float | None, float | None] = (None, None)
    places: tuple[float, ...] = PARTS
    losses: dict[str, float] = {}
    figures: dict[str, float] = {}
    failed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same work has the same id, whoever does it."""
        work = (self.photo, self.attribute, self.value, self.donor, self.prior, self.perceptual,
                self.schedule, self.steps, self.seed, *filter(None, [self.encoder]))  # fmt: skip
        return hashlib.sha256(repr(work).encode()).hexdigest()[:16]


class Store:
    """A folder of pairs that several processes may write to at once."""

    def __init__(self, folder: Path) -> None:
        """Raises UserError where the folder cannot be made."""
        self.folder = folder
        try:
            for name in ("pairs", "searches", "claims"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{folder}: cannot be made: {error.strerror}") from error

    def __contains__(self, identity: str) -> bool:
        return self._pair(identity).is_dir()

    def __iter__(self) -> Iterator[str]:
        """The ids of all pairs, in the order of the names."""
        names = (path.name for path in (self.folder / "pairs").iterdir() if path.is_dir())
        return iter(sorted(name for name in names if not name.startswith(".")))

    @classmethod
    def existing(cls, folder: Path) -> Store:
        """Raises UserError where there is none."""
        if not (folder / "pairs").is_dir():
            raise UserError(f"{folder}: no store of pairs")
        return cls(folder)

    def search(self, name: str, part: str) -> Path:
        """Where the state of a search is kept; ``name``: the ids of its pairs with + between."""
        return self.folder / "searches" / f"{name}-{part}.safetensors"

    def forget(self, name: str) -> None:
        """The searches of pairs that are stored."""
        for path in (self.folder / "searches").glob(f"{name}-*"):
            path.unlink(missing_ok=True)

    def searches(self) -> set[str]:
        """The ids of pairs that were begun and are not done."""
        names = (path.name.split("-")[0] for path in (self.folder / "searches").glob("*-*"))
        return {identity for name in names for identity in name.split("+")} - set(self)

    def file(self, identity: str, name: str) -> Path:
        """A file of a pair: ``source.png``, ``latents.safetensors``."""
        return self._pair(identity) / name

    @contextmanager
    def claim(self, identity: str) -> Generator[bool]:
        """Whether this process may work on a pair: not while another does, nor when it is there.

        A process that dies gives its claims back.
        """
        with lock(self.folder / "claims" / identity) as mine:
            if not mine:
                yield False
                return
            for part in (self.folder / "pairs").glob(f".{identity}.*"):
                shutil.rmtree(part)  # what a dead process left
            yield identity not in self

    def add(
        self, provenance: Provenance, pictures: Mapping[str, Picture], latents: Mapping[str, Tensor]
    ) -> bool:
        """Store a pair; False when it was there already.

        ``pictures``: (h, w, 3) or (h, w) uint8 by name (source, target, reference, region).
        """
        final = self._pair(provenance.id)
        part = final.with_name(f".{provenance.id}.{os.getpid()}")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for name, picture in pictures.items():
            Image.fromarray(picture).save(part / f"{name}.png")
        save_file({k: t.detach().clone() for k, t in latents.items()}, part / "latents.safetensors")
        (part / PAIR).write_bytes(msgspec.json.encode(provenance))
        _flush(part)
        try:
            part.rename(final)
        except OSError:  # somebody was faster
            shutil.rmtree(part)
            return False
        _flush_folder(final.parent)
        self._append(provenance)
        return True

    def read(self, identity: str) -> Provenance:
        """Raises UserError for a pair that is not there or damaged."""
        path = self._pair(identity) / PAIR
        if not path.exists():
            raise UserError(f"{self.folder}: no such pair: {identity}")
        try:
            return msgspec.json.decode(path.read_bytes(), type=Provenance)
        except (OSError, msgspec.DecodeError) as error:
            raise UserError(f"{path}: not a pair: {error}") from error

    def index(self) -> dict[str, Provenance]:
        """All pairs; from the index where it is whole, else from the folders."""
        try:
            lines = (self.folder / "index.jsonl").read_bytes().splitlines()
            known = {p.id: p for p in (msgspec.json.decode(n, type=Provenance) for n in lines)}
        except (OSError, msgspec.DecodeError):
            return self.rebuild()
        return known if known.keys() == set(self) else self.rebuild()

    def rebuild(self) -> dict[str, Provenance]:
        """Write the index anew from the folders."""
        found = {identity: self.read(identity) for identity in self}
        with lock(self._guard, wait=True):
            part = self.folder / ".index.part"
            part.write_bytes(b"".join(msgspec.json.encode(p) + b"\n" for p in found.values()))
            part.replace(self.folder / "index.jsonl")
        return found

    def _pair(self, identity: str) -> Path:
        return self.folder / "pairs" / identity

    def _append(self, provenance: Provenance) -> None:
        index = self.folder / "index.jsonl"
        with lock(self._guard, wait=True), index.open("ab") as file:
            file.write(msgspec.json.encode(provenance) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @property
    def _guard(self) -> Path:
        return self.folder / "claims" / ".index"


def _flush(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # it opens no folders
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
