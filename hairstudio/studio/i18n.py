"""Every text that the user sees passes here, so that a language is one table of texts."""

from __future__ import annotations

MINUS = "\N{MINUS SIGN}"

_texts: dict[str, str] = {}


def use(texts: dict[str, str]) -> None:
    """From now on show these texts, English -> translated; what is missing stays English."""
    _texts.clear()
    _texts.update(texts)


def tr(text: str, **values: object) -> str:
    """``text`` in the user's language, its {places} filled with ``values``."""
    shown = _texts.get(text, text)
    return shown.format(**values) if values else shown


def number(value: float, digits: int = 2, signed: bool = False) -> str:
    """A number as fields show it: true minus sign, ``signed`` with a plus too."""
    text = f"{value:+.{digits}f}" if signed and round(value, digits) else f"{value:.{digits}f}"
    plain = text.lstrip("-") if not round(value, digits) else text
    return plain.replace("-", MINUS)


def percent(fraction: float) -> str:
    return tr("{value} %", value=round(100 * fraction))


def parsed(text: str) -> float:
    """The number typed into a field: either minus sign, decimal comma or point, units ignored.

    Raises ValueError for anything else.
    """
    plain = text.replace(MINUS, "-").replace(",", ".").strip()
    return float(plain.rstrip("% px").strip())
