"""Texture keeps its size where a warp stretches or squeezes it.

The coarse part of the picture and the texture's contrast follow the warp. Hair's fine texture
(stubble, curls, strands across the movement) and skin's grain are taken from small patches that
move rigidly, blended so that their variance stays (after Heitz and Neyret, "High-Performance
By-Example Noise", 2018). Strands along the movement keep the warp, which only lengthens them;
so do pores, creases and spots. Where strands run in all directions, what moves rigidly is larger:
whole curls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.warp.locks import Locks, disorder, lengthwise
from hairstudio.guides.warp.patches import place, retexture
from hairstudio.imaging.checkpoint import checkpoint
from hairstudio.imaging.filters import fast_blur, smoothstep
from hairstudio.imaging.strips import in_strips
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

# of straight and of curly hair:
PATCH = (0.12, 0.15)  # difference of displacement between neighbouring patches, IOD
SIDESTEP = (0.1, 0.15)  # patches are also shifted sideways, or copies would line up, IOD
LEAST_GRAIN = 1.8  # the same for skin's grain: one unit, at least this many pixels
GRAIN_LIMIT = 2.5  # grain is what stays within this many spreads (robust) of 0
# where texture begins to count as strands along the movement, as a landmark, and surely is
LENGTHWISE = (0.1, 0.4), 0.25  # of straight and of curly hair, and how gradually
OUTSTANDING, CREASE = (2.0, 3.5), (1.3, 2.0)
SIDE_NOISE, WANDER_NOISE = 1, 2  # purposes of random number streams


class Layers(NamedTuple):
    """What a warp reads, all of the view's size: ``fine`` and ``even`` texture, ``guide`` (what
    follows the warp beside the pixels: loose hair and skin, hair, contrast), ``inside``,
    ``locks`` (relief and what share of the structure lies across the movement); and how curly the
    hair is, 0..1."""

    fine: Array
    even: Array
    guide: Array
    inside: Array
    locks: Array
    curliness: float


@dataclass(frozen=True, eq=False)
class _Measurement:
    """The fine texture of a view, and where it may be moved in patches. Holds some 20 maps of the
    view's size: to be forgotten when ``layers`` is known."""

    view: View
    down: tuple[float, float]

    def layers(self) -> Layers:
        guide = np.dstack([self.loose, self.inside[..., 0], self.contrast])
        relief = self.locks.relief * self.inside[..., 0] * (1 - self.locks.rigid)
        locks = np.dstack([relief, np.float32(0.5) * (1 - self._along)])
        even = self.fine / self.contrast[..., None]
        return Layers(self.fine, even, guide, self.inside, locks, self.locks.curliness)

    @cached_property
    def locks(self) -> Locks:
        view, hair = self.view, self.inside[..., 0]
        return Locks(view.rgb, hair, view.unit, self.down, disorder(view.analysis))

    @cached_property
    def inside(self) -> Array:
        """Inside of hair and of plain skin, away from their edges, (h, w, 2) float32 0..1."""
        unit, view = self.view.unit, self.view
        hair = (view.hair if view.state is None else view.matte) > 0.5
        both = np.dstack([hair, (view.skin > 0.5) & ~hair]).astype(np.float32)
        inside = smoothstep(0.85, 0.98, fast_blur(both, 5 * unit))
        light = cv2.cvtColor(self._grain, cv2.COLOR_RGB2GRAY)
        energy = light * light * inside[..., 1]
        around = fast_blur(energy, 16 * unit) + np.float32(1e-7)
        outstanding: Array = cv2.divide(fast_blur(energy, 3 * unit), around)
        inside[..., 1] *= _below(outstanding, CREASE)
        return inside

    @cached_property
    def fine(self) -> Array:
        """Hair's texture and skin's grain, 0 between them, (h, w, 3) float32."""
        rgb, inside = self.view.rgb, self.inside
        hair = (rgb - self.locks.without_strands) * inside[..., :1]
        hair += self.locks.shade * self.locks.rigid[..., None]
        skin = np.abs(self._grain[inside[..., 1] > 0.5])
        limit = GRAIN_LIMIT * 1.48 * float(np.median(skin)) if skin.size else 0.0
        return cv2.add(hair, np.clip(self._grain, -limit, limit) * inside[..., 1:])

    @cached_property
    def _grain(self) -> Array:
        return self.view.rgb - fast_blur(self.view.rgb, max(LEAST_GRAIN, self.view.unit))

    @cached_property
    def contrast(self) -> Array:
        """Local spread of ``fine``, (h, w) float32."""
        return np.sqrt(fast_blur(self._light**2, 8 * self.view.unit)) + np.float32(0.002)

    @cached_property
    def loose(self) -> Array:
        """Where in hair and in skin patches do no harm, (h, w, 2) float32 0..1."""
        return np.dstack([self.inside[..., 0] * self._plain_hair, self.inside[..., 1]])

    @cached_property
    def _plain_hair(self) -> Array:
        unit, light = self.view.unit, self._light
        outstanding = fast_blur(light * light, 3 * unit) / self.contrast**2
        begin, width = _between(self.locks.curliness, LENGTHWISE[0]), LENGTHWISE[1]
        return _below(self._along, (begin, begin + width)) * _below(outstanding, OUTSTANDING)

    @cached_property
    def _along(self) -> Array:
        """-1 where texture lies across the movement, 1 where along it; (h, w) float32."""
        return lengthwise(self._light, self.down, 5 * self.view.unit)

    @cached_property
    def _light(self) -> Array:
        return cv2.cvtColor(self.fine, cv2.COLOR_RGB2GRAY)


