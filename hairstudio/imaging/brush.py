"""Brush strokes into a mask."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brush:
    """``size``: diameter in photo pixels at full pressure; ``hardness`` 0..1: the part of the
    radius that is wholly covered; ``flow`` 0..1: what one straight pass, or one click, leaves in
    the middle. ``pressure_size``, ``pressure_flow``: what the pen's pressure steers."""

    size: float = 80.0
    hardness: float = 0.6
    flow: float = 1.0
    pressure_size: bool = True
    pressure_flow: bool = False

    @property
    def radius(self) -> float:
        return self.size / 2


@dataclass(frozen=True, slots=True)
class Axis:
    """A line in the photo frame: strokes are mirrored about it. (``dx``, ``dy``) need not be
    of unit length."""

    x: float
    y: float
    dx: float
    dy: float

    def mirrored(self, x: float, y: float) -> tuple[float, float]:
        """The point on the other side."""
        norm = self.dx * self.dx + self.dy * self.dy
        along = ((x - self.x) * self.dx + (y - self.y) * self.dy) / norm
        return (2 * (self.x + along * self.dx) - x, 2 * (self.y + along * self.dy) - y)
