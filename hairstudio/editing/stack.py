"""One step of a stack of edits: pixels under it -> guide -> allowed support -> patch."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.editing import guiding, support
from hairstudio.editing.edits import Bangs, Edit, Fill
from hairstudio.editing.guiding import Context
from hairstudio.editing.masks import Mask, Regions
from hairstudio.errors import UserError
from hairstudio.guides.drawing import Drawing
from hairstudio.imaging import blend
from hairstudio.imaging.blend import Patch
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.photo import Photo
from hairstudio.imaging.resample import crop
from hairstudio.portrait.analysis import Analysis, Finding
from hairstudio.portrait.view import HairState, View

if TYPE_CHECKING:  # it imports torch
    from hairstudio.editing.fusing import Fuser

Array = NDArray[np.float32]

ENGINE, DEVICE = "guide", "cpu"


@dataclass(frozen=True, eq=False)
class Source:
    """A reference photo and its analysis."""

    photo: Photo
    analysis: Analysis

    def view(self, iod: float) -> View:
        """Its head at an eye distance of ``iod`` pixels."""
        scale = iod / self.analysis.iod
        box = guiding.hair_box(self.analysis, scale)
        return View(crop(self.photo.pixels, box, scale), box, scale, self.analysis)


@dataclass(frozen=True, eq=False)
class Job:
    """What all steps share. ``protect``: (H, W) uint8 at photo size, 255 = never changed;
    ``regions``: what the user painted, ``sources``: whose hair may be taken, by number."""

    photo: Photo
    analysis: Analysis
    scale: float = 1.0
    protect: Mask | None = None
    regions: Regions = field(default_factory=dict[int, Mask])
    sources: Mapping[int, Source] = field(default_factory=dict[int, "Source"])

    def region(self, edit: Edit) -> Mask | None:
        """What the user painted for the edit; None when its kind or this edit has no region.

        Raises UserError for a region that is not there.
        """
        if not isinstance(edit, Fill | Bangs) or edit.region is None:
            return None
        if edit.region not in self.regions:
            kind = type(edit).__name__.lower()
            raise UserError(f"the {kind} edit needs region {edit.region}, which is not painted")
        return self.regions[edit.region]

    def source(self, edit: Edit) -> Source | None:
        """Whose hair the edit takes. Raises UserError for a reference that is not there."""
        if not isinstance(edit, Fill | Bangs) or edit.hair_from is None:
            return None
        if edit.hair_from not in self.sources:
            kind = type(edit).__name__.lower()
            raise UserError(f"the {kind} edit needs reference photo {edit.hair_from}")
        return self.sources[edit.hair_from]

    def box(self, edit: Edit) -> Box:
        """The part of the photo, scaled, that the edit reads and may change; empty for an empty
        region."""
        region = self.region(edit)
        if region is not None and not region.any():
            return Box(0, 0, 0, 0)
        width, height = self.photo.size
        frame = Box.of_size(round(width * self.scale), round(height * self.scale))
        return guiding.working_box(edit, self.analysis, self.scale).intersection(frame)


@dataclass(frozen=True, eq=False)
class Step:
    """One edit applied.

    ``patch``: in the photo frame scaled by ``scale``, None where nothing changed; ``state``: the
    hair as the next edit sees it; ``ms``: milliseconds by stage; ``engine``, ``device``: who made
    it.
    """

    edit: Edit
    patch: Patch | None
    state: HairState
    warnings: tuple[Finding, ...]
    scale: float
    ms: dict[str, float]
    engine: str = ENGINE
    device: str = DEVICE

    @property
    def label(self) -> str:
        """The edit's own name, or its kind."""
        return self.edit.name or type(self.edit).__name__


@dataclass(eq=False)
class Canvas:
    """The pixels under the next step. Patches are blended in only when somebody looks."""

    job: Job
    box: Box
    _pixels: NDArray[Any] | None = None
    _waiting: list[Patch] = field(default_factory=list[Patch])

    def add(self, patch: Patch | None) -> None:
        if patch is not None:
            self._waiting.append(patch)

    def look(self, box: Box) -> Array:
        """(h, w, 3) float32 0..1 of ``box``, photo frame scaled by the job's scale."""
        if self._pixels is None:
            self._pixels = _pixels(self.job, self.box)
        for patch in self._waiting:
            local = patch.box.shifted(-self.box.x, -self.box.y)
            blend.blend(self._pixels, Patch(local, patch.rgb, patch.alpha))
        self._waiting.clear()
        return blend.to_float(self._pixels[box.shifted(-self.box.x, -self.box.y).slices])


