"""The fused editor (after GLEAN, Chan et al., CVPR 2021): crop and guide -> edited crop.

An encoder maps the photo and its guide straight to the latent of the *target*; on the way through
the frozen prior its features are fused with the generator's at every resolution; a decoder joins
both into the picture. Beyond GLEAN: the encoder sees the whole crop, fusion reaches up to the
crop's own resolution, also where the prior is smaller, and the result is the photo plus a change
that the strength gates, so strength 0 is the photo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hairstudio.nets.encoder import DEEPEST, Encoder, activate
from hairstudio.nets.stylegan2 import Generator

INPUTS = 3 + 3 + 1 + 1 + 1  # photo, guide, its alpha, region, strength


class Task(IntEnum):
    """What is asked for."""

    BANGS = 0
    HAIRLINE = 1
    FILL = 2
    COLOR = 3
    VOLUME = 4
    REVEAL = 5


@dataclass(frozen=True)
class EditorConfig:
    """``resolution``: of the crop, 64..1024. ``widths``: channels at 1024, 512 ... 8 px.
    The switches are the ablations: ``latent_only``: the prior's picture of the encoded latent;
    ``no_prior``: encoder and decoder alone; ``no_guide``: photo and region without the guide."""

    resolution: int = 512
    widths: tuple[int, ...] = (8, 16, 32, 56, 88, 136, 200, 224)
    joint: int = 48
    latent_only: bool = False
    no_prior: bool = False
    no_guide: bool = False

    @property
    def by_size(self) -> dict[int, int]:
        sizes = [1024 >> i for i in range(len(self.widths))]
        return {s: w for s, w in zip(sizes, self.widths, strict=True) if s <= self.resolution}


SMALL = EditorConfig()
BASE = replace(SMALL, widths=(16, 32, 64, 112, 176, 256, 384, 448), joint=96)


@dataclass(frozen=True, eq=False)
class Request:
    """``photo``, ``guide``: (N, 3, R, R) in -1..1; ``alpha`` of the guide and ``region`` in which
    the picture may change: (N, 1, R, R) in 0..1; ``strength``: (N,) 0..1; ``task``: (N,) int64."""

    photo: Tensor
    guide: Tensor
    alpha: Tensor
    region: Tensor
    strength: Tensor
    task: Tensor


class Fusion(nn.Module):
    """Generator features + encoder features -> change of the generator features; 0 at first."""

    def __init__(self, generated: int, encoded: int, joint: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(generated, joint, 1)
        self.mix = nn.Conv2d(joint + encoded, joint, 3, padding=1)
        self.widen = nn.Conv2d(joint, generated, 1)
        nn.init.zeros_(self.widen.weight)
        nn.init.zeros_(cast(Tensor, self.widen.bias))

    def forward(self, generated: Tensor, encoded: Tensor) -> Tensor:
        joint = torch.cat([activate(self.narrow(generated)), encoded], 1)
        return generated + self.widen(activate(self.mix(joint)))


class Join(nn.Module):
    """One step of the decoder: from half the size, with the encoder's and generator's features."""

    def __init__(self, below: int, encoded: int, generated: int, outputs: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(generated, outputs, 1) if generated else None
        inputs = below + encoded + (outputs if generated else 0)
        self.mix = nn.Conv2d(inputs, outputs, 3, padding=1)

    def forward(self, below: Tensor, encoded: Tensor, generated: Tensor | None) -> Tensor:
        parts = [F.interpolate(below, encoded.shape[2:], mode="bilinear"), encoded]
        if self.narrow is not None and generated is not None:
            parts.append(activate(self.narrow(generated)))
        return activate(self.mix(torch.cat(parts, 1)))


class FusedEditor(nn.Module):
    """``forward(request)`` -> RGB (N, 3, R, R), about -1..1. The prior is frozen and not among the
    module's own parameters or in its state."""

    def __init__(self, config: EditorConfig, prior: Generator) -> None:
        super().__init__()
        self.config = config
        self._prior = (prior.requires_grad_(False).eval(),)  # hidden from parameters()
        widths, made = config.by_size, _widths(prior)
        self.encoder = Encoder(INPUTS, widths, prior.config.styles, prior.config.latent)
        self.task = nn.Embedding(len(Task), INPUTS)
        nn.init.zeros_(self.task.weight)
        if config.latent_only:
            return
        shared = [] if config.no_prior else [size for size in widths if size in made]
        self.fusions = nn.ModuleDict(
            {str(size): Fusion(made[size], widths[size], config.joint) for size in shared}
        )
        steps = [size for size in sorted(widths) if size > DEEPEST]
        self.decoder = nn.ModuleDict(
            {str(size): Join(widths[size // 2], widths[size], made[size] if size in shared else 0,
                             widths[size]) for size in steps}
        )  # fmt: skip
        self.paint = nn.Conv2d(widths[config.resolution], 3, 3, padding=1)

    @property
    def prior(self) -> Generator:
        return self._prior[0]

    def forward(self, request: Request, dtype: torch.dtype = torch.float32) -> Tensor:
        features, ws = self.encode(request)
        if self.config.latent_only:
            wanted = F.interpolate(
                self.prior.synthesis(ws, "const", dtype=dtype), request.photo.shape[2:],
                mode="bilinear",
            )  # fmt: skip
        else:
            wanted = self._decode(features, self._generate(features, ws, dtype))
        gate = request.region * _gate(request.strength)[:, None, None, None]
        changed = request.photo + gate * (wanted - request.photo)
        return torch.where(gate > 0, changed, request.photo)  # whatever the network made there

    def encode(self, request: Request) -> tuple[dict[int, Tensor], Tensor]:
        """Features by resolution and the target's W+ (N, styles, latent)."""
        guide, alpha = request.guide, request.alpha
        if self.config.no_guide:
            guide, alpha = torch.zeros_like(guide), torch.zeros_like(alpha)
        strength = request.strength[:, None, None, None].expand_as(alpha)
        x = torch.cat([request.photo, guide, alpha, request.region, strength], 1)
        features, offsets = self.encoder(x + self.task(request.task)[..., None, None])
        return features, self.prior.w_mean + offsets

    def _generate(
        self, features: dict[int, Tensor], ws: Tensor, dtype: torch.dtype
    ) -> dict[int, Tensor]:
        """The prior's features by resolution, fused with the encoder's."""
        made: dict[int, Tensor] = {}
        if self.config.no_prior:
            return made

        def fuse(size: int, generated: Tensor) -> Tensor:
            if str(size) in self.fusions:
                generated = self.fusions[str(size)](generated.float(), features[size])
                made[size] = generated
            return generated.to(dtype)

        self.prior.synthesis(ws, "const", fuse, dtype, self.config.resolution)
        return made

    def _decode(self, features: dict[int, Tensor], generated: dict[int, Tensor]) -> Tensor:
        x = features[DEEPEST]
        for size, step in self.decoder.items():
            x = step(x, features[int(size)], generated.get(int(size)))
        return self.paint(x)


def _gate(strength: Tensor) -> Tensor:
    """0 at 0, soon 1: how much an edit of that strength may differ, the network decides."""
    return 1 - (1 - strength) ** 4


def _widths(prior: Generator) -> dict[int, int]:
    return {4 * 2**i: width for i, width in enumerate(prior.config.channels)}
