"""A run at one resolution goes on at twice that: all that was learned is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch

from hairstudio.training.checkpoint import Tensors

_BLOCK = re.compile(r"d\.blocks\.(\d+)")


def is_smaller(tensors: Tensors, channels: Sequence[int]) -> bool:
    """Whether the networks in a checkpoint end an octave below ``channels``."""
    return f"g.synthesis.to_rgb.{len(channels) - 1}.bias" not in tensors


def grown(tensors: Tensors, fresh: Tensors) -> Tensors:
    """Networks of half the resolution, put into ``fresh`` ones.

    The new toRGB is black, so that the generator begins with its old pictures, enlarged; the
    discriminator's new first block stands before the old ones and has to learn.
    """
    kept = {_moved(name): value for name, value in tensors.items() if _lasts(name)}
    new = {name: value for name, value in fresh.items() if name not in kept}
    black = {n: torch.zeros_like(t) for n, t in new.items() if ".to_rgb." in n and "conv" in n}
    return new | black | kept


def _lasts(name: str) -> bool:
    return name.startswith(("g.", "d.", "ema.")) and not name.startswith("d.from_rgb.")


def _moved(name: str) -> str:
    """The discriminator counts its blocks from the largest."""
    return _BLOCK.sub(lambda found: f"d.blocks.{int(found[1]) + 1}", name)
