"""A process that answers the app's lab page: ``python -m hairstudio.lab.service``.

Requests (``messages.Request``) come on stdin, answers go to stdout. It ends when stdin does. Of
several places in the grid that are asked for, only the latest is drawn, first coarsely.
"""

from __future__ import annotations

import functools
import math
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
from PIL import Image

from hairstudio import settings
from hairstudio.errors import UserError
from hairstudio.imaging.blend import to_depth, to_float
from hairstudio.imaging.photo import read_photo
from hairstudio.lab import decisions, export, gridding
from hairstudio.lab.between import Between
from hairstudio.lab.gridding import Grid
from hairstudio.lab.latent import LatentSpace, open_space
from hairstudio.lab.live import packed_within
from hairstudio.lab.messages import (
    Answer,
    Card,
    Decide,
    Decided,
    Export,
    Exported,
    GridMeasured,
    GridOpened,
    GridSaved,
    Listed,
    ListPairs,
    Look,
    Looked,
    OpenGrid,
    Picture,
    Point,
    PointShown,
    Problem,
    Request,
    SaveGrid,
)
from hairstudio.lab.store import Provenance, Store
from hairstudio.nets import prior
from hairstudio.nets.stylegan2 import Generator
from hairstudio.weights import priors

THUMB, CELL, SHARP = 152, 184, 512  # pixels, at most
COARSE = 4  # a first look has a side this many times smaller, but not below LEAST
LEAST = 64
BATCH = 8  # cards of a message
NICE = 5  # the editor goes first

_decoder = msgspec.json.Decoder[Request](Request)


