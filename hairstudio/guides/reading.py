"""What the colour edit reads off a view's hair once, at the matte's working size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import ends, melanin, samples, undertone
from hairstudio.guides.foreign import Foreign
from hairstudio.imaging.colorspace import lab_image
from hairstudio.imaging.filters import disc, fast_blur, normalised_blur, smoothstep
from hairstudio.portrait import matte, unmixing
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

OWN_CHROMA = 0.4
SAME, USUAL = 4.0, 12.0  # 2 L*: hair of the same lightness; spread of its a*, b*
FEW = 0.005  # of the hair: with less of one lightness, its colour is that of the others
GAP, FILLED = 5.0, 0.65  # units between strands; how much of their alpha such a gap has at least
ROOT_REACH = 60.0  # units from the face: how far hair lies deep
# IOD: the widest strand on sure skin; alpha that is seen, and of a strand too faint to be one
LOOSE, TINY, FAINT = 0.04, 0.004, 0.04
AWAY = 10.0, 16.0  # units from the hair
FRONT = 30.0, -10.0  # units from the hair's edge: where it begins before skin
SEEN = 70.0, 40.0  # units from the hair's edge: how deep skin is seen through it
OUTLINE, APART = (28.0, 12.0), (0.65, 0.95)  # and what is behind its outline; how far apart in RGB
BRIGHT_BEHIND = 0.25, 0.4  # luma of it over that of hair, which would else be white in light dye
STRAND = 4.0  # units: width of strands
SHARPENED = 4.0  # units from the outline: how far sharpening darkens hair
SOLID = 0.8  # alpha of hair that shows nothing behind it
THIN = 0.1  # IOD: how far hair thins out before skin
UNSURE = np.float32(1e-3)  # weight of the local colour where no sure hair is near
SHADE = 24.0
RELIEF = 8.0  # L*: strands drawn into hair that shows none
ROUGHER = 0.2  # how much energy of gradients they may add to the hair's own


@dataclass(frozen=True, eq=False)
class Reading:
    """Maps are (h, w[, c]) float32 over the field of the view."""

    view: View

    @cached_property
    def rgb(self) -> Array:
        return unmixing.reduce(self.view.rgb, self.view.unit)

    @cached_property
    def alpha(self) -> Array:
        return unmixing.reduce(self.view.matte, self.view.unit)

    @property
    def size(self) -> tuple[int, int]:
        return self.rgb.shape[1], self.rgb.shape[0]

    @property
    def scale(self) -> float:
        """Working pixels per pixel of the view."""
        return self.size[0] / self.view.rgb.shape[1]

    @property
    def unit(self) -> float:
        return self.view.unit * self.scale

    @cached_property
    def parsed(self) -> unmixing.Parsed:
        """After an earlier edit hair is where that edit says, not where the photo was parsed."""
        parsed = self.view.parsed
        return parsed if self.view.state is None else replace(parsed, hair=self.alpha)

    @cached_property
    def layers(self) -> unmixing.Layers:
        return unmixing.separate(self.rgb, self.parsed, self.unit)

    @cached_property
    def lab(self) -> Array:
        return lab_image(self.rgb)

    @cached_property
    def sure(self) -> Array:
        """1 where there is surely hair."""
        return ((self.alpha > 0.9) & (self.parsed.hair > 0.8)).astype(np.float32)

    @cached_property
    def tones(self) -> melanin.Tones:
        return melanin.measure(self.lab[..., 0], self.sure)

    @cached_property
    def base(self) -> Array:
        """L* of the hair without strands."""
        hair = lab_image(self.layers.hair)[..., 0]
        lightness = np.where(self.sure > 0, self.lab[..., 0], hair)
        return normalised_blur(lightness, self.sure + UNSURE, 6 * self.unit)

    @cached_property
    def undertone(self) -> undertone.Undertone:
        return undertone.read(self.view, self.lab[..., 0], self.base, self.alpha)

    @cached_property
    def quiet(self) -> Array:
        """(H, W) over the view: L* to add to its own, against noise in black hair and the dark line
        that sharpening leaves along its outline."""
        line = cv2.resize(self._sharpened, self.view.size, interpolation=cv2.INTER_LINEAR)
        return undertone.quiet(self.view, self.undertone) + line

    @property
    def _sharpened(self) -> Array:
        """L* that hair is darker along its outline, before what is brighter, than behind that."""
        rim = smoothstep(0.9, 0.4, cv2.erode(self.alpha, disc(max(SHARPENED * self.unit, 3))))
        rim *= smoothstep(*BRIGHT_BEHIND, self._lighter)
        return rim * (1 - self._beside) * np.maximum(self.base - self.lab[..., 0], 0)

    @cached_property
    def unlike(self) -> Array:
        """(h, w, 2): own a*, b* minus those that hair of the same lightness has as a rule."""
        bins = np.clip(self.lab[..., 0] / 2, 0, 49).astype(np.int32)
        weight, unlike = self.sure, self.lab[..., 1:]
        for _ in range(3):
            unlike = self.lab[..., 1:] - _rule(bins, weight, self.lab)[bins]
            weight = self.sure * np.exp(np.square(unlike).sum(-1) / np.float32(-2 * USUAL**2))
        return unlike

    @cached_property
    def chroma(self) -> Array:
        """(h, w, 2): what of it dye leaves."""
        smooth = normalised_blur(self.unlike, self.sure, 3 * self.unit)
        return np.float32(OWN_CHROMA * 8) * np.tanh(smooth / 8)

    @cached_property
    def most(self) -> Array:
        """Most alpha: 0 on jewellery and glasses; on sure skin, of strands alone."""
        found = Foreign(self.view, self.parsed, self.lab, self.base, self.alpha, self.unlike,
                        self.tones.median, self.unit)  # fmt: skip
        return 1 - np.maximum(np.maximum(found.jewellery, found.arms), self._wide)

    @property
    def _wide(self) -> Array:
        """0..1 on sure skin away from the hair: how much of the alpha is wider than a strand."""
        side = max(2, int(LOOSE * 250 * self.unit))
        block = np.ones((side, side), np.uint8)
        away = self._bare * smoothstep(*AWAY, self.layers.distance)
        wide = cv2.morphologyEx(self._closed * away, cv2.MORPH_OPEN, block)
        strands = np.maximum(self.alpha - wide - FAINT, 0)
        return away * smoothstep(0, TINY, wide) * (1 - strands)

    @cached_property
    def from_roots(self) -> Array:
        """Distance from the roots in IOD, uneven from strand to strand."""
        lightness, sure = self.lab[..., 0], self.sure
        detail = fast_blur(lightness, 1.5 * self.unit)
        detail -= normalised_blur(lightness, sure, 12 * self.unit)
        spread = float(np.std(detail[sure > 0])) + 1e-3 if sure.any() else 1.0
        distance = self.view.from_roots(self.size)
        return distance + np.float32(0.15) * np.tanh(detail / np.float32(spread))

    @cached_property
    def behind(self) -> Array:
        """(h, w, 3): what is behind the hair, in its shadow."""
        return unmixing.shaded(self.rgb, self.parsed, self.layers, self.unit)

    @cached_property
    def _closed(self) -> Array:
        return cv2.morphologyEx(self.alpha, cv2.MORPH_CLOSE, disc(GAP * self.unit))

    @cached_property
    def _beside(self) -> Array:
        """0..1 near skin."""
        return smoothstep(0.02, 0.2, fast_blur(self.parsed.skin, 16 * self.unit))

    @cached_property
    def _share_told(self) -> tuple[Array, Array]:
        return unmixing.seen_through(self.rgb, self.parsed, self.layers, self.unit)

    @cached_property
    def _unsure(self) -> Array:
        """0..1 near skin, where colours do not tell hair from it."""
        return self._beside * (1 - self._share_told[1])

    @cached_property
    def least(self) -> Array:
        """Least alpha in gaps between strands: all of it where colours do not tell hair from skin,
        as such gaps are guesses."""
        even = fast_blur(self._closed, STRAND * self.unit)
        filled = self._closed + self._unsure * (even - self._closed)
        return np.asarray(np.maximum(np.float32(FILLED), self._unsure) * filled, np.float32)

    @cached_property
    def fringed(self) -> Array:
        """0..1 where hair thins out before skin."""
        even = fast_blur(self.covered, STRAND * self.unit)
        clear = unmixing.clear_weight(self.parsed, self.layers.distance, self.unit)
        skin = unmixing.local_mean(self.parsed.solid, clear, 8 * self.unit)
        there = skin * self._beside * smoothstep(0.0, 0.1, even) * smoothstep(1.0, 0.9, even)
        return np.asarray(there * (1 + self._loose), np.float32)

    @cached_property
    def seen(self) -> Array:
        """0..1: how far what is behind is seen through the hair and told from it."""
        skin, other = (smoothstep(*depth, -self.layers.distance) for depth in (SEEN, OUTLINE))
        apart = np.linalg.norm(self.layers.hair - self.layers.behind, axis=2)
        other *= np.maximum(smoothstep(*APART, apart), smoothstep(*BRIGHT_BEHIND, self._lighter))
        seen = self._share_told[1] * (other + self._beside * (skin - other))
        return np.asarray(seen, np.float32)

    @cached_property
    def _lighter(self) -> Array:
        """Luma of what is behind the hair, over the hair's."""
        return np.asarray((self.layers.behind - self.layers.hair) @ unmixing.LUMA, np.float32)

    @cached_property
    def mixed(self) -> tuple[Array, Array]:
        """How much of the matte's alpha holds and what is added to it: where skin is seen through
        the hair its share counts, finer than working pixels what the matte shows."""
        finer = np.float32(1 - self.scale)
        there = self.seen * smoothstep(0, 0.1, self._closed) * self._free
        # the background may look like hair: there the matte knows better what is none
        share = np.minimum(self._share_told[0], np.maximum(self._bounded, self._beside))
        added = there * (share - finer * self._bounded)
        own, loose = 1 - there * (1 - finer), self._loose
        here = np.asarray(own * self._bounded + added, np.float32)
        thinned = ends.thinned(here, self.alpha * self.most, self.unit)
        added += loose * (thinned - added)
        return own * (1 - loose), np.asarray(added, np.float32)

    @cached_property
    def _free(self) -> Array:
        """0..1: 0 where the parser is sure of skin, and on what is no hair."""
        return (1 - self._bare) * self.most

    @cached_property
    def _bare(self) -> Array:
        """0..1 where the parser is sure of skin."""
        barred = unmixing.reduce(self.view.barred.astype(np.float32), self.view.unit)
        return smoothstep(0.8 * matte.BARRED, matte.BARRED, cv2.dilate(barred, disc(1)))

    @cached_property
    def _loose(self) -> Array:
        """0..1: where a fringe ends before skin and colours do not tell where."""
        maps = self.view.diffused_flow, self.view.above_brows()
        strands, above = (
            cv2.resize(each, self.size, interpolation=cv2.INTER_AREA) for each in maps
        )
        ending = ends.share(self._bounded, strands, self.unit)
        return np.asarray(self._unsure * self._free * above * ending, np.float32)

    @cached_property
    def _bounded(self) -> Array:
        return np.clip(self.alpha, self.least, self.most)

    @cached_property
    def covered(self) -> Array:
        """Alpha of the hair as it is dyed."""
        own, added = self.mixed
        return np.clip(own * self._bounded + added, 0, 1)

    @cached_property
    def planes(self) -> samples.Planes:
        skin, under = lab_image(self.behind)[..., 0], self.undertone
        shades = self._shade, self._depth, self._front, skin
        return samples.Planes(self.base, under.dark, *shades, self._gentle(under.locks))

    @property
    def _shade(self) -> Array:
        """0..-1 where hair is darker than most of it over a long way, in stops."""
        wide = normalised_blur(self.lab[..., 0], self.sure + UNSURE, SHADE * self.unit)
        wide = fast_blur(wide, 0.5 * SHADE * self.unit)
        stops = melanin.read(melanin.stops(self.tones), wide)
        return -np.tanh(stops)

    @property
    def _depth(self) -> Array:
        """-1 where hair meets skin, fading to 0 over a long way: no line around the face."""
        beside = smoothstep(0.0, 0.3, fast_blur(self.parsed.solid, 24 * self.unit))
        return -beside * smoothstep(ROOT_REACH, 0, -self.layers.distance)

    @property
    def _front(self) -> Array:
        """-1 where hair begins before skin, fading to 0 over a short way."""
        return -self._beside * smoothstep(*FRONT, -self.layers.distance)

    def _gentle(self, locks: Array) -> Array:
        """Drawn strands in L*, no rougher than the hair's own texture allows."""
        step = np.diff(locks, axis=1)[self.sure[:, 1:] > 0]
        energy = float(np.square(step).mean()) if step.size else 0.0
        limit = float(np.sqrt(ROUGHER * self.tones.energy / (energy + 1e-6)))
        return locks * np.float32(min(RELIEF, limit))

    @cached_property
    def whole(self) -> Array:
        """0..1: hair, but not where it is thin or shows what is behind it, nor jewellery."""
        away = (self.parsed.skin < 0.5).astype(np.uint8)
        distance = cv2.distanceTransform(away, cv2.DIST_L2, 5)
        deep = distance > THIN * 250 * self.unit
        gap = (self.covered <= SOLID) & (self._lighter > BRIGHT_BEHIND[0])
        return np.asarray(self.parsed.hair * self.most * deep * ~gap, np.float32)


def _rule(bins: NDArray[np.int32], weight: Array, lab: Array) -> Array:
    """(50, 2) usual a*, b* by lightness."""
    rule, count = np.empty((50, 2), np.float32), _by_bin(bins, weight)
    few = np.float32(FEW * count.sum() + 1e-3)
    for channel in (0, 1):
        total = _by_bin(bins, weight * lab[..., 1 + channel])
        mean = total.sum() / (count.sum() + np.float32(1e-3))
        near = fast_blur(total, SAME) + few * mean
        rule[:, channel] = (near / (fast_blur(count, SAME) + few))[0]
    return rule


def _by_bin(bins: NDArray[np.int32], values: Array) -> Array:
    return np.bincount(bins.ravel(), values.ravel(), 50).astype(np.float32)[None]
