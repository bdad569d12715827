"""Checkpoints of other projects -> our tensor names. Tensors are renamed, never computed.

So far: rosinality/stylegan2-pytorch (``.pt``: g_ema, latent_avg; training checkpoints too).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from hairstudio.errors import UserError

Tensors = dict[str, Tensor]

_MODULATED = {
    "conv.modulation.weight": "affine.weight",
    "conv.modulation.bias": "affine.bias",
    "conv.weight": "conv.weight",
}
_LAYER = _MODULATED | {"activate.bias": "bias", "noise.weight": "noise_strength"}
_RGB = _MODULATED | {"bias": "bias"}
# The filter is the same for every checkpoint, so the network makes it itself.
_DERIVED = re.compile(r".*\.kernel$")


def rosinality(path: Path) -> Tensors:
    """Generator of a rosinality checkpoint under our names, with its mean latent.

    Raises UserError for a file that is not one and for a tensor that has no place here.
    """
    try:
        file = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path}: not a PyTorch checkpoint of plain tensors") from error
    if not isinstance(file, Mapping) or "g_ema" not in file:
        raise UserError(f"{path}: has no g_ema, so it is no StyleGAN2 checkpoint of this layout")
    source: Mapping[str, Tensor] = file["g_ema"]
    renamed = {_place(path, name): t for name, t in source.items() if not _DERIVED.match(name)}
    if "latent_avg" in file:
        renamed["w_mean"] = file["latent_avg"]
    return {name: _shaped(name, tensor) for name, tensor in renamed.items()}


def _place(path: Path, name: str) -> str:
    """Our name for one of theirs."""
    head, _, rest = name.partition(".")
    number, _, tail = rest.partition(".")
    if head == "style":
        return f"mapping.layers.{int(number) - 1}.{tail}"
    if name == "input.input":
        return "synthesis.input"
    if head == "noises":
        return f"synthesis.layers.{int(rest.removeprefix('noise_'))}.noise"
    places = {
        "conv1": ("layers", 0, rest, _LAYER),
        "to_rgb1": ("to_rgb", 0, rest, _RGB),
        "convs": ("layers", _next(number), tail, _LAYER),
        "to_rgbs": ("to_rgb", _next(number), tail, _RGB),
    }
    kind, index, part, table = places.get(head, ("", 0, "", {}))
    if part not in table:
        raise UserError(f"{path}: unknown tensor {name}")
    return f"synthesis.{kind}.{index}.{table[part]}"


def _next(number: str) -> int:
    return int(number) + 1 if number.isdigit() else 0


def _shaped(name: str, tensor: Tensor) -> Tensor:
    """Theirs carry batch axes that ours do not."""
    if name.endswith("conv.weight"):
        return tensor[0]
    if name.endswith("noise_strength"):
        return tensor.reshape(())
    if "to_rgb" in name and name.endswith(".bias") and "affine" not in name:
        return tensor.reshape(-1)
    return tensor
