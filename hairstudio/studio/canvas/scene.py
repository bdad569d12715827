"""What the canvas is told to show and what it tells: plain values, photo frame unless said."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtGui import QColor

from hairstudio.imaging.brush import Axis, Brush
from hairstudio.imaging.tiles import Change, TiledMask
from hairstudio.studio.canvas.picture import After, Picture

Point = tuple[float, float]


class Compare(Enum):
    """How the canvas sets the photo beside the result."""

    RESULT = "result"
    WIPE = "wipe"
    SIDE_BY_SIDE = "side_by_side"
    DIFFERENCE = "difference"


class Tool(Enum):
    """The tools of the strip, in its order."""

    BRUSH = "brush"
    ERASER = "eraser"
    LASSO = "lasso"
    DIRECTION = "direction"
    PROTECT = "protect"
    HAIRLINE = "hairline"
    PICKER = "picker"
    HAND = "hand"
    ZOOM = "zoom"


class MaskKind(Enum):
    """The masks that are painted: the selected edit's region, and what must never change."""

    REGION = "region"
    PROTECT = "protect"


BLUE, RED, GREEN, WHITE = (QColor(name) for name in ("#1E96C8", "#D2453F", "#3AA655", "#FFFFFF"))
OVERLAY_COLORS = (BLUE, RED, GREEN, WHITE)
SURROUNDS = tuple(QColor(name) for name in ("#2A2A2A", "#666666", "#999999", "#FFFFFF"))


@dataclass(frozen=True)
class Overlay:
    """How masks are shown. The protect mask has a fixed colour of its own, never the same."""

    shown: bool = True
    color: QColor = field(default_factory=lambda: QColor(BLUE))


@dataclass(frozen=True)
class Labels:
    """The words on the photo, in the user's language. ``note`` follows After in grey ("guide
    preview"), "" for a final. Differences are shown four times as large."""

    before: str = "Before"
    after: str = "After"
    note: str = ""
    difference: str = "Difference × 4"


@dataclass(frozen=True)
class Face:
    """One face to choose: its number from 1, a box (x, y, w, h) around it."""

    number: int
    box: tuple[float, float, float, float]
    selected: bool = False


@dataclass(frozen=True)
class Handle:
    """The hairline that can be dragged.

    ``curve``: points along it for the value 0; ``up``: unit vector towards the crown; ``unit``:
    photo pixels that one whole step (0 -> 1) moves it; ``value`` -1..1.
    """

    curve: tuple[Point, ...]
    up: Point
    unit: float
    value: float = 0.0


@dataclass(frozen=True, eq=False)
class Stroke:
    """One finished step of painting, already in the mask: push it on the undo history.

    Undo: ``mask.undo(stroke.change)``, then ``Canvas.mask_changed``. ``tool`` names the step.
    """

    kind: MaskKind
    tool: Tool
    change: Change


@dataclass(eq=False)
class Scene:
    """Everything that is drawn."""

    photo: Picture | None = None
    after: After | None = None
    compare: Compare = Compare.RESULT
    wipe: float = 0.5
    peek: bool = False
    labels: Labels = field(default_factory=Labels)
    masks: dict[MaskKind, TiledMask] = field(default_factory=dict[MaskKind, TiledMask])
    overlay: Overlay = field(default_factory=Overlay)
    surround: QColor = field(default_factory=lambda: QColor(SURROUNDS[1]))
    faces: tuple[Face, ...] = ()
    handle: Handle | None = None
    directions: tuple[tuple[Point, ...], ...] = ()
    mirror: Axis | None = None
    tool: Tool = Tool.BRUSH
    brushes: dict[Tool, Brush] = field(default_factory=dict[Tool, Brush])

    @property
    def brush(self) -> Brush:
        """The active tool's own brush; each tool remembers its size and hardness."""
        return self.brushes.get(self.tool, Brush())
