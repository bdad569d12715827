"""Export: the photo at full size, or the edits as layers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from hairstudio.imaging.photo import Photo
from hairstudio.studio.dialogs import ask
from hairstudio.studio.i18n import tr
from hairstudio.studio.widgets.buttons import label

PICTURES = {".jpg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".webp": "WebP"}
LAYERS = {".psd": "Photoshop, a layer for each edit", ".ora": "OpenRaster, a layer for each edit",
          ".png": "PNG, all edits on one transparent layer"}  # fmt: skip


class ExportDialog(QDialog):
    """After ``exec``: ``path`` and ``layered``."""

    def __init__(self, parent: QWidget, photo: Photo, folder: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Export"))
        self.setMinimumWidth(480)
        self._photo = photo
        assert photo.path is not None
        self._folder = Path(folder) if folder else photo.path.parent
        self._make()
        self._lay_out()
        self._kind_changed()

    @property
    def layered(self) -> bool:
        return self._layers.isChecked()

    @property
    def path(self) -> Path:
        return Path(self._field.text()).expanduser()

    def _make(self) -> None:
        width, height = self._photo.size
        self._picture = QRadioButton(tr("Photo at full size, {w} × {h}", w=width, h=height))
        self._layers = QRadioButton(tr("Edits as layers for other programs"))
        group = QButtonGroup(self)
        group.addButton(self._picture)
        group.addButton(self._layers)
        self._picture.setChecked(True)
        self._formats = QComboBox()
        self._formats.setAccessibleName(tr("Format"))
        self._field = QLineEdit()
        self._field.setAccessibleName(tr("File"))
        self._note, self._browse = label("", "caption"), QPushButton(tr("Browse…"))
        self._note.setWordWrap(True)
        self._cancel, self._go = QPushButton(tr("Cancel")), QPushButton(tr("Export"))
        self._go.setProperty("kind", "primary")
        self._go.setDefault(True)
        self._picture.toggled.connect(self._kind_changed)
        self._formats.activated.connect(self._format_chosen)
        self._field.textChanged.connect(self._tell)
        self._browse.clicked.connect(self._ask)
        self._cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self.accept)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Export"), "title"))
        column.addWidget(self._picture)
        column.addWidget(self._layers)
        column.addWidget(self._formats)
        file = QHBoxLayout()
        file.addWidget(self._field, 1)
        file.addWidget(self._browse)
        column.addLayout(file)
        column.addWidget(self._note)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._go)
        column.addLayout(buttons)

    @Slot()
    def _kind_changed(self, *_: object) -> None:
        self._formats.clear()
        own = self._photo.writable_suffix
        kinds = LAYERS if self.layered else {own: _like(own)} | PICTURES
        for suffix, name in kinds.items():
            self._formats.addItem(tr(name), suffix)
        self._set_suffix(self._formats.itemData(0))

    def _format_chosen(self, index: int) -> None:
        self._set_suffix(self._formats.itemData(index))

    def _set_suffix(self, suffix: str) -> None:
        assert self._photo.path is not None
        typed = self.path.stem if self._field.text() else f"{self._photo.path.stem}_hair"
        folder = self.path.parent if self._field.text() else self._folder
        self._field.setText(str(folder / f"{typed}{suffix}"))

    @Slot()
    def _tell(self, *_: object) -> None:
        """What stands in the way, or what will happen to the file."""
        problem = self._problem()
        note = problem
        if not problem and self.path.exists():
            note = tr("This file exists and will be replaced.")
        self._note.setText(note or self._kept())
        self._go.setEnabled(not problem)

    def _problem(self) -> str:
        path, known = self.path, LAYERS if self.layered else ask.encode.FORMATS
        if self._photo.path and path.resolve() == self._photo.path.resolve():
            return tr("This is the original photo. Choose another name.")
        if path.suffix.lower() not in known:
            return tr("The name must end in {all}.", all=", ".join(known))
        if not path.parent.is_dir():
            return tr("This folder does not exist.")
        return ""

    def _kept(self) -> str:
        same = self.path.suffix.lower() in (".jpg", ".jpeg") and self._photo.format == "JPEG"
        if self.layered:
            return tr("The layers lie over the photo in its own size and depth.")
        if same:
            return tr("Untouched JPEG blocks keep the original’s own data; metadata is kept.")
        return tr("Depth, colour profile and metadata are kept where the format can hold them.")

    def _ask(self) -> None:
        kinds = ";;".join(f"{tr(name)} (*{suffix})" for suffix, name in
                          (LAYERS if self.layered else PICTURES).items())  # fmt: skip
        found = ask.picture_to_save(self, tr("Export"), self.path, kinds)
        if found is not None:
            self._field.setText(str(found))


def _like(suffix: str) -> str:
    return PICTURES.get(suffix.lower(), suffix.lstrip(".").upper())
