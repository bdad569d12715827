"""Soft hair alpha at the resolution of a view: flyaways, thin strands, no halo.

Near the edge of the parsed hair a pixel is taken for a mixture of the local hair colour F and the
colour behind it B, both means of clean surroundings; alpha is its place on the line from B to F.
Deep in hair a bright pixel is shine; how deep that is depends on skin being near, where hair is
thin. Where the two colours do not part, a guided filter of the parsing stands in (He et al., TPAMI
2013).
All but the last pass runs at reduced size, where F and B vary slowly; strands are resolved in the
last pass, at full resolution.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import (
    disc,
    fast_blur,
    guided_filter_coefficients,
    smoothstep,
)
from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.sampling import along_row, between_rows, coarse_position
from hairstudio.imaging.strips import in_strips
from hairstudio.portrait.loose import growing_strands, loose_strands
from hairstudio.portrait.unmixing import (
    LUMA,
    Layers,
    Parsed,
    clear_weight,
    local_mean,
    near_solid,
    reduce,
    separate,
    shade,
)

Array = NDArray[np.float32]

REACH = 80.0
STRAND, SOFT, EDGE = 5.0, 18.0, 40.0  # units: of strands' detail, of the edge's ramp, of its band
UNEVEN, FLAT = 0.4, 0.03  # how far strands move the edge; luma of pores and noise, which do not
DEEPER, DENSE = 24.0, (0.3, 0.7)  # units; share of the strands' luma that hair deeper in has
ALIKE = 0.05, 0.2  # share of sure hair that looks like what is behind it
GUIDED, EPS = 6.0, 5e-4  # radius in units and regularisation of the guided filter
BARRED = 228  # of 255: below the judge's .9 for sure skin
THIN = 0.75  # how much shallower hair counts where skin is near
EARRING_RIM = 8.0  # units around what the parser sees of an earring: it misses half of many
UNLIKE, SETTING = (0.1, 0.2), 3.0  # from the hair's colour; units: dark parts of an earring
DARK = 0.2, 0.3  # luma less than skin's: hair whose single strands are told from pores
EAR_RIM, EAR_HAIR = 8.0, 12.0  # units within the edge of ears that may be hair; hair so near
FEATURE_RIM = 3.0  # units around brows, eyes and glasses that are not dyed
LOCK, BROKEN = 16.0, 18.0  # half-widths: of a lock before a feature; of what a strand hides of one

# Channels of the maps that the last pass reads: colour behind; the vector whose product with
# (I - B) is the position between B and F; the positions where hair begins and where it is solid;
# trust in strands and in gaps; guided filter's coefficients; signed distance; probability of hair
# and of features to keep; places that are open; loose strands before the face.
BEHIND, ALONG, LOW, HIGH, STRANDS, GAPS, GUIDE_A, GUIDE_B = 0, 3, 6, 7, 8, 9, 10, 13
DISTANCE, HAIR, KEPT, OPEN, LOOSE = 14, 15, 16, 17, 18


def soft_hair(rgb: Array, parsed: Parsed, unit: float, barred: NDArray[np.uint8]) -> Array:
    """Hair alpha, (H, W) float32 0..1, exactly 0 away from hair.

    ``rgb``: (H, W, 3) float32 0..1; ``unit``: IOD / 250 in pixels; ``barred``: (H, W) uint8,
    probability of what no hair is seen before, 255 = certain.
    """
    small = reduce(rgb, unit)
    scale = small.shape[1] / rgb.shape[1]
    maps = _unmixing_maps(small, parsed, unit * scale)
    alpha = np.empty(rgb.shape[:2], np.float32)
    in_strips(rgb.shape[0], lambda first, last: _resolve(rgb, maps, barred, alpha, first, last))
    return alpha


def _unmixing_maps(rgb: Array, parsed: Parsed, unit: float) -> Array:
    """(h, w, 19) float32: what the last pass reads."""
    layers = separate(rgb, parsed, unit)
    difference = layers.hair - layers.behind
    position = layers.position(rgb)
    hair_spread, rest_spread, busy = _spreads(position, parsed, layers, unit)
    low = 0.02 + 0.5 * np.minimum(rest_spread, 0.3) + shade(position, parsed, layers, unit)
    high = 1 - np.minimum(hair_spread, 0.4)
    spread = np.square(difference).sum(-1, dtype=np.float32)
    # a strand is told from the noise of what is behind, a gap from the variation of the hair
    strands = smoothstep(0.015, 0.07, spread)
    noise = np.asarray(rest_spread + 0.2 * hair_spread + busy, np.float32)
    alike = _alike(position, parsed, layers, unit)
    told = 1 - alike
    strands *= smoothstep(0.45, 0.15, noise) * told
    darker = smoothstep(
        0.02, -0.12, difference.mean(-1, dtype=np.float32)
    )  # a dark place in fair hair is its shadow
    gaps = darker * smoothstep(0.04, 0.15, spread) * told
    gaps *= smoothstep(0.55, 0.2, np.float32(0.5) * rest_spread + hair_spread)
    opened = _opened(position, unit) * darker * smoothstep(0.008, 0.03, spread)
    opened *= smoothstep(0.9, 0.75, parsed.hair)  # beyond that the parser knows better
    distance = np.maximum(layers.distance, layers.distance * (1 - THIN * near_solid(parsed, unit)))
    a, b = _guide(rgb, parsed, layers, alike, unit)
    likely, kept = _kept(rgb, parsed, layers, unit)
    loose = loose_strands(
        position, smoothstep(0.02, 0.08, spread) * np.minimum(3 * told, 1), layers.distance,
        np.minimum(parsed.skin + parsed.hair, 1), np.maximum(likely, parsed.ears),
        parsed.eyes, unit,
    )  # fmt: skip
    zone = parsed.grown * (parsed.skin + parsed.hair > 0.9) * told * (likely < 0.1)
    zone *= _dark(rgb, parsed, layers)
    loose = np.maximum(loose, growing_strands(position, layers.distance, parsed.skin, zone, unit))
    return np.dstack([layers.behind, layers.direction, low, high, strands, gaps, a, b, distance,
                      parsed.hair, kept, opened, loose])  # fmt: skip


def _dark(rgb: Array, parsed: Parsed, layers: Layers) -> float:
    """0..1: whether the hair at the hairline is dark: of fair hair pores and freckles would pass
    for strands."""
    darker = layers.behind @ LUMA - cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    edge = (parsed.hair > 0.9) & (layers.distance > -EDGE) & (parsed.grown > 0.5)
    usual = float(np.median(darker[edge])) if edge.any() else 0.0
    return float(smoothstep(*DARK, np.array(usual, np.float32)))


def _kept(rgb: Array, parsed: Parsed, layers: Layers, unit: float) -> tuple[Array, Array]:
    """(h, w) 0..1 each: where features likely are, also behind strands that break them up; what
    stays undyed: they and what is around them, ears, earrings."""
    likely = cv2.morphologyEx(
        np.minimum(2 * parsed.features, 1), cv2.MORPH_CLOSE, disc(BROKEN * unit)
    )
    # the parser takes shadow and hair around an ear for ear
    ears = cv2.erode(parsed.ears, disc(EAR_RIM * unit))
    beside = cv2.dilate(parsed.hair, disc(EAR_HAIR * unit))
    ears = np.maximum(ears, parsed.ears * smoothstep(0.5, 0.2, beside))
    kept = np.maximum(cv2.dilate(likely, disc(FEATURE_RIM * unit)), ears)
    # lashes and rims; a lock before the eye is hair, a strand over a brow is not told from it
    locks = cv2.morphologyEx(parsed.hair, cv2.MORPH_OPEN, disc(LOCK * unit))
    kept *= smoothstep(0.6, 0.3, locks)
    earrings = cv2.dilate(parsed.earrings, disc(EARRING_RIM * unit))
    unlike = smoothstep(*UNLIKE, np.abs(rgb - layers.hair).max(-1))
    return likely, np.maximum(
        kept, earrings * cv2.morphologyEx(unlike, cv2.MORPH_CLOSE, disc(SETTING * unit))
    )


def _guide(
    rgb: Array, parsed: Parsed, layers: Layers, alike: Array, unit: float
) -> tuple[Array, Array]:
    """Coefficients (h, w, 3), (h, w) of the alpha that stands in where the colours do not part: the
    guided filter's; before skin the parsing with a soft edge that ends strand by strand."""
    a, b = guided_filter_coefficients(rgb, parsed.hair, max(2, round(GUIDED * unit)), EPS)
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    around = fast_blur(luma, STRAND * unit)
    spread = cv2.sqrt(fast_blur(np.square(luma - around), 2 * STRAND * unit))
    beside = near_solid(parsed, unit)
    sign = _sign(luma, parsed, layers, alike, beside)
    gain = (
        np.float32(UNEVEN) * beside * sign * spread / (np.square(spread) + np.float32(FLAT * FLAT))
    )
    soft = fast_blur(parsed.hair, SOFT * unit)
    soft = np.maximum(soft, _dense(spread, parsed, layers, unit))
    a = a * (1 - beside)[..., None] + gain[..., None] * LUMA
    return a, b * (1 - beside) + beside * soft - gain * around


