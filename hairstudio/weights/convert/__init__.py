"""Checkpoints of other projects -> StyleGAN2 priors of ours. Tensors are renamed, never computed.

Reads NVIDIA ``.pkl``, rosinality ``.pt`` and MMagic ``.pth`` files without running anything in
them; writes safetensors with a header that says all one needs to know.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import count, takewhile
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
    convolutions' outputs, None for none."""

    resolution: int
    channels: tuple[int, ...]
    latent: int
    mapping_layers: int
    source: str
    licence: str = UNSTATED
    clamp: float | None = None


@dataclass(frozen=True, eq=False)
class Prior:
    """``tensors``: under our names, float32; ``w_mean`` only where the file held one."""

    tensors: Tensors
    description: Description


def read(path: Path) -> Prior:
    """A StyleGAN2 generator from another project's file.

    Raises UserError naming the file: unreadable, hostile, of no known layout, or holding a
    tensor that has no place here, or lacking one.
    """
    if path.suffix.lower() == ".pkl":
        file, layouts = unpickle.read_pickle(path), (nvidia,)
    else:
        file, layouts = unpickle.read_torch(path), (rosinality, mmagic)
    for layout in layouts:
        theirs = layout.tensors(file)
        if theirs is not None:
            return _converted(path, file, layout, theirs)
    raise UserError(f"{path}: not a StyleGAN2 checkpoint of NVIDIA, rosinality or MMagic")


def _converted(path: Path, file: Any, layout: ModuleType, theirs: Tensors) -> Prior:
    try:
        tensors = names.renamed(theirs, layout.RENAMES, layout.DERIVED)
    except KeyError as error:
        raise UserError(f"{path}: unknown tensor {error.args[0]}: not a plain StyleGAN2") from error
    if layout is rosinality and (mean := rosinality.mean(file)) is not None:
        tensors["w_mean"] = mean.float().reshape(-1)
    clamp = nvidia.clamp(file) if layout is nvidia else None
    project = layout.__name__.rpartition(".")[2]
    return Prior(tensors, _described(path, tensors, f"{project}: {path.name}", clamp))


def _described(path: Path, tensors: Tensors, source: str, clamp: float | None) -> Description:
    """Sizes as the tensors have them. Raises UserError where one is missing."""
    try:
        blocks = _counted(tensors, "synthesis.to_rgb.{}.bias")
        channels = [tensors["synthesis.input"].shape[1]]
        channels += [tensors[f"synthesis.layers.{2 * i}.bias"].shape[0] for i in range(1, blocks)]
        layers = _counted(tensors, "mapping.layers.{}.weight")
        latent = tensors["mapping.layers.0.weight"].shape[1]
    except KeyError as error:
        raise UserError(f"{path}: tensor {error.args[0]} is missing") from error
    return Description(2 ** (blocks + 1), tuple(channels), latent, layers, source, clamp=clamp)


def _counted(tensors: Tensors, name: str) -> int:
    return sum(1 for _ in takewhile(lambda i: name.format(i) in tensors, count()))


def write(prior: Prior, out: Path) -> None:
    """As safetensors with the description as its header; replaces an older file."""
    plain = {name: tensor.contiguous() for name, tensor in prior.tensors.items()}
    with atomic_write(out, overwrite=True) as part:
        save_file(plain, part, {HEADER: json.dumps(asdict(prior.description))})
