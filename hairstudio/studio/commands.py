"""What each action does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox

from hairstudio import __version__
from hairstudio.editing.document import SUFFIX
from hairstudio.editing.edits import Bangs
from hairstudio.studio import theme
from hairstudio.studio.actions import COMPARE, TOOLS
from hairstudio.studio.dialogs import ask
from hairstudio.studio.dialogs.export import ExportDialog
from hairstudio.studio.dialogs.history import HistoryDialog
from hairstudio.studio.dialogs.preferences import Preferences
from hairstudio.studio.dialogs.shortcuts import Shortcuts
from hairstudio.studio.i18n import tr
from hairstudio.studio.memory import Preset
from hairstudio.studio.state import Clip

if TYPE_CHECKING:
    from hairstudio.studio.main_window import MainWindow


ABOUT = (
    "HairStudio {version}\nChanges hair in portrait photos and leaves everything else untouched."
    "\n\nApache License 2.0. Letters: Inter, SIL Open Font License 1.1."
)
Then = Callable[[], None]


class Commands(QObject):
    """One method for each id of the table, tools and comparisons aside."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._core = window, window.core
        self._history: HistoryDialog | None = None

    def do(self, name: str) -> None:
        brushes = self._window.brushes
        if name != "cancel":
            self._commit()
        if name in TOOLS:
            brushes.choose(name)
        elif name in COMPARE:
            brushes.compare(name)
        else:
            getattr(self, name.replace("-", "_"))()
        self._window.come_back()

    def _commit(self) -> None:
        """What is being typed counts, also when a button is pressed instead of Enter."""
        typed = QApplication.focusWidget()
        if isinstance(typed, QLineEdit) and typed.window() is self._window:
            self._window.canvas.setFocus()

    # file

    def lab(self) -> None:
        self._window.pages.toggle()

    def open(self) -> None:
        found = ask.file_to_open(self._window, self._core.files.memory.folder)
        if found is not None:
            self.open_path(found)

    def open_path(self, path: Path) -> None:
        """Open a file unless the user wants to keep what is there."""
        self._safe(lambda: self._core.files.open(path))

    def _safe(self, then: Then) -> bool:
        """Do ``then`` now, after saving, or not at all. True when it is done at once."""
        session = self._core.session
        answer = "discard"
        if session.photo is not None and session.history.edited:
            answer = ask.about_unsaved(self._window, session.title)
        if answer == "discard":
            then()
        elif answer == "save":
            self.save(then)
        return answer == "discard"

    def save(self, then: Then | None = None) -> None:
        path = self._core.session.path
        if path is None:
            self.save_as(then)
        else:
            self._core.files.save(path, then)

    def save_as(self, then: Then | None = None) -> None:
        session = self._core.session
        assert session.file is not None
        proposed = session.path or session.file.path.with_suffix(SUFFIX)
        found = ask.document_to_save(self._window, proposed)
        if found is not None:
            self._core.files.save(found, then)

    def export(self) -> None:
        photo = self._core.session.photo
        assert photo is not None
        dialog = ExportDialog(self._window, photo, self._core.files.memory.export_folder)
        if dialog.exec():
            self._core.files.remember(export_folder=str(dialog.path.parent))
            self._core.files.export(dialog.path, dialog.layered)
        dialog.deleteLater()

    def save_comparison(self) -> None:
        file = self._core.session.file
        assert file is not None
        folder = Path(self._core.files.memory.export_folder or file.path.parent)
        proposed = folder / f"{file.path.stem}_compare.png"
        found = ask.picture_to_save(self._window, tr("Save comparison"), proposed,
                                    "PNG (*.png);;JPEG (*.jpg)")  # fmt: skip
        if found is not None:
            self._core.files.save_comparison(self._window.canvas.snapshot(), found)

    def close(self) -> None:
        self._safe(self._core.session.close)

    def quit(self) -> None:
        self._window.close()

    # edit

    def undo(self) -> None:
        self._core.session.undo()

    def redo(self) -> None:
        self._core.session.redo()

    def history(self) -> None:
        if self._history is None:
            self._history = HistoryDialog(self._window, self._core.session)
            self._history.finished.connect(self._window.come_back)
        self._history.show()
        self._history.raise_()

    def copy_edits(self) -> None:
        self._core.session.copy()
        self._window.status.say(tr("Edits copied: open another photo and paste them"))

    def paste_edits(self) -> None:
        self._core.session.paste()

    def duplicate(self) -> None:
        self._core.session.duplicate()

    def remove(self) -> None:
        self._core.session.remove()

    def rename(self) -> None:
        self._window.panel.edits.rename()

    def save_preset(self) -> None:
        name = ask.name_of_preset(self._window)
        if name:
            edits = Clip.of(self._core.session.state).edits
            memory = self._core.files.memory.with_preset(Preset(name, edits))
            self._core.files.remember(presets=memory.presets)

    def use_preset(self, name: str) -> None:
        found = next(p for p in self._core.files.memory.presets if p.name == name)
        self._core.session.paste(Clip(found.edits, {}, {}), name)

    def preferences(self) -> None:
        dialog = Preferences(self._window)
        dialog.theme_chosen.connect(self.use_theme)
        dialog.exec()
        dialog.deleteLater()

    def use_theme(self, name: str) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, name)
        self._core.files.remember(theme=name)

    # region

    def swap(self) -> None:
        self._window.brushes.swap()

    def defaults(self) -> None:
        self._window.brushes.defaults()

    def smaller(self) -> None:
        self._window.canvas.resize_brush(-1)

    def larger(self) -> None:
        self._window.canvas.resize_brush(1)

    def softer(self) -> None:
        self._window.canvas.harden_brush(-1)

    def harder(self) -> None:
        self._window.canvas.harden_brush(1)

    def own_region(self) -> None:
        if self._core.session.state.of(Bangs) is not None:
            self._core.session.change(Bangs, region=None)

    def clear(self) -> None:
        self._core.painting.clear()

    def mirror(self) -> None:
        self._window.brushes.mirror()

    def overlay(self) -> None:
        self._window.brushes.show_overlay()

    def overlay_colour(self) -> None:
        self._window.brushes.next_overlay_colour()

    # view

    def next_compare(self) -> None:
        self._window.brushes.next_compare()

    def zoom_in(self) -> None:
        self._window.canvas.zoom_step(1)

    def zoom_out(self) -> None:
        self._window.canvas.zoom_step(-1)

    def fit(self) -> None:
        self._window.canvas.fit()

    def actual(self) -> None:
        self._window.canvas.zoom_to(1.0)

    def panel(self) -> None:
        self._window.toggle_panel()

    def panels(self) -> None:
        self._window.toggle_panels()

    def full_screen(self) -> None:
        self._window.toggle_full_screen()

    def next_face(self) -> None:
        face = self._core.session.face
        if face is not None:
            self._core.session.choose_face((face.face + 1) % face.faces)

    def render(self) -> None:
        self._core.rendering.finish()

    def cancel(self) -> None:
        if not self._window.canvas.abort() and self._core.rendering.stop():
            self._window.status.say(tr("Stopped"))

    # help

    def shortcuts(self) -> None:
        dialog = Shortcuts(self._window)
        dialog.exec()
        dialog.deleteLater()

    def about(self) -> None:
        text = tr(ABOUT, version=__version__)
        QMessageBox.about(self._window, tr("About HairStudio"), text)
