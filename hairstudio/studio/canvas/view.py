"""Where the photo lies in the widget: zoom and shift, as values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor, log2

from hairstudio.imaging.geometry import Box

MARGIN = 16
STEPS = (0.02, 0.03, 0.05, 0.0625, 0.0833, 0.125, 0.1667, 0.25, 0.3333, 0.5, 0.6667, 1.0, 1.5, 2.0,
         3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0)  # fmt: skip
_NOTCHES = 4
_KEPT = 64
"""That many pixels of the photo stay in sight."""


@dataclass(frozen=True, slots=True)
class View:
    """Photo frame <-> device pixels of the port (the widget or one half of it).

    ``photo``: (width, height) of the photo; ``port``: of the port in device pixels; ``zoom``:
    device pixels per photo pixel, 1 = 100 %; ``x``, ``y``: device position of the photo's top
    left corner. Device positions count edges (the first pixel covers 0..1), photo positions pixel
    centres.
    """

    photo: tuple[int, int]
    port: tuple[int, int]
    zoom: float
    x: float
    y: float

    @classmethod
    def fit(cls, photo: tuple[int, int], port: tuple[int, int], margin: float = MARGIN) -> View:
        """The whole photo with at least ``margin`` around it, never larger than 100 % ... of the
        port; small photos are enlarged to fit as well."""
        room = [max(1.0, side - 2 * margin) for side in port]
        zoom = min(room[0] / photo[0], room[1] / photo[1], STEPS[-1])
        return cls(photo, port, zoom, 0.0, 0.0).centred()

    @property
    def origin(self) -> tuple[int, int]:
        """Where the photo is drawn: whole device pixels, so that 100 % is pixel by pixel."""
        return round(self.x), round(self.y)

    def centred(self) -> View:
        width, height = (side * self.zoom for side in self.photo)
        return replace(self, x=(self.port[0] - width) / 2, y=(self.port[1] - height) / 2)

    def to_device(self, x: float, y: float) -> tuple[float, float]:
        """Photo -> device position."""
        left, top = self.origin
        return (x + 0.5) * self.zoom + left, (y + 0.5) * self.zoom + top

    def to_photo(self, x: float, y: float) -> tuple[float, float]:
        """Device -> photo position."""
        left, top = self.origin
        return (x - left) / self.zoom - 0.5, (y - top) / self.zoom - 0.5

    def device_box(self, box: Box) -> Box:
        """The device pixels that a box of the photo touches."""
        left, top = self.origin
        return box.scaled(self.zoom).shifted(left, top)

    @property
    def visible(self) -> Box:
        """The device pixels of the port that show the photo."""
        return self.device_box(Box.of_size(*self.photo)).intersection(Box.of_size(*self.port))

    def zoomed(self, zoom: float, at: tuple[float, float] | None = None) -> View:
        """Zoom so that the device position ``at`` (None: the middle) keeps its photo position."""
        zoom = min(max(zoom, self._smallest()), STEPS[-1])
        cx, cy = at or (self.port[0] / 2, self.port[1] / 2)
        ratio = zoom / self.zoom
        moved = replace(self, zoom=zoom, x=cx - (cx - self.x) * ratio, y=cy - (cy - self.y) * ratio)
        return moved._in_sight()

    def stepped(self, steps: int, at: tuple[float, float] | None = None) -> View:
        """The next larger (1) or smaller (-1) zoom of ``STEPS``."""
        larger = [zoom for zoom in STEPS if zoom > self.zoom * 1.001]
        smaller = [zoom for zoom in STEPS if zoom < self.zoom * 0.999]
        found = larger[:1] if steps > 0 else smaller[-1:]
        return self.zoomed(found[0], at) if found else self

    def turned(self, notches: float, at: tuple[float, float]) -> View:
        """By notches of a wheel, four to double the zoom; whole ones stop at 50, 100, 200 %."""
        now = log2(self.zoom) * _NOTCHES
        if notches == round(notches):
            now = floor(now + 1e-6) if notches > 0 else ceil(now - 1e-6)
        return self.zoomed(2 ** ((now + notches) / _NOTCHES), at)

    def panned(self, dx: float, dy: float) -> View:
        """Shifted by device pixels; a part of the photo stays in sight."""
        return replace(self, x=self.x + dx, y=self.y + dy)._in_sight()

    def resized(self, port: tuple[int, int]) -> View:
        """The same middle in a port of another size."""
        dx, dy = ((new - old) / 2 for new, old in zip(port, self.port, strict=True))
        return replace(self, port=port, x=self.x + dx, y=self.y + dy)._in_sight()

    def _smallest(self) -> float:
        return min(self.fit(self.photo, self.port).zoom, 1.0) / 4

    def _in_sight(self) -> View:
        def clamped(at: float, side: int, port: int) -> float:
            kept = min(_KEPT, side * self.zoom, port)
            return min(max(at, kept - side * self.zoom), port - kept)

        return replace(
            self,
            x=clamped(self.x, self.photo[0], self.port[0]),
            y=clamped(self.y, self.photo[1], self.port[1]),
        )
