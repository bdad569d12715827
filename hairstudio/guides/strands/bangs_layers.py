"""The layers of bangs: what strands each has, and how many."""

from __future__ import annotations

from dataclasses import replace

from hairstudio.guides.strands.shading import Layer
from hairstudio.guides.styles import Style

SCALP = 4
"""Number of the layer that covers a bald scalp."""
HIGH = 0.05
"""Height of waves, IOD, whose tips are no longer backed by hair beneath."""


def of(
    style: Style, strength: float = 1.0, density: float = 0.0, softness: float = 0.5
) -> list[Layer]:
    """Back, middle, front and flyaways, lowest first; parameters as in ``BangsParams``."""
    grown = min(1.0, 1.25 * strength)
    dense = style.density * 2.0**density * grown
    back = style.back * min(2.0 ** (2 * density), 1.3) * grown
    soft = 0.4 + 1.2 * softness
    jitter, root, lock = style.jitter * soft, style.root, style.clump
    made = [
        _under(style, back, jitter),
        Layer(1, 980 * dense, 0.00248, -0.03, 0.90 * style.opacity, lock, style.pull, jitter, root),
        Layer(2, (470 + 380 * style.shaped) * dense, 0.0020, 0.0, 0.85 * style.opacity,
              (0.7 + 0.3 * style.shaped) * lock, style.pull, jitter, root),
        Layer(3, 22 * soft * grown, 0.0018, 0.0, 0.55, 0.024, (0.0, 0.2), 1.6 * jitter, root),
    ]  # fmt: skip
    if style.field == "part":  # beside a part single hairs look like wires
        made.pop()
    return [replace(layer, tapered=style.tapered) for layer in made if layer.density >= 1]


def _under(style: Style, density: float, jitter: float) -> Layer:
    """Wide strands beneath locks; single hairs fill the gaps between waves and ringlets."""

    def towards(plain: float, shaped: float) -> float:
        return plain + (shaped - plain) * style.shaped

    high = 0.03 + 0.11 * min(style.wave[0] / HIGH, 1) + 0.08 * style.coiled
    return Layer(0, towards(560, 900) * density, towards(0.0060, 0.0034), towards(0, -0.14), 0.92,
                 towards(1.3, 1) * style.clump, (0.0, towards(0.25, 0.15)),
                 towards(0.7, 2) * jitter, 0.8 * style.root, towards(0.06, high))  # fmt: skip


def scalp(style: Style) -> Layer:
    """Hair for a bald scalp, beneath the others."""
    return Layer(SCALP, 600, 0.0024, -0.03, 0.9, 0.05, (0.1, 0.35), 0.06, style.root)
