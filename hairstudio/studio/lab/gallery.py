"""The pairs of a store: pictures, figures, failed gates; accept, reject."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from hairstudio.lab.messages import Card
from hairstudio.studio import icons
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.order import change
from hairstudio.studio.lab.parts import ListSection, small_button, stacked
from hairstudio.studio.lab.pictures import Tile
from hairstudio.studio.widgets.buttons import label, rule

HEIGHT, SIDE = 96, 76
TITLE = 132  # pixels, of a pair's name
ACCEPTED, REJECTED, OPEN = "accepted", "rejected", "open"
FILTERS = {"all": "All", OPEN: "Open", ACCEPTED: "Accepted", REJECTED: "Rejected",
           "failed": "Failed"}  # fmt: skip
GATES = {"unedited": "Unedited", "outside": "Outside", "inside": "Inside",
         "latent": "Latent", "attribute": "Attribute", "face": "No face",
         "landmarks": "Drift"}  # fmt: skip


def title_of(card: Card) -> str:
    return f"{card.name.rsplit('.', 1)[0]} · {change(card.attribute, card.value)}"


def _gate(name: str) -> str:
    return tr(GATES.get(name, name))


class PairRow(QWidget):
    """``decided(pair, verdict)``; ``chosen``: it was clicked."""

    decided = Signal(str, str)
    chosen = Signal(str)

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.card, self.verdict = card, card.verdict
        self.setFixedHeight(HEIGHT)
        self.setObjectName("pairRow")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(4)
        for picture, name in ((card.source, tr("Source")), (card.target, tr("Target"))):
            tile = Tile(SIDE, name)
            tile.show_picture(picture)
            row.addWidget(tile)
        row.addSpacing(6)
        row.addLayout(self._figures(), 1)
        row.addSpacing(4)
        row.addLayout(self._buttons())
        self.show_verdict(card.verdict)

    def _figures(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(0)
        grid.setRowStretch(0, 1)
        grid.setRowStretch(5, 1)
        name, title = label(""), title_of(self.card)
        middle = Qt.TextElideMode.ElideMiddle
        name.setText(name.fontMetrics().elidedText(title, middle, TITLE))
        name.setToolTip(title)
        grid.addWidget(name, 1, 0, 1, 2)
        figures, failed = self.card.figures, self.card.failed
        lines: list[tuple[str, str, str]] = [
            (tr("Outside"), tr("{db:.1f} dB", db=figures.get("outside", 0)), "outside"),
            (tr("Inside"), f"{figures.get('inside', 0):.3f}", "inside"),
        ]
        lines.append(self._last_line())
        for index, (text, value, gate) in enumerate(lines, 2):
            kind = "bad" if gate in failed else "caption"
            number = label(value, kind)
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label(text, kind), index, 0)
            grid.addWidget(number, index, 1)
        if failed:
            self.setToolTip(tr("Failed: {gates}", gates=", ".join(_gate(g) for g in failed)))
        return grid

    def _last_line(self) -> tuple[str, str, str]:
        """A failed gate, else how far out the latent is."""
        figures, others = self.card.figures, ("outside", "inside")
        failed = next((gate for gate in self.card.failed if gate not in others), "")
        if failed:
            return _gate(failed), self._number(failed), failed
        part = figures.get("distance", 0) / max(figures.get("reach", 1), 1e-6)
        return tr("Latent"), tr("{p} % of reach", p=round(100 * part)), "latent"

    def _number(self, gate: str) -> str:
        figures = self.card.figures
        return {
            "unedited": tr("{db:.1f} dB", db=figures.get("unedited_outside", 0)),
            "attribute": tr("{p} % reached", p=round(100 * figures.get("reached", 0))),
            "latent": f"{figures.get('distance', 0):.2f}",
            "landmarks": tr("{value:.3f} IOD", value=figures.get("drift", 0)),
        }.get(gate, "")

    def _buttons(self) -> QVBoxLayout:
        self.accept = small_button("check", tr("Accept"), tip=tr("Accept  A"))
        self.reject = small_button("cross", tr("Reject"), tip=tr("Reject  R"))
        self.accept.setIcon(icons.icon("check", "text2", "ok"))
        self.reject.setIcon(icons.icon("cross", "text2", "err"))
        self.accept.clicked.connect(lambda: self.decide(ACCEPTED))
        self.reject.clicked.connect(lambda: self.decide(REJECTED))
        for each in (self.accept, self.reject):
            each.setCheckable(True)
        return stacked(self.accept, self.reject, spacing=4)

    def decide(self, verdict: str) -> None:
        """The same verdict again takes it back."""
        self.show_verdict(self.verdict)
        self.decided.emit(self.card.pair, OPEN if verdict == self.verdict else verdict)

    def show_verdict(self, verdict: str) -> None:
        self.verdict = verdict
        self.accept.setChecked(verdict == ACCEPTED)
        self.reject.setChecked(verdict == REJECTED)

    def select(self, selected: bool) -> None:
        self.setProperty("selected", selected)
        self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.chosen.emit(self.card.pair)


class Gallery(ListSection):
    """``decided(pair, verdict)``; ``changed``: cards came."""

    decided = Signal(str, str)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Pairs"))
        self.rows = dict[str, PairRow]()
        self._rules = dict[str, QWidget]()
        self.selected = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.filter = QComboBox()
        self.filter.setAccessibleName(tr("Shown pairs"))
        for name, text in FILTERS.items():
            self.filter.addItem(tr(text), name)
        self.filter.currentIndexChanged.connect(self._sift)
        self.header.addWidget(self.filter)
        self._sift()

    def clear(self) -> None:
        for row in (*self.rows.values(), *self._rules.values()):
            self.take_out(row)
        self.rows.clear()
        self._rules.clear()
        self.selected = ""
        self._sift()
        self.changed.emit()

    def add(self, cards: Iterable[Card]) -> None:
        """The latest on top."""
        for card in cards:
            if card.pair in self.rows:
                continue
            row = self.rows[card.pair] = PairRow(card)
            row.decided.connect(self.decided)
            row.chosen.connect(self.choose)
            line = self._rules[card.pair] = rule()
            self.list.insertWidget(0, row)
            self.list.insertWidget(0, line)
        self._sift()
        self.changed.emit()

    @property
    def cards(self) -> list[Card]:
        return [row.card for row in self.rows.values()]

    def show_verdict(self, pair: str, verdict: str) -> None:
        if pair in self.rows:
            self.rows[pair].show_verdict(verdict)
            self._sift()

    def choose(self, pair: str) -> None:
        self.setFocus()
        for row in self.rows.values():
            row.select(row.card.pair == pair)
        self.selected = pair
        if pair in self.rows:
            self.area.ensureWidgetVisible(self.rows[pair])

    def _sift(self) -> None:
        wanted = self.filter.currentData()
        for pair, row in self.rows.items():
            shown = wanted in ("all", row.verdict) or (wanted == "failed" and bool(row.card.failed))
            row.setVisible(shown)
            self._rules[pair].setVisible(shown)
        verdicts = [row.verdict for row in self.rows.values()]
        a, o = verdicts.count(ACCEPTED), verdicts.count(OPEN)
        words = tr("{a} accepted, {o} open", a=a, o=o)
        self.count.setText(words if verdicts else tr("none yet"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        verdicts = {Qt.Key.Key_A: ACCEPTED, Qt.Key.Key_R: REJECTED}
        steps = {Qt.Key.Key_J: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_K: -1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key in verdicts and self.selected in self.rows:
            self.rows[self.selected].decide(verdicts[key])
        elif key in steps:
            self._step(steps[key])
        else:
            super().keyPressEvent(event)

    def _step(self, direction: int) -> None:
        shown = [pair for pair, row in reversed(self.rows.items()) if not row.isHidden()]
        if shown:
            at = shown.index(self.selected) + direction if self.selected in shown else 0
            self.choose(shown[min(max(at, 0), len(shown) - 1)])
