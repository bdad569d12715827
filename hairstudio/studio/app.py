"""The app from start to end: look, window, threads, orderly leaving."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType

importlib.import_module("cv2")  # before Qt: it points Qt at plugins of its own

for _variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_variable, None)

from PySide6.QtCore import QEvent, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QGuiApplication  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from hairstudio import __version__  # noqa: E402
from hairstudio.errors import UserError  # noqa: E402
from hairstudio.studio import icons, memory, theme  # noqa: E402
from hairstudio.studio.i18n import tr  # noqa: E402
from hairstudio.studio.main_window import MainWindow  # noqa: E402

log = logging.getLogger(__name__)


def main(
    path: Path | None = None,
    quiet: Callable[[], AbstractContextManager[object]] = nullcontext,
    lab: bool = False,
) -> int:
    """Open the window, with a photo or a document, or the data lab; returns when it is closed.

    ``quiet`` mutes the noise of native libraries while the window is open. Raises
    UserError without a display.
    """
    app = start()
    window = MainWindow()
    sys.excepthook = _Hook(window)
    window.show()
    window.core.files.warm_up()
    window.core.files.show_recent()
    if lab:
        window.pages.open_soon()
    if path is not None:
        QTimer.singleShot(0, window, lambda: window.core.files.open(path))
    try:
        with quiet():
            return app.exec()
    finally:
        sys.excepthook = sys.__excepthook__
        window.shut_down()
        window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def start() -> QApplication:
    """The Qt application in our dress."""
    _require_display()
    found = QApplication.instance()
    if not isinstance(found, QApplication):
        whole = Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(whole)
        found = QApplication(["hairstudio"])
    app = found
    app.setApplicationName("HairStudio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("hairstudio")
    app.setStyle("Fusion")
    theme.load_fonts(app)
    theme.apply(app, memory.load().theme)
    app.setWindowIcon(icons.icon("mark", "accent"))
    app.styleHints().colorSchemeChanged.connect(_scheme_changed)
    return app


def _scheme_changed() -> None:
    app = QApplication.instance()
    if isinstance(app, QApplication) and theme.choice() == "system":
        theme.apply(app, "system")


def _require_display() -> None:
    """Qt would end the process without a word that helps."""
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not shown:
        raise UserError("the app needs a display (DISPLAY or WAYLAND_DISPLAY is not set); "
                        "use hairstudio edit without one")  # fmt: skip


class _Hook:
    """What goes wrong in a slot is written down and said; the app goes on."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        log.error("in the app", exc_info=(kind, error, trace))
        self._window.status.say(tr("Something went wrong inside: {error}", error=error),
                                problem=True)  # fmt: skip
