"""Texture keeps its size where a warp stretches or squeezes it.

Tone follows the warp. Hair's texture (strands, locks, curls) and skin's grain come from patches
that move rigidly: hair's are few and meet where they look alike, skin's are small and blended so
that their variance stays (after Heitz and Neyret, "High-Performance By-Example Noise", 2018).
Pores, creases and spots keep the warp. All this is done to the logarithm of light: texture from
the light stays texture in the shade.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.warp.patches import place, retexture
from hairstudio.imaging.checkpoint import checkpoint
from hairstudio.imaging.filters import fast_blur, normalised_blur, smoothstep
from hairstudio.imaging.strips import in_strips
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

LOCKS = 35.0  # sigma that parts hair's texture and its tone, in units of IOD / 250
EDGES = (12.0, 5.0)  # blurs that tell hair's and skin's edges from what is inside, of the same
DARK = np.float32(0.08)  # added before the logarithm
LEAST_GRAIN = 1.8  # the same for skin's grain: one unit, at least this many pixels
GRAIN_LIMIT = 2.5  # grain is what stays within this many spreads (robust) of 0
CREASE = (1.3, 2.0)  # energy of skin's texture over what is around it, as a pore and as a crease
WANDER_NOISE = 2  # purpose of a random number stream


class Layers(NamedTuple):
    """What a warp reads, all of the view's size: the logarithm of the ``picture``, its ``fine``
    texture (h, w, 3), and where it is ``inside`` of hair and of plain skin (h, w, 2)."""

    picture: Array
    fine: Array
    inside: Array


class Patches(NamedTuple):
    """How texture moves, (h, w) float32 each: pixels down the face that all of it does (``warp``),
    which patch each pixel is of (``levels``), how many pixels each of them moves more than the one
    before (``step``), and how much of ``hair`` and ``skin`` is to move like that, 0..1.
    """

    warp: Array
    levels: Array
    step: Array
    hair: Array
    skin: Array


@dataclass(frozen=True, eq=False)
class _Measurement:
    """The fine texture of a view. To be forgotten when ``layers`` is known."""

    view: View

    def layers(self) -> Layers:
        return Layers(self._picture, self._fine, self._inside)

    @cached_property
    def _picture(self) -> Array:
        return np.log(self.view.rgb + DARK)

    @cached_property
    def _inside(self) -> Array:
        """Away from their edges, 0..1."""
        unit, view = self.view.unit, self.view
        hair = (view.hair if view.state is None else view.matte) > 0.5
        both = np.dstack([hair, (view.skin > 0.5) & ~hair]).astype(np.float32)
        soft = [fast_blur(both[..., k], sigma * unit) for k, sigma in enumerate(EDGES)]
        inside = smoothstep(0.85, 0.98, np.dstack(soft))
        light = cv2.cvtColor(self._grain, cv2.COLOR_RGB2GRAY)
        energy = light * light * inside[..., 1]
        around = fast_blur(energy, 16 * unit) + np.float32(1e-7)
        outstanding: Array = cv2.divide(fast_blur(energy, 3 * unit), around)
        inside[..., 1] *= np.float32(1) - smoothstep(*CREASE, outstanding)
        return inside

    @cached_property
    def _fine(self) -> Array:
        """Hair's texture and skin's grain, 0 between them."""
        inside = self._inside
        tone = normalised_blur(self._picture, inside[..., 0], LOCKS * self.view.unit)
        hair = (self._picture - tone) * inside[..., :1]
        skin = np.abs(self._grain[inside[..., 1] > 0.5])
        limit = GRAIN_LIMIT * 1.48 * float(np.median(skin)) if skin.size else 0.0
        return cv2.add(hair, np.clip(self._grain, -limit, limit) * inside[..., 1:])

    @cached_property
    def _grain(self) -> Array:
        return self._picture - fast_blur(self._picture, max(LEAST_GRAIN, self.view.unit))


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
        return _Measurement(self.view).layers()

    def warped(self, sources: tuple[Array, Array], patches: Patches) -> Array:
        """The view after a warp, (h, w, 3) float32 0..1, its texture in its own size.

        ``sources``: x and y from which each pixel comes.
        """
        rgb = np.empty_like(self.view.rgb)
        picture, fine, inside = self.layers

        def strip(first: int, last: int) -> None:
            rows = slice(first, last)
            x, y = sources[0][rows], sources[1][rows]
            maps, weights = (
                np.empty((2, 2, *x.shape), np.float32),
                np.empty((2, *x.shape), np.float32),
            )
            warp, levels, step, hair, skin = (plane[rows] for plane in patches)
            place(warp, levels, step, *self.down, first, maps, weights)
            warped = remap(picture, x, y)
            fines = (remap(fine, *maps[0]), remap(fine, *maps[1]))
            insides = (_soft(inside, *maps[0]), _soft(inside, *maps[1]))
            wanted = _soft(inside, x, y) * np.dstack([hair, skin])
            retexture(warped, remap(fine, x, y), wanted, fines, insides, weights)
            np.clip(cv2.exp(warped) - DARK, 0, 1, out=rgb[rows])

        in_strips(len(rgb), strip)
        return rgb


def _soft(image: Array, x: Array, y: Array) -> Array:
    return remap(image, x, y, cv2.INTER_LINEAR)


def wander(shape: tuple[int, ...], sigma: float, seed: int) -> Array:
    """Smooth noise of unit spread."""
    noise = np.random.default_rng((seed, WANDER_NOISE)).standard_normal(shape, dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), sigma)
    return noise / noise.std()


def remap(image: Array, x: Array, y: Array, flags: int = cv2.INTER_CUBIC) -> Array:
    """``image`` at (x, y), mirrored beyond its borders."""
    checkpoint()
    return cv2.remap(image, x, y, flags, borderMode=cv2.BORDER_REFLECT)
