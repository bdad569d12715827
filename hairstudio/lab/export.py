"""Pairs as a WebDataset: a tar in which the files of a pair follow each other, ID.NAME."""

from __future__ import annotations

import tarfile
from pathlib import Path

from hairstudio.files import atomic_write
from hairstudio.lab import decisions
from hairstudio.lab.store import Store

MEMBERS = {"source.png": "source.png", "target.png": "target.png", "region.png": "region.png",
           "reference.png": "reference.png", "photo.png": "photo.png",
           "latents.safetensors": "latents.safetensors", "pair.json": "json"}  # fmt: skip


def write(store: Store, path: Path, *, overwrite: bool, failed_too: bool) -> int:
    """The number of pairs written: those that people accepted, and those that passed all gates (or
    all) unless they were rejected. The same pairs make the same bytes."""
    said = decisions.read(store)
    chosen = [
        identity for identity, pair in sorted(store.index().items())
        if said.get(identity, decisions.OPEN) == decisions.ACCEPTED
        or (identity not in said and (failed_too or not pair.failed))
    ]  # fmt: skip
    with atomic_write(path, overwrite=overwrite) as part, tarfile.open(part, "w") as tar:
        for identity in chosen:
            for name, suffix in MEMBERS.items():
                _add(tar, store.file(identity, name), f"{identity}.{suffix}")
    return len(chosen)


def _add(tar: tarfile.TarFile, file: Path, name: str) -> None:
    member = tarfile.TarInfo(name)  # no owner, no time
    member.size = file.stat().st_size
    with file.open("rb") as stream:
        tar.addfile(member, stream)
