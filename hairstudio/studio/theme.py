"""Colours and type of the app: the tokens of the design in its two schemes."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from hairstudio import resources

FACES = ("Regular", "Medium", "SemiBold")
CHOICES = ("system", "dark", "light")


@dataclass(frozen=True)
class Tokens:
    """#RRGGBB by use. ``dis`` is disabled text, ``sel`` a selected row, ``onfill`` text on the one
    filled button."""

    win: str
    panel: str
    raised: str
    hover: str
    pressed: str
    well: str
    line: str
    line2: str
    track: str
    text: str
    text2: str
    dis: str
    accent: str
    fill: str
    onfill: str
    sel: str
    warn: str
    err: str
    ok: str


DARK = Tokens(
    win="#262626", panel="#2B2B2B", raised="#363636", hover="#404040", pressed="#202020",
    well="#222222", line="#3A3A3A", line2="#4F4F4F", track="#666666", text="#E8E8E8",
    text2="#BEBEBE", dis="#A3A3A3", accent="#7DB4DA", fill="#2F7099", onfill="#FFFFFF",
    sel="#2F3B44", warn="#E0B155", err="#EE8B7C", ok="#86C596",
)  # fmt: skip
LIGHT = Tokens(
    win="#ECECEC", panel="#F6F6F6", raised="#FFFFFF", hover="#E4E4E4", pressed="#D5D5D5",
    well="#FFFFFF", line="#D9D9D9", line2="#BFBFBF", track="#A8A8A8", text="#1D1D1D",
    text2="#4E4E4E", dis="#656565", accent="#1F658F", fill="#256C97", onfill="#FFFFFF",
    sel="#D9E6EF", warn="#8A5A00", err="#B3261E", ok="#25713B",
)  # fmt: skip


class _Theme(QObject):
    """What is in use now; ``changed`` after another scheme came."""

    changed = Signal()
    tokens = DARK
    choice = "system"


_theme: _Theme | None = None


def _state() -> _Theme:
    global _theme
    if _theme is None:
        _theme = _Theme()
    return _theme


def tokens() -> Tokens:
    return _state().tokens


def choice() -> str:
    """system, dark or light: what the user wants."""
    return _state().choice


def colour(token: str) -> QColor:
    return QColor(getattr(tokens(), token))


def apply(app: QApplication, wanted: str = "system") -> None:
    """Dress the app. ``wanted``: one of ``CHOICES``; dark where the system has no opinion."""
    state = _state()
    state.choice = wanted
    state.tokens = LIGHT if _light(app, wanted) else DARK
    app.setPalette(_palette(state.tokens))
    app.setStyleSheet(_sheet(state.tokens))
    state.changed.emit()


def _light(app: QApplication, wanted: str) -> bool:
    return wanted == "light" or (
        wanted == "system" and app.styleHints().colorScheme() == Qt.ColorScheme.Light
    )


def load_fonts(app: QApplication) -> None:
    """Inter for everything, its figures of one width."""
    for face in FACES:
        QFontDatabase.addApplicationFont(str(resources.path(f"fonts/Inter-{face}.ttf")))
    app.setFont(font())


def font(pixels: int = 13, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    made = QFont(["Inter", "Noto Sans CJK SC"])
    made.setPixelSize(pixels)
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def _sheet(tokens: Tokens) -> str:
    text = resources.path("theme/studio.qss").read_text(encoding="utf-8")
    values = asdict(tokens) | {"theme": resources.path("theme").as_posix()}
    return re.sub(r"@(\w+)", lambda name: values[name[1]], text)


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for what, token in (
        (role.Window, tokens.win), (role.WindowText, tokens.text), (role.Base, tokens.well),
        (role.AlternateBase, tokens.panel), (role.Text, tokens.text),
        (role.Button, tokens.raised), (role.ButtonText, tokens.text),
        (role.ToolTipBase, tokens.raised), (role.ToolTipText, tokens.text),
        (role.Highlight, tokens.fill), (role.HighlightedText, tokens.onfill),
        (role.PlaceholderText, tokens.dis), (role.Link, tokens.accent),
    ):  # fmt: skip
        palette.setColor(what, QColor(token))
    for what in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, what, QColor(tokens.dis))
    return palette


def on_change(slot: object) -> None:
    """Call a bound method of a QObject after every change of scheme."""
    _state().changed.connect(slot)  # type: ignore[arg-type]
