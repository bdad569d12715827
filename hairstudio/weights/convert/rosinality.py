"""rosinality/stylegan2-pytorch ``.pt``: ``g_ema`` and perhaps ``latent_avg``; training checkpoints
too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hairstudio.weights.convert.names import Rename, convolutions

MODULATED = {
    "conv.weight": "conv.weight",
    "conv.modulation.weight": "affine.weight",
    "conv.modulation.bias": "affine.bias",
}
LAYER = MODULATED | {"noise.weight": "noise_strength", "activate.bias": "bias"}
RGB = MODULATED | {"bias": "bias"}

RENAMES = (
    Rename(r"style\.(\d+)\.(weight|bias)", lambda m: f"mapping.layers.{int(m[1]) - 1}.{m[2]}"),
    Rename(r"input\.input", lambda _: "synthesis.input"),
    Rename(r"noises\.noise_(\d+)", lambda m: f"synthesis.layers.{m[1]}.noise"),
    *convolutions(LAYER, RGB),
    Rename("latent_avg", lambda _: "w_mean"),
)
DERIVED = r"(.*\.)?kernel"  # the filter is the same for every checkpoint


def tensors(file: Any) -> dict[Any, Any] | None:
    """What should be their tensors and the mean latent, or None for a file of another project."""
    if not isinstance(file, Mapping) or not isinstance(file.get("g_ema"), Mapping):
        return None
    mean = file.get("latent_avg")
    return dict(file["g_ema"]) | ({} if mean is None else {"latent_avg": mean})
