"""The hairline: one large slider."""

from __future__ import annotations

import math

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from hairstudio.editing.edits import Hairline
from hairstudio.studio import i18n
from hairstudio.studio.i18n import tr
from hairstudio.studio.panels.binding import Binding
from hairstudio.studio.panels.section import PADDING, Section, spread
from hairstudio.studio.session import Session
from hairstudio.studio.tasks.render import Shown
from hairstudio.studio.widgets.buttons import button, label, reason
from hairstudio.studio.widgets.number_field import NumberField
from hairstudio.studio.widgets.slider import HairlineSlider, Range

VALUES = Range(-1, 1, 0, 0)
COVERED = "Bangs under this edit cover the hairline: drag the edit below them."


class HairlineSection(Section):
    def __init__(self, session: Session) -> None:
        super().__init__(tr("Hairline"))
        self._session = session
        self._shown: Shown | None = None
        self._reset = button(icon="reset", name=tr("Back to 0"), size=(24, 24), icon_size=16)
        self._reset.clicked.connect(self._back)
        self.header.addWidget(self._reset)
        self.slider = HairlineSlider(VALUES, tr("Hairline"))
        self.field = NumberField(VALUES, tr("Hairline"), i18n.number)
        self.field.setProperty("large", True)
        self.field.setFixedSize(72, 32)
        self._caption = label("", "caption")
        self._caption.setWordWrap(True)
        self._lay_out()
        self.binding = Binding(session, Hairline, "amount", lambda: 0.0)
        self.binding.to_slider(self.slider).to_field(self.field)
        self.slider.moved.connect(self.field.set_value)
        session.changed.connect(self.refresh)
        session.analysed.connect(self.refresh)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.slider)
        left.setContentsMargins(0, 0, 0, 0)
        self._ends = spread(label(tr("Lower"), "caption"), label(tr("Higher"), "caption"))
        over = self.slider.THUMB // 2  # the thumb reaches over the ends of the track
        self._ends.setContentsMargins(over, 0, over, 0)
        left.addLayout(self._ends)
        self.slider.setFixedHeight(32)
        row = QHBoxLayout()
        row.setSpacing(16 - over)
        row.addLayout(left, 1)
        right = QVBoxLayout()
        right.addWidget(self.field)
        right.addStretch(1)
        row.addLayout(right)
        self.column.addLayout(row)
        self.column.addWidget(self._caption)
        self.column.setSpacing(4)
        self.header.setContentsMargins(over, 0, 0, 0)
        self._caption.setContentsMargins(over, 0, 0, 0)
        self.column.setContentsMargins(PADDING - over, 8, PADDING, 12)

    def _back(self) -> None:
        self._session.change(Hairline, amount=0.0)

    def show_made(self, shown: Shown | None) -> None:
        self._shown = shown
        self._tell()

    @Slot()
    def refresh(self) -> None:
        why = self._session.reason or self._hidden()
        for each in (self.slider, self.field):
            reason(each, why)
        edit = self._session.state.of(Hairline)
        self._reset.setEnabled(not why and bool(edit and edit.amount))
        self._tell()

    def _hidden(self) -> str:
        face = self._session.face
        if face is None or face.handle is not None:
            return ""
        if math.isfinite(face.forehead):
            return tr("A fringe covers the hairline: it cannot be moved.")
        return tr("No hair above the forehead to move.")

    def _tell(self) -> None:
        covered = tr(COVERED) if "hairline_hidden" in self._noted() else ""
        text = self._session.reason or self._hidden() or covered or self._measured()
        self._caption.setText(text)

    def _noted(self) -> set[str]:
        """What the last picture says about the edit that is shown."""
        index = self._session.state.target(Hairline)
        notes = self._shown.notes if self._shown else ()
        return {note.code for place, note in notes if place == index}

    def _measured(self) -> str:
        """The forehead in photo pixels before and after."""
        face = self._session.face
        if face is None or not math.isfinite(face.forehead):
            return ""
        before = round(face.forehead)
        after = self._shown.forehead if self._shown else face.forehead
        change = (round(after) if math.isfinite(after) else before) - before
        limited = "hairline_limited" in self._noted()
        if not change and not limited:
            return tr("Forehead {before} px", before=before)
        way = tr("{n} px higher", n=change) if change > 0 else tr("{n} px lower", n=-change)
        if limited:
            way = tr("the head ends it here")
        return tr("Forehead {before} → {after} px · {way}", before=before, after=before + change,
                  way=way)  # fmt: skip
