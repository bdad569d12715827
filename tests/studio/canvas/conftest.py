"""A real canvas without a screen, and a hand that moves mouse and pen over it."""

import os

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QThread, QTimer
from PySide6.QtGui import QInputDevice, QMouseEvent, QPointingDevice, QTabletEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from hairstudio.studio.canvas import Canvas, picture, qimage

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
CORNER = np.array([40, 60])
"""Of the photo in the ``canvas`` fixture."""


@pytest.fixture(autouse=True)
def leaks():
    """Instead of searching the process for threads and timers: ``canvas`` looks for its own."""


@pytest.fixture(autouse=True)
def home():
    """A canvas reads no settings."""


@pytest.fixture(scope="session")
def qapp():
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)  # cv2 points Qt at its own plugins
    return QApplication.instance() or QApplication([])


@pytest.fixture(scope="session")
def pixels():
    """(480, 720, 3) uint8: noise over smooth colours, different everywhere."""
    y, x = np.mgrid[:480, :720]
    smooth = np.dstack([x / 3, y / 2, 255 - x / 4 - y / 8])
    noise = np.random.default_rng(5).normal(0, 12, smooth.shape)
    return np.clip(smooth + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def canvas(qapp, pixels):
    """800 x 600, the photo at 100 % with its corner at (40, 60)."""
    made = Canvas()
    made.resize(800, 600)
    made.set_photo(picture(pixels))
    made.zoom_to(1.0)
    made.show()
    QCoreApplication.processEvents()
    yield made
    assert not made.findChildren(QTimer)
    assert not made.findChildren(QThread)
    made.close()
    made.deleteLater()
    QCoreApplication.processEvents()


@pytest.fixture
def screen(canvas):
    """What is on the screen, (600, 800, 3), drawn anew; call it."""
    return lambda: qimage.rgb(canvas.grab().toImage())


@pytest.fixture
def heard():
    """Listen to a signal: a list that grows by the value of every emission."""

    def listen(signal):
        calls = []
        signal.connect(lambda *args: calls.append(args[0] if len(args) == 1 else args))
        return calls

    return listen


class Hand:
    """Moves the mouse or a pen; positions are those of the photo at 100 % in ``canvas``."""

    def __init__(self, canvas, pen=None, modifiers=PLAIN, button=LEFT):
        self.canvas, self.modifiers, self.button = canvas, modifiers, button
        self.device = None if pen is None else pen_device(pen)
        self.at = QPointF(0, 0)

    def press(self, x, y, pressure=1.0):
        self._send("Press", x, y, pressure, self.button, self.button)

    def move(self, x, y, pressure=1.0, held=True):
        self._send("Move", x, y, pressure, NONE, self.button if held else NONE)

    def release(self, x=None, y=None, pressure=0.0):
        if x is None:
            x, y = self.at.x(), self.at.y()
        self._send("Release", x, y, pressure, self.button, NONE)

    def drag(self, points, pressures=None):
        pressures = pressures or [1.0] * len(points)
        self.press(*points[0], pressures[0])
        for point, pressure in zip(points[1:], pressures[1:], strict=True):
            self.move(*point, pressure)
        self.release(*points[-1])

    def _send(self, what, x, y, pressure, button, buttons):
        self.at = QPointF(x, y)
        # the photo's pixel centres lie half a pixel behind its edges
        at = QPointF(*(np.array([x, y]) + CORNER + 0.5))
        away = self.canvas.mapToGlobal(at)
        if self.device is None:
            kind = QEvent.Type.MouseMove if what == "Move" else QEvent.Type[f"MouseButton{what}"]
            event = QMouseEvent(kind, at, away, button, buttons, self.modifiers)
        else:
            event = QTabletEvent(
                QEvent.Type[f"Tablet{what}"], self.device, at, away, pressure, 0.0, 0.0, 0.0, 0.0,
                0.0, self.modifiers, button, buttons,
            )  # fmt: skip
        QCoreApplication.sendEvent(self.canvas, event)


def pen_device(end):
    return QPointingDevice(
        "pen", 7, QInputDevice.DeviceType.Stylus, end, QInputDevice.Capability.Pressure, 1, 3
    )


@pytest.fixture
def mouse(canvas):
    return Hand(canvas)


@pytest.fixture
def pen(canvas):
    return Hand(canvas, QPointingDevice.PointerType.Pen)


@pytest.fixture
def eraser_end(canvas):
    return Hand(canvas, QPointingDevice.PointerType.Eraser)


@pytest.fixture
def wheel(canvas):
    """Turn the wheel over a position of the widget; ``pixels``: two fingers on a touchpad."""

    def turn(at, notches=0.0, modifiers=PLAIN, pixels=(0, 0)):
        spot, moved = QPointF(*at), QPoint(*pixels)
        turned = moved if any(pixels) else QPoint(0, round(120 * notches))
        event = QWheelEvent(
            spot, canvas.mapToGlobal(spot), moved, turned, NONE, modifiers,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QCoreApplication.sendEvent(canvas, event)

    return turn
