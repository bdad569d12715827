"""Fill: hair for sparse areas, where the user paints."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from hairstudio.editing.edits import Fill
from hairstudio.studio import i18n
from hairstudio.studio.i18n import tr
from hairstudio.studio.panels.section import Section
from hairstudio.studio.session import Session
from hairstudio.studio.widgets.buttons import button, reason
from hairstudio.studio.widgets.slider import Range
from hairstudio.studio.widgets.value_field import ValueField


class FillSection(Section):
    """``paint``: the user wants to paint a fill."""

    paint = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(tr("Fill"))
        self._session = session
        self.column.setContentsMargins(16, 10, 16, 10)
        self.title.setFixedWidth(72)
        self._density = ValueField(Range(0, 2, 1, 0), tr("Density"), i18n.percent, unit=0.01,
                                   width=112)  # fmt: skip
        self._paint = button(tr("Paint fill"), "brush", kind="outlined")
        self._paint.clicked.connect(self.paint)
        self._fill_header(self.header)
        self._density.moved.connect(self._moved)
        self._density.released.connect(session.seal)
        session.changed.connect(self.refresh)
        session.analysed.connect(self.refresh)

    def _fill_header(self, header: QHBoxLayout) -> None:
        header.insertWidget(1, self._density)
        header.setSpacing(12)
        header.addWidget(self._paint)

    def fold(self, narrow: bool) -> None:
        self.title.setFixedWidth(36 if narrow else 72)
        self._density.setFixedWidth(104 if narrow else 112)
        self.header.setSpacing(8 if narrow else 12)

    def _moved(self, value: float) -> None:
        """Of the fill, or of the next one."""
        self._session.density = value
        if self._session.state.of(Fill) is not None:
            self._session.change(Fill, "Fill.density", density=value)

    @Slot()
    def refresh(self) -> None:
        edit = self._session.state.of(Fill)
        self._density.set_value(edit.density if isinstance(edit, Fill) else self._session.density)
        why = self._session.reason
        reason(self._density, why, tr("How dense the fill is; painting makes it"))
        reason(self._paint, why, tr("Paint where hair is missing"))
