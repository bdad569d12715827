"""``bench edit``: how fast the edits are, how much memory they take, how soon the program answers.

One run measures everything, so that figures of different machines can be compared. Times are
medians of warm calls: kernels compiled, networks loaded.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from hairstudio import resources, settings
from hairstudio.editing.composite import composite
from hairstudio.editing.edits import Bangs, Color, Edit, Hairline
from hairstudio.editing.engine import Engine, installed_assets, preview_scale
from hairstudio.evaluation.enlarged import enlarged
from hairstudio.evaluation.table import number, table
from hairstudio.guides import palette
from hairstudio.imaging.blend import to_depth, to_float
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.photo import Photo, read_photo, write_photo
from hairstudio.portrait import landmarks, parsing
from hairstudio.portrait.alignment import crop_frame
from hairstudio.portrait.analysis import Analysis, Assets

SAMPLE = "samples/astronaut.png"
MEGAPIXELS = 24.0
SIDES = (512, 1024)
REPEATS = 7
PREVIEW_LIMIT = {512: 100.0, 1024: 200.0}
BANGS = "full fringe"
BANGS_LIMIT = {512: 110.0, 1024: 250.0}
LARGE_FACE, FINAL_LIMIT = 1000.0, 5000.0
"""Eye distance in pixels at which the final of a full fringe may take so long, ms."""
PORTRAIT = (-2.1, -2.5, 2.1, 2.1)  # left, top, right, bottom of it, face frame
FRINGE, USUAL_HEIGHT = 0.45, 0.75  # IOD above the brows
# The peak of a program begins with the memory of the process that starts it, so a small one does.
WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

FRACTIONS = ("x", "dB", "steps/s")  # units of which whole numbers would say too little

Times = tuple[float, float]
"""Wall and processor time, ms."""


@dataclass(frozen=True)
class Figure:
    """One measured value. ``limit``: the most it may be, None when nothing is asked; ``cpu``:
    processor time in ms over all threads, which a busy machine hardly changes."""

    name: str
    value: float
    unit: str = "ms"
    limit: float | None = None
    cpu: float | None = None


@dataclass(frozen=True)
class Report:
    """``busy``: load of the machine before the run, per core (above .2 the times are too long)."""

    machine: str
    threads: int
    busy: float
    figures: tuple[Figure, ...]

    def as_text(self) -> str:
        busy = f", busy before the run: {self.busy:.1f} per core"
        rows = [
            ("", "value", "unit", "cpu ms", "limit", ""),
            *(_row(figure) for figure in self.figures),
        ]
        return f"{self.machine}, {self.threads} threads{busy}\n{table(rows)}"


def bench_edit(photo_path: Path | None = None, repeats: int = REPEATS) -> Report:
    """Measure previews, finals, analysis, saving, memory and start-up.

    ``photo_path``: None for the sample. The photo is enlarged to 24 MP if it is smaller. Raises
    UserError for a photo that cannot be read or edited, or when a model file is missing.
    """
    assets, busy = installed_assets(), load()
    photo = _large(read_photo(photo_path or resources.path(SAMPLE)))
    analysis = _with_hairline(Engine(assets).analyse(photo))
    for edits in _moves(1).values():  # loads compiled kernels and tables
        Engine(assets).render(photo, analysis, edits[:1], scale=preview_scale(analysis, 256))
    figures = [
        *_previews(photo, analysis, assets, repeats),
        *_finals(photo, analysis, assets, max(3, repeats // 2)),
        _large_face(photo, analysis, assets, max(3, repeats // 2)),
        *_analysis(photo, analysis, assets, max(3, repeats // 2)),
        *_program(photo),
        *_start_up(repeats),
    ]
    return Report(machine(), settings.threads(), busy, tuple(figures))


def _large(photo: Photo) -> Photo:
    if photo.pixels.shape[0] * photo.pixels.shape[1] >= MEGAPIXELS * 1e6:
        return photo
    pixels = enlarged(to_depth(to_float(photo.pixels), np.uint8), MEGAPIXELS)
    return replace(photo, pixels=pixels, alpha=None, source=None)


def _moves(count: int) -> dict[str, list[Edit]]:
    """Slider positions, all different: nothing comes from the cache of finished patches."""
    amounts = np.linspace(-1, 1, 2 * count + 2)[1::2]
    shades = (palette.names() * count)[: len(amounts)]
    strengths = np.linspace(1, 0.9, len(amounts))
    return {
        "hairline": [Hairline(amount=float(v)) for v in amounts],
        "colour": [Color(shade=shade, strength=float(s))
                   for shade, s in zip(shades, strengths, strict=True)],
        BANGS: [Bangs(style="full", length=float(v) / 4) for v in amounts],
    }  # fmt: skip


def _with_hairline(analysis: Analysis) -> Analysis:
    """The sample wears a fringe. For its time alone, its edge is taken for a hairline higher up."""
    curve = analysis.hairline
    if not curve.height < FRINGE:
        return analysis
    return replace(analysis, hairline=curve.shifted(curve.height - USUAL_HEIGHT))


def _previews(photo: Photo, analysis: Analysis, assets: Assets, repeats: int) -> list[Figure]:
    return [
        figure
        for side in SIDES
        for name, edits in _moves(repeats).items()
        for figure in _slider(f"{name} preview {side}", photo, analysis, assets, edits, side)
    ]


def _slider(
    name: str, photo: Photo, analysis: Analysis, assets: Assets, edits: list[Edit], side: int
) -> list[Figure]:
    """Opening one preview, then moving its slider; nothing when the photo refuses the edit."""
    engine, scale = Engine(assets), preview_scale(analysis, side)
    moves, stages = list[Times](), defaultdict[str, list[float]](list)
    for edit in edits:
        start = _now()
        step = engine.render(photo, analysis, [edit], scale=scale).steps[0]
        moves.append(_since(start))
        if step.patch is None:
            return []
        for stage, ms in step.ms.items():
            stages[stage].append(ms)
    opening, *moves = moves
    limit = (BANGS_LIMIT if isinstance(edits[0], Bangs) else PREVIEW_LIMIT)[side]
    return [
        _figure(f"{name}: slider move", moves, limit),
        *(Figure(f"{name}: {stage}", median(ms)) for stage, ms in stages.items()),
        _figure(f"{name}: first", [opening]),
    ]


def _finals(photo: Photo, analysis: Analysis, assets: Assets, repeats: int) -> list[Figure]:
    edits: list[Edit] = [Hairline(amount=-0.5), Color(shade="chestnut")]

    def final() -> None:
        rendered = Engine(assets).render(photo, analysis, edits)
        composite(photo.pixels, rendered.patches)

    size = f"{photo.size[0]} x {photo.size[1]}"
    return [_figure(f"final, hairline and colour, {size}", _repeated(final, repeats), 3000)]


def _large_face(photo: Photo, analysis: Analysis, assets: Assets, repeats: int) -> Figure:
    """The final of a full fringe on a face of ``LARGE_FACE``."""
    corners = np.array([(u, v) for u in PORTRAIT[::2] for v in PORTRAIT[1::2]])
    box = Box.around(analysis.frame.inverse.apply(corners))
    box = box.intersection(Box.of_size(*photo.size))
    zoom = LARGE_FACE / analysis.iod
    pixels = np.ascontiguousarray(to_depth(to_float(photo.pixels[box.slices]), np.uint8))
    portrait = replace(photo, pixels=enlarged(pixels, box.w * box.h * zoom * zoom / 1e6),
                       alpha=None, source=None)  # fmt: skip
    face = Engine(assets).analyse(portrait)

    def final() -> None:
        rendered = Engine(assets).render(portrait, face, [Bangs(style="full")])
        composite(portrait.pixels, rendered.patches)

    name = f"final, {BANGS}, IOD {face.iod:.0f}"
    return _figure(name, _repeated(final, repeats), FINAL_LIMIT)


def _analysis(photo: Photo, analysis: Analysis, assets: Assets, repeats: int) -> list[Figure]:
    near = crop_frame(analysis.landmarks, parsing.NETWORK_SIZE)
    net = parsing.network(assets.parser)
    pixels = photo.pixels
    stages: dict[str, tuple[Callable[[], object], float | None]] = {
        "analysis": (lambda: Engine(assets).analyse(photo), 2000),
        "analysis: landmarks": (lambda: landmarks.detect(assets.landmarker, pixels), None),
        "analysis: one parsing pass": (lambda: parsing.probabilities(net, pixels, near), None),
    }
    return [_figure(name, _repeated(call, repeats), limit)
            for name, (call, limit) in stages.items()]  # fmt: skip


def _program(photo: Photo) -> list[Figure]:
    """The whole program on a JPEG of the large photo: saving, time from cold, peak memory."""
    with TemporaryDirectory(prefix="hairstudio-bench-") as folder:
        source, out = Path(folder, "photo.jpg"), Path(folder, "edited.jpg")
        write_photo(photo, photo.pixels, source)
        opened = read_photo(source)
        changed = opened.pixels.copy()
        changed[: len(changed) // 2] ^= 1
        saving = _timed(lambda: write_photo(opened, changed, out, overwrite=True))
        start = _now()
        peak = _peak_mb(["edit", str(source), "--hairline", "-0.5", "--color", "chestnut",
                         "-o", str(out), "--force"])  # fmt: skip
        return [
            _figure("save JPEG, half of it changed", [saving]),
            Figure("program from cold, with saving", _since(start)[0]),
            *([Figure("program: peak memory", peak, "MB", 2048)] if peak else []),
        ]


def _peak_mb(arguments: Sequence[str]) -> float | None:
    """Run the program to its end; its peak resident memory where the system tells it."""
    program = [sys.executable, "-m", "hairstudio", *arguments]
    if sys.platform == "win32":
        subprocess.run(program, stdout=subprocess.DEVNULL, check=True)
        return None
    done = subprocess.run([sys.executable, "-c", WATCH, *program], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    unit = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout) * unit / 2**20


def _start_up(repeats: int) -> list[Figure]:
    bare, usage = (median(wall for wall, _ in _repeated(call, repeats)) for call in (
        lambda: _run("-c", "pass"), lambda: _run("-m", "hairstudio", "--help")))  # fmt: skip
    return [
        Figure("--help", usage),
        Figure("--help over a bare interpreter", usage / bare, "x", 12),
    ]


def _run(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)


def _figure(name: str, times: Sequence[Times], limit: float | None = None) -> Figure:
    wall, cpu = (median(column) for column in zip(*times, strict=True))
    return Figure(name, wall, limit=limit, cpu=cpu)


def _now() -> Times:
    return time.perf_counter() * 1000, time.process_time() * 1000


def _since(start: Times) -> Times:
    wall, cpu = _now()
    return wall - start[0], cpu - start[1]


def _timed(call: Callable[[], object]) -> Times:
    start = _now()
    call()
    return _since(start)


def _repeated(call: Callable[[], object], repeats: int) -> list[Times]:
    """Times of warm calls."""
    call()
    return [_timed(call) for _ in range(repeats)]


def machine() -> str:
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"


def load() -> float:
    cores = os.cpu_count() or 1
    return os.getloadavg()[0] / cores if hasattr(os, "getloadavg") else 0.0


def _row(figure: Figure) -> tuple[str, ...]:
    digits = 2 if figure.unit in FRACTIONS else 0
    value = number(figure.value, digits)
    limit = "" if figure.limit is None else number(figure.limit, digits)
    verdict = "" if figure.limit is None else "ok" if figure.value <= figure.limit else "TOO MUCH"
    return figure.name, value, figure.unit, number(figure.cpu, 0), limit, verdict
