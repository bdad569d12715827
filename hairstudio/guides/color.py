"""Recolour hair: every pixel is unmixed into hair and what is behind it, the hair is moved to the
shade by tables over its own lightness, and the two are mixed again. So a dark strand over skin
becomes a fair strand over skin, without a halo."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import dye, front, lighting, melanin, undertone
from hairstudio.guides.drawing import Drawing
from hairstudio.guides.palette import Shade
from hairstudio.imaging.colorspace import lab_image
from hairstudio.imaging.filters import disc, fast_blur, normalised_blur, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.strips import in_strips
from hairstudio.portrait import matte
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.parsing import Class
from hairstudio.portrait.view import HairState, View

Array = NDArray[np.float32]

OWN_CHROMA = 0.4
SAME, USUAL = 4.0, 12.0  # 2 L*: hair of the same lightness; spread of its a*, b*
FEW = 0.005  # of the hair: with less of one lightness, its colour is that of the others
FOREIGN, EARRING = (20, 30), 3.0  # distance in a*b* from such hair; units from the hair's edge
PEARL, BRIGHT, LOBE = (3.5, 20.0), (18, 35), 60.0  # units; L* over what is around; units
GAP, FILLED = 5.0, 0.65  # units between strands; how much of their alpha such a gap has at least
ROOT_LIGHTNESS = 0.55
NEAR_ENOUGH = 2.5  # how far the median of a*, b* may be from the shade's
ROOT_REACH = 60.0  # units from the face: how far hair lies deep
SEEN = 70.0, 40.0  # units from the hair's edge: how deep skin is seen through it
STRAND = 4.0  # units: width of strands
OTHER = 25.0  # L*: hair made so much lighter or darker has all of its front drawn
THIN = 0.1  # IOD: how far hair thins out before skin
UNSURE = np.float32(1e-3)  # weight of the local colour where no sure hair is near
RELIEF = 8.0  # L*: strands in black hair made much lighter
ROUGHER = 0.3  # how much energy of gradients they may add to the hair's own


@dataclass(frozen=True, eq=False)
class Prepared:
    """What does not depend on the shade: keep it while a slider moves.

    ``front``: the drawn front of the hair; ``maps``: (h, w, dye.CHANNELS) float32 at the matte's
    working size, ``dye.SHIFT`` empty; ``planes`` at the same size; ``sample``: hair pixels by which
    ranks are watched.
    """

    view: View
    front: front.Front
    tones: melanin.Tones
    maps: Array
    planes: lighting.Planes
    sample: lighting.Sample


def working_box(analysis: Analysis, scale: float) -> Box:
    """Where hair may be recoloured, in the photo frame scaled by ``scale``; empty without hair."""
    grid = analysis.grid
    hair = Box.of_mask(analysis.probability(Class.HAIR) > 8)
    if hair.empty:
        return hair
    margin = int(np.ceil(matte.REACH / 250 * analysis.iod * grid.scale)) + 2
    in_photo = hair.grown(margin).shifted(grid.box.x, grid.box.y)
    whole = Box.of_size(*analysis.photo_size).scaled(scale)
    return in_photo.scaled(scale / grid.scale).intersection(whole)


def prepare(view: View) -> Prepared:
    """Measure a view's hair once for all shades."""
    rgb, alpha = matte.reduce(view.rgb, view.unit), matte.reduce(view.matte, view.unit)
    scale = rgb.shape[1] / view.rgb.shape[1]
    unit = view.unit * scale
    # after an earlier edit hair is where that edit says, not where the photo was parsed
    parsed = view.parsed if view.state is None else replace(view.parsed, hair=alpha)
    layers = matte.separate(rgb, parsed, unit)
    lab = lab_image(rgb)
    sure = ((alpha > 0.9) & (parsed.hair > 0.8)).astype(np.float32)
    hair = lab_image(layers.hair)[..., 0]
    base = normalised_blur(np.where(sure > 0, lab[..., 0], hair), sure + UNSURE, 6 * unit)
    unlike = _unlike(lab, sure)
    chroma = np.float32(OWN_CHROMA * 8) * np.tanh(normalised_blur(unlike, sure, 3 * unit) / 8)
    most = 1 - _jewellery(view, parsed, alpha, unlike, lab[..., 0], base, unit)
    roots = _root_distance(view, lab[..., 0], sure, unit)
    behind = matte.shaded(rgb, parsed, layers, unit)
    along, told = matte.seen_through(rgb, parsed, layers, unit)
    beside = smoothstep(0.02, 0.2, fast_blur(parsed.skin, 16 * unit))
    closed = cv2.morphologyEx(alpha, cv2.MORPH_CLOSE, disc(GAP * unit))
    # where colours do not tell, strands and gaps of the matte are guesses
    unsure = beside * (1 - told)
    least = np.maximum(np.float32(FILLED), unsure) * (
        closed + unsure * (fast_blur(closed, STRAND * unit) - closed)
    )
    even = fast_blur(alpha, STRAND * unit)
    drawn = beside * smoothstep(0.0, 0.1, even) * smoothstep(1.0, 0.9, even)
    seen = beside * told * smoothstep(*SEEN, -layers.distance)
    maps = np.dstack(
        [
            np.zeros_like(base),
            chroma,
            roots,
            behind,
            layers.hair,
            base,
            least,
            most,
            drawn,
            seen,
            along,
        ]
    )
    tones = melanin.measure(lab[..., 0], sure)
    locks = _gentle(undertone.locks(view, lab[..., 0], base, alpha), sure, tones)
    depth = _depth(parsed, layers, unit)
    whole = parsed.hair * (_skin_distance(parsed) > THIN * 250 * unit)
    planes = lighting.Planes(base, depth, locks)
    sample = lighting.sample(rgb, alpha, whole, maps, planes)
    return Prepared(view, front.draw(view, drawn), tones, maps, planes, sample)


