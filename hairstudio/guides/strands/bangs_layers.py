"""The layers of bangs: what strands each has, and how many."""

from __future__ import annotations

from hairstudio.guides.strands.shading import Layer
from hairstudio.guides.styles import Style

SCALP = 4
"""Number of the layer that covers a bald scalp."""


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
        Layer(0, 560 * back, 0.0060, 0.0, 0.92, 1.3 * lock, (0.0, 0.25), 0.7 * jitter, 0.8 * root,
              0.06),
        Layer(1, 980 * dense, 0.00248, -0.03, 0.90 * style.opacity, lock, style.pull, jitter, root),
        Layer(2, 470 * dense, 0.0020, 0.0, 0.85 * style.opacity,
              lock if style.shaped else 0.7 * lock, style.pull, jitter, root),
        Layer(3, 22 * soft * grown, 0.0018, 0.0, 0.55, 0.024, (0.0, 0.2), 1.6 * jitter, root),
    ]  # fmt: skip
    if style.shaped:  # single hairs fill the gaps between waves and ringlets
        made[0] = Layer(0, 900 * back, 0.0036, -0.06, 0.92, lock, (0.0, 0.0), 2 * jitter,
                        0.8 * root, 0.26 if style.curly else 0.14)  # fmt: skip
    return [layer for layer in made if layer.density >= 1]


def scalp(style: Style) -> Layer:
    """Hair for a bald scalp, beneath the others."""
    return Layer(SCALP, 600, 0.0024, -0.03, 0.9, 0.05, (0.1, 0.35), 0.06, style.root)
