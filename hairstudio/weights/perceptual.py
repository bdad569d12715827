"""Where the features of the perceptual distance are, and how a user's VGG16 becomes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.weights import store
from hairstudio.weights.convert import unpickle

FILE = "vgg16.safetensors"
LINEAR = "lin{}.model.1.weight"
WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Channels of VGG16's convolutions, group by group (Simonyan and Zisserman, ICLR 2015)."""


def path() -> Path:
    """The user's VGG16, else the face parsing network. Raises UserError where neither is."""
    own = store.folder() / FILE
    return own if own.is_file() else store.path("face_parsing")


def import_files(vgg: Path, lpips: Path | None = None) -> Path:
    """Convert torchvision's ``vgg16`` and, if given, the weights of LPIPS for it (``vgg.pth`` of
    the lpips package) into the store.

    Raises UserError naming the file that is not what it should be; nothing is written then.
    """
    tensors = _convolutions(vgg)
    scales = [torch.ones(group[-1]) for group in WIDTHS] if lpips is None else _scales(lpips)
    tensors |= {f"scales.{i}": scale for i, scale in enumerate(scales)}
    out = store.ensure_folder() / FILE
    with atomic_write(out, overwrite=True) as temporary:
        save_file({k: v.contiguous().float() for k, v in tensors.items()}, temporary)
    return out


def _tensors(file: Path) -> Mapping[str, Tensor]:
    found: Any = unpickle.read_torch(file)
    if not isinstance(found, Mapping) or not all(torch.is_tensor(v) for v in found.values()):
        raise UserError(f"{file}: not a plain table of weights")
    return found


def _convolutions(file: Path) -> dict[str, Tensor]:
    theirs, found = _tensors(file), dict[str, Tensor]()
    for name, shape in _shapes():
        if name not in theirs or theirs[name].shape != shape:
            raise UserError(f"{file}: not the weights of a VGG16: {name} is missing or another's")
        found[name] = theirs[name]
    return found


def _shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    place, inputs = 0, 3
    for group in WIDTHS:
        for width in group:
            yield f"features.{place}.weight", (width, inputs, 3, 3)
            yield f"features.{place}.bias", (width,)
            place, inputs = place + 2, width
        place += 1


def _scales(file: Path) -> list[Tensor]:
    """LPIPS's weights of squares, as factors of the features."""
    theirs = _tensors(file)
    expected = [LINEAR.format(i) for i in range(5)]
    if sorted(theirs) != expected or any(
        theirs[name].numel() != group[-1] for name, group in zip(expected, WIDTHS, strict=True)
    ):
        raise UserError(f"{file}: not the weights of LPIPS for a VGG16")
    return [theirs[name].flatten().clamp(min=0).sqrt() for name in expected]