def _depth(parsed: matte.Parsed, layers: matte.Layers, unit: float) -> Array:
    """(h, w) -1 where hair meets skin, fading to 0 over a long way: no line around the face."""
    beside = smoothstep(0.0, 0.3, fast_blur(parsed.solid, 24 * unit))
    return -beside * smoothstep(ROOT_REACH, 0, -layers.distance)


def _skin_distance(parsed: matte.Parsed) -> Array:
    """(h, w) pixels from the nearest skin."""
    away = (parsed.skin < 0.5).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(away, cv2.DIST_L2, 5), np.float32)


def _gentle(locks: Array, sure: Array, tones: melanin.Tones) -> Array:
    """Drawn strands in L*, no rougher than the hair's own texture allows."""
    step = np.diff(locks, axis=1)[sure[:, 1:] > 0]
    energy = float(np.square(step).mean()) if step.size else 0.0
    limit = float(np.sqrt(ROUGHER * tones.energy / (energy + 1e-6)))
    return locks * np.float32(min(RELIEF, limit))


def _unlike(lab: Array, sure: Array) -> Array:
    """(h, w, 2): own a*, b* minus those that hair of the same lightness has as a rule."""
    bins = np.clip(lab[..., 0] / 2, 0, 49).astype(np.int32)
    weight, unlike = sure, lab[..., 1:]
    for _ in range(3):
        rule = np.empty((50, 2), np.float32)
        count = _by_bin(bins, weight)
        few = np.float32(FEW * count.sum() + 1e-3)
        for channel in (0, 1):
            total = _by_bin(bins, weight * lab[..., 1 + channel])
            mean = total.sum() / (count.sum() + np.float32(1e-3))
            near = fast_blur(total, SAME) + few * mean
            rule[:, channel] = (near / (fast_blur(count, SAME) + few))[0]
        unlike = lab[..., 1:] - rule[bins]
        weight = sure * np.exp(np.square(unlike).sum(-1) / np.float32(-2 * USUAL**2))
    return unlike


def _by_bin(bins: NDArray[np.int32], values: Array) -> Array:
    return np.bincount(bins.ravel(), values.ravel(), 50).astype(np.float32)[None]


