"""Any place between two stored pairs, drawn at once: degree of the attribute x identity."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hairstudio.editing.engine import installed_assets
from hairstudio.lab import gridding, interpolate
from hairstudio.lab.gridding import Grid
from hairstudio.lab.interpolate import STEPS
from hairstudio.lab.latent import LatentSpace, open_space
from hairstudio.lab.measure import UNITS, Pixels, Ruler, Seen, pixels_of
from hairstudio.lab.store import Store
from hairstudio.nets import prior
from hairstudio.nets.stylegan2 import Generator

PLACES = [(row / (STEPS - 1), column / (STEPS - 1)) for row in range(STEPS)
          for column in range(STEPS)]  # fmt: skip
"""Degree and identity of the cells a..i."""


class Between:
    """``first``, ``second``: ids of pairs of one attribute that ``path``, the prior of
    ``generator`` and ``space``, made. Raises UserError for others."""

    def __init__(
        self, store: Store, first: str, second: str,
        path: Path, generator: Generator, space: LatentSpace,
    ) -> None:  # fmt: skip
        known = [store.read(each) for each in (first, second)]
        gridding.check(known, path)
        self.store, self.first, self.second = store, first, second
        self.attribute = known[0].attribute
        self._generator, self._space = generator, space
        self._pairs = [gridding.latents(store, i, space, generator) for i in (first, second)]

    @property
    def side(self) -> int:
        return self._generator.config.resolution

    def latents(self, degree: float, identity: float) -> tuple[Tensor, list[Tensor]]:
        """W+ (1, styles, d) and noise planes (1, 1, r, r)."""
        (v, planes), (w, others) = self._pairs
        ws = self._space.to_w(interpolate.point(v, w, degree, identity)[None])
        return ws, [interpolate.point(a, b, degree, identity)[None]
                    for a, b in zip(planes, others, strict=True)]  # fmt: skip

    @torch.no_grad()
    def picture(self, degree: float, identity: float, side: int | None = None) -> Pixels:
        """(R, R, 3) uint8, or at a smaller ``side``, a power of two from 4 on."""
        ws, noises = self.latents(degree, identity)
        return pixels_of(self._generator.synthesis(ws, noises, side=side)[0])

    def cells(self) -> list[Pixels]:
        """a..i."""
        return [self.picture(*place) for place in PLACES]

    def grid(self) -> Iterator[Grid | None]:
        """The cells and their figures; None before, each time that a part of the work is done."""
        regions = [gridding.region_of(self.store, each) for each in (self.first, self.second)]
        ruler, region = Ruler(installed_assets()), np.maximum(*regions)
        pictures, seen = self.cells(), list[Seen]()
        values = list[float]()
        for picture in pictures:
            seen.append(ruler.look(picture, region))
            source = seen[(len(seen) - 1) % STEPS]  # of the column
            value = ruler.strength(self.attribute, seen[-1], source)
            values.append(math.nan if value is None else value)
            yield None
        cells = interpolate.measured(values, gridding.identities(pictures, seen))
        yield Grid(tuple(pictures), cells, interpolate.findings(cells), UNITS[self.attribute])


def make(store: Store, first: str, second: str, path: Path) -> tuple[Grid, Between]:
    """``first``, ``second``: ids of pairs of one attribute; ``path``: the prior that made them.

    Raises UserError for other pairs and another prior.
    """
    generator = prior.load(path)
    between = Between(store, first, second, path, generator, open_space(generator, path))
    return next(grid for grid in between.grid() if grid is not None), between
