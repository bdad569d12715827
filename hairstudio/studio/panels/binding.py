"""Controls and the session: a slider's moves are one step from its press to its release."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from hairstudio.studio.panels.section import ValueRow
from hairstudio.studio.session import Session
from hairstudio.studio.state import Kind
from hairstudio.studio.widgets.number_field import NumberField
from hairstudio.studio.widgets.slider import Slider
from hairstudio.studio.widgets.value_field import ValueField


class Binding(QObject):
    """One value of one kind of edit, shown by some controls."""

    def __init__(self, session: Session, kind: Kind, name: str, usual: Callable[[], float]) -> None:
        super().__init__(session)
        self._session, self._kind, self._name, self._usual = session, kind, name, usual
        self._controls: list[Slider | NumberField | ValueField] = []
        session.changed.connect(self.show)

    def to_row(self, row: ValueRow) -> Binding:
        return self.to_slider(row.slider).to_field(row.field)

    def to_slider(self, slider: Slider | ValueField) -> Binding:
        slider.moved.connect(self._moved)
        slider.released.connect(self._session.seal)
        self._controls.append(slider)
        return self

    def to_field(self, field: NumberField) -> Binding:
        field.entered.connect(self._entered)
        self._controls.append(field)
        return self

    def value(self) -> float:
        edit = self._session.state.of(self._kind)
        return self._usual() if edit is None else float(getattr(edit, self._name))

    def show(self) -> None:
        for control in self._controls:
            control.set_value(self.value())

    def _moved(self, value: float) -> None:
        self._session.change(self._kind, f"{self._kind.__name__}.{self._name}",
                             **{self._name: value})  # fmt: skip

    def _entered(self, value: float) -> None:
        self._moved(value)
        self._session.seal()
