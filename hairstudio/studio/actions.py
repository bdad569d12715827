"""All actions of the app in one table: name, keys, icon, and one line that teaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from hairstudio.studio import icons
from hairstudio.studio.i18n import tr


@dataclass(frozen=True)
class Spec:
    """``needs``: what must be there ("photo", "face", "edit", "undo", "redo", "region", "clip");
    ``group``: of these, one is checked; ``alone``: checked by itself."""

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    teach: str = ""
    needs: str = ""
    group: str = ""
    alone: bool = False


ACTIONS = (
    Spec("open", "Open…", ("Ctrl+O",), "folder", "A photo or a HairStudio document"),
    Spec("save", "Save", ("Ctrl+S",), "", "Keep the edits in a document", "photo"),
    Spec("save-as", "Save as…", ("Ctrl+Shift+S",), "", "Under another name", "photo"),
    Spec("export", "Export…", ("Ctrl+E",), "export",
         "Write the photo at full size, or the edits as layers", "face"),
    Spec("save-comparison", "Save comparison…", ("Ctrl+Shift+E",), "picture",
         "Before and after as one picture, as compared here", "photo"),
    Spec("close", "Close", ("Ctrl+W",), "", "", "photo"),
    Spec("quit", "Quit", ("Ctrl+Q",)),
    Spec("undo", "Undo", ("Ctrl+Z",), "undo", "One stroke or one drag at a time", "undo"),
    Spec("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "", "redo"),
    Spec("history", "History…", ("Ctrl+H",), "", "All steps: click one to go there", "photo"),
    Spec("copy-edits", "Copy edits", ("Ctrl+C",), "copy", "Paste them onto another photo", "edit"),
    Spec("paste-edits", "Paste edits", ("Ctrl+V",), "", "Onto this photo's list", "clip"),
    Spec("duplicate", "Duplicate edit", ("Ctrl+D",), "copy", "", "edit"),
    Spec("remove", "Remove edit", ("Del",), "bin", "", "edit"),
    Spec("rename", "Rename edit", ("F2",), "", "", "edit"),
    Spec("save-preset", "Save edits as a preset…", (), "bookmark", "", "edit"),
    Spec("preferences", "Preferences…", ("Ctrl+,",), "gear", "Theme, pen, autosave"),
    Spec("brush", "Brush", ("B",), "brush", "Paint where hair grows; Alt erases, Shift-click "
         "draws a straight line", "photo", "tool"),
    Spec("eraser", "Eraser", ("E",), "eraser", "Take painted region away", "photo", "tool"),
    Spec("lasso", "Lasso", ("L",), "lasso", "Draw around a region", "photo", "tool"),
    Spec("direction", "Direction", ("R",), "direction",
         "Strokes that say which way the hair falls", "photo", "tool"),
    Spec("protect", "Protect", ("P",), "protect",
         "What you paint here is never changed: hands, jewellery", "photo", "tool"),
    Spec("hairline", "Hairline", ("U",), "hairline", "Drag the hairline on the photo", "face",
         "tool"),
    Spec("picker", "Colour picker", ("I",), "picker", "Take a hair colour from the photo", "face",
         "tool"),
    Spec("hand", "Hand", ("H",), "hand", "Move the photo; hold Space with any tool", "photo",
         "tool"),
    Spec("zoom", "Zoom", ("Z",), "zoom", "Click to zoom in, Alt-click to zoom out", "photo",
         "tool"),
    Spec("swap", "Swap paint and erase", ("X",), "", "", "photo"),
    Spec("defaults", "Brush defaults", ("D",), "reset", "", "photo"),
    Spec("smaller", "Smaller brush", ("[",), "", "", "photo"),
    Spec("larger", "Larger brush", ("]",), "", "", "photo"),
    Spec("softer", "Softer brush", ("Shift+[", "{"), "", "", "photo"),
    Spec("harder", "Harder brush", ("Shift+]", "}"), "", "", "photo"),
    Spec("own-region", "Style’s own region", ("Shift+B",), "own-region",
         "Let the style say where it grows, instead of a painted region", "bangs"),
    Spec("clear", "Clear region", ("Ctrl+Backspace",), "clear", "", "region"),
    Spec("mirror", "Mirror painting", ("M",), "mirror", "Paint both sides of the face at once",
         "face", alone=True),
    Spec("overlay", "Overlay", ("O",), "eye", "Show the painted region over the photo", "photo",
         alone=True),
    Spec("overlay-colour", "Overlay colour", ("Shift+O",), "", "Blue, red, green, white"),
    Spec("result", "Result", (), "result", "Only the result", "photo", "compare"),
    Spec("wipe", "Wipe", (), "wipe", "Before on the left of a line that you drag", "photo",
         "compare"),
    Spec("side-by-side", "Side by side", (), "side-by-side", "Two pictures that zoom as one",
         "photo", "compare"),
    Spec("difference", "Difference", (), "difference", "What changed, and only that", "photo",
         "compare"),
    Spec("next-compare", "Next comparison", ("Y",), "", "Wipe, side by side, difference, result",
         "photo"),
    Spec("zoom-in", "Zoom in", ("Ctrl+=", "Ctrl++"), "plus", "", "photo"),
    Spec("zoom-out", "Zoom out", ("Ctrl+-",), "minus", "", "photo"),
    Spec("fit", "Fit", ("Ctrl+0",), "fit", "The whole photo", "photo"),
    Spec("actual", "100 %", ("Ctrl+1",), "", "One pixel of the photo on one of the screen",
         "photo"),
    Spec("panels", "Tools and panel", ("Tab",), "", "Hide everything but the photo", alone=True),
    Spec("panel", "Panel", ("F6",), "sliders", "Open or shut the panel of edits"),
    Spec("full-screen", "Full screen", ("F", "F11"), "", "", alone=True),
    Spec("next-face", "Next face", ("Ctrl+Tab",), "face", "", "faces"),
    Spec("render", "Render now", ("Shift+R",), "", "The final quality, at once", "face"),
    Spec("cancel", "Stop", ("Esc",), "", "Stops the stroke, then the rendering"),
    Spec("lab", "Data lab", ("Ctrl+Shift+L",), "flask", "Pairs of portraits to learn from"),
    Spec("shortcuts", "Keys and gestures", ("?", "F1"), "help", ""),
    Spec("about", "About HairStudio", (), "", ""),
)  # fmt: skip

MENUS: Mapping[str, tuple[str, ...]] = {
    "&File": ("open", ">recent", "-", "save", "save-as", "export", "save-comparison", "-", "close",
              "quit"),
    "&Edit": ("undo", "redo", "history", "-", "copy-edits", "paste-edits", ">presets",
              "save-preset", "-", "duplicate", "rename", "remove", "-", "preferences"),
    "&Region": ("brush", "eraser", "lasso", "direction", "protect", "-", "own-region", "clear",
                "mirror", "-", "overlay", "overlay-colour", "-", "swap", "smaller", "larger",
                "softer", "harder", "defaults"),
    "&View": ("result", "wipe", "side-by-side", "difference", "-", "zoom-in", "zoom-out", "fit",
              "actual", "-", "next-face", ">theme", "-", "panel", "panels",
              "full-screen", "render"),
    "&Help": ("shortcuts", "about"),
}  # fmt: skip

REASONS = {
    "photo": "Open a photo first",
    "face": "Open a photo with a face first",
    "faces": "This photo has one face",
    "edit": "Select an edit first",
    "bangs": "Pick a style of bangs first",
    "region": "Nothing is painted",
    "undo": "Nothing to undo",
    "redo": "Nothing to redo",
    "clip": "No edits were copied",
}

COLOURS = {"export": ("onfill", "onfill"), "overlay": ("text", "text")}
"""Of icons that do not have the usual ones, unchecked and checked."""

TOOLS = tuple(spec.id for spec in ACTIONS if spec.group == "tool")
COMPARE = tuple(spec.id for spec in ACTIONS if spec.group == "compare")


def build(parent: QObject, do: Callable[[str], None]) -> dict[str, QAction]:
    """An action for each entry; ``do`` gets its id when it is triggered."""
    groups: dict[str, QActionGroup] = {}
    made: dict[str, QAction] = {}
    for spec in ACTIONS:
        action = made[spec.id] = _action(spec, parent)
        if spec.group:
            groups.setdefault(spec.group, QActionGroup(parent)).addAction(action)
        action.triggered.connect(_Trigger(action, spec.id, do).fire)
    return made


class _Trigger(QObject):
    """Says which action was triggered."""

    def __init__(self, action: QAction, name: str, do: Callable[[str], None]) -> None:
        super().__init__(action)
        self._name, self._do = name, do

    def fire(self) -> None:
        self._do(self._name)


def _action(spec: Spec, parent: QObject) -> QAction:
    action = QAction(tr(spec.text), parent)
    action.setObjectName(spec.id)
    action.setShortcuts([QKeySequence(key) for key in spec.keys])
    action.setCheckable(bool(spec.group) or spec.alone)
    if spec.icon:
        action.setIcon(icons.icon(spec.icon, *COLOURS.get(spec.id, ())))
    action.setIconText(f" {tr(spec.text)}" if spec.icon else tr(spec.text))
    action.setToolTip(hint(spec))
    action.setProperty("needs", spec.needs)
    return action


def hint(spec: Spec) -> str:
    """Name, key, one line that teaches."""
    keys = f"  {spec.keys[0]}" if spec.keys else ""
    teach = f"\n{tr(spec.teach)}" if spec.teach else ""
    return f"{tr(spec.text).rstrip('…')}{keys}{teach}"


SPECS = {spec.id: spec for spec in ACTIONS}


def allow(actions: Mapping[str, QAction], present: set[str]) -> None:
    """Enable what has all that it needs; the others say why they are not."""
    for name, action in actions.items():
        spec = SPECS[name]
        missing = "" if not spec.needs or spec.needs in present else tr(REASONS[spec.needs])
        if action.isEnabled() == bool(missing):
            action.setEnabled(not missing)
            action.setToolTip(f"{hint(spec)}\n{missing}" if missing else hint(spec))
