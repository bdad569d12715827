"""Questions with a file or a yes for an answer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from hairstudio.editing.document import SUFFIX
from hairstudio.imaging import encode
from hairstudio.imaging.decode import RAW_SUFFIXES
from hairstudio.studio.i18n import tr

PLAIN = QFileDialog.Option.HideNameFilterDetails
PHOTOS = (*encode.FORMATS, ".heic", ".heif", *sorted(RAW_SUFFIXES))


def _pattern(suffixes: tuple[str, ...]) -> str:
    return " ".join(f"*{s} *{s.upper()}" for s in suffixes)


def file_to_open(parent: QWidget, folder: str) -> Path | None:
    """A photo or a document."""
    kinds = tr("Photos and documents ({all});;All files (*)", all=_pattern((*PHOTOS, SUFFIX)))
    name, _ = QFileDialog.getOpenFileName(parent, tr("Open"), folder, kinds, options=PLAIN)
    return Path(name) if name else None


def reference_to_open(parent: QWidget, folder: str) -> Path | None:
    kinds = tr("Photos ({all})", all=_pattern(PHOTOS))
    name, _ = QFileDialog.getOpenFileName(
        parent, tr("Reference hair"), folder, kinds, options=PLAIN
    )
    return Path(name) if name else None


def document_to_save(parent: QWidget, proposed: Path) -> Path | None:
    kinds = tr("HairStudio documents (*{suffix})", suffix=SUFFIX)
    name, _ = QFileDialog.getSaveFileName(parent, tr("Save as"), str(proposed), kinds)
    return Path(name) if name else None


def picture_to_save(parent: QWidget, title: str, proposed: Path, kinds: str) -> Path | None:
    name, _ = QFileDialog.getSaveFileName(parent, title, str(proposed), kinds)
    return Path(name) if name else None


def about_unsaved(parent: QWidget, name: str) -> str:
    """save, discard or cancel."""
    box = QMessageBox(parent)
    box.setWindowTitle(tr("Unsaved edits"))
    box.setText(tr("“{name}” has edits that are not saved.", name=name))
    save = box.addButton(tr("Save"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.exec()
    pressed = box.clickedButton()
    return "save" if pressed is save else "discard" if pressed is discard else "cancel"


def name_of_preset(parent: QWidget) -> str:
    """ "" when the user thought better of it."""
    name, good = QInputDialog.getText(parent, tr("Save preset"), tr("Name of the preset"))
    return name.strip() if good else ""
