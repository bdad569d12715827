"""MMagic and MMGeneration ``.pth``: the averaged generator of a StyleGAN2; its pictures are BGR."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hairstudio.weights.convert.names import Rename, convolutions

MODULATED = {
    "conv.weight": "conv.weight",
    "conv.style_modulation.linear.weight_orig": "affine.weight",
    "conv.style_modulation.bias": "affine.bias",
}
LAYER = MODULATED | {"noise_injector.weight": "noise_strength", "activate.bias": "bias"}
RGB = MODULATED | {"bias": "bias"}
_PART = {"linear.weight_orig": "weight", "bias": "bias"}

RENAMES = (
    Rename(
        r"style_mapping\.(\d+)\.(linear\.weight_orig|bias)",
        lambda m: f"mapping.layers.{int(m[1]) - 1}.{_PART[m[2]]}",
    ),
    Rename(r"constant_input\.input", lambda _: "synthesis.input"),
    Rename(r"injected_noise_(\d+)", lambda m: f"synthesis.layers.{m[1]}.noise"),
    *convolutions(LAYER, RGB),
    Rename(r"w_avg", lambda _: "w_mean"),
)
DERIVED = r".*\.kernel"
_AVERAGED, _INNER = "generator_ema.", "generator_ema.module."


def tensors(file: Any) -> dict[str, Any] | None:
    """What should be their tensors, with R and B exchanged at the outputs, or None for another
    project's file. MMagic's average holds the generator and counts its ``steps``."""
    state = file.get("state_dict", file) if isinstance(file, Mapping) else None
    if not isinstance(state, Mapping):
        return None
    averaged = {k: t for k, t in state.items() if str(k).startswith(_AVERAGED)}
    inner = any(name.startswith(_INNER) for name in averaged)
    if inner:
        averaged.pop(f"{_AVERAGED}steps", None)
    names = {k: k.removeprefix(_INNER if inner else _AVERAGED) for k in averaged}
    return {names[k]: _as_rgb(names[k], t) for k, t in averaged.items()} or None


def _as_rgb(name: str, tensor: Any) -> Any:
    """Output channels in the order R, G, B."""
    output = re.fullmatch(r"to_rgb(1|s\.\d+)\.(bias|conv\.weight)", name)
    return tensor.flip(1) if output else tensor
