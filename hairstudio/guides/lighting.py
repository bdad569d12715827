"""How the lightness of own hair becomes that of a shade: smooth light and shade by a tone curve,
strands beside it, so that they stay as lively as they were; all as far as a sample of the hair
keeps its ranks of lightness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import dye, melanin
from hairstudio.guides.samples import Planes, Sample, Squares
from hairstudio.imaging.filters import smoothstep

Array = NDArray[np.float32]

# Least correlation of ranks. What shines through the hair keeps its lightness, so that some of it
# is lost whatever is done: then RANKS_LOST more may be, and RANKS_GONE where too much is lost
# anyway: lively strands count for more. Hair that shows nothing for the most part has ranks of
# noise: there drawn strands do.
RANKS_KEPT, RANKS_LOST, RANKS_GONE = 0.956, 0.005, 0.02
RANKS_LIFTED = 0.01  # more is kept in lifted hair: what is seen through it loses some
BLACK, WHITE = 2.0, 97.0  # L* of hair that shows nothing
CRUSHED, RANKLESS = (0.3, 0.42), 0.3  # shares of such hair; what then is lost
MIDDLE = 50.0  # L* of hair that is neither burnt out nor crushed
DRAWN = 0.7  # power of how much hair is lifted with which strands are drawn into black hair
FAINTER = 0.8  # strands drawn into burnt-out hair, of those in black hair
LEFT = 0.006  # of that correlation own strands leave to drawn ones
# Slopes of tone curves, how much deeper shadows are, and maybe another correlation left: the usual
# one, those to try where it leaves strands dull, and where it makes too much of them.
USUAL, STEEP, GENTLE = (
    (1.0, 1.0),
    ((1.5, 1.3), (2.4, 1.7, 0.0)),
    ((1.0, 0.8), (1.0, 0.6), (1.0, 0.45)),
)
# In hair made so much darker strands may be dull: steeper, it would be black and grey.
DULLED, STEEP_DARK = 0.4, (1.25, 1.0)
# Energy of strands that are dull all the same: then hair is evened out without regard to them.
LOST = 0.3
STEEPER = 0.5  # how much steeper in lifted hair
DULL, EVEN, LOUD = 0.8, 0.95, 1.08  # energy of octaves over own: too little, right, too much
DARKENED = 0.8, 1.3  # energy of strands over own that is too little, too much in darkened hair
SOFTER = 0.2  # strands of much lighter hair: light goes through them
GAIN = 0.4, 4.0  # of strands
RANKS_SEEN = 0.985  # correlation of ranks that is left of noise
# L* less in large shadows of lifted hair; power of how much it is lifted; correlation they leave
SHADE, LIFTED, SHADE_LEFT = 22.0, 0.5, 0.004
CRUSHED_LESS = 0.6  # of these shadows where hair is too dark to show how deep they are
ROOT_DEPTH = 10.0  # L* less near the face in hair made much lighter
FRONT_DEPTH = 15.0  # L* less, at most, where it begins before skin that is darker


@dataclass(frozen=True, eq=False)
class Lighting:
    """``curve``: (BINS,) tone curve; ``strands``: (4,) as ``dye.lit`` takes them; ``shift``: (h, w)
    L* to add to the smooth lightness; ``new``: (n,) L* that the sample gets."""

    curve: Array
    strands: Array
    shift: Array
    new: Array


def quieted(taken: Sample) -> np.float32:
    """The share of what is added against noise that keeps ranks."""
    if taken.own.size < 2:
        return np.float32(1)
    return most(lambda share: taken.correlation(taken.quieted(share).shown) >= RANKS_SEEN)


def light(
    taken: Sample, squares: Squares, planes: Planes, tones: melanin.Tones, aimed: float
) -> Lighting:
    """By the flattest tone curve that leaves strands lively.

    Lifted hair gets strands where own ones are lost in black, and depth at the roots; darkened hair
    is evened out. The median goes to ``aimed``.
    """
    lifted, darkened = melanin.lifted(tones, aimed), melanin.darkened(tones, aimed)
    raised = melanin.raised(tones, aimed)
    taken = taken.quieted(raised)
    squares = replace(squares, sample=squares.sample.quieted(raised))

    def fitted(slope: float, deeper: float, left: float = LEFT) -> _Fit:
        curve = melanin.tone_curve(tones, aimed, slope * (1 + STEEPER * lifted), deeper)
        return _Fit(taken, squares, curve, lifted, raised, left, 1 - SOFTER * lifted)

    fit = fitted(*USUAL)
    if taken.own.size < 2:
        return Lighting(fit.curve, fit.plain, np.zeros_like(planes.base), taken.own)
    wished, everywhere = (
        locks * np.where(base < MIDDLE, lifted**DRAWN, FAINTER * darkened).astype(np.float32)
        for locks, base in ((taken.drawn, taken.around), (planes.locks, planes.base))
    )
    fit = fit.lively()
    steeper = STEEP if darkened < DULLED else (STEEP_DARK,)
    for curve in steeper if fit.off < 0 else GENTLE if fit.off > 0 else ():
        fit = min(fit, fitted(*curve).lively(), key=lambda tried: abs(tried.off))
        if fit.off == 0:
            break
    even = melanin.evened(fit.curve, tones, aimed)
    if fit.energy(fit.strands) < LOST:
        fit = replace(fit, curve=fit.curve + np.minimum(even, 0))
        even = melanin.evened(fit.curve, tones, aimed)
    return _finished(fit, (wished, everywhere), planes, even)


def _finished(fit: _Fit, drawn: tuple[Array, Array], planes: Planes, even: Array) -> Lighting:
    taken, root = fit.taken, ROOT_DEPTH * fit.lifted
    shift, everywhere = np.zeros_like(taken.own), np.zeros_like(planes.base)
    shade = SHADE * fit.lifted**LIFTED
    for there, step, left in (
        (
            shade * taken.shade * (1 - CRUSHED_LESS * taken.dark),
            shade * planes.shade * (1 - CRUSHED_LESS * planes.dark),
            SHADE_LEFT,
        ),
        (*drawn, None),
        (melanin.read(even, taken.around), melanin.read(even, planes.base), None),
        (root * taken.deep, root * planes.depth, SHADE_LEFT),
    ):
        share = most(lambda x, s=shift, t=there, u=left: fit.kept(s + x * t, u))
        shift, everywhere = shift + share * there, everywhere + share * step
    new = fit.new(shift)
    off = np.float32(np.median(new) - np.median(melanin.read(fit.curve, taken.own)))
    everywhere = everywhere - off
    # fair hair that began at once beside darker skin would look like the edge of a wig
    lighter = melanin.read(fit.curve, planes.base) + everywhere - planes.behind
    depth = np.float32(fit.lifted) * np.clip(lighter, 0, np.float32(FRONT_DEPTH))
    everywhere += depth * planes.front
    return Lighting(fit.curve, fit.strands, everywhere.astype(np.float32), new - off)


@dataclass(frozen=True, eq=False)
class _Fit:
    """One tone curve tried on a sample. ``left``: of the correlation of ranks, for drawn
    strands; ``wanted``: energy of own strands over that before."""

    taken: Sample
    squares: Squares
    curve: Array
    lifted: float
    raised: float
    left: float
    wanted: float

    def lively(self) -> _Fit:
        """It wants as much energy as the texture may have."""
        fit = self
        for _ in range(2):
            if fit.off == 0 or self.raised == 0:
                break
            energy = float(np.sqrt(np.prod(fit._texture)))
            fit = replace(fit, wanted=fit.wanted * EVEN / energy)
        return fit

    @cached_property
    def off(self) -> float:
        """How much too lively strands are, as a logarithm; below 0, too little."""
        if self.raised == 0:
            low, high, (dull, loud) = *(self.energy(self.strands),) * 2, DARKENED
        elif self.squares.inside.any():
            low, high, (dull, loud) = *self._texture, (DULL, LOUD)
        else:
            return 0.0
        return float(np.log(max(high / loud, 1)) or np.log(min(low / dull, 1)))

    @cached_property
    def _texture(self) -> tuple[float, float]:
        """Lowest and highest energy of an octave, over own."""
        energy = self.squares.energy(self._lit(self.squares.sample, self.strands))
        return float(energy.min()), float(energy.max())

    @cached_property
    def strands(self) -> Array:
        """As ``dye.lit`` takes them: as much beside the tone curve as ranks allow."""
        return self._lively(
            most(lambda x: self._correlation(None, self._lively(x)) >= self._least + self.left)
        )

    def new(self, shift: NDArray[np.floating] | None = None) -> Array:
        return self._lit(self.taken, self.strands, shift)

    def _lit(self, t: Sample, strands: Array, shift: NDArray[np.floating] | None = None) -> Array:
        more = np.zeros_like(t.own) if shift is None else np.asarray(shift, np.float32)
        return dye.lit_all(self.curve[:, None], t.shown, t.around, t.dark, more, strands)

    def kept(self, shift: NDArray[np.floating], left: float | None = None) -> bool:
        """Whether the ranks are, and so much of their correlation is ``left`` for other changes
        (None: all that noise has is lost)."""
        least = self._least + (-self._rankless if left is None else left)
        return self._correlation(shift, self.strands) >= least

    def _correlation(self, shift: NDArray[np.floating] | None, strands: Array) -> float:
        return self.taken.correlation(self._lit(self.taken, strands, shift))

    @cached_property
    def _least(self) -> float:
        best = self._correlation(None, self.plain)
        kept = RANKS_KEPT + RANKS_LIFTED * self.raised
        return min(kept, best - (RANKS_LOST if best > kept else RANKS_GONE))

    @cached_property
    def _rankless(self) -> float:
        around = self.taken.around
        lost = np.float32(((around < BLACK) | (around > WHITE)).mean())
        return RANKLESS * float(smoothstep(*CRUSHED, np.array(lost)))

    @property
    def plain(self) -> Array:
        """All by the tone curve."""
        return self._strands(0, 1)

    def _strands(self, share: float | np.float32, gain: float) -> Array:
        return np.array([share, gain, self.lifted, self.raised], np.float32)

    def _lively(self, share: np.float32) -> Array:
        """Such that ``share`` of them is beside the tone curve, with the gain at which they are as
        lively as they were."""
        low, high = GAIN
        for _ in range(6 if share > 0 else 0):
            gain = (low + high) / 2
            weak = self.energy(self._strands(share, gain)) < self.wanted
            low, high = (gain, high) if weak else (low, gain)
        return self._strands(share, low)

    def energy(self, strands: Array) -> float:
        """How lively strands are, over how they were."""
        t = self.taken
        new = t.alpha * (self._lit(t, strands) - melanin.read(self.curve, t.around))
        own = t.alpha * (t.own - t.around)
        return float(np.square(new).mean() / (np.square(own).mean() + 1e-6))


def most(kept: Callable[[np.float32], bool]) -> np.float32:
    """Largest share 0..1 that is ``kept``."""
    if kept(np.float32(1)):
        return np.float32(1)
    low, high = np.float32(0), np.float32(1)
    for _ in range(4):
        share = (low + high) / 2
        low, high = (share, high) if kept(share) else (low, share)
    return low
