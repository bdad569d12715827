"""Other strands in the same style: a number, a shuffle, a strip of four."""

from __future__ import annotations

import random

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hairstudio.editing.edits import Bangs
from hairstudio.studio.i18n import tr
from hairstudio.studio.panels.section import LABEL
from hairstudio.studio.panels.style_tile import StyleTile
from hairstudio.studio.session import Session
from hairstudio.studio.tile_feed import SEEDS, TileFeed
from hairstudio.studio.widgets.buttons import button, label, reason, segments
from hairstudio.studio.widgets.number_field import NumberField
from hairstudio.studio.widgets.slider import Range

MOST = 9999
SMALL, SMALLER = QSize(78, 57), QSize(68, 50)


class Variation(QWidget):
    def __init__(self, session: Session, feed: TileFeed) -> None:
        super().__init__()
        self._session, self._feed = session, feed
        self._field = NumberField(Range(0, MOST, 0, fine=1, coarse=10), tr("Variation"),
                                  lambda value: str(round(value)))  # fmt: skip
        self._field.setFixedWidth(40)
        self._less = button(
            icon="chevron-left", name=tr("Previous variation"), size=(30, 28), icon_size=14
        )
        self._next = button(
            icon="chevron-right", name=tr("Next variation"), size=(30, 28), icon_size=14
        )
        self._four = button(icon="grid", name=tr("Four variations"), kind="outlined",
                            checkable=True, size=(36, 28), icon_size=16)  # fmt: skip
        self._shuffle = button(icon="shuffle", name=tr("New variation"), kind="outlined",
                               icon_size=16)  # fmt: skip
        self._shuffle.setMinimumWidth(34)
        self._strip, self._tiles = QWidget(), [StyleTile(index, "") for index in range(SEEDS)]
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        name = label(tr("Variation"), "secondary")
        name.setFixedWidth(LABEL + 4)
        steps = segments(self._less, self._field, self._next)
        for each in (name, steps):
            row.addWidget(each)
        row.addStretch(1)
        row.addWidget(self._four)
        row.addWidget(self._shuffle)
        strip = QHBoxLayout(self._strip)
        strip.setContentsMargins(0, 0, 0, 0)
        strip.setSpacing(0)
        for tile in self._tiles:
            tile.set_picture_size(SMALL)
            strip.addWidget(tile)
        self._strip.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self._strip)

    def fold(self, narrow: bool) -> None:
        self._shuffle.setFixedWidth(34 if narrow else 64)
        for tile in self._tiles:
            tile.set_picture_size(SMALLER if narrow else SMALL)

    def _connect(self) -> None:
        self._less.clicked.connect(lambda: self._go(max(0, self._seed() - 1)))
        self._next.clicked.connect(lambda: self._go(min(MOST, self._seed() + 1)))
        self._shuffle.clicked.connect(lambda: self._go(random.randrange(MOST)))
        self._field.entered.connect(self._go)
        self._four.toggled.connect(self._open)
        for index, tile in enumerate(self._tiles):
            tile.clicked.connect(lambda _=False, i=index: self._go(self._feed.seeds()[i]))
        self._feed.tile.connect(self._show)
        self._feed.cleared.connect(self._clear)
        self._session.changed.connect(self.refresh)
        self._session.analysed.connect(self.refresh)

    def _seed(self) -> int:
        edit = self._session.state.of(Bangs)
        return edit.seed if edit else 0

    def _go(self, seed: float) -> None:
        if self._session.state.of(Bangs) is not None:
            self._session.change(Bangs, seed=round(seed))
        self.refresh()

    def _open(self, opened: bool) -> None:
        self._strip.setVisible(opened)
        self._feed.open_seeds(opened)

    @Slot(object, QImage)
    def _show(self, key: tuple[str, int], image: QImage) -> None:
        kind, seed = key
        seeds = self._feed.seeds()
        if kind == "seed" and seed in seeds:
            self._tiles[seeds.index(seed)].set_image(image)

    @Slot()
    def _clear(self) -> None:
        for tile in self._tiles:
            tile.set_image(None)

    @Slot()
    def refresh(self) -> None:
        seed, seeds = self._seed(), self._feed.seeds()
        self._field.set_value(seed)
        bangs = self._session.state.of(Bangs) is not None
        for tile, number in zip(self._tiles, seeds, strict=True):
            tile.setText(str(number))
            tile.setChecked(bangs and number == seed)
        why = self._session.reason
        if not why and not bangs:
            why = tr("Pick a style of bangs first")
        for each in (self._field, self._less, self._next, self._four, self._shuffle, *self._tiles):
            reason(each, why, each.accessibleName())
