"""New pairs: attribute and its value or donor, prior, schedule, store, where they are made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QWidget

from hairstudio import settings
from hairstudio.guides import palette, styles
from hairstudio.studio import wording
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.order import ATTRIBUTES, Order
from hairstudio.studio.panels.section import Section
from hairstudio.studio.widgets.buttons import button, label, reason
from hairstudio.studio.widgets.number_field import NumberField
from hairstudio.studio.widgets.slider import Range
from hairstudio.weights import priors

LABEL = 72
USUAL = {"hairline": "-0.8", "volume": "1", "fill": "1.2"}
DONATED = ("eyes", "brows", "nose", "mouth")
SCHEDULES = {"combined": "Combined", "projector": "Projector", "pulse": "PULSE",
             "mask-guided": "Mask-guided"}  # fmt: skip
PRIORS = {"imported": "Imported", "ours": "HairStudio’s"}
PLACES = {"": "Local", "cluster": "Cluster"}
STEPS = Range(1, 10_000, reset=400, fine=1, coarse=50)
SEEDS = Range(0, 9999, fine=1, coarse=10)
WORKERS = Range(1, 16, reset=1, fine=1)


class NewPairs(Section):
    """``start``: the button was pressed; ``workers(int)``; ``donor_wanted``, ``prior_wanted``,
    ``store_wanted``: a file or folder is to be chosen; ``store_changed``."""

    start = Signal()
    workers = Signal(int)
    donor_wanted = Signal()
    prior_wanted = Signal()
    store_wanted = Signal()
    store_changed = Signal()

    def __init__(self) -> None:
        super().__init__(tr("New pairs"))
        self.donor = Path()
        self.store = settings.data_folder() / "pairs"
        self._make()
        self._lay_out()
        self.attribute.currentIndexChanged.connect(self._attribute_changed)
        self.prior_box.activated.connect(self._prior_chosen)
        self.place.currentIndexChanged.connect(self._place_changed)
        self.go.clicked.connect(self.start)
        self.worker_field.entered.connect(self._say_workers)
        self.donor_button.clicked.connect(self.donor_wanted)
        self.store_button.clicked.connect(self.store_wanted)
        self._attribute_changed()
        self._place_changed()
        self.set_count(0)
        self.set_store(self.store)

    def _make(self) -> None:
        self.attribute = _combo(ATTRIBUTES, tr("Attribute"))
        self.value, self.number = QComboBox(), QLineEdit()
        self.value.setAccessibleName(tr("Value"))
        self.number.setAccessibleName(tr("Value"))
        self.donor_button = button(tr("Choose a photo…"), kind="outlined", name=tr("Donor"))
        self.prior_box = _combo({}, tr("Prior"))
        for name, path in priors.known().items():
            self.prior_box.addItem(tr(PRIORS[name]), str(path))
        self.prior_box.addItem(tr("Another file…"), "")
        self._chosen_prior = 0
        self.schedule = _combo(SCHEDULES, tr("Schedule"))
        whole = "{:.0f}".format
        self.steps = NumberField(STEPS, tr("Steps"), whole)
        self.seed = NumberField(SEEDS, tr("Seed"), whole)
        self.place = _combo(PLACES, tr("Where"))
        self.address = QLineEdit()
        self.address.setPlaceholderText(tr("address, or a new one here"))
        self.address.setAccessibleName(tr("Address of the cluster"))
        self.worker_field = NumberField(WORKERS, tr("Workers"), whole)
        self.steps.setFixedWidth(60)
        self.seed.setFixedWidth(52)
        self.worker_field.setFixedWidth(60)
        self.store_button = button("", kind="outlined", name=tr("Store"))
        self.licence = QLineEdit()
        self.licence.setPlaceholderText(tr("unknown"))
        self.licence.setAccessibleName(tr("Licence of the photos"))
        self.go = button(" ", kind="primary")
        self.go.setFixedHeight(32)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, LABEL)
        grid.setColumnStretch(1, 1)
        rows: Sequence[tuple[str, Sequence[QWidget]]] = (
            ("Attribute", (self.attribute,)),
            ("Value", (self.value, self.number, self.donor_button)),
            ("Prior", (self.prior_box,)),
            ("Schedule", (self.schedule,)),
            ("Steps", (self.steps, label(tr("Seed"), "secondary"), self.seed)),
            ("Workers", (self.worker_field, self.place)),
            ("Cluster", (self.address,)),
            ("Licence", (self.licence,)),
            ("Store", (self.store_button,)),
        )
        self._labels = dict[str, QWidget]()
        for index, (name, parts) in enumerate(rows):
            self._labels[name] = label(tr(name), "secondary")
            grid.addWidget(self._labels[name], index, 0)
            grid.addLayout(_row(parts), index, 1)
        self.column.addLayout(grid)
        self.column.addSpacing(4)
        self.column.addWidget(self.go)
        for wide in (self.go, self.store_button, self.donor_button):
            wide.setSizePolicy(self.licence.sizePolicy())

    def _say_workers(self, value: float) -> None:
        self.workers.emit(round(value))

    def _attribute_changed(self) -> None:
        attribute = self.attribute.currentData()
        names = {"bangs": styles.names, "dye": palette.names}.get(attribute)
        self.value.clear()
        if names is not None:
            say = wording.style if attribute == "bangs" else wording.shade
            for name in names():
                self.value.addItem(say(name), name)
        self.number.setText(USUAL.get(attribute, ""))
        self.value.setVisible(names is not None)
        self.number.setVisible(attribute in USUAL)
        self.donor_button.setVisible(attribute in DONATED)

    def _prior_chosen(self, index: int) -> None:
        if index < self.prior_box.count() - 1:
            self._chosen_prior = index
            return
        self.prior_box.setCurrentIndex(self._chosen_prior)
        self.prior_wanted.emit()

    @property
    def prior(self) -> str:
        """A file; "" where none is there."""
        return str(self.prior_box.currentData())

    def set_prior(self, path: Path) -> None:
        if self.prior_box.findData(str(path)) < 0:
            self.prior_box.insertItem(self.prior_box.count() - 1, path.stem, str(path))
        self._chosen_prior = self.prior_box.findData(str(path))
        self.prior_box.setCurrentIndex(self._chosen_prior)

    def _place_changed(self) -> None:
        for part in (self._labels["Cluster"], self.address):
            part.setVisible(self._on_cluster)

    @property
    def _on_cluster(self) -> bool:
        return self.place.currentData() == "cluster"

    def set_donor(self, path: Path) -> None:
        self.donor = path
        self.donor_button.setText(path.name)
        self.donor_button.setToolTip(str(path))

    def set_store(self, path: Path) -> None:
        self.store = path
        self.store_button.setText(path.name)
        self.store_button.setToolTip(str(path))
        self.store_changed.emit()

    def set_count(self, count: int) -> None:
        """So many photos are ticked."""
        words = {0: tr("Queue pairs"), 1: tr("Queue 1 pair")}
        self.go.setText(words.get(count) or tr("Queue {count} pairs", count=count))
        reason(self.go, "" if count else tr("Add and tick a photo first"))

    def missing(self) -> str:
        """What must be given first, in words; "" when nothing is missing."""
        donated = self.attribute.currentData() in DONATED
        return tr("Choose the photo of the donor first") if donated and not self.donor.name else ""

    def orders(self, photos: Sequence[Path]) -> list[Order]:
        attribute = str(self.attribute.currentData())
        value = self.value.currentData() or self.number.text().strip()
        donated = attribute in DONATED
        return [
            Order(
                str(photo), attribute, str(self.store), "" if donated else str(value),
                str(self.donor) if donated else "", self.prior, str(self.schedule.currentData()),
                round(self.steps.value()), round(self.seed.value()),
                self.licence.text().strip() or "unknown", self._cluster,
            )
            for photo in photos
        ]  # fmt: skip

    @property
    def _cluster(self) -> str:
        """The address of the cluster; "local": a new one here; "": none."""
        return (self.address.text().strip() or "local") if self._on_cluster else ""


def _combo(names: dict[str, str], title: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(title)
    for name, text in names.items():
        made.addItem(tr(text), name)
    return made


def _row(parts: Sequence[QWidget]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        row.addWidget(part)
    if isinstance(parts[-1], NumberField):
        row.addStretch(1)
    return row
