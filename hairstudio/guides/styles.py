"""Styles of bangs: numbers in resources/styles/bangs.toml."""

from __future__ import annotations

import tomllib
from functools import cache

import msgspec

from hairstudio import resources
from hairstudio.errors import UserError

TIGHTER = 0.15
"""Curly bangs with more curl turn by so much more, in turns that are so much shorter."""
SLENDER = 0.12
"""Radius of hair that curls by itself, over the length of a turn."""
CURLS, LOOSE = (0.1, 0.6), 0.2
"""Hair that curls so much is drawn with first curls, and fully curly; the locks of that hold
together by so much less."""
WAVES, CURLED = 0.014, 0.02
"""Height of waves and radius of curls, IOD, from which on locks are drawn as such."""
LOOPS = (0.095, 0.13)
"""Radius of curls, over the length of a turn, that are no ringlets yet, and wholly such."""
BRUSHED, STRETCHED, SHORTEST_TURN = 0.055, 1.4, 0.3
"""Curls that are brushed out: the radius that is left, over the length of a turn, which is longer
by the second, and no shorter than the third, IOD."""
WAVE, WAVE_CLUMP, TURNS, SHORTEST, SMOOTHED = 0.03, 0.1, 2.2, 0.5, 0.3
"""They lie in waves: height and width of these, IOD; a wave is so many turns long, and never
shorter than the fourth; so much of the contrast between curls is gone."""

COILS, COIL, WIDER = 0.4, (0.12, 0.55), 0.4
"""Hair that curls so much is in coils; radius and length of the tightest over that of the turns
seen, and by how much wider the loosest are,"""
COIL_CLUMP, COIL_PULL, COIL_WAVE = 0.045, (0.5, 0.9), (0.02, 0.5)
COIL_STRAY, COIL_NOISE, COIL_TAPERED = 0.05, 14.0, 0.45
COIL_JITTER, COIL_APART, COIL_RELIEF = 0.09, 1.6, 0.92
"""in such locks, as in ``Style``."""


