"""Find and measure a face; warm the engine up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hairstudio.errors import UserError
from hairstudio.imaging.brush import Axis
from hairstudio.imaging.photo import Photo
from hairstudio.studio.canvas import Face, Handle
from hairstudio.studio.i18n import tr
from hairstudio.studio.tasks.base import Base, Progress
from hairstudio.studio.tasks.room import EngineRoom

if TYPE_CHECKING:
    from hairstudio.portrait.analysis import Analysis, Finding

REACH = 0.24  # IOD that the hairline moves from 0 to 1


@dataclass(frozen=True)
class Note:
    """A named condition; ``refused``: nothing can be edited because of it."""

    code: str
    value: float
    text: str
    refused: bool = False


@dataclass(frozen=True, eq=False)
class Analysed:
    """``face`` from 0 of ``faces``; ``crop``: the FFHQ crop's side in photo pixels; ``forehead``:
    brows to hairline in photo pixels, nan when there is none; ``iod`` too."""

    analysis: Analysis
    face: int
    faces: int
    iod: float
    crop: float
    forehead: float
    axis: Axis
    handle: Handle | None
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Ready:
    """The engine is loaded."""

    engine: str
    device: str


@dataclass(frozen=True, eq=False)
class WarmUp(Base):
    """Load the engine while the user looks for a photo."""

    slot: str = "analyse"

    def run(self, room: EngineRoom, say: Callable[[object], None]) -> Ready:
        from hairstudio import settings

        count = settings.threads()
        counted = tr("one thread") if count == 1 else tr("{count} threads", count=count)
        device = f"{room.engine.maker[1].upper()}, {counted}"
        return Ready(room.engine.maker[0].capitalize(), device)


@dataclass(frozen=True, eq=False)
class AnalyseFace(Base):
    photo: Photo
    face: int
    slot: str = "analyse"

    def run(self, room: EngineRoom, say: Callable[[object], None]) -> Analysed | Note:
        from hairstudio.portrait.analysis import Refusal

        say(Progress(tr("Finding the face"), 0.3))
        try:
            analysis = room.guide.analyse(self.photo, self.face)
        except Refusal as refusal:
            found = refusal.finding
            return Note(found.code, found.value, found.text, refused=True)
        except UserError as error:
            return Note("", 0, str(error), refused=True)
        say(Progress(tr("Reading the hair"), 0.8))
        return _told(analysis)


@dataclass(frozen=True, eq=False)
class FindFaces(Base):
    """Where all faces are, for the chooser."""

    photo: Photo
    chosen: int
    slot: str = "analyse"

    def run(self, room: EngineRoom, say: Callable[[object], None]) -> tuple[Face, ...]:
        from hairstudio.portrait import landmarks

        found = landmarks.detect(room.assets.landmarker, self.photo.pixels)
        return tuple(
            Face(index + 1, _box(points), index == self.chosen)
            for index, points in enumerate(found)
        )


def _box(points: np.ndarray) -> tuple[float, float, float, float]:
    (x, y), (right, bottom) = points[:, :2].min(0), points[:, :2].max(0)
    top = y - 0.25 * (bottom - y)
    return float(x), float(top), float(right - x), float(bottom - top)


def _told(analysis: Analysis) -> Analysed:
    from hairstudio.editing.engine import preview_scale

    height = analysis.hairline.height
    return Analysed(
        analysis=analysis,
        face=analysis.face,
        faces=analysis.faces,
        iod=analysis.iod,
        crop=256 / preview_scale(analysis, 256),
        forehead=height * analysis.iod,
        axis=_axis(analysis),
        handle=_handle(analysis),
        notes=tuple(map(note, analysis.warnings)),
    )


def note(finding: Finding) -> Note:
    return Note(finding.code, finding.value, finding.text)


def _axis(analysis: Analysis) -> Axis:
    """The face's own middle line."""
    to_photo = analysis.frame.inverse
    (x, y), (x2, y2) = to_photo.apply(np.array([[analysis.centre, 0.0], [analysis.centre, 1.0]]))
    return Axis(float(x), float(y), float(x2 - x), float(y2 - y))


def _handle(analysis: Analysis) -> Handle | None:
    """The hairline to drag; None where none can be moved."""
    hidden = any(finding.code == "hairline_hidden" for finding in analysis.warnings)
    if hidden or not np.isfinite(analysis.hairline.height):
        return None
    curve, to_photo = analysis.hairline, analysis.frame.inverse
    known = np.isfinite(curve.v)
    u = curve.u[known]
    points = to_photo.apply(np.stack([u, curve.at(u)], -1).astype(np.float64))
    origin, above = to_photo.apply(np.array([[0.0, 0.0], [0.0, -1.0]]))
    up = (above - origin) / np.hypot(*(above - origin))
    shown = tuple((float(x), float(y)) for x, y in points)
    return Handle(shown, (float(up[0]), float(up[1])), REACH * analysis.iod)
