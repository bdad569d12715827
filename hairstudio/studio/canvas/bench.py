"""How long the canvas takes for an event: painting, panning and zooming on a large photo."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio.canvas.picture import picture
from hairstudio.studio.canvas.scene import MaskKind
from hairstudio.studio.canvas.widget import Canvas

_FACE = 0.07
"""Diameter of the brush as a part of the photo's width: a third of a face in a portrait."""

_HELD = {
    QEvent.Type.MouseButtonPress: (Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton),
    QEvent.Type.MouseMove: (Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton),
    QEvent.Type.MouseButtonRelease: (Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton),
}


@dataclass(frozen=True)
class Times:
    """Milliseconds per event, with drawing: the median and the worst of twenty."""

    median: float
    slow: float


def brush(megapixels: float = 24.0, events: int = 120, flow: float = 1.0) -> Times:
    """A stroke with a brush of a third of a face, the whole photo in a 1348 x 724 canvas.

    Needs a QApplication; call ``warm_up`` of the canvas before.
    """
    canvas = _canvas(megapixels, flow)
    angles = np.linspace(0, 4 * np.pi, events)
    path = [QPointF(674 + 200 * np.cos(a), 340 + 120 * np.sin(1.3 * a)) for a in angles]
    _send(canvas, QEvent.Type.MouseButtonPress, path[0])
    times = [_timed(canvas, at) for at in path]
    _send(canvas, QEvent.Type.MouseButtonRelease, path[-1])
    canvas.close()
    canvas.deleteLater()
    QCoreApplication.processEvents()
    return Times(float(np.median(times)), float(np.quantile(times, 0.95)))


def _canvas(megapixels: float, flow: float) -> Canvas:
    width = round((megapixels * 1e6 * 1.5) ** 0.5)
    height = round(width / 1.5)
    ramp = np.add.outer(np.arange(height), np.arange(width)).astype(np.uint8)
    canvas = Canvas()
    canvas.resize(1348, 724)  # the canvas of a 1440 x 900 window without the panel
    canvas.set_photo(picture(np.repeat(ramp[..., None], 3, axis=2)))
    canvas.set_mask(MaskKind.REGION, TiledMask((width, height)))
    canvas.set_brush(type(canvas.scene.brush)(size=_FACE * width, flow=flow))
    canvas.show()
    QCoreApplication.processEvents()
    return canvas


def _timed(canvas: Canvas, at: QPointF) -> float:
    start = time.perf_counter()
    _send(canvas, QEvent.Type.MouseMove, at)
    QCoreApplication.processEvents()
    return (time.perf_counter() - start) * 1000


def _send(canvas: Canvas, kind: QEvent.Type, at: QPointF) -> None:
    event = QMouseEvent(
        kind, at, canvas.mapToGlobal(at), *_HELD[kind], Qt.KeyboardModifier.NoModifier
    )
    QCoreApplication.sendEvent(canvas, event)