class Service:
    """Answers one request after another; what nobody waits for is done in between."""

    def __init__(self, inbox: queue.SimpleQueue[Request | None]) -> None:
        self._inbox = inbox
        self._grid: Between | None = None
        self._point: Point | None = None
        self._spare: Iterator[Grid | None] = iter(())
        self._measured: Grid | None = None

    def run(self) -> None:
        """Until the inbox says None."""
        idle = True
        while True:
            try:
                request = self._inbox.get(block=idle)
            except queue.Empty:
                idle = not self._go_on()
                continue
            if request is None:
                return
            self._take(request)
            idle = False

    def _take(self, request: Request) -> None:
        if isinstance(request, Point):
            self._point = request
            return
        try:
            answer = self._answer(request)
        except UserError as error:
            answer = Problem(str(type(request).__struct_config__.tag), str(error))
        _say(answer)

    def _go_on(self) -> bool:
        """A part of what is left to do; False when there is nothing."""
        if self._point is not None and self._grid is not None:
            self._draw(self._grid, self._point)
            return True
        self._point = None
        try:
            for found in self._spare:
                self._tell(found)
                return True
        except UserError as error:
            self._spare = iter(())
            _say(Problem("measure", str(error)))
        return False

    def _tell(self, found: Grid | None) -> None:
        """The grid that is open has been measured."""
        if found is not None and self._grid is not None:
            self._measured = found
            _say(_figures(self._grid, found))

    def _draw(self, grid: Between, point: Point) -> None:
        side = max(LEAST, grid.side // COARSE)
        if side < grid.side:
            _say(_drawn(grid, point, side))
        if self._inbox.empty():
            _say(_drawn(grid, point, None))
            self._point = None

    def _answer(self, request: Request) -> Answer:
        match request:
            case Look():
                return _look(request)
            case ListPairs():
                for part in _listed(request):
                    _say(part)
                return Listed(request.store, ())
            case Decide():
                decisions.decide(Store.existing(Path(request.store)), request.pair, request.verdict)
                return Decided(request.pair, request.verdict)
            case Export():
                store, path = Store.existing(Path(request.store)), Path(request.path)
                return Exported(
                    request.path, export.write(store, path, overwrite=True, failed_too=False)
                )
            case OpenGrid():
                return self._opened(request)
            case SaveGrid():
                return self._saved(Path(request.path))
            case Point():
                raise AssertionError

    def _opened(self, request: OpenGrid) -> GridOpened:
        path = Path(request.prior) if request.prior else priors.path()
        if path is None:
            raise UserError("no prior is installed")
        store = Store.existing(Path(request.store))
        self._grid = Between(store, request.first, request.second, path, *_loaded(path))
        self._spare, self._measured = self._grid.grid(), None
        cells = tuple(packed_within(each, CELL) for each in self._grid.cells())
        return GridOpened(request.first, request.second, cells)

    def _saved(self, path: Path) -> GridSaved:
        for found in self._spare:
            self._tell(found)
        if self._measured is None:
            raise UserError("no grid is open")
        gridding.write(self._measured, path, overwrite=True)
        return GridSaved(str(path))


@functools.lru_cache(maxsize=1)
def _loaded(path: Path) -> tuple[Generator, LatentSpace]:
    generator = prior.load(path)
    return generator, open_space(generator, path)


def _figures(between: Between, grid: Grid) -> GridMeasured:
    values = tuple(None if math.isnan(cell.value) else cell.value for cell in grid.cells)
    return GridMeasured(
        between.first, between.second, grid.unit, values, tuple(c.drift for c in grid.cells),
        {finding.code: finding.cells for finding in grid.findings},
    )  # fmt: skip


def _drawn(grid: Between, point: Point, side: int | None) -> PointShown:
    begun = time.perf_counter()
    picture = packed_within(grid.picture(point.degree, point.identity, side), SHARP)
    ms = 1000 * (time.perf_counter() - begun)
    return PointShown(point.degree, point.identity, picture, side is None, ms)


def _look(request: Look) -> Looked:
    try:
        photo = read_photo(Path(request.photo))
    except UserError as error:
        return Looked(request.photo, None, str(error))
    side = min(photo.pixels.shape[:2])
    y, x = ((size - side) // 2 for size in photo.pixels.shape[:2])
    square = cv2.resize(photo.pixels[y : y + side, x : x + side], (THUMB, THUMB),
                        interpolation=cv2.INTER_AREA)  # fmt: skip
    return Looked(request.photo, packed_within(to_depth(to_float(square), np.uint8), THUMB))


def _listed(request: ListPairs) -> Iterator[Listed]:
    """The latest pairs, a few at a time."""
    if not (Path(request.store) / "pairs").is_dir():
        return
    store = Store(Path(request.store))
    said, known = decisions.read(store), set(request.known)
    latest = list(store.index().items())[-request.most :]
    new = [(identity, pair) for identity, pair in latest if identity not in known]
    for begin in range(0, len(new), BATCH):
        cards = (
            _card(store, identity, pair, said.get(identity, decisions.OPEN))
            for identity, pair in new[begin : begin + BATCH]
        )
        yield Listed(request.store, tuple(cards))


def _card(store: Store, identity: str, pair: Provenance, verdict: str) -> Card:
    return Card(
        identity, pair.name, pair.attribute, pair.value or pair.donor_name, pair.schedule,
        pair.prior, pair.figures, pair.failed, verdict,
        _thumb(store.file(identity, "source.png")), _thumb(store.file(identity, "target.png")),
    )  # fmt: skip


def _thumb(path: Path) -> Picture:
    with Image.open(path) as image:
        return packed_within(np.asarray(image.convert("RGB")), THUMB)


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def _read(inbox: queue.SimpleQueue[Request | None]) -> None:
    for line in sys.stdin.buffer:
        inbox.put(_decoder.decode(line))
    inbox.put(None)


def main() -> int:
    settings.use_numba_cache()
    if hasattr(os, "nice"):
        os.nice(NICE)
    inbox = queue.SimpleQueue[Request | None]()
    threading.Thread(target=_read, args=(inbox,), daemon=True).start()
    try:
        Service(inbox).run()
    except BrokenPipeError:  # the app has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
