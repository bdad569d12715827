"""The data lab: photos and new pairs, the search that runs, the grid, queue and pairs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hairstudio.lab.messages import (
    Decide,
    Decided,
    Export,
    Exported,
    GridMeasured,
    GridOpened,
    GridSaved,
    Listed,
    ListPairs,
    Look,
    Looked,
    OpenGrid,
    Point,
    PointShown,
    Problem,
    SaveGrid,
)
from hairstudio.studio.bars.banner import Banner
from hairstudio.studio.dialogs import ask
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.form import NewPairs
from hairstudio.studio.lab.gallery import Gallery
from hairstudio.studio.lab.grid_view import GridView
from hairstudio.studio.lab.live_view import LiveView
from hairstudio.studio.lab.parts import small_button
from hairstudio.studio.lab.photos import PhotoList, photos_in
from hairstudio.studio.lab.queue import RUNNING, Item, Queue
from hairstudio.studio.lab.queue_list import QueueList
from hairstudio.studio.lab.service import Service
from hairstudio.studio.widgets.buttons import rule
from hairstudio.studio.widgets.overlay_scroll import OverlayScroll

LEFT, RIGHT = 272, 352
SMALLEST = 1100, 620
"""Below, the page scrolls."""


class LabPage(QWidget):
    """``store_chosen(str)``: another folder of pairs is in use."""

    store_chosen = Signal(str)

    def __init__(self, store: str = "") -> None:
        super().__init__()
        self.setObjectName("labPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.queue, self.service = Queue(self), Service(self)
        self.photos, self.form, self.live = PhotoList(), NewPairs(), LiveView()
        self.grid, self.gallery, self.banner = GridView(), Gallery(), Banner()
        self.queue_list = QueueList(self.queue)
        self.export_button = small_button("export", tr("Export pairs…"), 18)
        if store:
            self.form.set_store(Path(store))
        self._lay_out()
        self._wire()
        self.read_store()

    # layout

    def _lay_out(self) -> None:
        centre = _column(self.live, rule(), self.grid)
        scroll = OverlayScroll()
        scroll.setWidget(centre)
        self.gallery.header.addWidget(self.export_button)
        left = _side("labLeft", LEFT, (self.photos, 1), (rule(), 0), (self.form, 0))
        right = _side("labRight", RIGHT, (self.queue_list, 2), (rule(), 0), (self.gallery, 5))
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(scroll, 1)
        body = QWidget()
        body.setMinimumSize(*SMALLEST)
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for part, stretch in ((left, 0), (middle, 1), (right, 0)):
            row.addWidget(part, stretch)
        whole = QScrollArea()
        whole.setWidgetResizable(True)
        whole.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(whole)

    def _wire(self) -> None:
        self.photos.wanted.connect(self._add_photos)
        self.photos.added.connect(self._look)
        self.photos.changed.connect(self._count)
        self.form.start.connect(self.start)
        self.form.workers.connect(self.queue.set_count)
        self.form.store_wanted.connect(self._choose_store)
        self.form.donor_wanted.connect(self._choose_donor)
        self.form.prior_wanted.connect(self._choose_prior)
        self.form.store_changed.connect(self.read_store)
        self.queue.changed.connect(self._item_changed)
        self.queue.made.connect(self._list_pairs)
        self.queue_list.watched.connect(self.live.watch)
        self.gallery.decided.connect(self._decide)
        self.gallery.changed.connect(self._cards_changed)
        self.grid.pairs_chosen.connect(self._open_grid)
        self.grid.place_wanted.connect(self._point)
        self.grid.save.clicked.connect(self._save_grid)
        self.export_button.clicked.connect(self._export)
        self.service.said.connect(self._hear)
        self.service.lost.connect(self._lost)
        self.banner.act.connect(self._again)

    # photos, orders

    def start(self) -> None:
        """Queue a pair for each ticked photo."""
        missing = self.form.missing()
        if missing:
            self.banner.tell(missing)
            return
        self.banner.hide()
        self.queue.add(self.form.orders(self.photos.ticked))

    @Slot()
    def _count(self) -> None:
        self.form.set_count(len(self.photos.ticked))

    def _add_photos(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, tr("Add photos"), "")
        self.photos.add(Path(name) for name in names)

    @Slot(object)
    def _look(self, paths: tuple[Path, ...]) -> None:
        self.service.ask(*(Look(str(path)) for path in paths))

    def _choose_donor(self) -> None:
        found = ask.reference_to_open(self, "")
        if found is not None:
            self.form.set_donor(found)

    def _choose_prior(self) -> None:
        kinds = tr("Priors (*.safetensors)")
        name, _ = QFileDialog.getOpenFileName(self, tr("Prior"), "", kinds)
        if name:
            self.form.set_prior(Path(name))

    def _choose_store(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Store of pairs"), str(self.form.store))
        if name:
            self.form.set_store(Path(name))
            self.store_chosen.emit(name)

    # the queue

    @Slot(object)
    def _item_changed(self, item: Item) -> None:
        if item.state == RUNNING and (self.live.item is None or self.live.item.state != RUNNING):
            self.live.watch(item)
        elif item is self.live.item:
            self.live.refresh()

    # the store

    def read_store(self) -> None:
        self.grid.show_grid(None)
        self.gallery.clear()
        self._list_pairs()

    @Slot()
    def _list_pairs(self) -> None:
        known = tuple(card.pair for card in self.gallery.cards)
        self.service.ask(ListPairs(str(self.form.store), known))

    @Slot()
    def _cards_changed(self) -> None:
        self.grid.set_cards(self.gallery.cards)
        self.export_button.setEnabled(bool(self.gallery.cards))

    @Slot(str, str)
    def _decide(self, pair: str, verdict: str) -> None:
        self.service.ask(Decide(str(self.form.store), pair, verdict))

    def _export(self) -> None:
        proposed = self.form.store.with_suffix(".tar")
        kinds = tr("WebDataset (*.tar)")
        found = ask.picture_to_save(self, tr("Export pairs"), proposed, kinds)
        if found is not None:
            self.service.ask(Export(str(self.form.store), str(found)))

    # the grid

    @Slot(str, str)
    def _open_grid(self, first: str, second: str) -> None:
        self.service.ask(OpenGrid(str(self.form.store), first, second, self.form.prior))

    @Slot(float, float)
    def _point(self, degree: float, identity: float) -> None:
        self.service.ask(Point(degree, identity))

    def _save_grid(self) -> None:
        proposed, kinds = self.form.store.with_name("grid.png"), tr("PNG (*.png)")
        found = ask.picture_to_save(self, tr("Save grid"), proposed, kinds)
        if found is not None:
            self.service.ask(SaveGrid(str(found)))

    # answers

    @Slot(object)
    def _hear(self, answer: object) -> None:
        match answer:
            case GridOpened():
                self.grid.show_grid(answer)
            case GridMeasured():
                self.grid.show_measured(answer)
            case PointShown():
                self.grid.show_point(answer)
            case GridSaved():
                self.banner.tell(tr("{name} saved", name=Path(answer.path).name))
            case Problem(request="grid"):
                self.grid.refuse(answer.reason)
            case Problem(request="measure"):
                self.grid.measured.setText(tr("Not measured"))
                self.banner.tell(answer.reason, bad=True)
            case Problem():
                self.banner.tell(answer.reason, bad=True)
            case _:
                self._hear_of_store(answer)

    def _hear_of_store(self, answer: object) -> None:
        match answer:
            case Looked():
                self.photos.looked(answer)
            case Listed() if answer.store == str(self.form.store):
                self.gallery.add(answer.cards)
            case Decided():
                self.gallery.show_verdict(answer.pair, answer.verdict)
            case Exported():
                self._say_exported(Path(answer.path).name, answer.count)
            case _:
                pass

    def _say_exported(self, name: str, count: int) -> None:
        words = "{name}: 1 pair written" if count == 1 else "{name}: {count} pairs written"
        self.banner.tell(tr(words, name=name, count=count))

    @Slot(str)
    def _lost(self, _reason: str) -> None:
        self.banner.tell(tr("Lab stopped, nothing lost"), tr("Resume"), bad=True)

    @Slot()
    def _again(self) -> None:
        self.banner.hide()
        self.read_store()
        self.queue.resume_all()

    # the window

    def event(self, event: QEvent) -> bool:
        """The editor's keys of one letter mean nothing here; Ctrl and function keys still do."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if not control and event.key() < Qt.Key.Key_Escape:
                event.accept()
                return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        room = max(self.width(), SMALLEST[0]) - LEFT - RIGHT
        self.live.fit(room)
        self.grid.fit(room)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.photos.add(photo for file in files for photo in photos_in(file))

    def close_lab(self) -> None:
        """Stop all processes; what they found is kept."""
        self.queue.close()
        self.service.close()


def _column(*widgets: QWidget) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch(1)
    return made


def _side(name: str, width: int, *parts: tuple[QWidget, int]) -> QWidget:
    made = QWidget()
    made.setObjectName(name)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    made.setFixedWidth(width)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget, stretch in parts:
        column.addWidget(widget, stretch)
    return made