def _pearls(lightness: Array, base: Array, parsed: matte.Parsed, unit: float) -> Array:
    """(h, w) 0..1: below an ear, what is much brighter than dark hair, wider than a strand's shine
    and not as wide as a lock's."""
    bright = cv2.morphologyEx(lightness, cv2.MORPH_OPEN, disc(PEARL[0] * unit))
    bright -= cv2.morphologyEx(lightness, cv2.MORPH_OPEN, disc(PEARL[1] * unit))
    near = cv2.dilate((parsed.ears > 0.5).astype(np.float32), disc(LOBE * unit))
    return near * smoothstep(*BRIGHT, bright) * smoothstep(35, 20, base)


def _jewellery(
    view: View,
    parsed: matte.Parsed,
    alpha: Array,
    unlike: Array,
    lightness: Array,
    base: Array,
    unit: float,
) -> Array:
    """(h, w) 0..1: below the eyes, within the hair, what by its colour is none: earrings that the
    parser does not see."""
    size = unlike.shape[1], unlike.shape[0]
    smooth = fast_blur(unlike, max(unit, 0.6))
    off = smoothstep(*FOREIGN, cv2.magnitude(smooth[..., 0], smooth[..., 1]))
    off = np.maximum(off, _pearls(lightness, base, parsed, unit))
    off *= cv2.erode(alpha, disc(EARRING * unit))
    off = cv2.dilate(off, disc(unit))
    outdoors = fast_blur(1 - np.minimum(parsed.hair + parsed.solid, 1), 6 * unit)
    below = cv2.resize(view.uv[1], size, interpolation=cv2.INTER_AREA)
    return off * smoothstep(0.3, 0.2, outdoors) * smoothstep(0.2, 0.3, below)


def _root_distance(view: View, lightness: Array, sure: Array, unit: float) -> Array:
    """(h, w): distance from the roots in IOD, uneven from strand to strand."""
    detail = fast_blur(lightness, 1.5 * unit) - normalised_blur(lightness, sure, 12 * unit)
    spread = float(np.std(detail[sure > 0])) + 1e-3 if sure.any() else 1.0
    distance = view.from_roots((sure.shape[1], sure.shape[0]))
    return distance + np.float32(0.15) * np.tanh(detail / np.float32(spread))


def draw(prepared: Prepared, shade: Shade, strength: float = 1.0, roots: float = 0.0) -> Drawing:
    """Recolour the hair of a prepared view.

    ``strength`` 0..1 mixes own and new L*a*b*; 0 changes nothing. ``roots`` 0..1: how far the roots
    keep a darker colour (the own one if it is darker than the shade), as in hair that has grown.
    """
    view, tones = prepared.view, prepared.tones
    rgb, alpha = view.rgb.copy(), np.zeros(view.matte.shape, np.float32)
    if strength > 0:
        aimed = melanin.aim(tones, shade)
        light = lighting.light(prepared.sample, prepared.planes, tones, aimed)
        root_curve = melanin.tone_curve(tones, min(tones.median, ROOT_LIGHTNESS * aimed), 1.0)
        maps = prepared.maps.copy()
        maps[..., dye.SHIFT] = light.shift
        maps[..., dye.FRONT] *= min(abs(aimed - tones.median) / OTHER, 1.0)
        pigment = melanin.pigment(shade)
        if light.new.size:
            off = np.array(shade.lab[1:], np.float32) - np.median(
                melanin.read(pigment, light.new), axis=0
            )
            pigment += off * max(0.0, 1 - NEAR_ENOUGH / (float(np.hypot(*off)) + 1e-6))
        tables = np.column_stack([light.curve, root_curve, pigment])
        planes = (
            view.rgb,
            view.matte,
            prepared.front.streaks,
            prepared.front.light,
            maps,
            tables,
            light.strands,
            strength,
            roots,
            rgb,
            alpha,
        )
        in_strips(view.box.h, lambda first, last: dye.recolour(*planes, first, last))
    return Drawing(rgb, alpha, HairState(view.box, view.scale, view.matte, view.hairline))
