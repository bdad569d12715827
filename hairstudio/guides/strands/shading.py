"""Tone, colour, width and opacity of strands, point by point.

Tones are added in log luminance: the own hair's level, Kajiya and Kay's highlights (SIGGRAPH
1989) on a convex fringe, the light on the face, occlusion at the roots, variation of locks and
strands, and the own hair's fine detail.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, clumps, opacity
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.bangs_shape import Outline
from hairstudio.guides.strands.canvas import linear
from hairstudio.guides.strands.chance import normal, uniform
from hairstudio.guides.strands.growth import Strands, lock_of
from hairstudio.guides.strands.looks import Looks
from hairstudio.guides.strands.tones import FLOOR
from hairstudio.imaging.kernels import kernel
from hairstudio.portrait.analysis import Analysis

Array = NDArray[np.float32]
Ints = NDArray[np.int64]
Vector = tuple[float, float, float]

DETAIL_GAIN = 1.25
LOCAL = 0.55
"""How much of the own hair's local lightness the new hair has."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_LOCK_TONE, _TONE, _SHINE, _, _FADE = range(60, 65)
TONE, RED, _, _, LIGHT, UNLIKE = range(6)
"""Planes of ``Looks.maps``."""
BARE_SHARE, BARE_LEAST = 0.9, 300.0
"""and this share of loose strands grows there, more of tight locks, all of layers so sparse."""
TONE_LENGTH = 0.2
"""A strand's tone stays its own for about so long, IOD."""
LOCK_LENGTH = 0.6
"""A lock lies in light or shade for about so long, IOD."""
LIT = 1.07
"""Hair that falls over the forehead faces the light more than hair around the head does."""
LIGHTEST = 0.81
"""and is no lighter than this in the middle, luminance, or its highlights would all be white."""
PALE = 0.1
"""Roots are no paler than the rest by more than this, log luminance."""
BOUNCE = np.array([0.05, 0.0, -0.05], np.float32)
"""Light that comes through thin hair from the skin below warms it: change of red, green, blue."""


@dataclass(frozen=True)
class Layer:
    """A layer of strands: ``density`` per IOD of width, ``half_width`` IOD, ``tone`` added log
    luminance, ``opacity``; ``lock``, ``pull``, ``jitter``, ``root``, ``tapered`` as in Style;
    ``short``: how far above the lower edge the longest strands end, IOD."""

    number: int
    density: float
    half_width: float
    tone: float
    opacity: float
    lock: float
    pull: tuple[float, float]
    jitter: float
    root: float
    short: float = 0.01
    tapered: float = 0.2

    @property
    def bare_loss(self) -> float:
        """Share of the strands that is left out where roots lie on bare skin."""
        if self.number == 0:  # wide strands would lie there like bars
            return 0.4
        gaps = 1 - 0.5 * sum(self.pull)  # tight locks let skin through by themselves
        return (1 - BARE_SHARE) * gaps * min(1.0, max(self.density / BARE_LEAST - 1, 0.0))


@dataclass(frozen=True)
class Levels:
    """Log luminance of the hair: ``base``, its distance up to ``shine``, the brightest ``top``, the
    darkest ``deep``."""

    base: float
    shine: float
    top: float
    deep: float


def levels(looks: Looks) -> Levels:
    p5, _, p50, p75, p95, p99 = (float(x) + float(FLOOR) for x in looks.tones.levels)
    return Levels(
        math.log(0.75 * p50 + 0.25 * p75), min(math.log(p95 / p50), 0.7), math.log(1.1 * p99),
        math.log(p5),
    )  # fmt: skip


def light_direction(analysis: Analysis) -> tuple[float, float, float]:
    """Unit vector towards the light (u, v, z; z < 0 = towards the camera), from the skin.

    Kept in front of the head, and drawn up: the fringe sees more of the sky than the cheeks.
    """
    right, down, away = analysis.appearance.light
    frame = analysis.frame
    c, s = frame.a / frame.scale, frame.b / frame.scale
    x, y, z = c * right - s * down, s * right + c * down - 0.25, min(away, -0.15)
    size = math.sqrt(x * x + y * y + z * z)
    return x / size, y / size, z / size


@kernel()
def _varying(seed: int, key: int, purpose: int, start: float, step: float, out: Array) -> None:
    """Smooth noise of about unit spread at ``start``, ``start + step``.. along what has ``key``."""
    knot, here, there = -1, 0.0, 0.0
    for j in range(out.size):
        t = start + j * step
        if int(t) > knot:
            knot = int(t)
            here = normal(seed, key * 64 + knot, purpose)
            there = normal(seed, key * 64 + knot + 1, purpose)
        t -= knot
        out[j] = 1.15 * (here + (there - here) * t * t * (3 - 2 * t))


@kernel()
def _direction(angle: float) -> tuple[float, float]:
    """Sine and cosine of up to 1.7 radians, to .001, in a third of the time."""
    q = angle * angle
    sine = angle * (1 - q / 6 * (1 - q / 20 * (1 - q / 42)))
    return sine, 1 - q / 2 * (1 - q / 12 * (1 - q / 30 * (1 - q / 56)))