def _dense(spread: Array, parsed: Parsed, layers: Layers, unit: float) -> Array:
    """(h, w) 0..1: parsed hair before skin with as many strands as hair deeper in has: it covers
    the skin. ``spread``: of the strands' luma."""
    sure = ((parsed.hair > 0.9) & (layers.distance < -12)).astype(np.float32)
    usual = local_mean(spread, sure + np.float32(1e-6), DEEPER * unit)
    skin = local_mean(spread, clear_weight(parsed, layers.distance, unit), DEEPER * unit)
    strands = np.asarray((spread - skin) / np.maximum(usual - skin, np.float32(0.01)), np.float32)
    return np.asarray(smoothstep(*DENSE, strands) * smoothstep(0.3, 0.8, parsed.hair), np.float32)


def _sign(luma: Array, parsed: Parsed, layers: Layers, alike: Array, beside: Array) -> Array:
    """(h, w) -1..1: whether strands are brighter or darker than the skin behind them. Fair hair is
    darker where it lies in its own shadow, but its strands are not."""
    lighter = np.asarray(luma - layers.behind @ LUMA, np.float32)
    edge = (parsed.hair > 0.9) & (layers.distance > -EDGE) & (beside > 0.5)
    lights = float(np.quantile(lighter[edge], 0.9)) if edge.any() else 0.0
    fair = float(smoothstep(-0.02, 0.04, np.array(lights, np.float32)))
    bright = smoothstep(-0.06, -0.02, np.asarray((layers.hair - layers.behind) @ LUMA, np.float32))
    sign = np.float32(fair) * bright - np.float32(max(1 - 2 * fair, 0)) * (1 - alike)
    return np.asarray(sign, np.float32)


