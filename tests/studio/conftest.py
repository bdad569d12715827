"""Stories: a robot that uses the window which the real ``main`` opens, with the real engine.

Every story also proves that nothing heavy ran in the GUI thread, and that no thread or timer
stayed behind.
"""

import gc
import os
import threading
import time
from pathlib import Path

import cv2
import pytest
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QThread, QTimer
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hairstudio import settings
from hairstudio.editing import document as documents
from hairstudio.editing.engine import Engine
from hairstudio.imaging import decode, encode
from hairstudio.imaging import photo as photos
from hairstudio.portrait import landmarks, parsing
from hairstudio.studio import app
from hairstudio.studio.main_window import MainWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # looked at when the app starts

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
PATIENCE = 240
HEAVY = [
    (Engine, "analyse"), (Engine, "render"), (photos, "decode"), (decode, "decode"),
    (encode, "encode"), (documents, "save"), (documents, "load"), (photos, "write_photo"),
    (landmarks, "detect"), (parsing, "parse"), (Path, "write_bytes"),
]  # fmt: skip


class Robot:
    """Hands and patience."""

    def __init__(self, window):
        self.window, self.core = window, window.core
        self.session, self.canvas = window.core.session, window.canvas
        self.failures = []
        window.resize(1440, 900)  # the screen of the offscreen platform is smaller
        self.core.rendering.failed.connect(self.failures.append)
        self.core.files.failed.connect(self.failures.append)

    def wait(self, there, what=""):
        """Let the app work until ``there()``."""
        end = time.monotonic() + PATIENCE
        while not there():
            assert time.monotonic() < end, f"waited in vain {what}"
            if what != "message":
                assert not self.failures
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.002)

    def opened(self, path=None):
        """Wait for a photo and its face."""
        session = self.session
        self.wait(lambda: session.file and (path is None or session.file.path == path), "open")
        self.wait(lambda: session.face or session.refusal, "face")

    def settled(self):
        """Wait for the final picture; style tiles do not matter."""
        rendering = self.core.rendering

        def final():
            idle = all(edit.idle for edit in self.session.state.edits)
            last = rendering.last
            there = last and last.final and last.generation == rendering.generation
            return (idle and last is None) or there

        self.wait(final, "final")

    def written(self, *paths):
        self.wait(lambda: all(path.exists() for path in paths), f"file {paths}")
        self.wait(lambda: not self.core.reader.busy and not self.core.engine.busy, "threads")

    def do(self, name):
        action = self.window.actions_[name]
        assert action.isEnabled(), name
        action.trigger()

    def at(self, x, y):
        """Widget position of a place given in eye distances from the eyes' middle."""
        to_photo = self.session.face.analysis.frame.inverse
        px, py = to_photo.apply(app_point(x, y))
        dx, dy = self.canvas.view.to_device(px, py)
        ratio = self.canvas.devicePixelRatioF()
        return QPointF(dx / ratio, dy / ratio)

    def paint(self, places):
        points = [self.at(*place).toPoint() for place in places]
        QTest.mousePress(self.canvas, LEFT, PLAIN, points[0])
        for point in points[1:]:
            QTest.mouseMove(self.canvas, point)
            QApplication.processEvents()
        QTest.mouseRelease(self.canvas, LEFT, PLAIN, points[-1])

    def pen(self, places, pressures, end=QPointingDevice.PointerType.Pen):
        device = QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, end,
                                 QInputDevice.Capability.Pressure, 1, 3)  # fmt: skip
        kinds = [QEvent.Type.TabletPress, *[QEvent.Type.TabletMove] * (len(places) - 2),
                 QEvent.Type.TabletRelease]  # fmt: skip
        for kind, place, pressure in zip(kinds, places, pressures, strict=True):
            at = self.at(*place)
            held = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else LEFT
            button = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletMove else LEFT
            event = QTabletEvent(kind, device, at, self.canvas.mapToGlobal(at), pressure,
                                 0, 0, 0, 0, 0, PLAIN, button, held)  # fmt: skip
            QApplication.sendEvent(self.canvas, event)

    def drag_slider(self, slider, values):
        """Press the thumb, move it through ``values``, let go."""
        place = lambda v: QPoint(round(slider._x(v)), round(slider._middle))  # noqa: E731
        QTest.mousePress(slider, LEFT, PLAIN, place(slider.value()))
        for value in values:
            QTest.mouseMove(slider, place(value))
            QApplication.processEvents()
        QTest.mouseRelease(slider, LEFT, PLAIN, place(values[-1]))


def app_point(x, y):
    import numpy as np

    return np.array([float(x), float(y)])


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Settings of its own, the installed model files."""
    weights = settings.data_folder() / "weights"
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "weights").symlink_to(weights)
    monkeypatch.setenv("HAIRSTUDIO_DATA", str(folder))
    return folder


@pytest.fixture
def heavy_calls(monkeypatch):
    """A list of what is called from the GUI thread though it is the engine, a decoder or a
    writer."""
    guilty = []

    def watched(owner, name):
        original = getattr(owner, name)

        def call(*args, **kwargs):
            if threading.current_thread() is threading.main_thread():
                guilty.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, call)

    for each in HEAVY:
        watched(*each)
    return guilty


@pytest.fixture(autouse=True)
def leaks():
    """Fails when a story leaves running threads or timers behind."""
    yield
    gc.collect()
    alive = [each for each in gc.get_objects() if issubclass(type(each), QThread | QTimer)]
    left = [
        each.objectName() or f"{each!r} of {each.parent()!r}" for each in alive if running(each)
    ]
    assert not left


def running(each):
    try:
        return each.isActive() if isinstance(each, QTimer) else each.isRunning()
    except RuntimeError:  # its Qt object is gone
        return False


@pytest.fixture
def story(heavy_calls, monkeypatch):
    """Run ``tell(robot)`` in the app that ``main(path)`` opens; the app is closed afterwards."""

    def run(tell, path=None):
        app.start()
        failures = []

        def begin():
            window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
            try:
                tell(Robot(window))
            except BaseException as error:  # noqa: BLE001 - raised where pytest sees it
                failures.append(error)
            window.core.session.close()
            window.close()

        QTimer.singleShot(0, begin)
        status = app.main(path)
        if failures:
            raise failures[0]
        assert status == 0
        assert not heavy_calls, "in the GUI thread"

    return run


@pytest.fixture(scope="session")
def portrait(bare_forehead, tmp_path_factory):
    """A photo whose hairline shows, 1024 x 1056."""
    path = tmp_path_factory.mktemp("photos") / "portrait.png"
    assert cv2.imwrite(str(path), bare_forehead[..., ::-1])
    return path
