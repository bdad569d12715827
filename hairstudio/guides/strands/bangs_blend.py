"""Layers of drawn hair over the photo: shadows, blur, texture contrast and grain that match it."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, partial

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import chance, octaves
from hairstudio.guides.strands.looks import Looks
from hairstudio.guides.strands.tones import FLOOR
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.strips import in_parallel, in_strips

Array = NDArray[np.float32]

ABSORPTION = np.array([0.73, 0.80, 0.87], np.float32)
"""How strongly a hair's shadow on skin darkens red, green, blue: light bleeds through red."""
DULL = 2.0
"""Skin does not glare any more where its shadow is one over this deep."""
THROUGH = 3.0  # how colourful light is that comes through hair, over the hair's own colour
LEAST_CORE = 0.004
"""Less hair away from the outlines of locks than this says nothing of its texture, IOD^2."""
FINE, COARSE = 1.1, 0.78
"""The finest and the coarsest octave have so many times the own hair's contrast: at the coarse end
that is the head's own light and shade, and locks with all of it are ropes."""
MIDDLE_RELIEF = 1.1
"""The octave below the coarsest may have so many times the own hair's contrast."""
CROWD, ALONE, CROWDED = 5.0, 0.25, 0.75
"""Where hair covers so little on the whole, around (IOD / 250), strands keep the contrast they were
drawn with, from the second on by and by the own hair's: alone before skin that would make wires."""
DARKER, LIGHTER = 0.7, 1.1
"""Contrast leaves no hair darker than so much of the own hair's deepest tone, nor lighter than so
much of its brightest: single strands would be wires."""
DEEPEST = np.float32(0.004)  # luminance from which hair is lit anew in full
GRAIN = 0.95  # share of the photo's noise that is put on hair
LEAST_COVER = 0.85
"""Hair that covers less gains no more contrast for that: single hairs would have outlines."""
BLURS, LEAST_BLUR = (0.0, 0.45, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2), 0.2  # pixels


@dataclass(frozen=True, eq=False)
class Ground:
    """The part of the photo under the hair: ``rgb`` (h, w, 3), ``hair`` its matte, ``allowed``
    0..1 where it may change and ``shaded`` where shadows may fall (h, w), ``box`` in the scaled
    photo frame, ``unit`` IOD / 250 px, ``light``: unit vector towards the light, ``shine``
    (h, w, 3): as in ``Looks``."""

    rgb: Array
    hair: Array
    allowed: Array
    shaded: Array
    box: Box
    unit: float
    light: tuple[float, float, float]
    shine: Array