@dataclass(frozen=True, eq=False)
class Texture:
    """A view whose texture keeps its size in a warp."""

    view: View

    @property
    def down(self) -> tuple[float, float]:
        """The face's v axis, along which the warp moves: a unit vector of the view."""
        frame = self.view.frame
        return frame.b / frame.scale, frame.a / frame.scale

    @cached_property
    def layers(self) -> Layers:
        return _Measurement(self.view, self.down).layers()

    def warped(
        self, sources: tuple[Array, Array], shift: Array, wander: Array, squeeze: Array,
        lively: float, seed: int,
    ) -> Array:  # fmt: skip
        """The view after a warp, (h, w, 3) float32 0..1, its texture in its own size.

        ``sources``: x and y from which each pixel comes; ``shift``: (h, w) its distance along
        ``down`` in pixels; ``wander``: (h, w) noise of about unit spread; ``squeeze``: (h, w)
        logarithm of source length over new length; ``lively``: contrast that hair's patches gain
        where stretched. ``seed`` chooses the patches.
        """
        rgb = np.empty_like(self.view.rgb)
        sideways, patch = (
            self._sideways(seed),
            _between(self.layers.curliness, PATCH) * self.view.iod,
        )
        view, (fine, even, guide, inside, relief, _) = self.view.rgb, self.layers

        def strip(first: int, last: int) -> None:
            rows = slice(first, last)
            x, y = sources[0][rows], sources[1][rows]
            maps, weights = (
                np.empty((2, 2, *x.shape), np.float32),
                np.empty((2, *x.shape), np.float32),
            )
            place(shift[rows], wander[rows], sideways, patch, *self.down, first, maps, weights)
            rgb[rows] = remap(view, x, y)
            evens = (remap(even, *maps[0]), remap(even, *maps[1]))
            insides = (_soft(inside, *maps[0]), _soft(inside, *maps[1]))
            soft = _soft(guide, x, y)
            locks = _soft(relief, x, y)
            retexture(rgb[rows], remap(fine, x, y), locks, soft, squeeze[rows], evens, insides,
                      weights, lively)  # fmt: skip

        in_strips(len(rgb), strip)
        return rgb

    def _sideways(self, seed: int) -> Array:
        """Sideways displacements of the patches, pixels."""
        random = np.random.default_rng((seed, SIDE_NOISE))
        reach = _between(self.layers.curliness, SIDESTEP) * self.view.iod
        return (random.uniform(-1, 1, 64) * reach).astype(np.float32)


def _between(curliness: float, limits: tuple[float, float]) -> float:
    straight, curly = limits
    return straight + (curly - straight) * curliness


def _soft(image: Array, x: Array, y: Array) -> Array:
    return remap(image, x, y, cv2.INTER_LINEAR)


def _below(values: Array, limits: tuple[float, float]) -> Array:
    return np.float32(1) - smoothstep(*limits, values)


def wander(shape: tuple[int, ...], sigma: float, seed: int) -> Array:
    """Smooth noise of unit spread: keeps patch borders from lining up."""
    noise = np.random.default_rng((seed, WANDER_NOISE)).standard_normal(shape, dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), sigma)
    return noise / noise.std()


def remap(image: Array, x: Array, y: Array, flags: int = cv2.INTER_CUBIC) -> Array:
    """``image`` at (x, y), mirrored beyond its borders."""
    checkpoint()
    return cv2.remap(image, x, y, flags, borderMode=cv2.BORDER_REFLECT)
