"""The engine: analyse a photo, then apply a stack of edits at any scale, from caches where it can.

Landmarks, alignment and parsing come from the photo once. Moving one slider draws that edit and
those above it again; what lies under it is remembered.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from hairstudio.editing import guiding, stack
from hairstudio.editing.cache import Cache
from hairstudio.editing.edits import Bangs, Edit, Fill
from hairstudio.editing.masks import Mask, Regions
from hairstudio.editing.references import References
from hairstudio.editing.stack import Canvas, Desk, Job, Source, Step
from hairstudio.errors import UserError
from hairstudio.imaging.blend import Patch
from hairstudio.imaging.checkpoint import Cancelled, cancellable
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.photo import Photo
from hairstudio.portrait import analysis as portrait
from hairstudio.portrait.alignment import crop_frame
from hairstudio.portrait.analysis import Analysis, Assets, Finding
from hairstudio.portrait.view import HairState
from hairstudio.weights import store

if TYPE_CHECKING:  # it imports torch
    from hairstudio.editing.fusing import Fuser

__all__ = ["BUDGET", "Cancelled", "Engine", "Rendered", "installed_assets", "preview_scale"]

BUDGET = 512 << 20
PREVIEW_SIDE = 1024

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Rendered:
    """The active edits in order, each with its patch in the photo frame scaled by ``scale``."""

    scale: float
    steps: tuple[Step, ...]

    @property
    def patches(self) -> tuple[Patch, ...]:
        return tuple(step.patch for step in self.steps if step.patch is not None)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for step in self.steps for finding in step.warnings)

    @property
    def state(self) -> HairState | None:
        """The hair after all edits; None when none was active."""
        return self.steps[-1].state if self.steps else None


def installed_assets() -> Assets:
    """The model files of this machine; UserError when one is missing."""
    return Assets(store.path("face_landmarker"), store.path("face_parsing"))


def preview_scale(analysis: Analysis, side: int = PREVIEW_SIDE) -> float:
    """The scale at which the face's FFHQ crop has ``side`` pixels; at most 1."""
    return min(1.0, crop_frame(analysis.landmarks, side).scale)


class Engine:
    """Owns the caches (``budget`` bytes) and the fused editor, if there is one. To be used from one
    thread at a time."""

    def __init__(self, assets: Assets, budget: int = BUDGET, fuser: Fuser | None = None) -> None:
        self._assets, self._fuser = assets, fuser
        self._cache = Cache(budget)

    @property
    def maker(self) -> tuple[str, str]:
        """Engine and device of the next step: "guide" or "fused", "cpu" or "cuda"."""
        if self._fuser is None or not self._fuser.device:
            return stack.ENGINE, stack.DEVICE
        return self._fuser.name, self._fuser.device

    def analyse(self, photo: Photo, face: int = 0) -> Analysis:
        """Measure one face (0 = largest).

        Raises Refusal for a photo that cannot be edited, UserError for a face that is not there.
        """
        key = photo.sha256, face
        found = self._cache.get(key)
        if found is None:
            found = portrait.analyse(photo.pixels, self._assets, face)
            self._cache.put(key, found)
        return found

    def render(
        self,
        photo: Photo,
        analysis: Analysis,
        edits: Sequence[Edit],
        *,
        scale: float = 1.0,
        protect: Mask | None = None,
        regions: Regions | None = None,
        references: References | None = None,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Rendered:
        """Apply the edits that do something, in order, at ``scale`` (1 = the photo's pixels).

        ``protect``: (H, W) uint8 at photo size, 255 = never changed. ``regions``: what the
        user painted, by number, like ``protect``; ``references``: photos whose hair edits take.
        ``progress`` gets a stage and 0..1. Raises Cancelled, and UserError when an edit's region
        or reference is not there, or a reference shows no face or hair.
        """
        sources, watch = self._sources(edits, references or {}), _Watch(progress, cancel)
        job = Job(photo, analysis, scale, protect, regions or {}, sources)
        # an empty box: there is nothing to edit on this head (no hair to colour)
        active = [edit for edit in edits if not (edit.idle or job.box(edit).empty)]
        canvas = Canvas(job, reduce(Box.union, map(job.box, active), Box(0, 0, 0, 0)))
        key, steps = _key(job, self.maker), list[Step]()
        for index, edit in enumerate(active):
            watch(type(edit).__name__.lower(), index / len(active))
            key += _digest(job.region(edit)) + _hair_key(job.source(edit))
            with cancellable(cancel):
                step = self._step(key, edit, canvas, steps[-1].state if steps else None, watch)
            canvas.add(step.patch)
            steps.append(step)
            key = _chained(key, edit)
        watch("done", 1.0)
        return Rendered(scale, tuple(steps))

    def _sources(self, edits: Sequence[Edit], references: References) -> dict[int, Source]:
        """The references that the active edits need, analysed."""
        asked = {e.hair_from for e in edits if isinstance(e, Fill | Bangs) and not e.idle}
        found = dict[int, Source]()
        for number in references.keys() & asked:
            reference = references[number]
            try:
                analysis = self.analyse(reference.photo)
            except UserError as error:
                raise UserError(f"{reference.name}: {error}") from error
            reference.check(analysis)
            found[number] = Source(reference.photo, analysis)
        return found

    def _step(
        self, under: str, edit: Edit, canvas: Canvas, state: HairState | None, watch: _Watch
    ) -> Step:
        """The edit on top of what the key ``under`` stands for."""
        key, place = _chained(under, edit), (under, type(edit), guiding.shape(edit))
        step: Step | None = self._cache.get(key)
        if step is None:
            desk: Desk = self._cache.get(place) or stack.lay_out(edit, canvas, state)
            watch()
            step = stack.apply(edit, desk, canvas.job.photo, self._fuser)
            self._cache.put(place, replace(desk, ms={}))  # after drawing: its maps are known now
            self._cache.put(key, step)
        return step


@dataclass(frozen=True)
class _Watch:
    """Called between stages: passes progress on, stops the work when asked to."""

    progress: Progress | None
    cancel: threading.Event | None

    def __call__(self, stage: str = "", fraction: float = 0.0) -> None:
        if self.cancel is not None and self.cancel.is_set():
            raise Cancelled
        if self.progress is not None and stage:
            self.progress(stage, fraction)


def _key(job: Job, maker: tuple[str, str]) -> str:
    parts = (job.photo.sha256, job.analysis.face, job.scale, _digest(job.protect), *maker)
    return repr(parts)


def _digest(mask: Mask | None) -> str:
    return "" if mask is None else hashlib.sha256(np.ascontiguousarray(mask).data).hexdigest()


def _hair_key(source: Source | None) -> str:
    return "" if source is None else source.photo.sha256


def _chained(under: str, edit: Edit) -> str:
    return hashlib.sha256(under.encode() + msgspec.json.encode(edit)).hexdigest()
