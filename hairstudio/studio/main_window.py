"""The window: lays the parts out and wires them; what they do is theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Slot
from PySide6.QtGui import (
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMenuBar,
    QVBoxLayout,
    QWidget,
)

from hairstudio.editing.edits import Bangs
from hairstudio.studio import actions as table
from hairstudio.studio import theme
from hairstudio.studio.bars.banner import Banner
from hairstudio.studio.bars.compare_bar import CompareBar
from hairstudio.studio.bars.status_bar import StatusBar
from hairstudio.studio.bars.tool_options import ToolOptions
from hairstudio.studio.bars.tool_strip import ToolStrip
from hairstudio.studio.bars.top_bar import TopBar
from hairstudio.studio.brushes import Brushes
from hairstudio.studio.canvas import SURROUNDS, Canvas, Labels, View
from hairstudio.studio.commands import Commands
from hairstudio.studio.core import Core
from hairstudio.studio.dialogs import ask
from hairstudio.studio.dialogs.preferences import NAMES
from hairstudio.studio.i18n import tr
from hairstudio.studio.lab.switch import LabSwitch
from hairstudio.studio.news import News
from hairstudio.studio.panels.panel import Panel

NARROW, DRAWER = 1320, 1180
"""Below: a narrow panel; a panel that is opened when it is needed."""
WORDS_FROM = 1000
FIELDS_FROM = 620
"""Widths of the canvas column from which options and comparisons have words, and from which the
options have all their fields."""


class MainWindow(QMainWindow):
    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setMinimumSize(720, 450)
        self.resize(QSize(1440, 900).boundedTo(self.screen().availableSize()))
        self.setAcceptDrops(True)
        self._recent = list[Path]()
        self._drawer = False
        self.canvas = Canvas()
        self.core = Core(self.canvas)
        self._build()
        self.commands = Commands(self)
        self.news = News(self)
        self._wire()
        self.core.session.changed.emit()
        self.canvas.setFocus()

    # layout

    def _build(self) -> None:
        self.actions_ = table.build(self, self._do)
        self.addActions([a for name, a in self.actions_.items() if name != "panels"])
        self.canvas.addAction(self.actions_["panels"])
        self.actions_["panels"].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.actions_["panels"].setChecked(True)
        self.menus = QMenuBar()
        self._build_menus()
        self.top = TopBar(self.menus, self.actions_)
        self.strip, self.options = ToolStrip(self.actions_), ToolOptions(self.actions_)
        self.banner, self.compare = Banner(), CompareBar(self.actions_)
        self.panel = Panel(self.core.session, self.core.tiles, self.actions_)
        self.status = StatusBar()
        self.brushes = Brushes(self.core.session, self.canvas, self.options, self.actions_)
        self.setCentralWidget(self._laid_out())

    def _laid_out(self) -> QWidget:
        middle = _column(self.options, self.banner, self.canvas, self.compare)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.strip)
        row.addWidget(middle, 1)
        row.addWidget(self.panel)
        self.pages = LabSwitch(body, self.core.files)
        self.top.set_switch(self.pages.buttons)
        return _column(self.top, self.pages, self.status, stretched=self.pages)

    def _build_menus(self) -> None:
        parts: Mapping[str, Callable[[QMenu], None]] = {
            ">recent": self._recent_menu, ">presets": self._presets_menu,
            ">theme": self._theme_menu,
        }  # fmt: skip
        for title, names in table.MENUS.items():
            menu = self.menus.addMenu(tr(title))
            for name in names:
                if name == "-":
                    menu.addSeparator()
                elif name in parts:
                    parts[name](menu)
                else:
                    menu.addAction(self.actions_[name])

    def _recent_menu(self, menu: QMenu) -> None:
        recent = menu.addMenu(tr("Open recent"))
        recent.aboutToShow.connect(lambda: self._fill_recent(recent))

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for name in self.core.files.memory.recent:
            path = Path(name)
            menu.addAction(path.name).triggered.connect(
                lambda _=False, path=path: self.commands.open_path(path)
            )
        if menu.isEmpty():
            menu.addAction(tr("Nothing yet")).setEnabled(False)

    @Slot(object)
    def _show_recent(self, photos: Sequence[tuple[Path, QImage]]) -> None:
        self._recent = [path for path, _ in photos]
        self.canvas.empty.set_recents([(path.name, image) for path, image in photos])

    @Slot(int)
    def _open_recent(self, index: int) -> None:
        self.commands.open_path(self._recent[index])

    def _presets_menu(self, menu: QMenu) -> None:
        presets = menu.addMenu(tr("Presets"))
        presets.aboutToShow.connect(lambda: self._fill_presets(presets))

    def _fill_presets(self, menu: QMenu) -> None:
        menu.clear()
        for preset in self.core.files.memory.presets:
            action = menu.addAction(preset.name)
            action.setEnabled(self.core.session.editable)
            action.triggered.connect(
                lambda _=False, name=preset.name: self.commands.use_preset(name)
            )
        if menu.isEmpty():
            menu.addAction(tr("Nothing yet")).setEnabled(False)

    def _theme_menu(self, menu: QMenu) -> None:
        themes, group = menu.addMenu(tr("Theme")), QActionGroup(self)
        for name in theme.CHOICES:
            action = group.addAction(tr(NAMES[name]))
            action.setCheckable(True)
            action.setChecked(name == theme.choice())
            action.triggered.connect(lambda _=False, name=name: self.commands.use_theme(name))
            themes.addAction(action)

    # wiring

    def _wire(self) -> None:
        session, canvas, panel = self.core.session, self.canvas, self.panel
        for signal in (session.opened, session.changed, session.analysed, session.saved):
            signal.connect(self.refresh)
        canvas.view_changed.connect(self._view_changed)
        canvas.hairline_moved.connect(panel.hairline.slider.moved)
        canvas.hairline_released.connect(panel.hairline.slider.released)
        canvas.color_picked.connect(panel.colour.choose_rgb)
        canvas.empty.set_texts(tr("Drop a photo here"), tr("Open…"), tr("Opened last"))
        canvas.empty.open_requested.connect(self.commands.open)
        canvas.empty.recent_chosen.connect(self._open_recent)
        self.core.files.recent.connect(self._show_recent)
        canvas.face_chosen.connect(self._face_chosen)
        canvas.surround_menu.connect(self._surround_menu)
        self.compare.peeked.connect(canvas.set_peek)
        self.compare.zoom_wanted.connect(canvas.zoom_to)
        self.brushes.tool_chosen.connect(self._tool_chosen)
        panel.colour.pick.connect(lambda: self.brushes.choose("picker"))
        panel.fill.paint.connect(self._paint_fill)
        panel.bangs.painted.connect(self._paint_bangs)
        panel.bangs.own_region.connect(self.commands.own_region)
        panel.bangs.reference.connect(self._reference)
        self.status.face_wanted.connect(self._choose_face)
        self.status.retry.connect(self.core.rendering.refresh)
        canvas.set_labels(Labels(tr("Before"), tr("After")))
        canvas.set_surround(SURROUNDS[self.core.files.memory.surround])

    def _do(self, name: str) -> None:
        self.commands.do(name)

    @Slot()
    def refresh(self) -> None:
        """What can be done now, and what the document is called."""
        session = self.core.session
        history = session.history
        present = {
            name
            for name, there in (
                ("photo", session.photo),
                ("face", session.face),
                ("faces", session.face and session.face.faces > 1),
                ("edit", session.state.edit),
                ("undo", history.undo_name),
                ("redo", history.redo_name),
                ("clip", session.clip and session.editable),
                ("bangs", session.state.of(Bangs)),
                ("region", self.core.painting.clearable),
            )
            if there is not None and there is not False and there != ""
        }
        table.allow(self.actions_, present)
        for name, step in (("undo", history.undo_name), ("redo", history.redo_name)):
            title = tr(table.SPECS[name].text)
            self.actions_[name].setText(f"{title} “{step}”" if step else title)
        edited = session.photo is not None and history.edited
        self.top.set_title(session.title, edited)
        self.setWindowTitle(f"{session.title}{'*' if edited else ''} · HairStudio")
        self.compare.allow_peek(session.photo is not None)
        self._show_handle()

    def _show_handle(self) -> None:
        face = self.core.session.face
        dragging = self.brushes.tool == "hairline"
        handle = face.handle if face and dragging else None
        value = self.panel.hairline.binding.value()
        self.canvas.set_handle(handle and replace(handle, value=value))

    @Slot(object)
    def _view_changed(self, view: View | None) -> None:
        self.compare.show_zoom(view.zoom if view else None)

    @Slot(str)
    def _tool_chosen(self, name: str) -> None:
        self.refresh()

    def _paint_fill(self) -> None:
        self.core.painting.paint_fill()
        self.brushes.choose("brush")
        self.status.say(tr("Paint where hair is missing"))

    def _paint_bangs(self) -> None:
        self.core.painting.paint_bangs()
        self.brushes.choose("brush")
        self.status.say(tr("Paint where the fringe grows"))

    def _reference(self) -> None:
        found = ask.reference_to_open(self, self.core.files.memory.folder)
        self.come_back()
        if found is not None:
            self.core.files.read_reference(found)

    def _choose_face(self) -> None:
        if self.canvas.scene.faces:
            self.canvas.set_faces(())
        else:
            self.core.files.find_faces()

    @Slot(int)
    def _face_chosen(self, number: int) -> None:
        self.canvas.set_faces(())
        self.core.session.choose_face(number - 1)

    @Slot(object)
    def _surround_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        for index, name in enumerate((tr("Dark"), tr("Grey"), tr("Light grey"), tr("White"))):
            menu.addAction(name).triggered.connect(
                lambda _=False, index=index: self._use_surround(index)
            )
        menu.popup(place)

    def _use_surround(self, index: int) -> None:
        self.canvas.set_surround(SURROUNDS[index])
        self.core.files.remember(surround=index)

    # room

    def toggle_panel(self) -> None:
        """Open or shut the drawer."""
        self.panel.setVisible(self.panel.isHidden())
        self._fold()

    def toggle_panels(self) -> None:
        shown = self.panel.isVisible()
        self.panel.setVisible(not shown)
        self.strip.setVisible(not shown)
        self.actions_["panels"].setChecked(not shown)

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Leave out what there is no room for."""
        width = self.width()
        self.panel.fold(width < NARROW)
        drawer = width < DRAWER
        if drawer != self._drawer:
            self._drawer = drawer
            self.panel.setVisible(not drawer)
        self.top.show_drawer(drawer)
        room = width - self.strip.width() - (0 if self.panel.isHidden() else self.panel.width())
        self.options.fold(room < WORDS_FROM, room < FIELDS_FROM)
        self.compare.fold(room < WORDS_FROM - 90, room < FIELDS_FROM - 120)

    # keys, files, leaving

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        self._peek(event, True)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        self._peek(event, False)

    def _peek(self, event: QKeyEvent, down: bool) -> None:
        if event.key() == Qt.Key.Key_Backslash and not event.isAutoRepeat():
            self.canvas.set_peek(down)
        elif event.key() != Qt.Key.Key_Backslash:
            event.ignore()

    def come_back(self) -> None:
        """After a dialog: without a window manager nobody else gives the keys back."""
        if self.isVisible() and QApplication.activeWindow() is None:
            self.activateWindow()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """What is being typed is over; a control that is disabled says why."""
        self.canvas.setFocus()
        child = self.childAt(event.position().toPoint())
        if child is not None and not child.isEnabled() and child.toolTip():
            self.status.say(child.toolTip().splitlines()[-1])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            QTimer.singleShot(0, self, lambda: self.commands.open_path(path))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.canvas.set_peek(False)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        session = self.core.session
        if session.photo is not None and session.history.edited:
            answer = ask.about_unsaved(self, session.title)
            self.come_back()
            if answer == "save":
                self.commands.save(self._leave)
            if answer != "discard":
                event.ignore()
                return
        event.accept()

    def _leave(self) -> None:
        self.close()

    def shut_down(self) -> None:
        """End threads and processes; the window must not be used afterwards."""
        self.pages.close_lab()
        self.core.close()


def _column(*widgets: QWidget, stretched: QWidget | None = None) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, 1 if widget is stretched or isinstance(widget, Canvas) else 0)
    return made


def _dropped(event: QDropEvent) -> Path | None:
    """The first file of a drag."""
    names = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(names[0]) if names else None
