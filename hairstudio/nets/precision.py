"""The number format in which networks run fastest here."""

from __future__ import annotations

from collections.abc import Callable

import torch


def fast_dtype(device: str = "cpu") -> torch.dtype:
    """bf16 where the processor computes in it; else fp32, or fp16 on older GPUs.

    Where bf16 is emulated it is slower than fp32. The answer depends on the processor alone, not
    on its load, so that pictures can be made again.
    """
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(False) else torch.float16
    native = _has("_is_avx512_bf16_supported") or _has("_is_amx_tile_supported")
    return torch.bfloat16 if native else torch.float32


def _has(name: str) -> bool:
    """Ask torch about the processor; these questions are not public and may be gone some day."""
    ask: Callable[[], bool] | None = getattr(torch.cpu, name, None)
    return ask is not None and ask()
