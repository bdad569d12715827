"""Checkpoints of other projects -> StyleGAN2 priors of ours. Tensors are renamed, never computed.

Reads NVIDIA ``.pkl``, rosinality ``.pt`` and MMagic ``.pth`` files without running anything in
them; writes safetensors with a header that says all one needs to know.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from safetensors.torch import save_file

from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.weights.convert import mmagic, names, nvidia, rosinality, unpickle
from hairstudio.weights.convert.names import Tensors

HEADER = "hairstudio"
UNSTATED = "not stated in the file (NVIDIA's own models are for non-commercial use)"


@dataclass(frozen=True)
class Description:
    """Header of a prior. ``channels``: width per resolution, 4 px first; ``clamp``: limit of the
    convolutions' outputs, None for none; ``mapping_rate``: factor of the mapping network's weights,
    which learn so much more slowly."""

    resolution: int
    channels: tuple[int, ...]
    latent: int
    mapping_layers: int
    source: str
    licence: str = UNSTATED
    clamp: float | None = None
    mapping_rate: float = 0.01


@dataclass(frozen=True, eq=False)
class Prior:
    """``tensors``: under our names, float32; ``w_mean`` only where the file held one."""

    tensors: Tensors
    description: Description


def read(path: Path) -> Prior:
    """A StyleGAN2 generator from another project's file.

    Raises UserError naming the file: unreadable, hostile, of no known layout, or holding a
    tensor that has no place here. Whether all that a network needs are there is not looked at.
    """
    if path.suffix.lower() == ".pkl":
        file, layouts = unpickle.read_pickle(path), (nvidia,)
    else:
        file, layouts = unpickle.read_torch(path), (rosinality, mmagic)
    with unpickle.refusing(path):
        for layout in layouts:
            theirs = layout.tensors(file)
            if theirs is not None:
                return _converted(path, file, layout, theirs)
    raise UserError(f"{path}: not a StyleGAN2 checkpoint of NVIDIA, rosinality or MMagic")


def _converted(path: Path, file: Any, layout: ModuleType, theirs: dict[Any, Any]) -> Prior:
    settings = nvidia.settings(file) if layout is nvidia else {}
    source = f"{layout.__name__.rpartition('.')[2]}: {path.name}"
    try:
        tensors = names.renamed(theirs, layout.RENAMES, layout.DERIVED)
        return Prior(tensors, _described(tensors, source, settings))
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _described(tensors: Tensors, source: str, settings: dict[str, Any]) -> Description:
    """Sizes as the tensors have them. Raises UserError where one is missing."""
    try:
        layers = _counted(tensors, "synthesis.layers")
        channels = [tensors["synthesis.input"].shape[1]]
        channels += [len(tensors[f"synthesis.layers.{i}.bias"]) for i in range(2, layers, 2)]
        latent = len(tensors["mapping.layers.0.bias"])
    except KeyError as error:
        raise UserError(f"tensor {error.args[0]} is missing") from error
    mapping, resolution = _counted(tensors, "mapping.layers"), 2 ** (len(channels) + 1)
    return Description(resolution, tuple(channels), latent, mapping, source, **settings)


def _counted(tensors: Tensors, group: str) -> int:
    """How many there are, without a gap."""
    indices = {name.removeprefix(group).split(".")[1] for name in tensors if name.startswith(group)}
    return next(i for i in count() if str(i) not in indices)


def write(prior: Prior, out: Path) -> None:
    """As safetensors with the description as its header; replaces an older file."""
    plain = {name: tensor.contiguous() for name, tensor in prior.tensors.items()}
    with atomic_write(out, overwrite=True) as part:
        save_file(plain, part, {HEADER: json.dumps(asdict(prior.description))})
