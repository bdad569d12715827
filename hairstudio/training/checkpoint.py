"""Training state on disk: a full checkpoint that resumes exactly, alone or in shards that travel,
and a compact one.

All are safetensors files with a JSON header: no pickles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from hairstudio.errors import UserError
from hairstudio.files import atomic_write

Tensors = dict[str, Tensor]
Meta = Mapping[str, object]


def save(path: Path, tensors: Tensors, meta: Meta) -> None:
    """Write atomically; a killed process leaves the previous checkpoint."""
    plain = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    with atomic_write(path, overwrite=True) as part:
        save_file(plain, part, {"training": json.dumps(meta)})


def save_shards(folder: Path, tensors: Tensors, meta: Meta, limit: int) -> int:
    """Write files of at most about ``limit`` bytes into a new or empty ``folder``; returns their
    number. Raises UserError for a folder that holds something."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UserError(f"{folder}: not empty; name a new folder")
    shards = _filled(tensors, limit)
    for number, shard in enumerate(shards):
        held = {name: tensors[name] for name in shard}
        save(folder / f"{number:02}.safetensors", held, {**meta, "shards": len(shards)})
    return len(shards)


def _filled(tensors: Tensors, limit: int) -> list[list[str]]:
    """Names in few groups whose tensors have at most ``limit`` bytes: largest first, each into the
    first group that has room."""
    groups, room = list[list[str]](), list[int]()
    for name in sorted(tensors, key=lambda name: -tensors[name].nbytes):
        size = tensors[name].nbytes
        place = next((i for i, left in enumerate(room) if size <= left), len(groups))
        if place == len(groups):
            groups.append([])
            room.append(limit)
        groups[place].append(name)
        room[place] -= size
    return groups


def load(path: Path) -> tuple[Tensors, Meta]:
    """A checkpoint, or the folder of its shards. Raises UserError for what is missing, damaged or
    not a checkpoint."""
    if not path.is_dir():
        return _read(path)
    parts = [_read(shard) for shard in sorted(path.glob("*.safetensors"))]
    if not parts or any(meta.get("shards") != len(parts) for _, meta in parts):
        raise UserError(f"{path}: some of its shards are missing")
    return {name: t for part, _ in parts for name, t in part.items()}, parts[0][1]


def _read(path: Path) -> tuple[Tensors, Meta]:
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, json.loads(file.metadata()["training"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: not a checkpoint of a training run: {error}") from error


def named(prefix: str, module: nn.Module) -> Tensors:
    return {f"{prefix}.{name}": value for name, value in module.state_dict().items()}


def under(prefix: str, tensors: Tensors) -> Tensors:
    start = len(prefix) + 1
    return {name[start:]: t for name, t in tensors.items() if name.startswith(prefix + ".")}


def restore(prefix: str, module: nn.Module, tensors: Tensors) -> None:
    module.load_state_dict({k: v.float() for k, v in under(prefix, tensors).items()})


def optimiser_tensors(prefix: str, optimiser: torch.optim.Optimizer) -> Tensors:
    state = optimiser.state_dict()["state"]
    return {f"{prefix}.{i}.{key}": value for i, s in state.items() for key, value in s.items()}


def restore_optimiser(prefix: str, optimiser: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Put moments back; without any in the file the optimiser starts afresh."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in under(prefix, tensors).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    if state:
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": state, "param_groups": groups})


def half(tensors: Tensors) -> Tensors:
    """bf16 copies: what the compact file holds."""
    return {name: tensor.to(torch.bfloat16) for name, tensor in tensors.items()}
