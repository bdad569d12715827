"""How edits, colours and findings read."""

from __future__ import annotations

from hairstudio.editing.edits import Bangs, Color, Edit, Fill, Hairline, Volume
from hairstudio.guides import palette, styles
from hairstudio.studio import i18n
from hairstudio.studio.i18n import tr
from hairstudio.studio.state import kind_name

KINDS = {
    "bangs": "Bangs", "hairline": "Hairline", "fill": "Fill", "color": "Colour",
    "volume": "Volume",
}  # fmt: skip

STYLES = {
    "full": "Full", "micro": "Micro", "side-left": "Side-swept left",
    "side-right": "Side-swept right", "curtain": "Curtain", "airy": "Airy", "wispy": "Wispy",
    "wavy": "Wavy", "curly": "Curly",
}  # fmt: skip

FINDINGS = {
    "no_face": "No face found. Use a photo that shows a face from the front, upright and sharp.",
    "face_cut_off": "The face is cut off by the photo’s edge. Use a photo that shows all of it.",
    "face_too_small": "The face is too small to edit. Use a larger version of the photo.",
    "face_turned": "The face is turned to the side: look closely at the far side of the hairline.",
    "several_faces": "{value} faces found. This one is the largest; choose another in the status "
    "bar.",
    "face_small": "The face is small in this photo: fine hair detail will be missing.",
    "hair_occluded": "Something covers the hair: only hair that can be seen is edited.",
    "no_hair_to_sample": "No hair to take colour and texture from: use a reference photo.",
    "own_fringe": "Hair that hangs over the forehead stays: bangs add hair and take none away.",
    "hairline_hidden": "A fringe covers the hairline: it cannot be moved.",
    "hairline_limited": "The head ends the move here: the hairline goes no further.",
}
TURNED_AWAY = "The face is turned too far to the side. Use a photo taken more from the front."


def finding(code: str, value: float, text: str, refused: bool = False) -> str:
    """A named condition as a sentence; ``text`` where we have none of our own."""
    if code == "face_turned" and refused:
        return tr(TURNED_AWAY)
    return tr(FINDINGS[code], value=round(value)) if code in FINDINGS else text


def style(name: str) -> str:
    return tr(STYLES.get(name) or styles.style(name).title)


def shade(name: str) -> str:
    """A palette name as a person writes it, #RRGGBB for other colours."""
    if name in palette.names():
        return tr(name.replace("-", " ").capitalize())
    return f"#{name.upper()}"


def kind(edit: Edit) -> str:
    return tr(KINDS[kind_name(edit)])


def title(edit: Edit) -> str:
    """The name that the user gave it, else its kind."""
    return edit.name or kind(edit)


def detail(edit: Edit) -> str:
    """What stands in grey behind the name."""
    match edit:
        case Bangs():
            return style(edit.style)
        case Hairline() | Volume():
            return i18n.number(edit.amount, signed=True)
        case Color():
            return shade(edit.shade)
        case Fill():
            return i18n.percent(edit.density)
