"""Style tiles and variations: small pictures of this face, drawn when nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from hairstudio.editing.edits import Bangs, Edits
from hairstudio.guides import styles
from hairstudio.studio.canvas import qimage
from hairstudio.studio.session import Session
from hairstudio.studio.state import State
from hairstudio.studio.tasks.render import RenderTile, Tile
from hairstudio.studio.worker import Done, Line, Outcome, Stopped

QUIET_MS = 500
SEEDS = 4

Key = tuple[str, str | int]


class TileFeed(QObject):
    """``tile(key, QImage)`` for ("style", name) and ("seed", number); ``cleared``: another
    face."""

    tile = Signal(object, QImage)
    cleared = Signal()

    def __init__(self, session: Session, line: Line) -> None:
        super().__init__()
        self._session, self._line = session, line
        self._drawn: dict[Key, object] = {}
        self._round = 0
        self._over = False
        self.size = (208, 152)
        self.seeds_open = False
        self._quiet = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._quiet.timeout.connect(self._request)
        session.opened.connect(self._clear)
        session.analysed.connect(self._clear)
        session.changed.connect(self._quiet.start)
        line.happened.connect(self._happened)

    def open_seeds(self, opened: bool) -> None:
        self.seeds_open = opened
        self._quiet.start()

    def quiet(self) -> None:
        """Nothing more is to be drawn."""
        self._over = True
        self._quiet.stop()

    def seeds(self) -> range:
        """The four numbers of the strip that the present variation is in."""
        edit = self._session.state.of(Bangs)
        first = edit.seed // SEEDS * SEEDS if edit else 0
        return range(first, first + SEEDS)

    @Slot()
    def _clear(self) -> None:
        self._drawn.clear()
        self._line.cancel("tiles")
        self.cleared.emit()
        self._quiet.start()

    @Slot()
    def _request(self) -> None:
        session = self._session
        if session.face is None or session.photo is None:
            return
        wanted = dict(self._wanted())
        missing = [key for key, (mark, _) in wanted.items() if self._drawn.get(key) != mark]
        self._round += 1
        tasks = [self._task(key, wanted[key][1]) for key in missing]
        self._marks = {key: mark for key, (mark, _) in wanted.items()}
        self._line.post_all("tiles", tasks)

    def _task(self, key: Key, state: State) -> RenderTile:
        session = self._session
        assert session.photo is not None and session.face is not None
        return RenderTile(document=session.document, photo=session.photo,
                          analysis=session.face.analysis, state=state, key=key, size=self.size,
                          generation=self._round)  # fmt: skip

    def _wanted(self) -> Sequence[tuple[Key, tuple[object, State]]]:
        """Keys with what they show and a mark that tells whether that is drawn already."""
        state = self._session.state
        index = state.target(Bangs)
        below = state.edits if index is None else state.edits[:index]
        edit = None if index is None else state.edits[index]
        region = edit.region if isinstance(edit, Bangs) and state.region(edit) else None
        found = [(("style", name), Bangs(style=name, region=region)) for name in styles.names()]
        if self.seeds_open and isinstance(edit, Bangs):
            found += [(("seed", seed), msgspec.structs.replace(edit, seed=seed))
                      for seed in self.seeds()]  # fmt: skip
        return [(key, self._shown(state, (*below, bangs))) for key, bangs in found]

    def _shown(self, state: State, edits: Edits) -> tuple[object, State]:
        masks = [id(state.region(edit)) for edit in edits]
        mark = (msgspec.json.encode(edits), *masks, id(state.protect), self.size)
        return mark, replace(state, edits=edits, selected=None)

    @Slot(object)
    def _happened(self, outcome: Outcome) -> None:
        task = outcome.task
        if not isinstance(task, RenderTile) or task.document != self._session.document:
            return
        if isinstance(outcome, Stopped) and task.generation == self._round and not self._over:
            self._quiet.start()  # it made way for something more urgent
        if isinstance(outcome, Done) and isinstance(outcome.value, Tile):
            found = outcome.value
            if found.generation == self._round:
                self._drawn[task.key] = self._marks.get(task.key)  # type: ignore[index]
                self.tile.emit(task.key, qimage.opaque(qimage.packed(found.rgb)))
