"""Pairs, and what lies between two of them, as a WebDataset: a tar in which the files of a sample
follow each other, ID.NAME."""

from __future__ import annotations

import io
import tarfile
from dataclasses import asdict
from pathlib import Path

import msgspec
from PIL import Image
from safetensors.torch import save

from hairstudio.files import atomic_write
from hairstudio.lab import decisions
from hairstudio.lab.between import Between
from hairstudio.lab.gridding import Grid
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


def write_grid(grid: Grid, between: Between, path: Path, *, overwrite: bool) -> None:
    """The cells a..i as samples: raw picture, latent and noise, and where it lies between the pairs
    with the attribute as it was measured (null: not seen)."""
    with atomic_write(path, overwrite=overwrite) as part, tarfile.open(part, "w") as tar:
        for picture, cell in zip(grid.pictures, grid.cells, strict=True):
            name = f"{between.first}-{between.second}-{cell.letter}"
            png = io.BytesIO()
            Image.fromarray(picture).save(png, "PNG")
            w, noises = between.latents(cell.degree, cell.identity)
            tensors = {"w": w[0], **{f"noise.{i}": plane for i, plane in enumerate(noises)}}
            known = {
                "pairs": (between.first, between.second), "attribute": between.attribute,
                "unit": grid.unit, "findings": grid.findings, **asdict(cell),
            }  # fmt: skip
            _add_bytes(tar, f"{name}.png", png.getvalue())
            _add_bytes(tar, f"{name}.latents.safetensors", save(tensors))
            _add_bytes(tar, f"{name}.json", msgspec.json.encode(known))


def _add(tar: tarfile.TarFile, file: Path, name: str) -> None:
    _add_bytes(tar, name, file.read_bytes())


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)  # no owner, no time
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))
