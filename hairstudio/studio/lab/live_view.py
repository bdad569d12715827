"""The search that is watched: original, reference, current picture, losses."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.chart import LossChart
from hairstudio.studio.lab.pictures import Captioned
from hairstudio.studio.lab.queue import RUNNING, Item
from hairstudio.studio.panels.section import PADDING, Section
from hairstudio.studio.widgets.buttons import label

GAP, LARGEST = 14, 320
PHASES = {"source": "source", "target": "target", "middle": "middle"}


class LiveView(Section):
    def __init__(self) -> None:
        super().__init__(tr("Reconstruction"))
        self._what, self._pace = label("", "caption"), label("", "caption")
        self.header.insertWidget(1, self._what)
        self.header.addWidget(self._pace)
        self.tiles = {
            name: Captioned(tr(title), 252)
            for name, title in (
                ("original", "Original"), ("reference", "Reference"), ("current", "Current"),
            )
        }  # fmt: skip
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for tile in self.tiles.values():
            row.addWidget(tile)
        row.addStretch(1)
        self.column.addLayout(row)
        self.chart = LossChart()
        self.column.addWidget(self.chart)
        self.item: Item | None = None
        self.watch(None)

    def watch(self, item: Item | None) -> None:
        self.item = item
        self.refresh()

    def refresh(self) -> None:
        item = self.item
        if item is None:
            self._what.setText(tr("Queue pairs to see them grow"))
            self._pace.clear()
            return
        self._what.setText(f"{item.order.name}, {tr(PHASES[item.phase])}")
        self._pace.setText(_pace(item))
        for name, tile in self.tiles.items():
            tile.tile.show_picture(item.pictures.get(name))
        known = item.pictures.get("original")
        self.tiles["original"].note.setText(f"{known.width} px" if known else "")
        self.tiles["current"].note.setText(tr("step {step}", step=item.step) if item.step else "")
        self.chart.show_losses(item.losses.get(item.phase, []), item.steps)

    def fit(self, width: int) -> None:
        """There is so much room."""
        side = min(LARGEST, (width - 2 * PADDING - 2 * GAP) // 3)
        for tile in self.tiles.values():
            tile.set_side(side)


def _pace(item: Item) -> str:
    if item.state != RUNNING or not item.step:
        return ""
    text = tr("Step {step} of {steps}", step=item.step, steps=item.steps)
    if not item.rate:
        return text
    left = (item.steps - item.step) / item.rate
    return f"{text} · {item.rate:.1f} {tr('steps/s')} · {tr('{s} s left', s=round(left))}"