@kernel()
def _shade(points: Array, depth: Array, detail: Array, tints: Array, length: Array, at: Array,
           lock: Ints, item: Ints, wisp_width: float, hidden: bool, offset: Array, looks: Array,
           top: Array, bottom: Array, centre: float, yaw0: float, light: Vector, base: float,
           shine: float, tone: float, floor: float, ceiling: float, contrast: Array, seed: int,
           lut: Array, bounce: Array, bared: Array, melted: Array, alpha: Array,
           color: Array) -> None:  # fmt: skip
    """Set (n, m, 3) ``color`` where something is seen."""
    n, m, _ = points.shape
    of_strand, of_lock, of_wisp = np.empty((3, m), np.float32)
    here, tint = np.empty(looks.shape[2], np.float32), np.empty(3, np.float32)
    deep = min(1.1 - math.exp(base), 1.0)  # light wanders through fair hair
    for k in range(n):
        if alpha[k].max() <= 0:
            continue
        wisp = lock_of(seed + 1, at[k], wisp_width)
        step = length[k] / (m - 1)
        bare = bared[k]
        early = 8 * uniform(seed, lock[k], _LOCK_TONE)
        _varying(seed, lock[k], _LOCK_TONE, early, step / LOCK_LENGTH, of_lock)
        early = 8 * uniform(seed + 1, wisp, _LOCK_TONE)
        _varying(seed + 1, wisp, _LOCK_TONE, early, step / LOCK_LENGTH, of_wisp)
        # strands dive under others and come up again
        _varying(
            seed, item[k], _TONE, opacity.late(seed, item[k], hidden), step / TONE_LENGTH, of_strand
        )
        aside = min(max(offset[k], -1.5), 1.5)
        own = tone - 0.2 * min(aside * aside, 1.0) + 0.10 * light[0] * aside
        gloss = 0.42 * shine * (1 + 0.35 * normal(seed, item[k], _SHINE))
        ragged = 0.05 * normal(seed, lock[k], _FADE)
        for ch in range(3):
            tint[ch] = math.exp(tints[k, ch]) + bare * bounce[ch]
        for j in range(m):
            if max(alpha[k, max(j - 1, 0)], alpha[k, j], alpha[k, min(j + 1, m - 1)]) <= 0:
                continue
            s = j / (m - 1)
            u, v = points[k, j, 0], points[k, j, 1]
            x, y = (u - canvas.LEFT) * canvas.CELLS, (v - canvas.TOP) * canvas.CELLS
            canvas.sample(looks, x, y, here)
            i = min(max(j, 1), m - 2)
            tu = points[k, i + 1, 0] - points[k, i - 1, 0]
            tv = points[k, i + 1, 1] - points[k, i - 1, 1]
            flat = math.sqrt(tu * tu + tv * tv) + 1e-6
            rise = (depth[k, i + 1] - depth[k, i - 1]) / flat
            t_top, t_bottom = linear(top, x), linear(bottom, x)
            below = v - t_top + ragged
            q = min(max((below + 0.3) / (t_bottom - t_top + 0.3), -0.1), 1.1)
            tilt = 1.082 - 1.257 * q
            turn = (u - centre) * 0.78 + yaw0
            sine, cosine = _direction(tilt)
            a, b, c = tu / flat * cosine, tv / flat * cosine, -sine - rise
            sine, cosine = _direction(turn)
            a, c = a * cosine - c * sine, c * cosine + a * sine
            size = math.sqrt(a * a + b * b + c * c)
            a, b, c = a / size, b / size, c / size
            to_light = min(max(a * light[0] + b * light[1] + c * light[2], -1.0), 1.0)
            sine = math.sqrt(1 - to_light * to_light)
            to_eye = math.sqrt(max(1 - c * c, 0.0))
            glint = min(max(sine * to_eye + to_light * c, 0.0), 1.0) ** 14
            value = (
                base + LOCAL * here[UNLIKE] + 0.33 * (sine - 0.8) + gloss * min(1.15 * glint, 1.0)
            )
            falls = here[LIGHT]  # hair does not glare where skin does
            value += 0.65 * min(falls, 0.0) + 0.25 * max(falls, 0.0)
            near = min(max((below + 0.30) / 0.55, 0.0), 1.0)
            near = max(1 - near * near * (3 - 2 * near), 0.85 * melted[k] * s)
            # a light parting is scalp
            value += min(here[TONE] - value, PALE) * near + own
            r = of_strand[j]
            value += contrast[0] * (r + 0.25 * (r * r - 1))
            value += contrast[1] * (of_lock[j] + of_wisp[j])
            under = min(abs(below - 0.04) / 0.24, 1.0)  # occlusion where the hair lifts off
            value -= 0.15 * (1 - under * under * (3 - 2 * under))
            value += DETAIL_GAIN * detail[k, j]
            value += deep * (4.0 * max(depth[k, j], 0.0) + 6.0 * min(depth[k, j], 0.0))
            value = max(min(value, ceiling), floor)
            luminance = min(max(math.exp(value) - 0.02, 0.0), 1.0)
            index = int(luminance * 255)
            for ch in range(3):
                color[k, j, ch] = min(lut[index, ch] * here[RED + ch] * tint[ch], 1.0)


