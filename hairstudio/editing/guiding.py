"""Which guide draws which edit."""

from __future__ import annotations

from hairstudio.editing.edits import Edit, Hairline
from hairstudio.guides import color, hairline, palette
from hairstudio.guides.color import Prepared
from hairstudio.guides.drawing import Drawing
from hairstudio.guides.hairline import HairlineContext
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.view import View

Context = HairlineContext | Prepared


def working_box(edit: Edit, analysis: Analysis, scale: float) -> Box:
    """What the guide wants to see: a box in the photo frame scaled by ``scale``."""
    guide = hairline if isinstance(edit, Hairline) else color
    return guide.working_box(analysis, scale)


def prepare(edit: Edit, view: View) -> Context:
    """What stays the same while the edit's sliders move."""
    return hairline.prepare(view) if isinstance(edit, Hairline) else color.prepare(view)


def draw(edit: Edit, context: Context) -> Drawing:
    if isinstance(edit, Hairline):
        assert isinstance(context, HairlineContext)
        return hairline.draw(context, edit.amount * edit.strength, edit.seed)
    assert isinstance(context, Prepared)
    return color.draw(context, palette.shade(edit.shade), edit.strength, edit.roots)
