"""Colour: swatches, the whole catalogue, the picker."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QHBoxLayout

from hairstudio.editing.edits import Color
from hairstudio.guides import palette
from hairstudio.studio import icons, wording
from hairstudio.studio.i18n import tr
from hairstudio.studio.panels.section import Section
from hairstudio.studio.panels.swatches import Catalogue, PickerButton, Swatch
from hairstudio.studio.session import Session
from hairstudio.studio.widgets.buttons import button, reason

SHOWN = ("black", "dark-brown", "chestnut", "auburn", "copper", "light-brown", "blond", "platinum")


class ColourSection(Section):
    """``pick``: the user wants to take a colour from the photo."""

    pick = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(tr("Colour"))
        self._session = session
        self._name = button(tr("All colours"), "chevron-down", kind="link", icon_size=14)
        self._name.setLayoutDirection(self._name.layoutDirection().RightToLeft)
        self._name.setIcon(icons.icon("chevron-down", "text2"))
        self._name.clicked.connect(self._open)
        self.header.addWidget(self._name)
        self._swatches = [Swatch(name) for name in SHOWN]
        self._catalogue = Catalogue(self)
        self._catalogue.other.clicked.connect(self.ask)
        self._picker = PickerButton()
        self._picker.clicked.connect(self.pick)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for swatch in (*self._swatches, *self._catalogue.swatches):
            swatch.clicked.connect(lambda _=False, name=swatch.shade: self.choose(name))
        for each in (*self._swatches, self._picker):
            row.addWidget(each)
            row.addStretch(1)
        self.column.addLayout(row)
        self.column.setSpacing(4)
        self.header.setContentsMargins(2, 0, 8, 0)
        self.column.setContentsMargins(14, 8, 6, 10)
        session.changed.connect(self.refresh)
        session.analysed.connect(self.refresh)

    def choose(self, shade: str) -> None:
        """Dye the hair; the same swatch again switches the edit on."""
        self._catalogue.hide()
        self._session.change(Color, shade=shade, enabled=True)
        self.refresh()

    def choose_rgb(self, rgb: tuple[int, int, int]) -> None:
        self.choose("{:02x}{:02x}{:02x}".format(*rgb))

    def ask(self) -> None:
        """Any colour, from the system's dialog."""
        self._catalogue.hide()
        edit = self._session.state.of(Color)
        start = palette.shade(edit.shade if isinstance(edit, Color) else "chestnut").rgb
        picked = QColorDialog.getColor(QColor.fromRgbF(*start), self, tr("Hair colour"))
        if picked.isValid():
            self.choose(picked.name().lstrip("#"))

    def _open(self) -> None:
        """Under the button, or over it where the screen ends before."""
        shades, name = self._catalogue, self._name
        shades.adjustSize()
        corner = name.mapToGlobal(QPoint(name.width() - shades.width(), name.height() + 4))
        if corner.y() + shades.height() > name.screen().availableGeometry().bottom():
            corner.setY(corner.y() - shades.height() - name.height() - 8)
        shades.move(corner)
        shades.show()

    @Slot()
    def refresh(self) -> None:
        edit = self._session.state.of(Color)
        shade = edit.shade if isinstance(edit, Color) else ""
        for swatch in (*self._swatches, *self._catalogue.swatches):
            swatch.setChecked(swatch.shade == shade)
            reason(swatch, self._session.reason, wording.shade(swatch.shade))
        for each in (self._picker, self._name):
            reason(each, self._session.reason, each.accessibleName())
        off = bool(edit) and not edit.enabled
        text = wording.shade(shade) if shade else tr("All colours")
        self._name.setText(f"{text} · {tr('off')}" if off else text)