def _spreads(
    position: Array, parsed: Parsed, layers: Layers, unit: float
) -> tuple[Array, Array, Array]:
    """How much positions vary in hair and in what is behind it, and how much of the latter is
    neither; without the strands outside and gaps inside that are looked for."""
    inside = ((parsed.hair > 0.9) & (layers.distance < -6) & (position > 0.4)).astype(np.float32)
    clear = clear_weight(parsed, layers.distance, unit)
    calm = (np.abs(position) < 0.3).astype(np.float32)
    return (
        cv2.sqrt(local_mean(np.square(position - 1), inside, 20 * unit)),
        cv2.sqrt(local_mean(np.square(position), clear * calm, 14 * unit)),
        local_mean(1 - calm, clear, 14 * unit),
    )


def _alike(position: Array, parsed: Parsed, layers: Layers, unit: float) -> Array:
    """(h, w) 0..1: where so much sure hair looks like what is behind it that a pixel that does may
    as well be hair: grey and fair strands before skin."""
    beside = near_solid(parsed, unit)
    sure = ((parsed.hair > 0.9) & (layers.distance < -12) & (beside > 0.3)).astype(np.float32)
    same = (position < 0.3).astype(np.float32)
    share = local_mean(same, sure + np.float32(1e-4), 24 * unit)
    return np.asarray(beside * smoothstep(*ALIKE, share), np.float32)


