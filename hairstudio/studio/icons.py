"""Our own SVG icons, drawn in the theme's colour at whatever size is asked for."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from hairstudio import resources
from hairstudio.studio import theme


@cache
def _source(name: str) -> str:
    return resources.path(f"icons/{name}.svg").read_text(encoding="utf-8")


@cache
def _drawing(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))


def paint(painter: QPainter, name: str, place: QRectF, colour: str) -> None:
    """Draw an icon into ``place`` in #RRGGBB."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _drawing(name, colour).render(painter, place)
    painter.restore()


class _Engine(QIconEngine):
    """Asks the theme for its colour each time, so a change of scheme needs no new icons."""

    def __init__(self, name: str, token: str, on: str) -> None:
        super().__init__()
        self._name, self._token, self._on = name, token, on

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint(painter, self._name, QRectF(rect), self._colour(mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._drawn(size, mode, state)

    def scaledPixmap(  # noqa: N802 - Qt's name
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        made = self._drawn(size * scale, mode, state)
        made.setDevicePixelRatio(scale)
        return made

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._token, self._on)

    def _drawn(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        if made.isNull():  # a button without room asks for nothing
            return made
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        if mode == QIcon.Mode.Disabled:
            return theme.tokens().dis
        return str(getattr(theme.tokens(), self._on if state == QIcon.State.On else self._token))


def icon(name: str, token: str = "text", on: str = "accent") -> QIcon:
    """An icon in the colour of ``token``, in that of ``on`` where its button is checked."""
    return QIcon(_Engine(name, token, on))


def pixmap(name: str, size: int, token: str = "text", ratio: float = 1.0) -> QPixmap:
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint(painter, name, QRectF(0, 0, size, size), QColor(theme.colour(token)).name())
    painter.end()
    return made
