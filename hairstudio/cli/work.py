"""From a document to written files, as ``edit`` and ``render`` both do it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hairstudio.cli import interrupt
from hairstudio.cli.console import Bar
from hairstudio.cli.report import PhotoReport, Report, StepReport, WarningReport
from hairstudio.editing import document as documents
from hairstudio.editing.composite import composite
from hairstudio.editing.document import Document
from hairstudio.editing.engine import BUDGET, Engine, Rendered, installed_assets
from hairstudio.editing.fusing import Fuser
from hairstudio.errors import UserError
from hairstudio.files import check_target, is_folder
from hairstudio.imaging import encode
from hairstudio.imaging.layer import Layer, check_format, write_layer
from hairstudio.imaging.photo import Photo, write_photo
from hairstudio.portrait.analysis import Analysis, Finding

Maker = tuple[str, str]

OF_ONE_EDIT, OWN_HAIR = "hairline_hidden", "no_hair_to_sample"


@dataclass(frozen=True)
class Targets:
    """Where results go. ``output``: a file, a folder or None for the default name; ``mark``: the
    end of the files' names that tells variations apart; ``taken``: the files of this call, so
    that two results of one name do not replace each other."""

    output: Path | None
    layer: Path | None
    document: Path | None
    force: bool
    mark: str = ""
    taken: set[Path] = field(default_factory=set[Path])

    @classmethod
    def of(cls, options: argparse.Namespace) -> Targets:
        return cls(options.output, options.layer, options.document, options.force)

    def marked(self, mark: str) -> Targets:
        """The targets of one variation."""
        layer, document = (path and _marked(path, mark) for path in (self.layer, self.document))
        return replace(self, layer=layer, document=document, mark=mark)

    def picture(self, photo: Photo) -> Path:
        """The file for one photo: NAME in another folder, NAME-edited beside the photo."""
        assert photo.path is not None
        output = self.output or photo.path.parent
        if not is_folder(output):
            return _marked(output, self.mark)
        own = output.resolve() == photo.path.resolve().parent
        stem = f"{photo.path.stem}-edited" if own else photo.path.stem
        return output / f"{stem}{self.mark}{photo.writable_suffix}"

    def check(self, picture: Path, photo: Photo) -> None:
        """Raise UserError now for what could not be written after the work is done."""
        encode.format_of(picture)
        assert photo.path is not None
        if picture.resolve() == photo.path.resolve() and not self.force:
            raise UserError(f"{picture}: is the original photo; choose another name with -o")
        if self.layer is not None:
            check_format(self.layer)
        for path in filter(None, (picture, self.layer, self.document)):
            self.take(path)

    def take(self, path: Path) -> None:
        """Raise UserError for a file that cannot be written or that this call wrote already."""
        check_target(path, overwrite=self.force)
        if path.resolve() in self.taken:
            raise UserError(f"{path}: two results of this command would have this name")
        self.taken.add(path.resolve())


def _marked(path: Path, mark: str) -> Path:
    return path.with_stem(path.stem + mark)


@dataclass(frozen=True)
class Source:
    """What to work on: the name to show, how to open it, and what marks its files."""

    path: Path
    open: Callable[[], Document]
    mark: str = ""


def process(
    sources: Sequence[Source], targets: Targets, report: Path | None, made_by: Maker
) -> int:
    """Work through all sources and write the report; 2 when one of them failed.

    ``made_by``: ``--engine`` and ``--device``. A source that fails is reported in one line and
    does not stop the others.
    """
    if report is not None:
        targets.take(report)
    # nothing is drawn twice, but variations of a photo share its analysis
    budget = BUDGET if any(source.mark for source in sources) else 0
    engine = Engine(installed_assets(), budget, Fuser.open(*made_by))
    said = set[str]()
    done = [_attempt(source, engine, targets, said) for source in sources]
    if report is not None:
        Report(done).write(report, overwrite=targets.force)
    return 2 if any(photo.error for photo in done) else 0


def _attempt(source: Source, engine: Engine, targets: Targets, said: set[str]) -> PhotoReport:
    """``said``: the warnings that were printed; variations of a photo share most of theirs."""
    interrupt.check()
    try:
        with Bar() as bar:
            done = _produce(source, engine, targets, bar)
    except UserError as error:
        print(f"hairstudio: {error}", file=sys.stderr)
        return PhotoReport(photo=str(source.path), error=str(error))
    lines = dict.fromkeys(f"{source.path}: {warning.text}" for warning in done.warnings)
    for line in filter(lambda line: line not in said, lines):
        print(line, file=sys.stderr)
    said.update(lines)
    if not any(step.box for step in done.edits):
        print(f"{source.path}: nothing was changed, {done.output} is a copy", file=sys.stderr)
    print(done.output, flush=True)
    return done


@contextmanager
def naming(path: Path) -> Generator[None]:
    """Put the photo's name before messages of the engine, which does not know it."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _produce(source: Source, engine: Engine, targets: Targets, bar: Bar) -> PhotoReport:
    """Open, analyse, edit, write. Raises UserError, before anything is written where it can."""
    ms = dict[str, float]()
    bar.show(f"{source.path.name}: open", 0.0)
    with _clock(ms, "open"):
        document = source.open()
    photo, targets = document.photo, targets.marked(source.mark)
    picture = targets.picture(photo)
    targets.check(picture, photo)
    bar.show(f"{source.path.name}: find the face", 0.1)
    with naming(source.path), _clock(ms, "analyse"):
        analysis = engine.analyse(photo, document.face)
    with _clock(ms, "render"):  # its errors name other files or no file
        rendered = engine.render(
            photo, analysis, document.edits, protect=document.protect, regions=document.regions,
            references=document.references,
            progress=lambda stage, part: bar.show(f"{source.path.name}: {stage}", 0.3 + part / 2),
        )  # fmt: skip
    bar.show(f"{source.path.name}: write", 0.9)
    with _clock(ms, "write"):
        outside = _write(document, rendered, picture, targets)
    return _report(source.path, analysis, rendered, picture, outside, ms)


