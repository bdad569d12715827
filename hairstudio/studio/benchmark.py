"""``bench app``: does the window stay awake while the engine works, how soon a preview comes, how
long the brush takes."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from hairstudio import resources, settings
from hairstudio.errors import UserError
from hairstudio.evaluation.benchmark import SAMPLE, Figure, Report
from hairstudio.evaluation.enlarged import enlarged
from hairstudio.imaging.blend import to_depth, to_float
from hairstudio.imaging.photo import Photo, read_photo, write_photo
from hairstudio.studio import app
from hairstudio.studio.canvas import bench
from hairstudio.studio.main_window import MainWindow

PATIENCE = 300.0
MOVES, REPEATS = 60, 7
TICK = 5
LIMITS = {512: 200.0, 1024: 350.0}
GAP, BRUSH = 50.0, 16.0


def bench_app(photo: Path | None = None) -> Report:
    """Measure the real window, offscreen, on a photo enlarged to 24 megapixels.

    Raises UserError without a face in it, or when a model file is missing.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = app.start()
    with TemporaryDirectory(prefix="hairstudio-bench-") as folder:
        window = MainWindow()
        window.resize(1440, 900)
        window.show()
        window.core.files.warm_up()
        try:
            figures = _Bench(window, application.processEvents).run(_large(photo, Path(folder)))
        finally:
            window.shut_down()
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    load = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 0.0
    return Report(machine, settings.threads(), load, tuple(figures))


def _large(path: Path | None, folder: Path) -> Path:
    photo = read_photo(path or resources.path(SAMPLE))
    small = to_depth(to_float(photo.pixels), np.uint8)
    pixels = small if small.size >= 3 * 24e6 else enlarged(small, 24.0)
    target = folder / "photo.png"
    write_photo(Photo(pixels), pixels, target)
    return target


class _Bench:
    def __init__(self, window: MainWindow, process: Callable[..., None]) -> None:
        self._window, self._core, self._process = window, window.core, process

    def _wait(self, there: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not there():
            if time.monotonic() > end:
                raise RuntimeError("the app did not answer")
            self._process(QEventLoop.ProcessEventsFlag.AllEvents, 5)

    def run(self, path: Path) -> list[Figure]:
        session = self._core.session
        start = time.perf_counter()
        self._core.files.open(path)
        self._wait(lambda: session.face or session.refusal)
        opened = (time.perf_counter() - start) * 1000
        if session.face is None:
            raise UserError(session.reason)
        self._wait(lambda: not self._core.engine.busy)
        figures = [Figure("opening, 24 MP, until the face is known", opened)]
        for side in LIMITS:
            figures += self._previews(side)
        times = bench.brush()
        return [
            *figures,
            Figure("brush at 24 MP, one event, median", times.median, limit=BRUSH),
            Figure("brush at 24 MP, one event, slowest of twenty", times.slow),
        ]

    def _previews(self, side: int) -> list[Figure]:
        """Drag the colour's strength: a fringe may hide the hairline."""
        face, canvas = self._core.session.face, self._window.canvas
        assert face is not None
        canvas.zoom_to(side / face.crop / canvas.devicePixelRatioF())
        self._window.panel.colour.choose("copper")
        self._drag(10)
        gaps = list[float]()
        latencies = [self._drag(MOVES, gaps) for _ in range(REPEATS)]
        return [
            Figure(f"preview after the last move, {side}", median(latencies), limit=LIMITS[side]),
            Figure(f"longest gap of the event loop, {side}", max(gaps), limit=GAP),
        ]

    def _drag(self, moves: int, gaps: list[float] | None = None) -> float:
        """Milliseconds from the last of some moves to its preview; ``gaps`` of the event loop."""
        watch = _Watch()
        rendering, session = self._core.rendering, self._core.session
        for move in range(moves):
            session.edit(len(session.state.edits) - 1, "bench", strength=0.4 + 0.5 * move / moves)
            end = time.perf_counter() + 0.008
            while time.perf_counter() < end:
                self._process(QEventLoop.ProcessEventsFlag.AllEvents, 2)
        start = time.perf_counter()
        self._wait(lambda: rendering.last and rendering.last.generation == rendering.generation)
        latency = (time.perf_counter() - start) * 1000
        watch.stop()
        if gaps is not None:
            gaps += watch.gaps
        session.seal()
        self._wait(lambda: not self._core.engine.busy)
        return latency


class _Watch:
    """Gaps between ticks of a timer, ms."""

    def __init__(self) -> None:
        self.gaps = list[float]()
        self._last = time.perf_counter()
        self._timer = QTimer(interval=TICK)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now

    def stop(self) -> None:
        self._timer.stop()
