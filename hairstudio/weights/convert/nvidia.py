"""NVIDIA stylegan2-ada-pytorch and stylegan3 ``.pkl`` (the StyleGAN2 networks in them).

Such a pickle holds the source code of its networks. Nothing of it runs: only the state of the
objects is read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from hairstudio.weights.convert.names import Rename, rgb, synthesis
from hairstudio.weights.convert.unpickle import Box

LAYER = {
    "weight": "conv.weight",
    "bias": "bias",
    "affine.weight": "affine.weight",
    "affine.bias": "affine.bias",
    "noise_const": "noise",
    "noise_strength": "noise_strength",
}
RGB = {name: ours for name, ours in LAYER.items() if not name.startswith("noise")}


def _block(match: re.Match[str]) -> int:
    """0 for 4 px, 1 for 8 px ..."""
    return int(match[1]).bit_length() - 3


def _layer(match: re.Match[str]) -> str | None:
    return synthesis(2 * _block(match) - (match[2] == "0"), LAYER.get(match[3]))


RENAMES = (
    Rename(r"mapping\.fc(\d+)\.(weight|bias)", lambda m: f"mapping.layers.{m[1]}.{m[2]}"),
    Rename(r"mapping\.w_avg", lambda _: "w_mean"),
    Rename(r"synthesis\.b4\.const", lambda _: "synthesis.input"),
    Rename(r"synthesis\.b(\d+)\.conv([01])\.(.+)", _layer),
    Rename(r"synthesis\.b(\d+)\.torgb\.(.+)", lambda m: rgb(_block(m), RGB.get(m[2]))),
)
DERIVED = r".*\.resample_filter"


def tensors(file: Any) -> dict[str, Tensor] | None:
    """The averaged generator's tensors, or None for something else."""
    generator = file.get("G_ema") if isinstance(file, Mapping) else None
    if not isinstance(generator, Box) or not isinstance(generator.state, Mapping):
        return None
    return _walk(generator, "")


def settings(file: Any) -> dict[str, float | None]:
    """The limit that the convolutions' outputs are cut to and the mapping network's rate."""
    limit = _state(file["G_ema"], "synthesis", "b4", "conv1").get("conv_clamp")
    rate = _state(file["G_ema"], "mapping", "fc0").get("bias_gain", 0.01)
    return {"clamp": limit if limit is None else _positive(limit), "mapping_rate": _positive(rate)}


def _positive(value: Any) -> float:
    if not 0 < float(value) < math.inf:
        raise ValueError(f"a setting of {value}")
    return float(value)


def _state(module: Box, *names: str) -> Mapping[str, Any]:
    """The state of a module within modules; empty where there is none."""
    state: Mapping[str, Any] = module.state
    for name in names:
        child = state.get("_modules", {}).get(name)
        state = {} if child is None else child.state
    return state


def _walk(module: Box, prefix: str) -> dict[str, Tensor]:
    """Parameters and buffers of a module and those in it, under dotted names."""
    state: Mapping[str, Any] = module.state
    own = {**state["_parameters"], **state["_buffers"]}
    found = {prefix + name: tensor for name, tensor in own.items() if tensor is not None}
    for name, child in state["_modules"].items():
        found |= _walk(child, f"{prefix}{name}.")
    return found
