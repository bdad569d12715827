"""What ``--report`` writes."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from hairstudio import __version__
from hairstudio.editing.stack import Step
from hairstudio.files import atomic_write
from hairstudio.portrait.analysis import Finding


class WarningReport(msgspec.Struct, frozen=True):
    code: str
    value: float
    threshold: float
    text: str

    @classmethod
    def of(cls, finding: Finding) -> WarningReport:
        return cls(finding.code, finding.value, finding.threshold, finding.text)


class StepReport(msgspec.Struct, frozen=True):
    """One edit. ``box``: x, y, w, h in the photo, null where nothing changed; ``ms`` by stage."""

    kind: str
    name: str
    engine: str
    device: str
    scale: float
    box: tuple[int, int, int, int] | None
    ms: dict[str, float]

    @classmethod
    def of(cls, step: Step) -> StepReport:
        box = None if step.patch is None else step.patch.box
        kind = type(step.edit).__name__.lower()
        return cls(kind, step.edit.name, step.engine, step.device, step.scale, box, step.ms)


class PhotoReport(msgspec.Struct, frozen=True, kw_only=True):
    """One photo. Heights in IOD, from the hairline that the edits kept track of (the result is
    not analysed again); null without a hairline. ``error`` is set when nothing was written."""

    photo: str = ""
    error: str | None = None
    output: str | None = None
    face: int | None = None
    faces: int | None = None
    iod: float | None = None
    height_before: float | None = None
    height_after: float | None = None
    outside: str | None = None
    ms: dict[str, float] = {}
    edits: list[StepReport] = []
    warnings: list[WarningReport] = []


class Report(msgspec.Struct, frozen=True):
    photos: list[PhotoReport]
    version: str = __version__

    def write(self, path: Path, *, overwrite: bool) -> None:
        with atomic_write(path, overwrite=overwrite) as temporary:
            # msgspec refuses file names that are no Unicode; json escapes them
            temporary.write_text(json.dumps(msgspec.to_builtins(self), indent=2))
