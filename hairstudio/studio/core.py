"""What is behind the window: session, threads, rendering, files."""

from __future__ import annotations

from hairstudio.studio.canvas import Canvas
from hairstudio.studio.files import Files
from hairstudio.studio.painting import Painting
from hairstudio.studio.rendering import Rendering
from hairstudio.studio.session import Session
from hairstudio.studio.tasks.room import EngineRoom
from hairstudio.studio.tile_feed import TileFeed
from hairstudio.studio.worker import Line

ENGINE_SLOTS = ("analyse", "preview", "export", "final", "tiles")
READER_SLOTS = ("open", "reference", "write", "memory")
HELPER_SLOTS = ("recent",)


class Core:
    """Three threads: ``engine`` owns torch and everything that computes, ``reader`` reads and
    writes files, ``helper`` does what nobody waits for when the app starts."""

    def __init__(self, canvas: Canvas) -> None:
        self.engine = Line("engine", ENGINE_SLOTS, EngineRoom, yielding=("final", "tiles"))
        self.reader = Line("reader", READER_SLOTS, object)
        self.helper = Line("helper", HELPER_SLOTS, object)
        self.session = Session()
        self.painting = Painting(self.session, canvas)
        self.rendering = Rendering(self.session, self.painting, canvas, self.engine)
        self.files = Files(self.session, self.engine, self.reader, self.helper)
        self.tiles = TileFeed(self.session, self.engine)

    @property
    def busy(self) -> bool:
        return self.engine.busy or self.reader.busy

    def close(self) -> None:
        """Stop the threads. What was to be written is written first."""
        self.session.blockSignals(True)
        self.rendering.quiet()
        self.tiles.quiet()
        self.helper.close()
        self.engine.close("export")
        self.reader.close("write", "memory")
