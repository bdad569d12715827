"""What a document is at one moment, and the changes that can be made to it: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import msgspec

from hairstudio.editing.edits import Bangs, Color, Edit, Edits, Fill, Hairline, Volume
from hairstudio.editing.references import Reference
from hairstudio.imaging.tiles import TiledMask

Kind = type[Edit]
E = TypeVar("E", bound=Edit)


@dataclass(frozen=True, eq=False)
class State:
    """``edits``: the lowest first; ``selected``: index of one, or None; ``regions``: snapshots by
    number, ``protect``: one too; ``references``: photos whose hair is taken; ``face`` from 0."""

    edits: Edits = ()
    selected: int | None = None
    regions: Mapping[int, TiledMask] = field(default_factory=dict[int, TiledMask])
    protect: TiledMask | None = None
    references: Mapping[int, Reference] = field(default_factory=dict[int, Reference])
    face: int = 0

    @property
    def edit(self) -> Edit | None:
        """The selected edit."""
        return None if self.selected is None else self.edits[self.selected]

    def target(self, kind: type[Edit]) -> int | None:
        """Which edit a control of this kind changes: the selected one, else the only one; None:
        it makes one."""
        if isinstance(self.edit, kind):
            return self.selected
        found = [index for index, edit in enumerate(self.edits) if isinstance(edit, kind)]
        return found[0] if len(found) == 1 else None

    def of(self, kind: type[E]) -> E | None:
        """The edit that a control of this kind shows."""
        index = self.target(kind)
        edit = None if index is None else self.edits[index]
        return edit if isinstance(edit, kind) else None

    def region(self, edit: Edit | None) -> TiledMask | None:
        """What was painted for an edit."""
        number = getattr(edit, "region", None)
        return None if number is None else self.regions.get(number)

    def free_region(self) -> int:
        used = {*self.regions, *(getattr(edit, "region", None) or 0 for edit in self.edits)}
        return next(number for number in range(1, 10_000) if number not in used)

    # changes

    def with_edits(self, edits: Edits, selected: int | None) -> State:
        inside = selected if selected is not None and 0 <= selected < len(edits) else None
        return replace(self, edits=edits, selected=inside)

    def added(self, *edits: Edit) -> State:
        """On top, the last one selected."""
        return self.with_edits(self.edits + edits, len(self.edits) + len(edits) - 1)

    def placed(self, edit: Edit) -> State:
        """A new edit on top; a hairline under the bangs, which would hide it from the move."""
        bangs = [index for index, each in enumerate(self.edits) if isinstance(each, Bangs)]
        if not isinstance(edit, Hairline) or not bangs:
            return self.added(edit)
        at = bangs[0]
        return self.with_edits((*self.edits[:at], edit, *self.edits[at:]), at)

    def replaced(self, index: int, edit: Edit) -> State:
        edits = (*self.edits[:index], edit, *self.edits[index + 1 :])
        return self.with_edits(edits, self.selected)

    def removed(self, index: int) -> State:
        edits = (*self.edits[:index], *self.edits[index + 1 :])
        return self.with_edits(edits, min(index, len(edits) - 1) if edits else None)

    def moved(self, index: int, to: int) -> State:
        """Put an edit where ``to`` says, counted without it."""
        rest = [*self.edits[:index], *self.edits[index + 1 :]]
        rest.insert(to, self.edits[index])
        return self.with_edits(tuple(rest), to)

    def with_region(self, number: int, mask: TiledMask) -> State:
        return replace(self, regions={**self.regions, number: mask})

    def duplicated(self, index: int) -> State:
        """A copy above it, with a region of its own."""
        edit, state = self.edits[index], self
        mask = self.region(edit)
        if mask is not None:
            number = self.free_region()
            state = self.with_region(number, mask)
            edit = msgspec.structs.replace(edit, region=number)
        edits = (*self.edits[: index + 1], edit, *self.edits[index + 1 :])
        return state.with_edits(edits, index + 1)


@dataclass(frozen=True, eq=False)
class Clip:
    """Copied edits with what they need, to be pasted onto another photo."""

    edits: Edits
    regions: Mapping[int, TiledMask]
    references: Mapping[int, Reference]

    @classmethod
    def of(cls, state: State) -> Clip:
        return cls(state.edits, state.regions, state.references)

    def pasted(self, state: State, size: tuple[int, int]) -> State:
        """The edits on top of ``state`` for a photo of ``size``. Painted regions come along where
        the photos are equally large; else bangs use their style's own, fills are left out."""
        for edit in self.edits:
            fitted, state = self._fitted(edit, state, size)
            if fitted is not None:
                state = state.added(fitted)
        return state

    def _fitted(self, edit: Edit, state: State, size: tuple[int, int]) -> tuple[Edit | None, State]:
        reference = getattr(edit, "hair_from", None)
        if reference is not None:
            number = max([0, *state.references]) + 1
            given = {**state.references, number: self.references[reference]}
            state = replace(state, references=given)
            edit = msgspec.structs.replace(edit, hair_from=number)
        mask = self.regions.get(getattr(edit, "region", None) or 0)
        if mask is not None and mask.size == size:
            number = state.free_region()
            return msgspec.structs.replace(edit, region=number), state.with_region(number, mask)
        if isinstance(edit, Fill):
            return None, state
        if isinstance(edit, Bangs):  # the strokes of the comb are places in the other photo
            edit = msgspec.structs.replace(edit, region=None, combed=())
        return edit, state


KINDS: dict[str, Kind] = {
    "bangs": Bangs, "hairline": Hairline, "fill": Fill, "color": Color, "volume": Volume,
}  # fmt: skip
ICONS = {"bangs": "bangs", "hairline": "hairline", "fill": "fill", "color": "drop",
         "volume": "waves"}  # fmt: skip


def kind_name(edit: Edit) -> str:
    """bangs, hairline, fill, color or volume."""
    return type(edit).__name__.lower()
