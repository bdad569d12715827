"""The colour edit, pixel by pixel: unmix hair from what is behind it, dye the hair, mix again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.colorspace import from_lab, to_lab
from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.sampling import along_row, between_rows, coarse_position

Array = NDArray[np.float32]

# Channels of the maps: L* to add, own unusual a* and b*, distance from the roots (IOD), local
# colours behind the hair and of the hair, smooth own L*, least alpha in gaps between strands, most
# alpha where the colour is no hair's, how far single hairs are drawn there, how far hair is too
# dark to have strands beside the tone curve, the share of the matte's alpha that holds, and what is
# added to it.
SHIFT, CHROMA, ROOTS, BEHIND, HAIR, BASE, LEAST, MOST, FRONT, DARK, OWN, MIXED, CHANNELS = (
    0, 1, 3, 4, 7, 10, 11, 12, 13, 14, 15, 16, 17
)  # fmt: skip
# Columns of the tables: new smooth L* and that of the roots over own smooth L*; a*, b* of the shade
# over L*.
TONE, ROOT_TONE, PIGMENT = 0, 1, 2
DARKEST = 8.0
WHITE = 99.0  # L* that no light exceeds
ROOT_START, ROOT_FADE = 0.1, 0.7
SOLID_ALPHA = 3.0
OPAQUE = 0.98
UNSHADED, SHADOW = 0.9, 0.08
STREAKY = 1.2  # how much single hairs stand out of half-covered skin


@kernel()
def recolour(
    source: Array, matte: Array, streaks: Array, light: Array, quiet: Array, maps: Array,
    tables: Array, strands: Array, strength: float, roots: float, rgb: Array, alpha: Array,
    first: int, last: int,
) -> None:  # fmt: skip
    """Dye rows ``first`` .. ``last`` - 1.

    ``source``: (H, W, 3); ``matte``, and ``streaks`` and ``light`` as in front.Front,
    ``quiet``, L* to add to own: (H, W);
    ``maps``: (h, w, CHANNELS) over the same field; ``tables``: (n, 4) over L* 0..100; ``strands``:
    (4,) as ``lit`` takes them. Writes ``rgb`` and ``alpha`` where there is hair, such
    that alpha rgb + (1 - alpha) source = source + matte (dyed hair - own hair).
    """
    height, width = matte.shape
    m, line = np.empty(CHANNELS, np.float32), np.empty(maps.shape[1:], np.float32)
    for y in range(first, last):
        j, fv = coarse_position(y, height, maps.shape[0])
        between_rows(maps, j, fv, line)
        for x in range(width):
            a = matte[y, x]
            i, fu = coarse_position(x, width, maps.shape[1])
            if a <= 0 and line[i, MIXED] + line[i + 1, MIXED] <= 0:
                continue
            along_row(line, i, fu, 0, CHANNELS, m)
            a = min(max(a, m[LEAST]), m[MOST])
            r0, g0, b0 = source[y, x, 0], source[y, x, 1], source[y, x, 2]
            a = min(max(m[OWN] * a + m[MIXED], 0.0), 1.0)
            if a <= 0:
                continue
            r, g, b = unmixed(r0, g0, b0, a, m)
            r2, g2, b2 = _dyed(r, g, b, quiet[y, x], m, tables, strands, strength, roots)
            kept = _strandwise(a, streaks[y, x], m[FRONT])
            most = max(a, kept)
            lit = 1 + m[FRONT] * light[y, x]
            r2, g2, b2 = lit * r2, lit * g2, lit * b2
            alpha[y, x] = min(SOLID_ALPHA * most, 1.0)
            gone, whole = a - kept, 1 / alpha[y, x]
            dr, dg, db = r0 - a * r, g0 - a * g, b0 - a * b  # what is seen behind
            br, bg, bb = (1 - a) * m[BEHIND], (1 - a) * m[BEHIND + 1], (1 - a) * m[BEHIND + 2]
            clear = strands[2] * m[FRONT] * _unshaded(dr, dg, db, br, bg, bb)
            dr, dg, db = clear * (br - dr), clear * (bg - dg), clear * (bb - db)
            r2 = r0 + whole * (kept * r2 - a * r + gone * m[BEHIND] + strength * dr)
            g2 = g0 + whole * (kept * g2 - a * g + gone * m[BEHIND + 1] + strength * dg)
            b2 = b0 + whole * (kept * b2 - a * b + gone * m[BEHIND + 2] + strength * db)
            rgb[y, x, 0] = min(max(r2, 0.0), 1.0)
            rgb[y, x, 1] = min(max(g2, 0.0), 1.0)
            rgb[y, x, 2] = min(max(b2, 0.0), 1.0)


@kernel()
def _strandwise(a: float, streak: float, front: float) -> float:
    """Alpha of dyed hair where there was ``a`` of own: single hairs before skin."""
    more = STREAKY * a * (1 - a) * streak
    more *= 1 - a if more < 0 else 1.0
    return min(max(a + front * more, 0.0), 1.0)


@kernel()
def _unshaded(r: float, g: float, b: float, br: float, bg: float, bb: float) -> float:
    """How far skin behind the hair's edge is to lose the red shadow that dark hair throws."""
    darker = (br + bg + bb - r - g - b) / (br + bg + bb + 1e-3)
    t = min(max(darker / SHADOW, 0.0), 1.0)
    return UNSHADED * t * t * (3 - 2 * t)


