"""Between two pairs: the nine cells, a ring on them, two sliders, the picture of that place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from hairstudio.lab.messages import Card, GridMeasured, GridOpened, PointShown
from hairstudio.studio import i18n, theme
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.gallery import title_of
from hairstudio.studio.lab.order import UNITS
from hairstudio.studio.lab.parts import small_button
from hairstudio.studio.lab.pictures import Captioned, draw, image_of
from hairstudio.studio.panels.section import PADDING, Section
from hairstudio.studio.widgets.buttons import label
from hairstudio.studio.widgets.number_field import NumberField
from hairstudio.studio.widgets.slider import Range, Slider

CELL, GAP, STEPS = 92, 4, 3
BETWEEN, KNOBS = 24, 160
WIDEST = 240  # pixels, of a box of pairs
LETTERS = "abcdefghi"
UNIT = Range(0, 1)


class Pad(QWidget):
    """``moved(degree, identity)``: the ring was dragged; it runs between the centres of the outer
    cells."""

    moved = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("Interpolation grid"))
        self.set_cell(CELL)
        self.images: Sequence[QImage] = ()
        self._at = 0.0, 0.0
        theme.on_change(self.update)

    def set_cell(self, cell: int) -> None:
        self._cell = cell
        side = STEPS * cell + (STEPS - 1) * GAP
        self.setFixedSize(side, side)

    def show_cells(self, images: Sequence[QImage]) -> None:
        self.images = images
        self.update()

    def show_place(self, degree: float, identity: float) -> None:
        self._at = degree, identity
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._drag(event)

    def _drag(self, event: QMouseEvent) -> None:
        reach = self.width() - self._cell
        x, y = ((v - self._cell / 2) / reach for v in (event.position().x(), event.position().y()))
        self.moved.emit(UNIT.clipped(y), UNIT.clipped(x))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(12))
        for index, letter in enumerate(LETTERS):
            row, column = divmod(index, STEPS)
            step = self._cell + GAP
            place = QRectF(column * step, row * step, self._cell, self._cell)
            draw(painter, self.images[index] if self.images else None, place)
            if self.images:
                _draw_letter(painter, letter, place)
        if self.images:
            self._draw_ring(painter)
        painter.end()

    def _draw_ring(self, painter: QPainter) -> None:
        degree, identity = self._at
        reach, half = self.width() - self._cell, self._cell / 2
        centre = QPointF(half + identity * reach, half + degree * reach)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, colour in ((4, Qt.GlobalColor.black), (2, Qt.GlobalColor.white)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(centre, 7, 7)


def _draw_letter(painter: QPainter, letter: str, place: QRectF) -> None:
    chip = QRectF(place.left() + 4, place.bottom() - 20, 16, 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(22, 22, 22, 209))
    painter.drawRoundedRect(chip, 3, 3)
    painter.setPen(QColor("#F2F2F2"))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, letter)


class Knob(QWidget):
    """A named slider with its value above. ``moved(float)``."""

    moved = Signal(float)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.slider = Slider(UNIT, name)
        self.field = NumberField(UNIT, name, i18n.number)
        top = QHBoxLayout()
        top.addWidget(label(name, "secondary"))
        top.addStretch(1)
        top.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.slider)
        self.slider.moved.connect(self.field.set_value)
        self.slider.moved.connect(self.moved)
        self.field.entered.connect(self.slider.set_value)
        self.field.entered.connect(self.moved)

    def set_value(self, value: float) -> None:
        self.slider.set_value(value)
        self.field.set_value(value)


class GridView(Section):
    """``pairs_chosen(first, second)``; ``place_wanted(degree, identity)``."""

    pairs_chosen = Signal(str, str)
    place_wanted = Signal(float, float)

    def __init__(self) -> None:
        super().__init__(tr("Grid"))
        self.first, self.second = QComboBox(), QComboBox()
        for box, name in ((self.first, tr("Pair A")), (self.second, tr("Pair B"))):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(12)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.setMaximumWidth(WIDEST)
            box.activated.connect(self._choose)
        for index, part in enumerate((label(tr("A"), "secondary"), self.first,
                                      label(tr("B"), "secondary"), self.second)):  # fmt: skip
            self.header.insertWidget(2 + index, part, index % 2)
        self.save = small_button("export", tr("Save grid…"), 18)
        self.header.addWidget(self.save)
        self.pad = Pad()
        self.live = Captioned(tr("Live"), self.pad.width())
        self.degree, self.identity = Knob(tr("Degree")), Knob(tr("Identity, A to B"))
        self.measured = label("", "caption")
        self.measured.setWordWrap(True)
        self.measured.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._lay_out()
        self.degree.moved.connect(self._moved)
        self.identity.moved.connect(self._moved)
        self.pad.moved.connect(self._dragged)
        self._cards = list[Card]()
        self._shown = "", ""
        self.set_cards(())

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(self.degree)
        column.addWidget(self.identity)
        column.addWidget(self.measured, 1)
        row = QHBoxLayout()
        row.setSpacing(BETWEEN)
        row.addWidget(self.pad, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.live, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self.column.addLayout(row)

    def set_cards(self, cards: Sequence[Card]) -> None:
        """Pairs that may be chosen; two of one attribute are shown at once."""
        self._cards = list(cards)
        kept = self._shown
        for box, pair in zip((self.first, self.second), kept, strict=True):
            box.clear()
            for card in self._cards:
                box.addItem(title_of(card), card.pair)
            box.setCurrentIndex(box.findData(pair))
            box.setEnabled(len(self._cards) > 1)
        if len(self._cards) < 2:
            self.show_grid(None)
            self.measured.setText(tr("Two pairs of one attribute make a grid"))
        elif not all(kept):
            self._choose_two()

    def _choose_two(self) -> None:
        for index, card in enumerate(self._cards):
            for other in self._cards[index + 1 :]:
                if (card.attribute, card.prior) == (other.attribute, other.prior):
                    self.first.setCurrentIndex(self.first.findData(card.pair))
                    self.second.setCurrentIndex(self.second.findData(other.pair))
                    self._choose()
                    return

    def _choose(self) -> None:
        pairs = self.first.currentData() or "", self.second.currentData() or ""
        if all(pairs) and pairs != self._shown:
            self._shown = pairs
            self.measured.setText(tr("Drawing"))
            self.pairs_chosen.emit(*pairs)

    def show_grid(self, opened: GridOpened | None) -> None:
        if opened is None:
            self._shown = "", ""
            self._show_cells(())
            return
        self._show_cells([image_of(cell) for cell in opened.cells])
        self.measured.setText(tr("Measuring"))
        self._ask()

    def _show_cells(self, images: Sequence[QImage]) -> None:
        self.pad.show_cells(images)
        self.save.setEnabled(bool(images))
        if not images:
            self.live.tile.show_picture(None)

    def refuse(self, text: str) -> None:
        """These two pairs make no grid."""
        self._show_cells(())
        self.measured.setText(text.rsplit(": ", 1)[-1].split(";")[0])

    def fit(self, width: int) -> None:
        """There is so much room."""
        side = (width - 2 * PADDING - 2 * BETWEEN - KNOBS) // 2
        self.pad.set_cell(min(CELL, (side - (STEPS - 1) * GAP) // STEPS))
        self.live.set_side(self.pad.width())

    def show_point(self, shown: PointShown) -> None:
        self.live.tile.show_picture(shown.picture)
        kind = tr("sharp") if shown.sharp else tr("coarse")
        self.live.note.setText(f"{kind} · {tr('{ms} ms', ms=round(shown.ms))}")

    def show_measured(self, found: GridMeasured) -> None:
        backwards = found.findings.get("not_monotone")
        drifts = found.findings.get("identity_drifts")
        lines = [
            tr("Not monotone: {cells}", cells=backwards) if backwards else tr("Degree monotone"),
            tr("Identity drifts: {cells}", cells=drifts) if drifts else tr("Identity steady"),
            tr("Largest drift {value:.2f}", value=max(found.drifts)),
        ]
        low, high = (self._value(found, letter) for letter in "ag")
        lines.append(tr("a to g: {low} to {high} {unit}", low=low, high=high,
                        unit=tr(UNITS[found.unit])))  # fmt: skip
        self.measured.setText("\n".join(lines))

    @staticmethod
    def _value(found: GridMeasured, letter: str) -> str:
        value = found.values[LETTERS.index(letter)]
        return tr("not seen") if value is None else f"{value:.2f}"

    def _moved(self) -> None:
        self._ask()

    def _dragged(self, degree: float, identity: float) -> None:
        self.degree.set_value(degree)
        self.identity.set_value(identity)
        self._ask()

    def _ask(self) -> None:
        place = self.degree.slider.value(), self.identity.slider.value()
        self.pad.show_place(*place)
        if self.pad.images:
            self.place_wanted.emit(*place)
