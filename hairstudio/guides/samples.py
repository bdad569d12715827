"""Pixels of a view's hair by which a dye is watched: some of all hair for the ranks of lightness,
and small squares for its texture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from hairstudio.guides import dye
from hairstudio.imaging.colorspace import lab_image
from hairstudio.imaging.filters import disc

Array = NDArray[np.float32]
Indices = NDArray[np.intp]

FEW = 2500  # pixels
SIDE, MARGIN, SQUARES = 40, 6, 24  # pixels; about how many
SIGMAS = 0.0, 0.8, 1.6, 3.2  # pixels: octaves lie between
EDGE = 5  # pixels: nearer to the edge of hair it is no texture


@dataclass(frozen=True, eq=False)
class Planes:
    """(h, w) float32 each. ``base``: smooth L*; ``dark``: 0..1, where strands show too little of
    themselves to stand beside the tone curve; ``shade``: 0..-1 in large shadows; ``depth``: 0..-1
    at the roots around the face, where hair lies deepest; ``front``: 0..-1 where hair begins before
    skin; ``behind``: L* of what is behind it; ``locks``: strands for hair too dark or too light to
    show its own."""

    base: Array
    dark: Array
    shade: Array
    depth: Array
    front: Array
    behind: Array
    locks: Array


@dataclass(frozen=True, eq=False)
class Sample:
    """(n,) float32 of some hair pixels. ``alpha``; L* of the pixel (``mixed``), of the hair in it
    (``own``), without noise (``shown``), and of its smooth surroundings (``around``); ``dark``,
    ``shade``, ``deep``, ``drawn``: as the planes of ``Planes``."""

    alpha: Array
    mixed: Array
    own: Array
    shown: Array
    around: Array
    dark: Array
    shade: Array
    deep: Array
    drawn: Array

    @cached_property
    def ranks(self) -> NDArray[np.float64]:
        return rankdata(self.mixed)

    def correlation(self, new: Array) -> float:
        """Of the ranks of lightness before and after hair got the L* ``new``, -1..1."""
        return float(np.corrcoef(self.ranks, rankdata(self.dyed(new)))[0, 1])

    def dyed(self, new: Array) -> Array:
        """L* of the pixels when their hair has the L* ``new``."""
        return np.asarray(self.mixed + self.alpha * (new - self.own), np.float32)

    def quieted(self, share: np.float32 | float) -> Sample:
        """With so much of what is added against noise."""
        return replace(self, shown=self.own + np.float32(share) * (self.shown - self.own))


@dataclass(frozen=True, eq=False)
class Squares:
    """``sample``: small squares, one below the other, of so many pixels a row; ``inside``: (n,)
    bool, where their texture is measured."""

    sample: Sample
    inside: NDArray[np.bool_]

    def energy(self, new: Array) -> Array:
        """(3,) energy of gradients by octave, fine to coarse, where hair has the L* ``new``, over
        that of own hair."""
        return self._octaves(self.sample.dyed(new)) / self._own

    @cached_property
    def _own(self) -> Array:
        return self._octaves(self.sample.mixed) + np.float32(1e-6)

    def _octaves(self, lightness: Array) -> Array:
        plane = lightness.reshape(-1, SIDE)
        blurred = [cv2.GaussianBlur(plane, (0, 0), s) if s else plane for s in SIGMAS]
        bands = [fine - coarse for fine, coarse in pairwise(blurred)]
        return np.array([self._gradients(band) for band in bands], np.float32)

    def _gradients(self, band: Array) -> float:
        x, y = (cv2.Scharr(band, cv2.CV_32F, *axis, scale=1 / 32) for axis in ((1, 0), (0, 1)))
        return float((x * x + y * y).ravel()[self.inside].mean())


def few(hair: Array) -> Indices:
    """Flat indices of some pixels where ``hair``, (h, w) 0..1, is above .9."""
    there = np.flatnonzero(cv2.erode((hair > 0.9).astype(np.uint8), disc(1)))
    return there[:: max(1, there.size // FEW)]


def squares(hair: Array) -> tuple[Indices, NDArray[np.bool_]]:
    """Flat indices of the pixels of some squares, and where there is texture in them."""
    inside = cv2.erode((hair > 0.9).astype(np.uint8), disc(EDGE)) > 0
    height, width = hair.shape
    corners = [
        (y, x)
        for y in range(0, height - SIDE, SIDE - 2 * MARGIN)
        for x in range(0, width - SIDE, SIDE - 2 * MARGIN)
        if inside[y + MARGIN : y + SIDE - MARGIN, x + MARGIN : x + SIDE - MARGIN].any()
    ]
    chosen = np.array(corners[:: max(1, len(corners) // SQUARES)], np.intp).reshape(-1, 2)
    y, x = np.mgrid[:SIDE, :SIDE]
    within = (np.minimum(y, x) >= MARGIN) & (np.maximum(y, x) < SIDE - MARGIN)
    there = ((chosen[:, 0, None, None] + y) * width + chosen[:, 1, None, None] + x).ravel()
    return there, inside.ravel()[there] & np.tile(within.ravel(), len(chosen))


def take(
    there: Indices, rgb: Array, quiet: Array, alpha: Array, maps: Array, planes: Planes
) -> Sample:
    """Pixels at flat indices of (h, w) planes: ``alpha``, ``maps`` (h, w, dye.CHANNELS) and
    ``planes``. Over the same field, maybe finer: ``rgb`` (H, W, 3), ``quiet`` (H, W), L* to add
    against noise."""
    finer = _finer(there, alpha.shape, quiet.shape)
    pixels, share = rgb[finer], alpha.ravel()[there]
    unmixed = np.empty((1, there.size, 3), np.float32)
    dye.unmixed_all(pixels, share, maps.reshape(-1, dye.CHANNELS)[there], unmixed[0])
    mixed, own = (lab_image(colours)[0, :, 0] for colours in (pixels[None], unmixed))
    shown = np.maximum(own + quiet[finer], 0)
    seen = (planes.base, planes.dark, planes.shade, planes.depth, planes.locks)
    return Sample(share, mixed, own, shown, *(plane.ravel()[there] for plane in seen))


def _finer(
    there: Indices, coarse: tuple[int, ...], fine: tuple[int, ...]
) -> tuple[Indices, Indices]:
    """Rows and columns on the fine raster of flat indices on the coarse one."""
    places = zip(divmod(there, coarse[1]), fine, coarse, strict=True)
    rows, columns = (((at + 0.5) * n / of).astype(np.intp) for at, n, of in places)
    return rows, columns
