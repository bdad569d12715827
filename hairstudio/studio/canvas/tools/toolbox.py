"""Which class answers for which tool of the strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hairstudio.studio.canvas.scene import MaskKind, Tool
from hairstudio.studio.canvas.tools.base import Handler
from hairstudio.studio.canvas.tools.looking import Hand, Picker, Zoom
from hairstudio.studio.canvas.tools.painting import Lasso, Painting
from hairstudio.studio.canvas.tools.steering import Direction, Hairline

if TYPE_CHECKING:
    from hairstudio.studio.canvas.widget import Canvas


def handlers(canvas: Canvas) -> dict[Tool, Handler]:
    """One of each for a canvas."""
    return {
        Tool.BRUSH: Painting(canvas, Tool.BRUSH, MaskKind.REGION),
        Tool.ERASER: Painting(canvas, Tool.ERASER, MaskKind.REGION, erase=True),
        Tool.LASSO: Lasso(canvas),
        Tool.DIRECTION: Direction(canvas),
        Tool.PROTECT: Painting(canvas, Tool.PROTECT, MaskKind.PROTECT),
        Tool.HAIRLINE: Hairline(canvas),
        Tool.PICKER: Picker(canvas),
        Tool.HAND: Hand(canvas),
        Tool.ZOOM: Zoom(canvas),
    }
