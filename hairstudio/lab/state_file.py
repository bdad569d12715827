"""A search on disk: safetensors with a JSON header, written atomically, resumed exactly."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.lab.reconstruct import State

HEADER = "hairstudio-search"


def save(state: State, path: Path) -> None:
    """Replaces an earlier state of the search."""
    tensors = _named("live", state.parameters) | _named("best", state.best) | {"start": state.start}
    tensors |= {f"memory.{name}": tensor for name, tensor in state.memory.items()}
    if state.best_loss is not None:
        tensors["best_loss"] = state.best_loss
    header = {HEADER: json.dumps({"step": state.step, "history": state.history})}
    plain = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    with atomic_write(path, overwrite=True) as part:
        save_file(plain, part, header)


def load(path: Path) -> State:
    """Raises UserError for a file that is no state of a search."""
    try:
        with safe_open(path, "pt") as file:
            known = json.loads(file.metadata()[HEADER])
            names = file.keys()  # clones lie in memory as before: else products round otherwise
            tensors = {name: file.get_tensor(name).clone() for name in names}
        v, *noises = _listed("live", tensors)
        memory = {name.removeprefix("memory."): tensor for name, tensor in tensors.items()
                  if name.startswith("memory.")}  # fmt: skip
        return State(v, noises, tensors["start"], memory, known["step"], known["history"],
                     tensors.get("best_loss"), _listed("best", tensors))  # fmt: skip
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: not the state of a search: {error}") from error


def _named(prefix: str, tensors: list[Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{index}": tensor for index, tensor in enumerate(tensors)}


def _listed(prefix: str, tensors: dict[str, Tensor]) -> list[Tensor]:
    count = sum(name.startswith(prefix + ".") for name in tensors)
    return [tensors[f"{prefix}.{index}"] for index in range(count)]