def _pixels(job: Job, box: Box) -> NDArray[Any]:
    """A writable copy of a part of the scaled photo, at the photo's depth."""
    pixels = job.photo.pixels
    if job.scale == 1:
        return pixels[box.slices].copy()
    return blend.to_depth(crop(pixels, box, job.scale), pixels.dtype)


@dataclass(frozen=True, eq=False)
class Desk:
    """Everything about a step that stays the same while its own sliders move."""

    view: View
    context: Context
    allowed: Mask
    dtype: np.dtype[Any]
    ms: dict[str, float]


def lay_out(edit: Edit, canvas: Canvas, state: HairState | None) -> Desk:
    """Look at the pixels and the hair (``state``, None for the photo's own) under the step."""
    ms: dict[str, float] = {}
    job, box = canvas.job, canvas.job.box(edit)
    with _clock(ms, "view"):
        view = View(canvas.look(box), box, job.scale, job.analysis, state)
    mask = job.region(edit)
    with _clock(ms, "support"):
        painted = None if mask is None else _looked_at(mask, box, job.scale)
        region = reach = painted
        if painted is None and (region := guiding.own_region(edit, view)) is not None:
            reach = guiding.reach(edit, view, region)
        allowed = _unprotected(job, box, support.allowed(edit, view, reach))
    with _clock(ms, "prepare"):
        source = job.source(edit)
        context = guiding.prepare(edit, view, region, source and source.view(view.iod))
    return Desk(view, context, allowed, job.photo.pixels.dtype, ms)


def _unprotected(job: Job, box: Box, allowed: Mask) -> Mask:
    if job.protect is None:
        return allowed
    free = blend.to_depth(1 - _looked_at(job.protect, box, job.scale), np.uint8)
    return cv2.multiply(allowed, free, scale=1 / 255)


def _looked_at(mask: Mask, box: Box, scale: float) -> Array:
    """A mask of the photo in a box of the scaled photo, (h, w) float32 0..1."""
    as_pixels = np.broadcast_to(mask[..., None], (*mask.shape, 3))
    return np.ascontiguousarray(crop(as_pixels, box, scale)[..., 0])


def apply(edit: Edit, desk: Desk, photo: Photo, fuser: Fuser | None = None) -> Step:
    """Draw the edit on its desk, and let the network correct it where there is one. ``ms`` holds
    the laying out too, when this desk is new."""
    ms, maker = dict(desk.ms), (ENGINE, DEVICE)
    with _clock(ms, "draw"):
        drawing = guiding.draw(edit, desk.context)
    if fuser is not None:
        with _clock(ms, "fuse"):
            drawing, fused = fuser(edit, drawing, desk.view, desk.allowed, photo)
        maker = (fuser.name, fuser.device) if fused else maker
    with _clock(ms, "patch"):
        patch = _patch(drawing, desk)
    return Step(edit, patch, drawing.state, drawing.warnings, desk.view.scale, ms, *maker)


def _patch(drawing: Drawing, desk: Desk) -> Patch | None:
    """The drawing cut to the allowed support and to its own bounds, at the photo's depth."""
    drawn = Box.of_mask(drawing.alpha)
    if drawn.empty:
        return None
    alpha = blend.to_depth(drawing.alpha[drawn.slices], np.uint8)
    alpha = cv2.multiply(alpha, desk.allowed[drawn.slices], scale=1 / 255)
    if not alpha.any():
        return None
    inner = Box.of_mask(alpha)
    used = inner.shifted(drawn.x, drawn.y)
    rgb = blend.to_depth(drawing.rgb[used.slices], desk.dtype)
    at = used.shifted(desk.view.box.x, desk.view.box.y)
    return Patch(at, rgb, np.ascontiguousarray(alpha[inner.slices]))


@contextmanager
def _clock(ms: dict[str, float], stage: str) -> Generator[None]:
    start = time.perf_counter()
    yield
    ms[stage] = round((time.perf_counter() - start) * 1000, 1)