class Style(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One style. Lengths in IOD, angles in degrees, counts per IOD of region width.

    ``field``: "meridian" (falls from the crown) or "part" (falls away from a part line at
    ``part``, frontal u); ``sweep``: bend towards straight down, 0..1; ``side``: -1 or 1 keeps
    one side of the part, 0 both. ``edge``: the lower edge of the style's own region as
    (d, a, dv): at ``d`` half-widths from the middle it lies ``a`` of the way from the brow line
    up to the hairline, plus ``dv``; ``far``: the same beyond the part of one-sided styles on bald
    heads, ``d`` from the part to the end. ``clump``: width of locks; ``pull``: how far strands move
    to their lock's middle at the tips (least, most), from ``pull_from`` of the length on.
    ``density``, ``back``, ``opacity``: relative to a full fringe. ``jitter``: of strands' lengths,
    ``apart``: of locks' over that; ``uneven``: by how much lengths differ where tips are lost in
    short hair beside the face;
    ``root``: how far above the region strands start; ``noise``: of the direction; ``drop``: share
    of strands left out, more in some locks than in others; ``stray``: how far locks leave their
    path half an IOD below the root.
    ``wave``/``curl``: (amplitude, wavelength) of the lock's wave or helix, which begin at
    ``curl_from`` of the way from the root to the region. ``relief``: how much more contrast than
    the own hair its locks have. ``tapered``: over so much of their end strands grow finer.
    """

    title: str
    edge: list[tuple[float, float, float]]
    field: str = "meridian"
    part: float = 0.0
    side: int = 0
    sweep: float = 0.0
    far: list[tuple[float, float, float]] = []
    half_width: float = 1.0
    clump: float = 0.06
    pull: tuple[float, float] = (0.2, 0.75)
    pull_from: float = 0.3
    density: float = 1.0
    back: float = 1.0
    opacity: float = 1.0
    jitter: float = 0.04
    apart: float = 1.0
    uneven: float = 0.1
    root: float = 0.42
    noise: float = 6.0
    drop: float = 0.0
    stray: float = 0.022
    wave: tuple[float, float] = (0.0, 0.5)
    curl: tuple[float, float] = (0.0, 0.30)
    curl_from: float = 0.5
    relief: float = 1.0
    tapered: float = 0.2

    @property
    def coiled(self) -> float:
        """0..1: how far its locks are ringlets, which pass behind themselves."""
        radius, turn = self.curl
        first, fully = LOOPS
        return min(max((radius / turn - first) / (fully - first), 0.0), 1.0)

    @property
    def shaped(self) -> float:
        """0..1: how far its locks have a shape of their own, waves or ringlets."""
        return min(max(self.wave[0] / WAVES, self.curl[0] / CURLED), 1.0)


def curled(style: Style, amount: float) -> Style:
    """The style with curls: 0 = as it is, 1 = those of the style "curly", tighter than its own if
    it is that one itself."""
    if amount <= 0:
        return style
    curls = _all()["curly"]
    tighter = 1 + TIGHTER * amount if style.coiled else 1.0

    def towards(own: float, curly: float) -> float:
        return own + (max(own, curly) - own) * amount

    def shape(own: tuple[float, float], curly: tuple[float, float]) -> tuple[float, float]:
        length = own[1] + (curly[1] - own[1]) * amount if own[0] else curly[1]
        return towards(own[0], curly[0]) * tighter, length / tighter

    return msgspec.structs.replace(
        style,
        clump=towards(style.clump, curls.clump),
        pull=(towards(style.pull[0], curls.pull[0]), towards(style.pull[1], curls.pull[1])),
        pull_from=style.pull_from * (1 - amount),
        jitter=towards(style.jitter, curls.jitter),
        wave=shape(style.wave, curls.wave),
        curl=shape(style.curl, curls.curl),
    )


def natural(style: Style, curliness: float, turn: float) -> Style:
    """The style in hair that curls by itself, 0 = straight .. 1, in turns of so many IOD."""
    if curliness >= COILS:
        return _coiling(style, curliness, turn)
    first, fully = CURLS
    curliness = min((curliness - first) / (fully - first), 1.0)
    if curliness <= 0:
        return style
    if not style.coiled:
        return _waved(style, curliness, turn)
    radius, length = style.curl
    own = SLENDER * turn
    least, most = style.pull
    return msgspec.structs.replace(
        style,
        pull=(least * (1 - LOOSE * curliness), most * (1 - LOOSE * curliness)),
        pull_from=style.pull_from * (1 - 0.5 * curliness),
        stray=style.stray * (1 + curliness),
        noise=style.noise * (1 + 0.6 * curliness),
        jitter=style.jitter * (1 + 0.6 * curliness),
        curl=(radius + (own - radius) * curliness, length + (turn - length) * curliness),
        curl_from=style.curl_from * (1 - 0.8 * curliness),
    )


def _waved(style: Style, curliness: float, turn: float) -> Style:
    """Curls that are brushed into a style without curls of its own stay as waves and bends."""
    height, length = style.wave
    return msgspec.structs.replace(
        style,
        clump=max(style.clump, WAVE_CLUMP * curliness),
        stray=style.stray * (1 + 0.5 * curliness),
        noise=style.noise * (1 + 0.6 * curliness),
        wave=(max(height, WAVE * curliness), length if height else max(TURNS * turn, SHORTEST)),
        curl=(BRUSHED * turn * curliness, max(STRETCHED * turn, SHORTEST_TURN)),
        curl_from=style.curl_from * (1 - 0.6 * curliness),
        relief=style.relief * (1 - SMOOTHED * curliness),
    )


def _coiling(style: Style, curliness: float, turn: float) -> Style:
    """Coils stay coils in every style: combed straight they would be another head's hair."""
    least, most = COIL_PULL
    wider = 1 + WIDER * (1 - curliness) / (1 - COILS)
    return msgspec.structs.replace(
        style,
        clump=wider * COIL_CLUMP,
        density=0.7 * style.density,
        back=0.7 * style.back,
        pull=(least, most),
        pull_from=0.0,
        stray=max(style.stray, COIL_STRAY),
        noise=max(style.noise, COIL_NOISE),
        wave=(COIL_WAVE[0], COIL_WAVE[1]),
        curl=(wider * COIL[0] * turn, wider * COIL[1] * turn),
        curl_from=0.1,
        jitter=max(style.jitter, COIL_JITTER),
        apart=COIL_APART,
        relief=COIL_RELIEF * style.relief,
        tapered=COIL_TAPERED,
    )


def textured(style: Style, amount: float) -> Style:
    """The style on a bald scalp, or in short hair (1): sleek hair would look like a cap there.

    ``amount``: 0 = as it is."""
    if amount <= 0 or style.shaped or style.drop:
        return style

    def towards(own: float, rough: float) -> float:
        return own + max(rough - own, 0) * amount

    return msgspec.structs.replace(
        style,
        clump=towards(style.clump, 0.09),
        pull=(towards(style.pull[0], 0.1), towards(style.pull[1], 0.85)),
        jitter=towards(style.jitter, 0.035),
        stray=style.stray * (1 + 0.3 * amount),
        noise=style.noise * (1 + amount),
        wave=(0.014 * amount, 0.9),
    )


@cache
def _all() -> dict[str, Style]:
    text = resources.path("styles/bangs.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Style])


def names() -> tuple[str, ...]:
    """The names of all styles, in the order of the file."""
    return tuple(_all())


def style(name: str) -> Style:
    """Raises UserError for an unknown name."""
    try:
        return _all()[name]
    except KeyError:
        raise UserError(f"bangs: no style {name!r}; one of {', '.join(names())}") from None
