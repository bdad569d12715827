"""Drawing the photo and its edits at any zoom, from the nearest larger copy.

The painter counts device pixels of the view's port. A part that is drawn alone has the pixels that
it has in the whole.
"""

from __future__ import annotations

from math import ceil, floor

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas.picture import After, Picture
from hairstudio.studio.canvas.view import View

SQUARES = 4.0
"""From this zoom on, the photo's pixels are shown as squares."""

_MARGIN = 2

Rect = tuple[float, float, float, float]


def before(painter: QPainter, photo: Picture, view: View, box: Box) -> None:
    """Draw the part of the photo in ``box``, device pixels of the view's port."""
    rect = (0.0, 0.0, float(photo.size[0]), float(photo.size[1]))
    _draw(painter, photo.levels, rect, photo.step, view, box.intersection(view.visible))


def result(painter: QPainter, photo: Picture, after: After | None, view: View, box: Box) -> None:
    """The same with the edits over it."""
    before(painter, photo, view, box)
    for layer in () if after is None else after.layers:
        inside = _centres(layer.shown, layer.step, view).intersection(box)
        inside = inside.intersection(view.visible)
        _draw(painter, layer.levels, _rect(layer.box, layer.step), layer.step, view, inside)


def reach(after: After | None, photo: tuple[int, int]) -> Box:
    """The part of the photo that the layers cover."""
    box = Box(0, 0, 0, 0)
    for layer in () if after is None else after.layers:
        box = box.union(layer.shown.scaled(layer.step))
    return box.intersection(Box.of_size(*photo))


def _rect(box: Box, step: float) -> Rect:
    return box.x * step, box.y * step, box.w * step, box.h * step


def _centres(box: Box, step: float, view: View) -> Box:
    """The device pixels whose centres lie in a box of a layer."""
    (x, y, w, h), (left, top) = _rect(box, step), view.origin
    start = [ceil(at * view.zoom + shift - 0.5) for at, shift in ((x, left), (y, top))]
    end = [ceil(at * view.zoom + shift - 0.5) for at, shift in ((x + w, left), (y + h, top))]
    return Box(start[0], start[1], end[0] - start[0], end[1] - start[1])


def _draw(
    painter: QPainter, levels: tuple[QImage, ...], rect: Rect, step: float, view: View, seen: Box
) -> None:
    """Draw ``seen`` of an image that covers ``rect`` of the photo (edges, not centres)."""
    if seen.empty:
        return
    level = 0
    while level + 1 < len(levels) and view.zoom * step * (2 << level) <= 1 + 1e-9:
        level += 1
    image, size = levels[level], step * (1 << level)  # photo pixels per pixel of the level
    left, right = _range(
        seen.x, seen.right, view.origin[0], rect[0], view.zoom, size, image.width()
    )
    top, bottom = _range(
        seen.y, seen.bottom, view.origin[1], rect[1], view.zoom, size, image.height()
    )
    source = QRect(left, top, right - left, bottom - top)
    target = QRectF(
        view.origin[0] + (rect[0] + left * size) * view.zoom,
        view.origin[1] + (rect[1] + top * size) * view.zoom,
        source.width() * size * view.zoom,
        source.height() * size * view.zoom,
    )
    painter.save()
    painter.setClipRect(QRect(*seen), Qt.ClipOperation.IntersectClip)
    smooth = not (step <= 1 and view.zoom >= SQUARES)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(target, image, QRectF(source))
    painter.restore()


def _range(
    first: int, last: int, origin: int, start: float, zoom: float, size: float, length: int
) -> tuple[int, int]:
    """The pixels of a level that device pixels ``first`` .. ``last`` need, with a margin."""
    low = floor(((first - origin) / zoom - start) / size) - _MARGIN
    high = ceil(((last - origin) / zoom - start) / size) + _MARGIN
    return min(max(low, 0), length - 1), max(min(high, length), 1)