@dataclass(frozen=True, eq=False)
class Ink:
    """``color``: (n, m, 3) RGB 0..1; ``half_width``: (n, m) IOD; ``alpha``: (n, m) 0..1;
    ``depth``: (n, m) IOD towards the camera. What cannot be seen has no colour."""

    color: Array
    half_width: Array
    alpha: Array
    depth: Array


@dataclass(frozen=True, eq=False)
class Shader:
    """What gives strands their looks. ``light``: unit vector towards it; ``lift``: added log
    luminance, away from the roots, which keep the tone of the hair they come from."""

    head: Head
    outline: Outline
    looks: Looks
    light: Vector
    seed: int
    lift: float = 0.0

    @cached_property
    def middle(self) -> float:
        """The luminance that drawn hair has in the middle: the own hair's of the same places."""
        drawn = (self.outline.support > 0.5) & (self.outline.top + 0.05 < canvas.V)
        unlike = float(np.median(self.looks.around[drawn, 0])) if drawn.any() else 0.0
        usual = float(self.looks.tones.levels[2] + FLOOR)
        return min(LIT * usual * math.exp(LOCAL * unlike) - float(FLOOR), LIGHTEST)

    @cached_property
    def places(self) -> Array:
        """(HEIGHT, WIDTH, 3): support, hair, and where new hair is needed."""
        return np.dstack([self.outline.support, self.head.hair, self.outline.need])

    def shade(
        self,
        strands: Strands,
        depth: Array,
        detail: Array,
        tints: Array,
        offset: Array,
        layer: Layer,
    ) -> Ink:
        """``depth``, ``detail``: (n, m); ``tints``: (n, 3); ``offset``: (n,) from the lock's
        middle, lock widths."""
        n, m = depth.shape
        width, alpha = np.zeros((2, n, m), np.float32)
        bared, melted = np.zeros((2, n), np.float32)
        grown = opacity.Grown(strands.points, strands.length, strands.entry, strands.at,
                              strands.lock, strands.item)  # fmt: skip
        edges = self.outline
        ground = opacity.Ground(
            self.places, edges.support, self.head.bare, edges.ends, edges.corners
        )
        wisp_width, hidden = clumps.WISPS * layer.lock, layer.number == 0
        make = opacity.Make(layer.half_width, layer.opacity, layer.tapered, wisp_width,
                            layer.bare_loss, hidden, self.seed)  # fmt: skip
        opacity.cover(grown, ground, make, bared, melted, width, alpha)
        color = self._colors(strands, depth, detail, tints, offset, layer, alpha, bared, melted)
        return Ink(color, width, alpha, depth)

    def colors(
        self, strands: Strands, depth: Array, detail: Array, tints: Array, layer: Layer
    ) -> Array:
        """(n, m, 3) of hairs that are no part of the bangs, as if they were of a layer."""
        seen, rooted = np.ones_like(detail), np.zeros(len(detail), np.float32)
        melted = canvas.at(self.head.hair, strands.points[:, -1:])[:, 0]
        return self._colors(strands, depth, detail, tints, rooted, layer, seen, rooted, melted)

    def _colors(
        self, strands: Strands, depth: Array, detail: Array, tints: Array, offset: Array,
        layer: Layer, alpha: Array, bared: Array, melted: Array,
    ) -> Array:  # fmt: skip
        color, hidden = np.zeros((*depth.shape, 3), np.float32), layer.number == 0
        tone, edges, turn = levels(self.looks), self.outline, self.head.turn
        base = tone.base + self.lift
        fine = self.looks.bands[:2].mean() / (self.looks.tones.levels[2] + FLOOR)
        contrast = np.clip([0.03 + 1.3 * fine, 0.05 + 0.3 * fine], 0.04, (0.34, 0.18))
        ceiling = base + 0.1 if hidden else tone.top
        _shade(strands.points, depth, detail, tints, strands.length, strands.at, strands.lock,
               strands.item, clumps.WISPS * layer.lock, hidden, offset, self.looks.maps, edges.top,
               edges.bottom, turn.centre, turn.yaw, self.light, base, tone.shine, layer.tone,
               tone.deep, ceiling, contrast.astype(np.float32), self.seed, self.looks.tones.lut,
               np.float32(self.looks.redness) * BOUNCE, bared, melted, alpha, color)  # fmt: skip
        return color

    def matched(self, ink: Ink, strands: Strands) -> Shader:
        """A shader whose hair has the own hair's middle tone; ``ink``: a sample of this one's."""
        x = (strands.points[..., 0] - canvas.LEFT) * canvas.CELLS
        below = strands.points[..., 1] - np.interp(x, np.arange(canvas.WIDTH), self.outline.top)
        seen = (below > 0.05) & (ink.alpha > 0.4)
        if seen.sum() < 50:
            return self
        drawn = float(np.median(ink.color[seen] @ LUMA))
        lift = math.log((self.middle + float(FLOOR)) / (drawn + float(FLOOR)))
        return replace(self, lift=self.lift + min(max(lift, -0.6), 0.6))
