"""How tensors of other projects are named here: lists of renames that must account for each one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from hairstudio.errors import UserError

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Rename:
    """``theirs``: pattern of a whole name; ``ours``: the new name, None for one without a place."""

    theirs: str
    ours: Callable[[re.Match[str]], str | None]


def synthesis(layer: int, part: str | None) -> str | None:
    """Our name for a part of synthesis layer ``layer``."""
    return part and f"synthesis.layers.{layer}.{part}"


def rgb(block: int, part: str | None) -> str | None:
    """Our name for a part of the toRGB layer of resolution 4 * 2^block."""
    return part and f"synthesis.to_rgb.{block}.{part}"


def convolutions(layer: Mapping[str, str], to_rgb: Mapping[str, str]) -> tuple[Rename, ...]:
    """Renames of the layout that rosinality and MMagic share; ``layer``, ``to_rgb``: our names of
    the parts of one layer."""
    return (
        Rename(r"conv1\.(.+)", lambda m: synthesis(0, layer.get(m[1]))),
        Rename(r"convs\.(\d+)\.(.+)", lambda m: synthesis(int(m[1]) + 1, layer.get(m[2]))),
        Rename(r"to_rgb1\.(.+)", lambda m: rgb(0, to_rgb.get(m[1]))),
        Rename(r"to_rgbs\.(\d+)\.(.+)", lambda m: rgb(int(m[1]) + 1, to_rgb.get(m[2]))),
    )


def renamed(theirs: Mapping[Any, Any], renames: Sequence[Rename], derived: str) -> Tensors:
    """Every tensor under our name and in our shape. Raises UserError naming the one that is
    unknown, no tensor, or of a shape that cannot be."""
    found: Tensors = {}
    for name, tensor in theirs.items():
        if not isinstance(name, str) or not torch.is_tensor(tensor):
            raise UserError(f"{name!r} is not the name of a tensor")
        if not re.fullmatch(derived, name):
            ours = _ours(name, renames)
            try:
                found[ours] = shaped(ours, tensor)
            except RuntimeError as error:
                raise UserError(f"tensor {name} has a wrong shape: {(*tensor.shape,)}") from error
    return found


def _ours(name: str, renames: Sequence[Rename]) -> str:
    for rename in renames:
        match = re.fullmatch(rename.theirs, name)
        ours = rename.ours(match) if match else None
        if ours:
            return ours
    raise UserError(f"unknown tensor {name}: not a plain StyleGAN2")


def shaped(name: str, tensor: Tensor) -> Tensor:
    """In our shape: theirs carry batch axes that ours do not, or lack one that ours have."""
    tensor = tensor.detach().float()
    if name.endswith(".noise_strength"):
        return tensor.reshape(())
    if name.endswith(".noise"):
        return tensor.reshape(1, 1, *tensor.shape[-2:])
    if name == "synthesis.input":
        return tensor.reshape(1, *tensor.shape[-3:])
    if name.endswith(".conv.weight"):
        return tensor.reshape(tensor.shape[-4:])
    if name.endswith(".bias") or name == "w_mean":
        return tensor.reshape(-1)
    return tensor