def _write(document: Document, rendered: Rendered, picture: Path, targets: Targets) -> str:
    """Write what was asked for; returns what the picture's format did to untouched pixels."""
    photo, force = document.photo, targets.force
    pixels = composite(photo.pixels, rendered.patches)
    written = write_photo(photo, pixels, picture, overwrite=force)
    if targets.layer is not None:
        layers = [Layer(step.label, step.patch) for step in rendered.steps if step.patch]
        write_layer(targets.layer, photo, layers, overwrite=force)
    if targets.document is not None:
        documents.save(document, targets.document, overwrite=force)
    return written.outside


def _report(
    photo: Path,
    analysis: Analysis,
    rendered: Rendered,
    picture: Path,
    outside: str,
    ms: dict[str, float],
) -> PhotoReport:
    return PhotoReport(
        photo=str(photo),
        output=str(picture),
        face=analysis.face + 1,
        faces=analysis.faces,
        iod=round(analysis.iod, 1),
        outside=outside,
        height_before=analysis.hairline.height,
        height_after=(rendered.state or analysis).hairline.height,
        ms=ms,
        edits=[StepReport.of(step) for step in rendered.steps],
        warnings=[WarningReport.of(f) for f in _once(analysis, rendered)],
    )


def _once(analysis: Analysis, rendered: Rendered) -> Iterable[Finding]:
    """Warnings of the photo and of the edits, each code once. That a hairline is hidden only
    matters to the edit that would move it, which says so itself; that there is no hair does not
    matter where all edits take it from another photo."""
    steps = rendered.steps
    lent = bool(steps) and all(getattr(step.edit, "hair_from", None) for step in steps)
    idle = {OF_ONE_EDIT, OWN_HAIR} if lent else {OF_ONE_EDIT}
    general = (f for f in analysis.warnings if f.code not in idle)
    return {f.code: f for f in (*general, *rendered.warnings)}.values()


@contextmanager
def _clock(ms: dict[str, float], stage: str) -> Generator[None]:
    start = time.perf_counter()
    yield
    ms[stage] = round((time.perf_counter() - start) * 1000, 1)
