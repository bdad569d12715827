"""The panel at the right: edits pinned on top, the sections scroll."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hairstudio.studio.panels.bangs import BangsSection
from hairstudio.studio.panels.colour import ColourSection
from hairstudio.studio.panels.edit_row import HEIGHT
from hairstudio.studio.panels.edits_list import EditsList
from hairstudio.studio.panels.fill import FillSection
from hairstudio.studio.panels.hairline import HairlineSection
from hairstudio.studio.panels.volume import VolumeSection
from hairstudio.studio.session import Session
from hairstudio.studio.tile_feed import TileFeed
from hairstudio.studio.widgets.buttons import rule
from hairstudio.studio.widgets.overlay_scroll import OverlayScroll

WIDE, NARROW = 360, 320
DESIGNED = 832
"""The height at which three edits and all sections fit."""


class Panel(QWidget):
    def __init__(self, session: Session, feed: TileFeed, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDE)
        self.edits = EditsList(session, actions)
        self.bangs = BangsSection(session, feed)
        self.hairline = HairlineSection(session)
        self.fill = FillSection(session)
        self.colour = ColourSection(session)
        self.volume = VolumeSection(session)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.edits)
        column.addWidget(rule())
        column.addWidget(self._sections(), 1)

    def _sections(self) -> OverlayScroll:
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        sections = (self.bangs, self.hairline, self.fill, self.colour, self.volume)
        for index, section in enumerate(sections):
            if index:
                column.addWidget(rule())
            column.addWidget(section)
        column.addStretch(1)
        scroll = OverlayScroll()
        scroll.setWidget(body)
        return scroll

    def fold(self, narrow: bool) -> None:
        self.setFixedWidth(NARROW if narrow else WIDE)
        self.bangs.fold(narrow)
        self.fill.fold(narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self.edits.set_rows(3 + (self.height() - DESIGNED) // HEIGHT)
