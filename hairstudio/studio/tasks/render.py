"""Draw the edits: previews at screen scale, finals, small tiles."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hairstudio.editing.edits import Edit, Edits, Hairline
from hairstudio.imaging.photo import Photo
from hairstudio.studio.canvas import After, after
from hairstudio.studio.state import State
from hairstudio.studio.tasks.analyse import Note, note
from hairstudio.studio.tasks.base import Base, Progress
from hairstudio.studio.tasks.room import EngineRoom
from hairstudio.studio.worker import StopWork

if TYPE_CHECKING:
    from hairstudio.editing.engine import Rendered
    from hairstudio.portrait.analysis import Analysis


@dataclass(frozen=True, eq=False)
class Shown:
    """What a rendering gave. ``final``: what an export will hold; ``forehead``: brows to hairline
    after the last edit that moved it, in photo pixels; ``idle``: indices of edits that changed
    nothing; ``notes`` by index of their edit; ``engine``, ``device``, ``ms``: who made it and how
    long it took."""

    generation: int
    after: After
    final: bool
    scale: float
    forehead: float
    idle: frozenset[int]
    notes: tuple[tuple[int, Note], ...]
    engine: str
    device: str
    ms: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Render(Base):
    """``generation``: which change of the document it shows; ``scale``: 1 is the photo's own;
    ``final``: drawn by the best engine there is."""

    photo: Photo
    analysis: Analysis
    state: State
    scale: float
    generation: int
    slot: str = "preview"
    final: bool = False

    def run(self, room: EngineRoom, say: Callable[[object], None]) -> Shown:
        start = time.perf_counter()
        rendered = rendering(room, self, say)
        photo = self.photo
        shown = after(photo.pixels, rendered.patches, self.scale, photo.metadata.icc)
        ms = (time.perf_counter() - start) * 1000
        return _told(room, self, rendered, shown, ms)


def rendering(room: EngineRoom, task: Render, say: Callable[[object], None]) -> Rendered:
    """Run the engine for a task. Raises StopWork when it was cancelled."""
    from hairstudio.editing.engine import Cancelled

    def progress(stage: str, fraction: float) -> None:
        say(Progress(stage, fraction))

    state = task.state
    try:
        engine = room.engine if task.scale == 1 and task.final else room.guide
        return engine.render(
            task.photo, task.analysis, state.edits, scale=task.scale,
            protect=None if state.protect is None else room.dense(state.protect),
            regions=dense_regions(room, state), references=state.references,
            progress=progress, cancel=task.cancel,
        )  # fmt: skip
    except Cancelled:
        raise StopWork from None


def dense_regions(room: EngineRoom, state: State) -> Mapping[int, Any]:
    """Arrays of the regions that active edits need."""
    needed = {getattr(edit, "region", None) for edit in state.edits if not edit.idle}
    return {number: room.dense(mask) for number, mask in state.regions.items() if number in needed}


def _told(room: EngineRoom, task: Render, rendered: Rendered, shown: After, ms: float) -> Shown:
    moved = [step.state for step in rendered.steps
             if isinstance(step.edit, Hairline) and step.patch]  # fmt: skip
    hairline = (moved[-1] if moved else task.analysis).hairline
    places = _places(task.state.edits, [step.edit for step in rendered.steps])
    changed = {place for place, step in zip(places, rendered.steps, strict=True) if step.patch}
    notes = tuple((place, note(finding)) for place, step in zip(places, rendered.steps, strict=True)
                  for finding in step.warnings)  # fmt: skip
    steps = rendered.steps
    return Shown(
        generation=task.generation,
        after=shown,
        final=task.scale == 1 and (task.final or room.engine is room.guide),
        scale=task.scale,
        forehead=float(hairline.height) * task.analysis.iod,
        idle=frozenset(range(len(task.state.edits))) - changed,
        notes=notes,
        engine=steps[-1].engine if steps else "guide",
        device=steps[-1].device if steps else "cpu",
        ms=ms,
    )


def _places(edits: Edits, done: list[Edit]) -> list[int]:
    """Indices of the edits that were done: a part of the list, in order."""
    places = list[int]()
    at = 0
    for edit in done:
        while edits[at] != edit:
            at += 1
        places.append(at)
        at += 1
    return places


@dataclass(frozen=True, eq=False)
class Tile:
    """A small picture for one ``key``: (h, w, 3) uint8 RGB for display."""

    key: object
    rgb: np.ndarray
    generation: int


@dataclass(frozen=True, eq=False, kw_only=True)
class RenderTile(Base):
    """The forehead of this face with the task's edits. ``size``: (width, height) in pixels."""

    photo: Photo
    analysis: Analysis
    state: State
    key: object
    size: tuple[int, int]
    generation: int
    slot: str = "tiles"

    def run(self, room: EngineRoom, say: Callable[[object], None]) -> Tile:
        from hairstudio.studio.tasks import tiles

        return Tile(self.key, tiles.forehead(room, self), self.generation)
