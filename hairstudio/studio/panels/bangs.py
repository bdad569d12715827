"""Bangs: styles as pictures of this face, strength, variations, shape."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hairstudio.editing.edits import Bangs
from hairstudio.guides import styles
from hairstudio.studio import icons, wording
from hairstudio.studio.i18n import tr
from hairstudio.studio.panels.binding import Binding
from hairstudio.studio.panels.section import Section, ValueRow
from hairstudio.studio.panels.shape import Shape
from hairstudio.studio.panels.style_tile import LABEL, PICTURE, RING, StyleTile
from hairstudio.studio.panels.variation import Variation
from hairstudio.studio.session import Session
from hairstudio.studio.tile_feed import TileFeed
from hairstudio.studio.widgets.buttons import button, reason
from hairstudio.studio.widgets.slider import Range

COLUMNS, ROWS = 3, 2
BAR = 12
"""Room for the scroll bar beside the pictures."""


class BangsSection(Section):
    """``own_region``: the style decides where; ``painted``: the user wants to paint;
    ``reference``: a photo whose hair is taken is wanted."""

    own_region = Signal()
    painted = Signal()
    reference = Signal()

    def __init__(self, session: Session, feed: TileFeed) -> None:
        super().__init__(tr("Bangs"))
        self._session, self._feed = session, feed
        self._tiles = {name: self._tile(name) for name in styles.names()}
        self._source = self._region_button()
        self._more = button(
            icon="sliders", name=tr("Shape"), tip=tr("Length, density, curl, parting, softness"),
            checkable=True, size=(24, 24), icon_size=16,
        )  # fmt: skip
        self.header.addWidget(self._source)
        self.header.addWidget(self._more)
        self.strength = ValueRow(tr("Strength"), Range(0, 1, 1, 0))
        self.variation = Variation(session, feed)
        self.shape = Shape(session)
        self.shape.hide()
        self._more.toggled.connect(self.shape.setVisible)
        self.column.addWidget(self._grid())
        rows = QVBoxLayout()
        rows.setContentsMargins(2, 0, BAR, 0)
        for each in (self.strength, self.variation, self.shape):
            rows.addWidget(each)
        self.column.addLayout(rows)
        self.header.setContentsMargins(2, 0, BAR, 0)
        self.column.setContentsMargins(14, 8, 16 - BAR, 12)
        self._bind()

    def _bind(self) -> None:
        session, feed = self._session, self._feed
        self.binding = Binding(session, Bangs, "strength", lambda: 1.0).to_row(self.strength)
        session.changed.connect(self.refresh)
        session.analysed.connect(self.refresh)
        feed.tile.connect(self._show_tile)
        feed.cleared.connect(self._clear)
        self.shape.reference.connect(self.reference)

    def _tile(self, name: str) -> StyleTile:
        tile = StyleTile(("style", name), wording.style(name), styles.style(name).title)
        tile.clicked.connect(lambda: self.choose(name))
        return tile

    def _grid(self) -> QScrollArea:
        body = QWidget()
        grid = self._places = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(0)
        for index, tile in enumerate(self._tiles.values()):
            grid.addWidget(tile, *divmod(index, COLUMNS))
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.set_tile_size(PICTURE)
        return self._scroll

    def set_tile_size(self, size: QSize) -> None:
        for tile in self._tiles.values():
            tile.set_picture_size(size)
        self._scroll.setFixedHeight(ROWS * (size.height() + LABEL + 2 * RING))

    def fold(self, narrow: bool) -> None:
        self.set_tile_size(QSize(86, 63) if narrow else PICTURE)
        self.variation.fold(narrow)

    def _region_button(self) -> QToolButton:
        made = button(
            tr("Style’s own"), "chevron-down", kind="link", name=tr("Region"), icon_size=14
        )
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        made.setIcon(icons.icon("chevron-down", "text2"))
        menu = QMenu(made)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        menu.addAction(icons.icon("brush"), tr("Paint the region")).triggered.connect(self.painted)
        own = menu.addAction(icons.icon("own-region"), tr("Style’s own region"))
        own.triggered.connect(self.own_region)
        made.setMenu(menu)
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return made

    def choose(self, name: str) -> None:
        """A style: another one for the bangs there are, or new bangs."""
        self._session.style = name
        self._session.change(Bangs, style=name, enabled=True)
        self.refresh()

    @Slot(object, QImage)
    def _show_tile(self, key: tuple[str, str], image: QImage) -> None:
        kind, name = key
        if kind == "style":
            self._tiles[name].set_image(image)

    @Slot()
    def _clear(self) -> None:
        for tile in self._tiles.values():
            tile.set_image(None)

    @Slot()
    def refresh(self) -> None:
        edit, why = self._session.state.of(Bangs), self._session.reason
        for name, tile in self._tiles.items():
            tile.setChecked(isinstance(edit, Bangs) and edit.style == name)
            reason(tile, why, styles.style(name).title)
        for each in (self.strength.slider, self.strength.field, self._source, self._more):
            reason(each, why, each.accessibleName())
        self._source.setText(self._region(edit if isinstance(edit, Bangs) else None))

    def _region(self, edit: Bangs | None) -> str:
        if edit is None or edit.region is None:
            return tr("Style’s own")
        region = self._session.state.region(edit)
        empty = region is None or region.empty
        return tr("Paint a region, or use the style’s own") if empty else tr("Painted region")
