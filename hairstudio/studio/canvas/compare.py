"""Photo and result beside each other: which part of the canvas shows what, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import cv2
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas import drawing, marks, overlay, qimage
from hairstudio.studio.canvas.picture import After, Picture
from hairstudio.studio.canvas.scene import GREEN, RED, Compare, MaskKind, Scene, Tool
from hairstudio.studio.canvas.view import View

GAP = 2
"""Device pixels between two halves."""

_MUCH = 1.4

GAIN = 4
"""Differences are shown so many times as large."""

_SHOWS_MASKS = {Tool.BRUSH, Tool.ERASER, Tool.LASSO, Tool.DIRECTION, Tool.PROTECT}


class Side(Enum):
    """What a part of the canvas shows."""

    BEFORE = "before"
    AFTER = "after"
    DIFFERENCE = "difference"


@dataclass(frozen=True)
class Pane:
    """A part of the canvas that shows the photo once. ``box``: device pixels of the canvas;
    ``view``: lies in the pane; ``wipe``: x within it where Before ends, None: one side only."""

    box: Box
    view: View
    side: Side
    wipe: int | None = None


def stacked(scene: Scene, size: tuple[int, int]) -> bool:
    """Side by side means one above the other where a wide photo becomes much larger so."""
    if scene.photo is None or scene.compare is not Compare.SIDE_BY_SIDE:
        return False
    (width, height), (across, down) = scene.photo.size, size
    beside = min(across / 2 / width, down / height)
    above = min(across / width, down / 2 / height)
    return above > _MUCH * beside


def port(scene: Scene, size: tuple[int, int]) -> tuple[int, int]:
    """The size of one pane of a canvas of ``size`` device pixels."""
    if scene.compare is not Compare.SIDE_BY_SIDE:
        return size
    if stacked(scene, size):
        return size[0], max(1, (size[1] - GAP) // 2)
    return max(1, (size[0] - GAP) // 2), size[1]


def panes(scene: Scene, view: View, above: bool = False) -> tuple[Pane, ...]:
    """The parts of the canvas, Before first; ``view`` is that of each. ``above``: ``stacked``."""
    box = Box.of_size(*view.port)
    if scene.compare is Compare.SIDE_BY_SIDE:
        second = box.shifted(0, box.h + GAP) if above else box.shifted(box.w + GAP, 0)
        right = Side.BEFORE if scene.peek else Side.AFTER
        return Pane(box, view, Side.BEFORE), Pane(second, view, right)
    if scene.peek:
        return (Pane(box, view, Side.BEFORE),)
    if scene.compare is Compare.DIFFERENCE:
        return (Pane(box, view, Side.DIFFERENCE),)
    wipe = wipe_at(scene, view) if scene.compare is Compare.WIPE else None
    return (Pane(box, view, Side.AFTER, wipe),)


def wipe_at(scene: Scene, view: View) -> int:
    """Device x of the wipe line: a fraction of what is in sight of the photo."""
    seen = view.visible
    return seen.x + round(scene.wipe * seen.w)


def shows_masks(scene: Scene) -> bool:
    """Nothing lies over the result while it is judged."""
    painting = scene.tool in _SHOWS_MASKS and not scene.peek
    return painting and scene.overlay.shown and scene.compare in (Compare.RESULT, Compare.WIPE)


def paint(painter: QPainter, scene: Scene, pane: Pane, exposed: Box, ratio: float = 1.0) -> None:
    """Draw what ``exposed`` (device pixels of the pane) shows of the photo, with its masks.

    ``ratio``: device pixels per logical pixel.
    """
    if scene.photo is None:
        return
    if pane.wipe is None:
        _paint_side(painter, scene, pane.view, pane.side, exposed)
        tinted = exposed
    else:
        width, height = pane.view.port
        tinted = exposed.intersection(Box(0, 0, pane.wipe, height))
        right = exposed.intersection(Box(pane.wipe, 0, width - pane.wipe, height))
        _paint_side(painter, scene, pane.view, Side.BEFORE, tinted)
        _paint_side(painter, scene, pane.view, Side.AFTER, right)
    if shows_masks(scene):
        _paint_masks(painter, scene, pane.view, tinted, ratio)


def _paint_side(painter: QPainter, scene: Scene, view: View, side: Side, box: Box) -> None:
    if scene.photo is None or box.empty:
        return
    if side is Side.BEFORE:
        drawing.before(painter, scene.photo, view, box)
    elif side is Side.AFTER:
        drawing.result(painter, scene.photo, scene.after, view, box)
    else:
        _paint_difference(painter, scene.photo, scene.after, view, box.intersection(view.visible))


def _paint_difference(
    painter: QPainter, photo: Picture, after: After | None, view: View, box: Box
) -> None:
    """Black where nothing was edited."""
    painter.fillRect(QRect(*box), Qt.GlobalColor.black)
    reach = view.device_box(drawing.reach(after, photo.size)).intersection(box)
    if reach.empty:
        return
    sides = [QImage(reach.w, reach.h, QImage.Format.Format_RGB32) for _ in range(2)]
    for image, edits in zip(sides, (None, after), strict=True):
        inner = QPainter(image)
        inner.translate(-reach.x, -reach.y)
        drawing.result(inner, photo, edits, view, reach)
        inner.end()
    change = cv2.convertScaleAbs(cv2.absdiff(*map(qimage.view, sides)), alpha=GAIN)
    change[..., 3] = 255
    painter.drawImage(reach.x, reach.y, qimage.opaque(change))


def protect_color(region: QColor) -> QColor:
    return GREEN if region == RED else RED


def _paint_masks(painter: QPainter, scene: Scene, view: View, box: Box, ratio: float) -> None:
    color = scene.overlay.color
    for kind, mask in scene.masks.items():
        look = overlay.Look(color, ratio)
        if kind is MaskKind.PROTECT:
            look = overlay.Look(protect_color(color), ratio, hatched=True)
        overlay.draw(painter, mask, view, box, look)


def paint_marks(painter: QPainter, scene: Scene, pane: Pane, ratio: float, font: QFont) -> None:
    """Wipe line and labels of a pane. The painter counts logical pixels, ``ratio`` device pixels
    each, from the pane's corner."""
    seen = pane.view.visible
    if seen.empty:
        return
    left, top = seen.x / ratio, seen.y / ratio
    y, labels = top + marks.CHIP_GAP, scene.labels
    if pane.wipe is not None:
        _paint_wipe(painter, scene, pane, ratio, font)
    elif pane.side is Side.DIFFERENCE:
        marks.chip(painter, left + marks.CHIP_GAP, y, labels.difference, "", font)
    elif pane.side is Side.BEFORE:
        marks.chip(painter, left + marks.CHIP_GAP, y, labels.before, "", font)
    elif scene.compare is Compare.SIDE_BY_SIDE:
        marks.chip(painter, left + marks.CHIP_GAP, y, labels.after, labels.note, font)


