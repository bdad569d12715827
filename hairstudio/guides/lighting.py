"""How the lightness of own hair becomes that of a shade: smooth light and shade by a tone curve,
strands beside it, so that they stay as lively as they were; all as far as a sample of the hair
keeps its ranks of lightness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from hairstudio.guides import dye, melanin
from hairstudio.imaging.colorspace import lab_image
from hairstudio.imaging.filters import disc, smoothstep

Array = NDArray[np.float32]

SAMPLE = 2500  # pixels
# Least correlation of ranks. What shines through the hair keeps its lightness, so that some of it
# is lost whatever is done: then RANKS_LOST more may be, and RANKS_GONE where too much is lost
# anyway: lively strands count for more. Hair that shows nothing for the most part has ranks of
# noise: there drawn strands do.
RANKS_KEPT, RANKS_LOST, RANKS_GONE = 0.96, 0.005, 0.02
BLACK, WHITE = 2.0, 97.0  # L* of hair that shows nothing
CRUSHED, RANKLESS = (0.3, 0.42), 0.3  # shares of such hair; what then is lost
MIDDLE = 50.0  # L* of hair that is neither burnt out nor crushed
DRAWN = 0.7  # power of how much hair is lifted with which strands are drawn into black hair
FAINTER = 0.8  # strands drawn into burnt-out hair, of those in black hair
LEFT = 0.01  # of that correlation own strands leave to drawn ones
# Slopes of tone curves and how much steeper they are in shadows: the usual one, those to try where
# it leaves strands dull, and where it makes too much of them.
USUAL, STEEP, GENTLE = (1.0, 4.0), ((1.5, 4.0), (2.4, 4.0)), ((1.0, 2.5), (1.0, 1.5))
# In hair made so much darker strands may be dull: steeper, it would be black and grey.
DULLED, STEEP_DARK = 0.4, (1.25, 4.0)
# Energy of strands that are dull all the same: then hair is evened out without regard to them.
LOST = 0.5
STEEPER = 0.5  # how much steeper in lifted hair
ENOUGH, TOO_MUCH, GAIN = 0.8, 1.3, (0.4, 3.0)  # energy of strands over own; gain of strands
ROOT_DEPTH = 5.0  # L* less near the face in hair made much lighter
FRONT_DEPTH = 15.0  # L* less, at most, where it begins before skin that is darker


@dataclass(frozen=True, eq=False)
class Sample:
    """(n,) float32 of some surely parsed hair pixels. ``alpha``; L* of the pixel (``mixed``), of
    the hair in it (``own``) and of its smooth surroundings (``around``); ``deep``, ``drawn``: as
    the planes of ``Planes``."""

    alpha: Array
    mixed: Array
    own: Array
    around: Array
    deep: Array
    drawn: Array

    @cached_property
    def ranks(self) -> NDArray[np.float64]:
        return rankdata(self.mixed)


@dataclass(frozen=True, eq=False)
class Planes:
    """(h, w) float32 each. ``base``: smooth L*; ``depth``: 0..-1 at the roots around the face,
    where hair lies deepest; ``front``: 0..-1 where hair begins before skin; ``behind``: L* of what
    is behind it; ``locks``: strands for hair too dark or too light to show its own."""

    base: Array
    depth: Array
    front: Array
    behind: Array
    locks: Array


@dataclass(frozen=True, eq=False)
class Lighting:
    """``curve``: (BINS,) tone curve; ``strands``: (3,) as ``dye.lit`` takes them; ``shift``: (h, w)
    L* to add to the smooth lightness; ``new``: (n,) L* that the sample gets."""

    curve: Array
    strands: Array
    shift: Array
    new: Array


def sample(rgb: Array, alpha: Array, hair: Array, maps: Array, planes: Planes) -> Sample:
    """Pixels where ``hair`` is above .9. ``rgb``: (h, w, 3); ``maps``: (h, w, dye.CHANNELS)."""
    there = np.flatnonzero(cv2.erode((hair > 0.9).astype(np.uint8), disc(1)))
    there = there[:: max(1, there.size // SAMPLE)]
    pixels, share = rgb.reshape(-1, 3)[there], alpha.ravel()[there]
    unmixed = np.empty((1, there.size, 3), np.float32)
    dye.unmixed_all(pixels, share, maps.reshape(-1, dye.CHANNELS)[there], unmixed[0])
    seen = (plane.ravel()[there] for plane in (planes.base, planes.depth, planes.locks))
    return Sample(share, lab_image(pixels[None])[0, :, 0], lab_image(unmixed)[0, :, 0], *seen)


def light(taken: Sample, planes: Planes, tones: melanin.Tones, aimed: float) -> Lighting:
    """By the flattest tone curve that leaves strands lively.

    Lifted hair gets strands where own ones are lost in black, and depth at the roots; darkened hair
    is evened out. The median goes to ``aimed``.
    """
    lifted = melanin.lifted(tones, aimed)
    fit = _Fit(taken, melanin.tone_curve(tones, aimed, 1), lifted)
    if taken.own.size < 2:
        return Lighting(fit.curve, fit.plain, np.zeros_like(planes.base), taken.own)
    darkened = melanin.darkened(tones, aimed)
    wished, everywhere = (
        locks * np.where(base < MIDDLE, lifted**DRAWN, FAINTER * darkened).astype(np.float32)
        for locks, base in ((taken.drawn, taken.around), (planes.locks, planes.base))
    )

    def tried(slope: float, steepest: float) -> tuple[_Fit, Array]:
        curve = melanin.tone_curve(tones, aimed, slope * (1 + STEEPER * lifted), steepest)
        fit = _Fit(taken, curve, lifted)
        return fit, fit.strands(fit.most(lambda x: fit.kept(fit.none, fit.strands(x), LEFT)))

    fit, strands = tried(*USUAL)
    dull, loud = fit.energy(strands) <= ENOUGH, fit.energy(strands) >= TOO_MUCH
    steeper = STEEP if darkened < DULLED else (STEEP_DARK,)
    for curve in steeper if dull else GENTLE if loud else ():
        fit, strands = tried(*curve)
        if ENOUGH < fit.energy(strands) < TOO_MUCH:
            break
    even = melanin.evened(fit.curve, tones, aimed)
    if fit.energy(strands) < LOST:
        fit = _Fit(taken, fit.curve + np.minimum(even, 0), lifted)
        even = melanin.evened(fit.curve, tones, aimed)
    drawn = fit.most(lambda x: fit.kept(x * wished, strands))
    return _finished(fit, strands, (drawn * wished, drawn * everywhere), planes, even)


def _finished(
    fit: _Fit, strands: Array, drawn: tuple[Array, Array], planes: Planes, even: Array
) -> Lighting:
    taken, root = fit.taken, ROOT_DEPTH * fit.lifted
    shift, everywhere = drawn
    for there, step in (
        (melanin.read(even, taken.around), melanin.read(even, planes.base)),
        (root * taken.deep, root * planes.depth),
    ):
        share = fit.most(lambda x, s=shift, t=there: fit.kept(s + x * t, strands))
        shift, everywhere = shift + share * there, everywhere + share * step
    new = fit.new(shift, strands)
    off = np.float32(np.median(new) - np.median(melanin.read(fit.curve, taken.own)))
    everywhere = everywhere - off
    # fair hair that began at once beside darker skin would look like the edge of a wig
    lighter = melanin.read(fit.curve, planes.base) + everywhere - planes.behind
    depth = np.float32(fit.lifted) * np.clip(lighter, 0, np.float32(FRONT_DEPTH))
    everywhere += depth * planes.front
    return Lighting(fit.curve, strands, everywhere.astype(np.float32), new - off)


@dataclass(frozen=True, eq=False)
class _Fit:
    """One tone curve tried on a sample."""

    taken: Sample
    curve: Array
    lifted: float

    def new(self, shift: NDArray[np.floating], strands: Array) -> Array:
        own, around = self.taken.own, self.taken.around
        shift = np.asarray(shift, np.float32)
        return dye.lit_all(self.curve[:, None], own, around, shift, strands)

    def kept(self, shift: NDArray[np.floating], strands: Array, left: float | None = None) -> bool:
        """Whether the ranks are, and so much of their correlation is ``left`` for other changes
        (None: all that noise has is lost)."""
        least = self._least + (-self._rankless if left is None else left)
        return self._correlation(shift, strands) >= least

    def _correlation(self, shift: NDArray[np.floating], strands: Array) -> float:
        t = self.taken
        seen = rankdata(t.mixed + t.alpha * (self.new(shift, strands) - t.own))
        return float(np.corrcoef(t.ranks, seen)[0, 1])

    @cached_property
    def _least(self) -> float:
        best = max(
            self._correlation(self.none, s) for s in (self.plain, self.strands(np.float32(0)))
        )
        return min(RANKS_KEPT, best - (RANKS_LOST if best > RANKS_KEPT else RANKS_GONE))

    @cached_property
    def _rankless(self) -> float:
        around = self.taken.around
        lost = np.float32(((around < BLACK) | (around > WHITE)).mean())
        return RANKLESS * float(smoothstep(*CRUSHED, np.array(lost)))

    @cached_property
    def none(self) -> Array:
        return np.zeros_like(self.taken.own)

    @property
    def plain(self) -> Array:
        """All by the tone curve."""
        return self._strands(0, 1)

    def _strands(self, share: float | np.float32, gain: float) -> Array:
        return np.array([share, gain, self.lifted], np.float32)

    def strands(self, share: np.float32) -> Array:
        """Such that ``share`` of them is beside the tone curve, with the gain at which they are as
        lively as they were."""
        low, high = GAIN
        for _ in range(6 if share > 0 else 0):
            gain = (low + high) / 2
            weak = self.energy(self._strands(share, gain)) < 1
            low, high = (gain, high) if weak else (low, gain)
        return self._strands(share, low)

    def energy(self, strands: Array) -> float:
        """How lively strands are, over how they were."""
        taken = self.taken
        new = self.new(self.none, strands) - melanin.read(self.curve, taken.around)
        return float(np.square(new).mean() / (np.square(taken.own - taken.around).mean() + 1e-6))

    @staticmethod
    def most(kept: Callable[[np.float32], bool]) -> np.float32:
        """Largest share 0..1 that is ``kept``."""
        if kept(np.float32(1)):
            return np.float32(1)
        low, high = np.float32(0), np.float32(1)
        for _ in range(4):
            share = (low + high) / 2
            low, high = (share, high) if kept(share) else (low, share)
        return low
