"""The canvas widget and the values that it is told and tells."""

from hairstudio.imaging import brush
from hairstudio.imaging.brush import Axis, Brush
from hairstudio.imaging.tiles import Change, TiledMask
from hairstudio.studio.canvas import overlay
from hairstudio.studio.canvas.compare import comparison
from hairstudio.studio.canvas.empty import EmptyState
from hairstudio.studio.canvas.picture import After, Layer, Picture, after, picture
from hairstudio.studio.canvas.scene import (
    OVERLAY_COLORS,
    SURROUNDS,
    Compare,
    Face,
    Handle,
    Labels,
    MaskKind,
    Overlay,
    Point,
    Stroke,
    Tool,
)
from hairstudio.studio.canvas.view import STEPS, View
from hairstudio.studio.canvas.widget import Canvas

__all__ = [
    "OVERLAY_COLORS",
    "STEPS",
    "SURROUNDS",
    "After",
    "Axis",
    "Brush",
    "Canvas",
    "Change",
    "Compare",
    "EmptyState",
    "Face",
    "Handle",
    "Labels",
    "Layer",
    "MaskKind",
    "Overlay",
    "Picture",
    "Point",
    "Stroke",
    "TiledMask",
    "Tool",
    "View",
    "after",
    "comparison",
    "picture",
    "warm_up",
]


def warm_up() -> None:
    """Load the compiled loops of painting and overlay (seconds on a new machine): call once, not in
    the GUI thread."""
    brush.warm_up()
    overlay.warm_up()
