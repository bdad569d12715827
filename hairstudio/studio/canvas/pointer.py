"""Mouse and pen as one pointer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPointingDevice, QTabletEvent

FAINTEST = 0.02
"""Pressure of a pen that touches but says nothing."""


@dataclass(frozen=True)
class Pointer:
    """``x``, ``y``: photo frame; ``at``: logical pixels of the widget; ``photo_per_pixel``: size
    of a logical pixel in the photo; ``pressure`` 0..1, 1 for a mouse; ``eraser``: the pen's other
    end; ``inside``: on the photo."""

    x: float
    y: float
    at: QPointF
    photo_per_pixel: float = 1.0
    pressure: float = 1.0
    eraser: bool = False
    shift: bool = False
    alt: bool = False
    inside: bool = True


class Gesture(Protocol):
    """What goes on between press and release."""

    def move(self, pointer: Pointer) -> None: ...

    def release(self, pointer: Pointer) -> None: ...

    def abort(self) -> None:
        """Esc, or the focus went elsewhere: as if it had never begun."""
        ...


@dataclass
class Contact:
    """One device at a time: what pressed first is listened to until it is released.

    A pen's events may arrive as mouse events too, before or after.
    """

    device: QPointingDevice.PointerType | None = None
    button: Qt.MouseButton = Qt.MouseButton.NoButton
    pressure: float = 1.0

    def begin(self, event: QMouseEvent | QTabletEvent) -> bool:
        """False while something else is pressed."""
        if self.device is not None:
            return False
        self.device, self.button, self.pressure = _kind(event), event.button(), FAINTEST
        return True

    def follows(self, event: QMouseEvent | QTabletEvent) -> bool:
        """Is it the device that is listened to?"""
        return self.device is None or self.device == _kind(event)

    def ends(self, event: QMouseEvent | QTabletEvent) -> bool:
        """Does this release end what ``begin`` began?"""
        return self.device == _kind(event) and self.button == event.button()

    def end(self) -> None:
        self.device, self.button = None, Qt.MouseButton.NoButton

    def read(self, event: QMouseEvent | QTabletEvent, place: Pointer) -> Pointer:
        """``place`` with what the device and the keys say."""
        keys = event.modifiers()
        return replace(
            place,
            pressure=self._pressure(event),
            eraser=_is_eraser(event),
            shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
            alt=bool(keys & Qt.KeyboardModifier.AltModifier),
        )

    def _pressure(self, event: QMouseEvent | QTabletEvent) -> float:
        """0..1, repaired: a pen that says nothing or nonsense keeps its last value."""
        if not isinstance(event, QTabletEvent):
            return 1.0
        pressure = event.pressure()
        if isfinite(pressure) and pressure > 0:
            self.pressure = min(pressure, 1.0)
        return self.pressure


def _kind(event: QMouseEvent | QTabletEvent) -> QPointingDevice.PointerType:
    if isinstance(event, QTabletEvent):
        return QPointingDevice.PointerType.Pen  # either end
    return QPointingDevice.PointerType.Generic


def _is_eraser(event: QMouseEvent | QTabletEvent) -> bool:
    if not isinstance(event, QTabletEvent):
        return False
    return event.pointerType() == QPointingDevice.PointerType.Eraser
