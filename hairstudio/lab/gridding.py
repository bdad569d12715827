"""The grid a..i of two stored pairs: pictures, measured attribute, and what is wrong with it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from hairstudio import resources
from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.lab import interpolate
from hairstudio.lab.interpolate import Cell, Finding, Pair
from hairstudio.lab.latent import LatentSpace
from hairstudio.lab.measure import Pixels, Seen
from hairstudio.lab.store import Provenance, Store
from hairstudio.nets.perceptual import ParsingFeatures
from hairstudio.nets.stylegan2 import Generator, SynthesisLayer
from hairstudio.portrait.parsing import FACE_SKIN, FEATURES
from hairstudio.weights import store as weights

CELL, CAPTION, GAP, TEXT = 256, 40, 8, 15
SEEN = 256  # pixels at which identity is looked at


@dataclass(frozen=True, eq=False)
class Grid:
    """``pictures``: (R, R, 3) uint8, a..i, raw; ``unit``: of the cells' values."""

    pictures: tuple[Pixels, ...]
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...]
    unit: str


def caption(cell: Cell, unit: str) -> str:
    """One cell in words."""
    value = "not seen" if math.isnan(cell.value) else f"{cell.value:.2f} {unit}"
    return f"{value}, drift {cell.drift:.2f}"


def write(grid: Grid, path: Path, *, overwrite: bool) -> None:
    """The grid as a PNG with its values under the pictures."""
    texts = [f"{cell.letter}   {caption(cell, grid.unit)}" for cell in grid.cells]
    write_sheet(grid.pictures, texts, interpolate.STEPS, path, overwrite=overwrite)


def write_sheet(
    pictures: Sequence[Pixels], texts: Sequence[str], columns: int, path: Path, *, overwrite: bool
) -> None:
    """Pictures in rows of ``columns`` as a PNG, with a text under each."""
    width, height = CELL + GAP, CELL + CAPTION + GAP
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * width + GAP, rows * height + GAP), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(resources.path("fonts/Inter-Regular.ttf")), TEXT)
    for index, (picture, text) in enumerate(zip(pictures, texts, strict=True)):
        x, y = index % columns * width + GAP, index // columns * height + GAP
        sheet.paste(Image.fromarray(picture).resize((CELL, CELL), Image.Resampling.BICUBIC), (x, y))
        draw.text((x, y + CELL + GAP), text, "black", font)
    with atomic_write(path, overwrite=overwrite) as part:
        sheet.save(part, "PNG")


def check(pairs: Sequence[Provenance], path: Path) -> None:
    """Raises UserError for pairs of several attributes, and those that another prior made."""
    first, last = pairs[0], pairs[-1]
    if first.attribute != last.attribute:
        raise UserError(f"a grid needs one attribute, not {first.attribute} and {last.attribute}")
    if any(pair.prior != weights.sha256(path) for pair in pairs):
        raise UserError(f"{path}: another prior made these pairs; give that one with --prior")


Latents = tuple[Pair, list[Pair]]
"""Whitened latent and noise planes (1, r, r)."""


def latents(store: Store, identity: str, space: LatentSpace, generator: Generator) -> Latents:
    tensors = load_file(store.file(identity, "latents.safetensors"))
    places = store.read(identity).places

    def pair(own: Callable[[str], Tensor]) -> Pair:
        middle = own("middle") if "middle" in tensors else None
        return Pair(own("source"), own("target"), middle, places)

    noises = [
        pair(lambda name, i=i, layer=layer: tensors.get(f"{name}.noise.{i}", layer.noise)[0])
        for i, layer in enumerate(_layers(generator))
    ]
    return pair(lambda name: space.from_w(tensors[name])), noises


def _layers(generator: Generator) -> list[SynthesisLayer]:
    return [layer for layer in generator.synthesis.layers if isinstance(layer, SynthesisLayer)]


@torch.no_grad()
def identities(pictures: list[Pixels], seen: list[Seen]) -> list[Tensor]:
    """Features of the parsing network, averaged over the face outside the edits' region. The region
    is covered alike in all pictures: features look around, and would see the edit itself."""
    net, found = _face_features(weights.path("face_parsing")), list[Tensor]()
    for picture, each in zip(pictures, seen, strict=True):
        rgb = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
        around = 1 - torch.from_numpy(each.region)[None, None]
        covered = F.interpolate(rgb, SEEN, mode="bilinear") * F.interpolate(around, SEEN)
        layer = net.maps(covered)[1]
        planes = each.planes[[*FACE_SKIN, *FEATURES]].sum(0) * (1 - each.region)
        face = torch.from_numpy(planes)[None, None]
        weight = F.interpolate(face, layer.shape[2:], mode="area")
        found.append((layer * weight).sum((2, 3))[0] / weight.sum().clamp(min=1e-6))
    return found


@functools.lru_cache(maxsize=1)
def _face_features(path: Path) -> ParsingFeatures:
    return ParsingFeatures(path).eval()


def region_of(store: Store, identity: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with Image.open(store.file(identity, "region.png")) as image:
        return np.asarray(image, np.float32) / np.float32(255)