def _moved(plane: Array, dx: float, dy: float, sigma: float) -> Array:
    """An (h, w) plane shifted by (dx, dy) pixels and blurred, at a size that ``sigma`` allows."""
    height, width = plane.shape
    factor = max(1, int(sigma / 1.25))
    size = (max(2, width // factor), max(2, height // factor))
    small = cv2.resize(plane, size, interpolation=cv2.INTER_AREA) if factor > 1 else plane
    matrix = np.array([[1, 0, dx / factor], [0, 1, dy / factor]], np.float64)
    small = cv2.GaussianBlur(cv2.warpAffine(small, matrix, size), (0, 0), sigma / factor)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def covered(layers: list[Array]) -> Array:
    """(h, w): how much (h, w, 4) layers cover that are laid over each other, lowest first."""
    cover = layers[0][..., 3].copy()

    def cover_more(first: int, last: int) -> None:
        for layer in layers[1:]:
            _cover(cover, layer, first, last)

    in_strips(len(cover), cover_more)
    return cover


@kernel()
def _cover(cover: Array, layer: Array, first: int, last: int) -> None:
    for y in range(first, last):
        for x in range(cover.shape[1]):
            alpha = layer[y, x, 3]
            cover[y, x] = cover[y, x] * (1 - alpha) + alpha


def stacked(layers: list[Array], unit: float, light: tuple[float, float, float]) -> Array:
    """One picture of (h, w, 4) premultiplied layers, lowest first, of which each shades those
    below: laid over the first, in place; ``unit``, ``light`` as in ``Ground``."""
    hair, upper = layers[0], layers[1:]

    def thrown(layer: Array) -> tuple[Array, Array]:
        alpha = np.ascontiguousarray(layer[..., 3])
        near = _moved(alpha, -light[0] * 3 * unit, 3 * unit, 2.5 * unit)
        far = _moved(alpha, -light[0] * 7 * unit, max(2.0, -light[1] * 9) * unit, 8 * unit)
        return near, far

    shadows = in_parallel(thrown, upper)

    def lay(first: int, last: int) -> None:
        for layer, (near, far) in zip(upper, shadows, strict=True):
            _lay(hair, layer, near, far, first, last)

    in_strips(len(hair), lay)
    return hair


def confined(hair: Array, ground: Ground) -> Array:
    """(h, w): how much (h, w, 4) hair covers where it is allowed to be."""
    return np.asarray(hair[..., 3] * np.clip(8 * ground.allowed, 0, 1), np.float32)


def over(hair: Array, ground: Ground, looks: Looks, kept: Array) -> tuple[Array, Array]:
    """RGB (h, w, 3) and straight alpha (h, w) to lay over the photo: the hair, its shadows and the
    photo's noise. ``kept``: what is left of the photo, see ``shadowed``."""
    rgb, alpha = np.empty_like(ground.rgb), np.empty(hair.shape[:2], np.float32)
    noise = chance.soft_noise()
    x, y = ground.box.x % noise.shape[1], ground.box.y % noise.shape[0]
    planes = (ground.rgb, hair, kept, noise, x, y, GRAIN * looks.grain, 0.9 * looks.grain_color,
              rgb, alpha)  # fmt: skip
    in_strips(len(alpha), partial(_over, *planes))
    return rgb, alpha


@kernel()
def _over(under: Array, hair: Array, kept: Array, noise: Array, left: int, top: int,
          grain: float, tint: float, rgb: Array, alpha: Array,
          first: int, last: int) -> None:  # fmt: skip
    """Colour and straight alpha that lay ``hair`` (premultiplied) over what shadows have ``kept``
    of the photo ``under`` it, with ``noise``: a tile that begins at (``left``, ``top``)."""
    tall, wide = noise.shape[:2]
    for y in range(first, last):
        down = (y + top) % tall
        for x in range(alpha.shape[1]):
            across = (x + left) % wide
            luma = grain * noise[down, across, 0]
            cover = hair[y, x, 3]
            least = min(kept[y, x, 0], kept[y, x, 1], kept[y, x, 2]) * (1 - cover)
            opaque = 1 - least
            for c in range(3):
                photo = under[y, x, c]
                shown = photo * kept[y, x, c] * (1 - cover) + hair[y, x, c]
                speck = luma + tint * noise[down, across, 1 + c]
                shown = min(max(shown + speck * cover, 0.0), 1.0)
                own = (shown - least * photo) / max(opaque, 1e-3)
                rgb[y, x, c] = min(max(own, 0.0), 1.0)
            alpha[y, x] = opaque


def shadowed(cover: Array, ground: Ground, looks: Looks) -> Array:
    """What the shadow of hair that covers so much, (h, w), leaves of the photo, (h, w, 3): contact
    shadow on skin at two scales, occlusion of the own hair under the new roots."""
    unit, (lx, ly, _) = ground.unit, ground.light
    dx, dy = -lx * 7 * unit, max(2.0, -ly * 9) * unit
    near = _moved(cover, 0.5 * dx, 0.5 * dy, 3 * unit)
    far = _moved(cover, 1.6 * dx, 1.7 * dy, 11 * unit)
    under = _moved(cover, 0, 3 * unit, 6 * unit)
    shadow, kept, absorption = np.empty_like(cover), np.empty_like(ground.rgb), _absorption(looks)

    def shade(first: int, last: int) -> None:
        _shadow(near, far, ground.hair, ground.shaded, shadow, first, last)
        _kept(shadow, under, ground.hair, ground.allowed, absorption, ground.shine, kept,
              first, last)  # fmt: skip

    in_strips(len(cover), shade)
    return kept


@kernel()
def _shadow(near: Array, far: Array, hair: Array, allowed: Array, out: Array,
            first: int, last: int) -> None:  # fmt: skip
    for y in range(first, last):
        for x in range(out.shape[1]):
            deep = far[y, x] * (0.4 + 0.6 * far[y, x])  # light comes in between few hairs
            shade = min(max(0.38 * near[y, x] + 0.48 * deep, 0.0), 1.0)
            out[y, x] = shade * (1 - hair[y, x]) * allowed[y, x]


@kernel()
def _kept(shadow: Array, under: Array, hair: Array, allowed: Array, absorption: Array,
          shine: Array, out: Array, first: int, last: int) -> None:  # fmt: skip
    for y in range(first, last):
        for x in range(shadow.shape[1]):
            lit = 1 - 0.10 * under[y, x] * hair[y, x] * allowed[y, x]
            dull = min(DULL * shadow[y, x], 1.0)
            for c in range(3):
                matt = math.exp(dull * shine[y, x, c]) if dull > 0 > shine[y, x, c] else 1.0
                out[y, x, c] = (1 - shadow[y, x] * absorption[c]) * lit * matt


def _absorption(looks: Looks) -> Array:
    """(3,): as for coloured skin, or in the colour of the hair, which light comes through, where
    the skin is grey."""
    tone = looks.tones.levels[2]
    hue = (looks.tones.lut[round(255 * float(tone))] + FLOOR) / (tone + FLOOR)
    grey = np.clip(ABSORPTION.mean() * hue**-THROUGH, 0, 1)
    return np.asarray(grey + np.float32(looks.redness) * (ABSORPTION - grey), np.float32)


@kernel()
def _confine(hair: Array, allowed: Array, first: int, last: int) -> None:
    """Blurring must not carry (h, w, 4) hair further than it is allowed to be."""
    for y in range(first, last):
        for x in range(hair.shape[1]):
            share = min(max(8 * allowed[y, x], 0.0), 1.0)
            for c in range(4):
                hair[y, x, c] *= share


@kernel()
def _lay(hair: Array, layer: Array, near: Array, far: Array, first: int, last: int) -> None:
    """Lay a layer over (h, w, 4) ``hair``, which it shades at two scales."""
    for y in range(first, last):
        for x in range(hair.shape[1]):
            alpha = layer[y, x, 3]
            shadow = (0.18 * near[y, x] + 0.07 * far[y, x]) * (1 - 0.5 * alpha)
            lit = (1 - min(shadow, 0.5)) * (1 - alpha)
            for c in range(3):
                hair[y, x, c] = hair[y, x, c] * lit + layer[y, x, c]
            hair[y, x, 3] = hair[y, x, 3] * (1 - alpha) + alpha


def blurred(hair: Array, sharpness: float) -> Array:
    """(h, w, 4) premultiplied hair, drawn no sharper than the own."""
    window = octaves.densest(hair[..., 3])
    part = hair[window]
    dense = cv2.erode((part[..., 3] > 0.97).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if dense.sum() > 0.1 * (part[..., 3] > 0.1).sum():
        luminance, blurs = cv2.cvtColor(_plain(part), cv2.COLOR_RGB2GRAY), BLURS
    else:  # single strands: their own outlines
        luminance, dense, blurs = part[..., 3], part[..., 3] > 0.1, BLURS[:3]
    return _softened(hair, _blur(luminance, dense, sharpness, blurs))


@kernel(fastmath=False)
def _plain(hair: Array) -> Array:
    """(h, w, 3) colour of premultiplied (h, w, 4) hair."""
    height, width, _ = hair.shape
    plain = np.empty((height, width, 3), np.float32)
    for y in range(height):
        for x in range(width):
            cover = max(hair[y, x, 3], np.float32(1e-3))
            for c in range(3):
                plain[y, x, c] = hair[y, x, c] / cover
    return plain


def _blur(luminance: Array, dense: NDArray[np.bool_], sharpness: float,
          blurs: tuple[float, ...]) -> float:  # fmt: skip
    """Sigma that leaves the ``dense`` part as sharp as that, between two of ``blurs``: the wider,
    the less sharp."""

    @cache
    def seen(i: int) -> float:
        return octaves.sharpness(_softened(luminance, blurs[i]), dense)

    i = bisect_left(range(len(blurs)), True, key=lambda i: seen(i) <= sharpness)
    if i in (0, len(blurs)):
        return blurs[min(i, len(blurs) - 1)]
    share = (seen(i - 1) - sharpness) / max(seen(i - 1) - seen(i), 1e-6)
    return blurs[i - 1] + share * (blurs[i] - blurs[i - 1])


def _softened(image: Array, sigma: float) -> Array:
    return cv2.GaussianBlur(image, (0, 0), sigma) if sigma > LEAST_BLUR else image


def textured(
    hair: Array, ground: Ground, looks: Looks, middle: float, relief: float = 1.0
) -> Array:
    """Hair with the own hair's texture, where it is allowed to be: in place.

    ``middle``: the hair's median luminance; ``relief``: contrast of the coarsest texture, relative
    to the own hair's.
    """
    _match(hair, looks, ground, middle, relief)
    in_strips(len(hair), partial(_confine, hair, ground.allowed))
    return hair


def _match(hair: Array, looks: Looks, ground: Ground, middle: float, relief: float) -> None:
    """Scale each octave of texture to its contrast in the own hair, and the middle tone with it,
    in place."""
    alpha = np.ascontiguousarray(hair[..., 3])
    dense = alpha > 0.9
    if dense.sum() < 0.1 * (alpha > 0.1).sum():
        dense = alpha > 0.6  # single strands
    if dense.sum() < 100:
        return
    luminance = np.empty_like(alpha)
    in_strips(len(alpha), partial(_luminance, hair, luminance))
    texture = octaves.split(luminance, alpha + np.float32(1e-4), ground.unit)
    new = dense & (ground.hair < 0.5)  # roots lie calm on own hair
    shown = new if new.sum() > 0.2 * dense.sum() else dense
    drawn_middle = float(np.median(luminance[shown])) + float(FLOOR)
    tone = float(np.clip((middle + float(FLOOR)) / drawn_middle, 0.5, 2.0))
    thin = max(float(alpha[shown].mean()), LEAST_COVER)  # what shows through takes contrast
    wanted = _wanted(looks, relief) / thin
    gains = wanted / (_drawn(texture, shown, ground.unit, bool(looks.slopes.size)) + 1e-5)
    after = texture.joined(np.clip(gains, 0.35, 5).astype(np.float32), tone)
    crowd = _moved(alpha, 0, 0, CROWD * ground.unit)
    low, high = DARKER * float(looks.tones.levels[0]), LIGHTER * float(looks.tones.levels[5])
    in_strips(len(alpha), partial(_relit, hair, luminance, after, crowd, tone, low, high))


def _wanted(looks: Looks, relief: float) -> Array:
    """Contrast of each octave, fine to coarse, that hair is to have: as ``looks`` give it."""
    sloping = bool(looks.slopes.size)
    wanted = (looks.slopes if sloping else looks.bands).copy()
    wanted[0] = octaves.without(float(wanted[0]), GRAIN * looks.grain * _of_noise(sloping))
    wanted *= np.linspace(FINE, COARSE, wanted.size)
    wanted[-1] *= relief
    wanted[-2:-1] *= min(relief, MIDDLE_RELIEF)
    return wanted


def _drawn(texture: octaves.Octaves, shown: NDArray[np.bool_], unit: float, sloping: bool) -> Array:
    """Contrast of each octave that hair has where it is ``shown``, (h, w)."""
    measured = texture.slopes if sloping else texture.deviations
    drawn = measured(shown.astype(np.float32))
    core = cv2.erode(shown.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    if core.sum() > LEAST_CORE * (250 * unit) ** 2:
        drawn[:2] = measured(core, 2)  # outlines of thin locks are no texture
    return drawn


@cache
def _of_noise(sloping: bool) -> float:
    """What noise of unit ``octaves.grain`` has in the finest octave: its slope or contrast."""
    tile = np.ascontiguousarray(chance.soft_noise()[:256, :256, 0])
    whole = np.ones_like(tile)
    finest = octaves.split(tile, whole, 0.0)
    return float((finest.slopes if sloping else finest.deviations)(whole)[0])


@kernel()
def _luminance(hair: Array, out: Array, first: int, last: int) -> None:
    """Of premultiplied (h, w, 4) hair, without what it covers: (h, w)."""
    for y in range(first, last):
        for x in range(out.shape[1]):
            scale = 1 / max(hair[y, x, 3], 1e-3)
            light = 0.299 * min(hair[y, x, 0] * scale, 1.0) + 0.587 * min(
                hair[y, x, 1] * scale, 1.0
            )
            out[y, x] = light + 0.114 * min(hair[y, x, 2] * scale, 1.0)


@kernel()
def _relit(hair: Array, before: Array, after: Array, crowd: Array, tone: float, low: float,
           high: float, first: int, last: int) -> None:  # fmt: skip
    """Change the luminance of premultiplied (h, w, 4) hair, in place, within limits; before bare
    skin only by ``tone``."""
    for y in range(first, last):
        for x in range(before.shape[1]):
            t = min(max((crowd[y, x] - ALONE) / (CROWDED - ALONE), 0.0), 1.0)
            t *= t * (3 - 2 * t)
            plain = tone * before[y, x]
            value = plain + t * (after[y, x] - plain)
            gain = (min(max(value, low), high) + DEEPEST) / (before[y, x] + DEEPEST)
            gain = min(max(gain, 0.25), 3.0)
            for c in range(3):
                hair[y, x, c] = min(hair[y, x, c] * gain, hair[y, x, 3])
