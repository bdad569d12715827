"""Which guide draws which edit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hairstudio.editing import combing
from hairstudio.editing.edits import Bangs, Color, Edit, Fill, Hairline, Volume
from hairstudio.guides import bangs, color, fill, hairline, palette, temples, volume
from hairstudio.guides.drawing import Drawing
from hairstudio.guides.fill import FillContext
from hairstudio.guides.fringe import BangsParams
from hairstudio.guides.hairline import HairlineContext
from hairstudio.guides.prepared import Prepared
from hairstudio.guides.temples import Temples
from hairstudio.guides.volume import VolumeContext
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.view import View

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class BangsContext:
    """A view and the region in it, (h, w) float32 0..1, measured for bangs; ``temples``: None where
    they end in a painted region."""

    view: View
    region: Array
    prepared: Prepared
    temples: Temples | None


Context = HairlineContext | color.Prepared | VolumeContext | FillContext | BangsContext

_BOX = {
    Hairline: hairline.working_box,
    Color: color.working_box,
    Volume: volume.working_box,
    Fill: fill.working_box,
    Bangs: bangs.working_box,
}


def working_box(edit: Edit, analysis: Analysis, scale: float) -> Box:
    """What the guide wants to see: a box in the photo frame scaled by ``scale``."""
    return _BOX[type(edit)](analysis, scale)


def hair_box(analysis: Analysis, scale: float) -> Box:
    """The part of a reference photo, scaled by ``scale``, in which its hair is looked at."""
    return bangs.working_box(analysis, scale)


def own_region(edit: Edit, view: View) -> Array | None:
    """The region that an edit brings along when none was painted, (h, w) float32 0..1."""
    if isinstance(edit, Bangs):
        return bangs.own_region(view, edit.style, edit.parting)
    return None


def reach(edit: Edit, view: View, region: Array) -> Array:
    """What an edit may cover of its own region and beyond, (h, w) float32 0..1."""
    if not isinstance(edit, Bangs):
        return region
    longest = bangs.longest_region(view, region) if edit.length > 0 else region
    return temples.reach(view, longest)


def shape(edit: Edit) -> tuple[object, ...]:
    """What of an edit decides its own region, and with it everything that ``prepare`` measures."""
    if isinstance(edit, Bangs) and edit.region is None:
        return edit.style, edit.parting, edit.length > 0
    return ()


def prepare(
    edit: Edit, view: View, region: Array | None = None, source: View | None = None
) -> Context:
    """What stays the same while the edit's sliders move. ``region``: (h, w) float32 0..1;
    ``source``: a head at the view's eye distance whose hair is taken (None: the own)."""
    match edit:
        case Hairline():
            return hairline.prepare(view)
        case Volume():
            return volume.prepare(view)
        case Color():
            return color.prepare(view)
        case Fill():
            assert region is not None
            return fill.prepare(view, region, source)
        case Bangs():
            assert region is not None
            made = bangs.prepare(view, region, source)
            # who painted a region has said where hair ends
            beside = None if edit.region is not None else temples.prepare(view, made)
            return BangsContext(view, region, made, beside)


def draw(edit: Edit, context: Context) -> Drawing:
    """``context`` comes from ``prepare`` for an edit of the same kind."""
    match edit, context:
        case Hairline(), HairlineContext():
            return hairline.draw(context, edit.amount * edit.strength, edit.seed)
        case Volume(), VolumeContext():
            return volume.draw(context, edit.amount * edit.strength, edit.seed)
        case Fill(), FillContext():
            return fill.draw(context, edit.density * edit.strength, edit.seed)
        case Bangs(), BangsContext():
            return _fringe(edit, context)
        case Color(), color.Prepared():
            return color.draw(context, palette.shade(edit.shade), edit.strength, edit.roots)
        case _:
            raise TypeError(f"{type(context).__name__} does not draw {type(edit).__name__}")


def _fringe(edit: Bangs, context: BangsContext) -> Drawing:
    view, beside = context.view, context.temples
    return bangs.draw(view, context.region, _params(edit), context.prepared,
                      combing.strokes(edit.combed, view), beside and beside.joined)  # fmt: skip


def _params(edit: Bangs) -> BangsParams:
    return BangsParams(
        edit.style, edit.length, edit.density, edit.curl, edit.parting, edit.softness,
        edit.strength, edit.seed,
    )  # fmt: skip