@kernel()
def unmixed(r: float, g: float, b: float, a: float, m: Array) -> tuple[float, float, float]:
    """Colour of the hair in a pixel with hair alpha ``a``; the local mean where it is small."""
    if a >= OPAQUE:
        return r, g, b
    t = min(max((a - 0.2) / 0.6, 0.0), 1.0)
    behind, a = 1 - a, max(a, 0.01)
    r = min(max((r - behind * m[BEHIND]) / a, 0.0), 1.0)
    g = min(max((g - behind * m[BEHIND + 1]) / a, 0.0), 1.0)
    b = min(max((b - behind * m[BEHIND + 2]) / a, 0.0), 1.0)
    r, g, b = r - m[HAIR], g - m[HAIR + 1], b - m[HAIR + 2]
    return m[HAIR] + t * r, m[HAIR + 1] + t * g, m[HAIR + 2] + t * b


@kernel()
def unmixed_all(pixels: Array, alpha: Array, maps: Array, hair: Array) -> None:
    """``unmixed`` for (n, 3) pixels with (n, CHANNELS) maps, into (n, 3)."""
    for i in range(alpha.size):
        r, g, b = unmixed(pixels[i, 0], pixels[i, 1], pixels[i, 2], alpha[i], maps[i])
        hair[i, 0], hair[i, 1], hair[i, 2] = r, g, b


@kernel()
def _read(tables: Array, lightness: float, column: int) -> float:
    position = min(max(lightness * 0.01, 0.0), 1.0) * (tables.shape[0] - 1.001)
    k = int(position)
    return tables[k, column] + (position - k) * (tables[k + 1, column] - tables[k, column])


@kernel()
def lit(
    tables: Array, column: int, own: float, base: float, dark: float, shift: float, strands: Array
) -> float:
    """New L* for ``own``, which stands out from the smooth ``base``. ``strands``: how much of that
    the tone curve shall not bend, 0..1; its gain; how much more of that in the dark; and how far
    the curve shall bend it all the same where hair is ``dark``. What stands beside the curve is
    bent before black and white only."""
    detail = strands[0] * (1 - strands[3] * dark) * (own - base)
    smooth = min(max(_read(tables, own - detail, column) + shift, 1.0), WHITE - 1)
    detail *= strands[1] * (1 + strands[2] * DARKEST / (base + DARKEST))
    return smooth + detail / (1 + abs(detail) / (WHITE - smooth if detail > 0 else smooth))


@kernel()
def lit_all(
    tables: Array, own: Array, base: Array, dark: Array, shift: Array, strands: Array
) -> Array:
    """``lit`` by the tone curve for (n,) pixels."""
    out = np.empty_like(own)
    for i in range(own.size):
        out[i] = lit(tables, TONE, own[i], base[i], dark[i], shift[i], strands)
    return out


@kernel()
def _dyed(
    r: float,
    g: float,
    b: float,
    quiet: float,
    m: Array,
    tables: Array,
    strands: Array,
    strength: float,
    roots: float,
) -> tuple[float, float, float]:
    lightness, own_a, own_b = to_lab(r, g, b)
    seen = max(lightness + strands[3] * quiet, 0.0)
    l2 = lit(tables, TONE, seen, m[BASE], m[DARK], m[SHIFT], strands)
    own = min(l2 / 40, 1.0)  # dark dye covers what was special about a strand
    a2 = _read(tables, l2, PIGMENT) + own * m[CHROMA]
    b2 = _read(tables, l2, PIGMENT + 1) + own * m[CHROMA + 1]
    if roots > 0:
        t = min(max((m[ROOTS] - ROOT_START) / ROOT_FADE, 0.0), 1.0)
        w = roots * (1 - t * t * (3 - 2 * t))
        l3 = lit(tables, ROOT_TONE, seen, m[BASE], m[DARK], 0.0, strands)
        colourful = min(l3 / max(lightness, 1.0), 1.0)
        l2 += w * (l3 - l2)
        a2 += w * (colourful * own_a - a2)
        b2 += w * (colourful * own_b - b2)
    return from_lab(
        lightness + strength * (l2 - lightness),
        own_a + strength * (a2 - own_a),
        own_b + strength * (b2 - own_b),
    )
