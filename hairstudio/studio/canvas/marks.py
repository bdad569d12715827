"""What lies on the photo besides masks: labels, wipe line, brush ring, outlines, handles.

Sizes are logical pixels; the painter counts them. All marks are light with a dark rim, to be seen
on any photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

CHIP_HEIGHT, CHIP_PADDING, CHIP_GAP, RADIUS = 24.0, 9.0, 8.0, 4.0
GRIP = 32.0
GRIP_AT = 0.87
"""Height of the grip on the wipe line: the lower quarter, clear of the face."""

SMALLEST_RING = 3.0

_CHIP = QColor(0x16, 0x16, 0x16, 209)  # 82 %
_TEXT, _NOTE = QColor("#F2F2F2"), QColor("#BEBEBE")
_LIGHT, _RIM = QColor("#FFFFFF"), QColor(0, 0, 0, 140)  # 55 %


def font(base: QFont, bold: bool = False) -> QFont:
    """The chips' font: 13 px of the widget's family."""
    made = QFont(base)
    made.setPixelSize(13)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made


def chip_width(words: str, note: str, base: QFont) -> float:
    width = QFontMetricsF(font(base, bold=True)).horizontalAdvance(words)
    if note:
        width += QFontMetricsF(font(base)).horizontalAdvance(f" · {note}")
    return width + 2 * CHIP_PADDING


def chip(painter: QPainter, x: float, y: float, words: str, note: str, base: QFont) -> QRectF:
    """A label with its top left corner at (x, y)."""
    box = QRectF(round(x), round(y), chip_width(words, note, base), CHIP_HEIGHT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_CHIP)
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    at = QPointF(box.x() + CHIP_PADDING, box.y() + 16.5)
    painter.setFont(font(base, bold=True))
    painter.setPen(_TEXT)
    painter.drawText(at, words)
    if note:
        at.setX(at.x() + QFontMetricsF(painter.font()).horizontalAdvance(words))
        painter.setFont(font(base))
        painter.setPen(_NOTE)
        painter.drawText(at, f" · {note}")
    return box


def stroke(painter: QPainter, path: QPainterPath, width: float = 1.5) -> None:
    """A white line on a dark one."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, breadth in ((_RIM, width + 1.5), (_LIGHT, width)):
        pen = QPen(color, breadth)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(path)


def ring(painter: QPainter, center: QPointF, radius: float, hardness: float) -> None:
    """The brush: its size at full pressure and, inside, how far it covers wholly."""
    radius = max(radius, SMALLEST_RING)
    for size, width in ((radius * hardness, 1.0), (radius, 1.5)):
        if size == radius or SMALLEST_RING <= size <= radius - 4:
            path = QPainterPath()
            path.addEllipse(center, size, size)
            stroke(painter, path, width)


def wipe_line(painter: QPainter, x: float, top: float, bottom: float) -> None:
    path = QPainterPath(QPointF(x, top))
    path.lineTo(x, bottom)
    pen_cap = QRectF(x - 2, top, 4, bottom - top)  # the rim must not reach over the photo's ends
    painter.save()
    painter.setClipRect(pen_cap, Qt.ClipOperation.IntersectClip)
    stroke(painter, path)
    painter.restore()


def grip(painter: QPainter, center: QPointF) -> None:
    """The round handle of the wipe line."""
    painter.setPen(QPen(_LIGHT, 1.5))
    painter.setBrush(_CHIP)
    painter.drawEllipse(center, GRIP / 2 - 1, GRIP / 2 - 1)
    painter.setPen(_rounded(_LIGHT, 1.75))
    for side in (-1, 1):
        tip = QPointF(center.x() + side * 8, center.y())
        ends = [QPointF(center.x() + side * 4, center.y() + dy) for dy in (-4.5, 4.5)]
        painter.drawPolyline(QPolygonF([ends[0], tip, ends[1]]))


def knob(painter: QPainter, center: QPointF, up: QPointF) -> None:
    """A handle that moves along ``up``, a unit vector of the screen: arrows both ways."""
    painter.setPen(QPen(_LIGHT, 1.5))
    painter.setBrush(_CHIP)
    painter.drawEllipse(center, 12.0, 12.0)
    painter.setPen(_rounded(_LIGHT, 1.5))
    across = QPointF(-up.y(), up.x())
    for side in (-1, 1):
        tip, base = center + up * (side * 7), center + up * (side * 3.5)
        painter.drawPolyline(QPolygonF([base + across * 3.5, tip, base - across * 3.5]))


def curve(points: Sequence[QPointF]) -> QPainterPath:
    """A smooth path through the middles between points."""
    path = QPainterPath(points[0])
    for point, following in pairwise(points[1:]):
        path.quadTo(point, (point + following) / 2)
    path.lineTo(points[-1])
    return path


def arrow(points: Sequence[QPointF]) -> QPainterPath:
    """A line with a head at its end."""
    path = curve(points)
    tip = points[-1]
    tail = next((p for p in reversed(points[:-1]) if _length(tip - p) > 6), points[0])
    length = _length(tip - tail)
    if length:
        along = (tip - tail) / length
        across = QPointF(-along.y(), along.x())
        path.moveTo(tip - along * 9 + across * 5)
        path.lineTo(tip)
        path.lineTo(tip - along * 9 - across * 5)
    return path


def outline(painter: QPainter, box: QRectF, number: int, selected: bool, base: QFont) -> None:
    """A face to choose, with its number."""
    path = QPainterPath()
    path.addRoundedRect(box, 8, 8)
    stroke(painter, path, 3.0 if selected else 1.5)
    badge = QRectF(box.x() + 8, box.y() + 8, 24, 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_LIGHT if selected else _CHIP)
    painter.drawEllipse(badge)
    painter.setFont(font(base, bold=True))
    painter.setPen(QColor("#161616") if selected else _TEXT)
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(number))


def swatch(painter: QPainter, center: QPointF, color: QColor) -> None:
    """The colour under the picker, beside the pointer."""
    painter.setPen(QPen(_RIM, 4.5))
    painter.setBrush(color)
    painter.drawEllipse(center, 18.0, 18.0)
    painter.setPen(QPen(_LIGHT, 1.5))
    painter.drawEllipse(center, 18.0, 18.0)


def dashed(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """A faint line: the axis of mirrored painting."""
    for color, offset in ((QColor(0, 0, 0, 110), 0.0), (QColor(255, 255, 255, 170), 5.0)):
        pen = QPen(color, 1.0, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([5.0, 5.0])
        pen.setDashOffset(offset)
        painter.setPen(pen)
        painter.drawLine(start, end)


def _rounded(color: QColor, width: float) -> QPen:
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _length(vector: QPointF) -> float:
    return (vector.x() ** 2 + vector.y() ** 2) ** 0.5
