"""Between the canvas and the session: strokes become regions of edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from hairstudio.editing.edits import Bangs, Edit, Fill
from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio.canvas import Canvas, MaskKind, Point, Stroke, Tool
from hairstudio.studio.i18n import tr
from hairstudio.studio.session import Session
from hairstudio.studio.state import State

NAMES = {
    Tool.BRUSH: "Paint region", Tool.ERASER: "Erase region", Tool.LASSO: "Lasso region",
    Tool.PROTECT: "Protect",
}  # fmt: skip


POINTS, MOST = 40, 200
"""Of a stroke of the comb; strokes of an edit."""


class Painting(QObject):
    """``live``: a stroke goes on, ``state()`` shows it. The first stroke makes the edit: bangs in
    the style used last, or a fill after ``paint_fill``."""

    live = Signal()

    def __init__(self, session: Session, canvas: Canvas) -> None:
        super().__init__()
        self._session, self._canvas = session, canvas
        self._filling = False
        self._masks: dict[MaskKind, TiledMask] = {}
        self._shown: dict[MaskKind, TiledMask | None] = {}
        self._painting: MaskKind | None = None
        session.changed.connect(self.refresh)
        canvas.mask_needed.connect(self._begin)
        canvas.painted.connect(self._painted)
        canvas.stroke_finished.connect(self._finish)
        canvas.stroke_aborted.connect(self._abort)
        canvas.direction_drawn.connect(self._comb)

    @property
    def kind(self) -> type[Bangs] | type[Fill]:
        """The kind of edit that is painted for."""
        edit = self._session.state.edit
        if isinstance(edit, Bangs | Fill):
            return type(edit)
        return Fill if self._filling else Bangs

    def paint_fill(self) -> None:
        """The next stroke is for a fill."""
        self._filling = True
        state = self._session.state
        fills = [i for i, edit in enumerate(state.edits) if isinstance(edit, Fill)]
        self._session.select(fills[-1] if fills else None)
        self.refresh()

    def paint_bangs(self) -> None:
        self._filling = False

    def region(self) -> TiledMask | None:
        """What is painted for the edit at hand."""
        return self._region_of(self._session.state)

    def _region_of(self, state: State) -> TiledMask | None:
        return state.region(self._edit(state))

    def _edit(self, state: State) -> Edit | None:
        return state.of(self.kind)

    def state(self) -> State:
        """The document with the stroke in progress."""
        if self._painting is None:
            return self._session.state
        return self._with(self._painting, self._masks[self._painting].snapshot())

    @property
    def clearable(self) -> bool:
        """There is something that ``clear`` takes away."""
        if self._canvas.scene.tool is Tool.DIRECTION:
            bangs = self._session.state.of(Bangs)
            return bool(bangs and bangs.combed)
        return self.region() is not None

    def clear(self) -> None:
        """Empty the region; with the comb in hand, forget its strokes."""
        if self._canvas.scene.tool is Tool.DIRECTION:
            self._session.change(Bangs, combed=())
            return
        region = self.region()
        if region is not None:
            self._session.push(tr("Clear region"), self._with(MaskKind.REGION, _empty(region)))

    @Slot()
    def refresh(self) -> None:
        """Show the masks of the present state."""
        if self._painting is not None:
            return
        state = self._session.state
        self._show(MaskKind.REGION, self._region_of(state))
        self._show(MaskKind.PROTECT, state.protect)
        bangs = state.of(Bangs)
        self._canvas.set_directions(bangs.combed if bangs else ())

    def _show(self, kind: MaskKind, mask: TiledMask | None) -> None:
        if mask is self._shown.get(kind):
            return
        self._shown[kind] = mask
        if mask is None:
            self._masks.pop(kind, None)
            self._canvas.set_mask(kind, None)
        else:
            self._masks[kind] = mask.snapshot()
            self._canvas.set_mask(kind, self._masks[kind])

    @Slot(object)
    def _begin(self, kind: MaskKind) -> None:
        photo = self._session.photo
        if photo is None:
            return
        self._masks[kind] = TiledMask(photo.size)
        self._canvas.set_mask(kind, self._masks[kind])

    @Slot(object, object)
    def _painted(self, kind: MaskKind, box: object) -> None:
        self._painting = kind
        self.live.emit()

    @Slot(object, object)
    def _abort(self, kind: MaskKind, box: object) -> None:
        self._painting = None
        self._shown.pop(kind, None)
        self.refresh()
        self._session.changed.emit()

    @Slot(object)
    def _finish(self, stroke: Stroke) -> None:
        if stroke.change.empty:  # beside the photo, or erased where nothing was
            self._abort(stroke.kind, None)
            return
        self._painting = None
        mask = self._masks[stroke.kind].snapshot()
        self._shown[stroke.kind] = mask
        state = self._with(stroke.kind, mask)
        name = tr(NAMES.get(stroke.tool, "Paint region"))
        self._session.push(name, state, cost=stroke.change.bytes)

    @Slot(object)
    def _comb(self, points: Sequence[Point]) -> None:
        """Hair near the stroke follows it."""
        stroke = _thinned(points)
        if self._session.photo is not None and len(stroke) > 1:
            bangs = self._session.state.of(Bangs)
            self._session.change(
                Bangs, combed=((bangs.combed if bangs else ()) + (stroke,))[-MOST:]
            )

    def _with(self, kind: MaskKind, mask: TiledMask) -> State:
        """The state with ``mask`` as the region of the edit at hand, which is made if need be."""
        state = self._session.state
        if kind is MaskKind.PROTECT:
            return replace(state, protect=mask)
        index = state.target(self.kind)
        if index is None:
            number = state.free_region()
            state = state.added(self._session.fresh(self.kind, {"region": number}))
            return state.with_region(number, mask)
        edit = state.edits[index]
        assert isinstance(edit, Bangs | Fill)
        number = edit.region or state.free_region()
        changed = state.replaced(index, msgspec.structs.replace(edit, region=number))
        return replace(changed, selected=index).with_region(number, mask)


def _thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """At most ``POINTS`` of them, the ends included, to a tenth of a pixel."""
    if len(points) < 2:
        return ()
    count = min(POINTS, len(points))
    kept = [points[round(i * (len(points) - 1) / (count - 1))] for i in range(count)]
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in kept)


def _empty(mask: TiledMask) -> TiledMask:
    return TiledMask(mask.size)