def _paint_wipe(painter: QPainter, scene: Scene, pane: Pane, ratio: float, font: QFont) -> None:
    seen, labels = pane.view.visible, scene.labels
    x, y = (pane.wipe or 0) / ratio, seen.y / ratio + marks.CHIP_GAP
    crisp = x + 0.5 / ratio  # one pixel is wholly white
    marks.wipe_line(painter, crisp, seen.y / ratio, seen.bottom / ratio)
    marks.grip(painter, grip_center(pane, ratio))
    width = marks.chip_width(labels.before, "", font)
    if x - marks.CHIP_GAP - width >= seen.x / ratio:
        marks.chip(painter, x - marks.CHIP_GAP - width, y, labels.before, "", font)
    if x + marks.CHIP_GAP + marks.chip_width(labels.after, labels.note, font) <= seen.right / ratio:
        marks.chip(painter, x + marks.CHIP_GAP, y, labels.after, labels.note, font)


def grip_center(pane: Pane, ratio: float) -> QPointF:
    """In logical pixels of the pane."""
    seen = pane.view.visible
    y = (seen.y + marks.GRIP_AT * seen.h) / ratio
    lowest = seen.bottom / ratio - marks.GRIP / 2
    return QPointF((pane.wipe or 0) / ratio, max(min(y, lowest), seen.y / ratio))


def comparison(scene: Scene, font: QFont, longest: int | None = None) -> QImage:
    """The comparison as shown, of the whole photo without masks, for a file. Not in the GUI thread.

    ``scene``: a copy (``Canvas.snapshot``); ``longest``: side of one picture at most, in pixels.
    Labels grow with the picture.
    """
    photo = scene.photo
    if photo is None:
        raise ValueError("there is no photo to compare")
    scene = replace(scene, peek=False, tool=Tool.HAND)
    width, height = photo.size
    zoom = min(1.0, (longest or max(width, height)) / max(width, height))
    size = max(1, round(width * zoom)), max(1, round(height * zoom))
    view = View(photo.size, size, zoom, 0, 0)
    both = panes(scene, view, above=width > 2 * height)
    image = QImage(both[-1].box.right, both[-1].box.bottom, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    ratio = max(1.0, max(size) / 1200)
    for pane in both:
        painter.save()
        painter.translate(pane.box.x, pane.box.y)
        painter.setClipRect(QRect(0, 0, pane.box.w, pane.box.h))
        paint(painter, scene, pane, Box.of_size(*size))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(ratio, ratio)
        paint_marks(painter, scene, pane, ratio, font)
        painter.restore()
    painter.end()
    return image
