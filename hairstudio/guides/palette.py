"""Hair colours by name or as RRGGBB."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from hairstudio import resources
from hairstudio.errors import UserError
from hairstudio.imaging.colorspace import to_lab

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Shade:
    """A hair colour. ``rgb``: sRGB 0..1 of the hair's middle tone; ``lab``: the same in L*a*b*
    (D65); ``natural``: made by melanin alone."""

    name: str
    rgb: tuple[float, float, float]
    natural: bool = False

    @property
    def lab(self) -> tuple[float, float, float]:
        lightness, a, b = to_lab(*self.rgb)
        return float(lightness), float(a), float(b)


def names() -> tuple[str, ...]:
    """The palette, natural shades first."""
    return tuple(_palette())


def shade(name_or_hex: str) -> Shade:
    """A palette name ("dark brown", "dark-brown") or RRGGBB. Raises UserError for anything else."""
    name = "-".join(name_or_hex.lower().replace("_", " ").replace("-", " ").split())
    if name in _palette():
        return _palette()[name]
    code = _HEX.fullmatch(name_or_hex.strip())
    if code is None:
        known = ", ".join(names())
        raise UserError(f"unknown colour '{name_or_hex}': use one of {known} or RRGGBB")
    return Shade(code[1].lower(), _rgb(code[1]))


@cache
def _palette() -> dict[str, Shade]:
    table = tomllib.loads(resources.path("styles/shades.toml").read_text(encoding="utf-8"))
    return {
        name: Shade(name, _rgb(code), group == "natural")
        for group, shades in table.items()
        for name, code in shades.items()
    }


def _rgb(code: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(code)
    return red / 255, green / 255, blue / 255
