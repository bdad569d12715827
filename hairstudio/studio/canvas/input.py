"""Qt's events as gestures: mouse, pen, wheel, touchpad and the keys that are held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from hairstudio.studio.canvas.pointer import Contact, Gesture, Pointer

_NOTCH = 120.0
_PAN = 64
_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


class InputWidget(QWidget):
    """Turns events into a ``Gesture`` from press to release; subclasses say which one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gesture: Gesture | None = None
        self.hover: QPointF | None = None
        self.space = False
        self._contact = Contact()
        self._last: Pointer | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)

    # for subclasses

    def begin(self, pointer: Pointer, button: Qt.MouseButton) -> Gesture | None:
        """What a press starts."""
        raise NotImplementedError

    def pointer_at(self, at: QPointF) -> Pointer:
        """The photo under a position of the widget."""
        raise NotImplementedError

    def hovered(self, old: QPointF | None) -> None:
        """The pointer moved from ``old`` to ``hover``; None: it is not over the widget."""

    def pan(self, dx: float, dy: float) -> None:
        """Shift the photo by logical pixels."""

    def zoom_by(self, factor: float, at: QPointF) -> None:
        """Zoom about a position of the widget."""

    def turn(self, notches: float, at: QPointF) -> None:
        """Zoom by notches of the wheel."""

    def update_cursor(self) -> None:
        """Show the cursor for what a press would do now."""

    def abort(self) -> bool:
        """Esc: take back the stroke or drag in progress. False when there was none.

        The rest of the drag is ignored until the button is released.
        """
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            gesture.abort()
            self.update_cursor()
        return gesture is not None

    # Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._down(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._down(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._moved(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._up(event)

    def tabletEvent(self, event: QTabletEvent) -> None:  # noqa: N802
        match event.type():
            case QEvent.Type.TabletPress:
                self._down(event)
            case QEvent.Type.TabletRelease:
                self._up(event)
            case _:
                self._moved(event)
        event.accept()  # else it comes again, as a mouse event without pressure

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        zoom = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if _is_touchpad(event) and not zoom:
            moved = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
            self.pan(moved.x(), moved.y())
        elif event.angleDelta().y():
            self.turn(event.angleDelta().y() / _NOTCH, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space:
            self._hold_space(True, event)
        elif event.key() in _ARROWS and not event.modifiers() & ~_KEYPAD:
            x, y = _ARROWS[Qt.Key(event.key())]
            self.pan(-x * _PAN, -y * _PAN)
        elif not (event.key() == Qt.Key.Key_Escape and self.abort()):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space:
            self._hold_space(False, event)
        else:
            super().keyReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._hover(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.space = False
        self.update_cursor()
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1 + event.value(), event.position())
            return True
        if event.type() == QEvent.Type.ShortcutOverride and self._wants(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.WindowDeactivate:
            self._finish()
        return super().event(event)

    def _wants(self, event: QEvent) -> bool:
        """No shortcut of the window while something is pressed (undo in the middle of a stroke),
        and Space is ours."""
        if self.gesture is not None or not isinstance(event, QKeyEvent):
            return self.gesture is not None
        return event.key() == Qt.Key.Key_Space and not event.modifiers()

    def _down(self, event: QMouseEvent | QTabletEvent) -> None:
        if not self._contact.begin(event):
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.gesture = self.begin(self._pointer(event), event.button())
        self._hover(event.position())

    def _moved(self, event: QMouseEvent | QTabletEvent) -> None:
        if not self._contact.follows(event):
            return
        if self.gesture is not None:
            self.gesture.move(self._pointer(event))
        self._hover(event.position())

    def _up(self, event: QMouseEvent | QTabletEvent) -> None:
        if self._contact.ends(event):
            self._finish(self._pointer(event))

    def _finish(self, pointer: Pointer | None = None) -> None:
        """The release; without an event (the window lost its focus) where the pointer was last."""
        self._contact.end()
        gesture, self.gesture = self.gesture, None
        last = pointer or self._last
        if gesture is not None and last is not None:
            gesture.release(last)
        self.update_cursor()

    def _pointer(self, event: QMouseEvent | QTabletEvent) -> Pointer:
        self._last = self._contact.read(event, self.pointer_at(event.position()))
        return self._last

    def _hover(self, at: QPointF | None) -> None:
        old, self.hover = self.hover, at
        self.hovered(old)
        self.update_cursor()

    def _hold_space(self, held: bool, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self.space = held
            self.update_cursor()


def _is_touchpad(event: QWheelEvent) -> bool:
    touchpad = event.device().type() == QInputDevice.DeviceType.TouchPad
    return touchpad or not event.pixelDelta().isNull()
