"""The photos that pairs are made of: added, dropped, ticked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from hairstudio.lab.messages import Looked
from hairstudio.studio.dialogs.ask import PHOTOS
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.parts import ListSection, small_button, stacked
from hairstudio.studio.lab.pictures import Tile
from hairstudio.studio.widgets.buttons import label

HEIGHT, THUMB, NAME = 44, 32, 158


class PhotoRow(QWidget):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.setFixedHeight(HEIGHT)
        self.setToolTip(str(path))
        self.tick = QCheckBox()
        self.tick.setChecked(True)
        self.tick.setAccessibleName(path.name)
        self.thumb = Tile(THUMB)
        name, self.note = label(path.name), label(tr("Reading"), "caption")
        middle = Qt.TextElideMode.ElideMiddle
        name.setText(name.fontMetrics().elidedText(path.name, middle, NAME))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.tick)
        row.addWidget(self.thumb)
        row.addLayout(stacked(name, self.note), 1)

    def looked(self, found: Looked) -> None:
        self.thumb.show_picture(found.picture)
        self.note.setText(found.reason.rsplit(": ", 1)[-1] or path_kind(self.path))
        if found.picture is None:
            self.tick.setChecked(False)
            self.tick.setEnabled(False)
            self.note.setProperty("kind", "bad")
            self.note.style().polish(self.note)


def path_kind(path: Path) -> str:
    return path.parent.name


class PhotoList(ListSection):
    """``added(tuple[Path, ...])``; ``changed``: the ticks, or the list; ``wanted``: the button to
    add photos was pressed."""

    added = Signal(object)
    changed = Signal()
    wanted = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Photos"), below=8)
        self.rows = list[PhotoRow]()
        add = small_button("plus", tr("Add photos"), 18)
        add.clicked.connect(self.wanted)
        self._bin = small_button("bin", tr("Remove ticked photos"), 18)
        self._bin.clicked.connect(self._remove)
        self.header.addWidget(add)
        self.header.addWidget(self._bin)
        self._empty = label(tr("Drop portraits here"), "caption")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.column.insertWidget(1, self._empty, 1)
        self._say()

    @property
    def ticked(self) -> list[Path]:
        return [row.path for row in self.rows if row.tick.isChecked()]

    def add(self, paths: Iterable[Path]) -> None:
        """Photos that are not there yet."""
        known = {row.path for row in self.rows}
        new = tuple(path for path in dict.fromkeys(paths) if path not in known)
        for path in new:
            row = PhotoRow(path)
            row.tick.toggled.connect(self._say)
            self.rows.append(row)
            self.list.addWidget(row)
        self._say()
        if new:
            self.added.emit(new)

    def looked(self, found: Looked) -> None:
        for row in self.rows:
            if str(row.path) == found.photo:
                row.looked(found)
        self._say()

    def _remove(self) -> None:
        for row in [row for row in self.rows if row.tick.isChecked()]:
            self.rows.remove(row)
            self.take_out(row)
        self._say()

    def _say(self) -> None:
        there = bool(self.rows)
        ticked = len(self.ticked)
        words = tr("{n} of {count}", n=ticked, count=len(self.rows))
        self.count.setText(words if there else "")
        self._empty.setVisible(not there)
        self.area.setVisible(there)
        self._bin.setEnabled(ticked > 0)
        self.changed.emit()


def photos_in(path: Path) -> list[Path]:
    """A photo, or those in a folder."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file for file in files if file.suffix.lower() in PHOTOS]