def _opened(position: Array, unit: float) -> Array:
    """0..1: places wider than a strand's shine where nothing looks like hair."""
    most = cv2.dilate(fast_blur(position, 1.5 * unit), disc(6 * unit))
    return fast_blur(smoothstep(0.45, 0.2, most), 3 * unit)


@kernel()
def _smooth(lo: float, hi: float, x: float) -> float:
    t = min(max((x - lo) / (hi - lo), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@kernel()
def _resolve(
    rgb: Array, maps: Array, barred: NDArray[np.uint8], alpha: Array, first: int, last: int
) -> None:
    height, width = alpha.shape
    channels = maps.shape[2]
    m, line = np.empty(channels, np.float32), np.empty(maps.shape[1:], np.float32)
    for y in range(first, last):
        j, fv = coarse_position(y, height, maps.shape[0])
        between_rows(maps, j, fv, line)
        for x in range(width):
            i, fu = coarse_position(x, width, maps.shape[1])
            far = maps[j, i, DISTANCE] > REACH + 4 or barred[y, x] > BARRED
            if far and line[i, LOOSE] + line[i + 1, LOOSE] <= 0:
                alpha[y, x] = 0
                continue
            along_row(line, i, fu, 0, channels, m)
            free = (1 - _smooth(0.75, 0.9, m[KEPT])) * (
                1 - _smooth(0.8 * BARRED, BARRED, barred[y, x])
            )
            a = _alpha(rgb[y, x], m, free, 0.0)
            if m[LOOSE] > 0:  # it may only add hair
                a = max(a, _alpha(rgb[y, x], m, max(free, m[LOOSE]), m[LOOSE]))
            alpha[y, x] = a


@kernel()
def _alpha(pixel: Array, m: Array, free: float, loose: float) -> float:
    position, guided = 0.0, m[GUIDE_B]
    for c in range(3):
        position += (pixel[c] - m[BEHIND + c]) * m[ALONG + c]
        guided += pixel[c] * m[GUIDE_A + c]
    guided = min(max((guided - 0.1) / 0.8, 0.0), 1.0)
    distance, hair = m[DISTANCE], m[HAIR]
    inside = _smooth(0.4, 0.9, hair)
    # near the edge alpha is the plain mixture; deep in hair what is bright is shine, not a gap
    depth = inside * _smooth(4, 24, -distance)
    edge = 1 + inside * _smooth(0, 12, -distance) * (m[HIGH] - 1)
    high = edge + depth * (max(1.5 * m[HIGH] - 0.5, 0.45) - edge)
    unmixed = min(max((position - m[LOW]) / (high - m[LOW]), 0.0), 1.0)
    trust = max(m[STRANDS] + inside * (m[GAPS] - m[STRANDS]), loose)
    mixed = trust * unmixed + (1 - trust) * guided * (1 - m[OPEN])
    if distance > 0:  # far out only what is surely a strand
        near = 1 - _smooth(2, 10, distance)
        within = max(1 - _smooth(0.7 * REACH, REACH, distance), loose)
        return free * mixed * (trust + (1 - trust) * near) * within
    floor = _smooth(0.85, 0.98, hair) * _smooth(6, 24, -distance)
    solid_hair = _smooth(25, 70, -distance) * min(max((hair - 0.05) / 0.85, 0.0), 1.0)
    return free * max(mixed, (1 - m[OPEN]) * max(floor, solid_hair))
