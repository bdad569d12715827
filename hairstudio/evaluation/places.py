"""Where a user would paint: temples, parting, crown."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.evaluation.subject import Subject
from hairstudio.imaging.blend import to_depth
from hairstudio.imaging.filters import fast_blur, smoothstep
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.resample import crop
from hairstudio.portrait.parsing import ALL_SKIN, Class
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
Mask = NDArray[np.uint8]

PLACES = ("temples", "parting", "crown")
TEMPLE, CROWN = (0.27, 0.20), (0.36, 0.20)  # half-axes, IOD
PARTING, FLANK = 0.055, 0.12  # half-width, and where the hair beside it is looked at, IOD
PARTING_LENGTH = 0.75  # IOD above the hairline
CLEAR = 3.0  # L* that a parting is lighter than the hair beside it
WORKING = 96.0  # IOD of the small picture in which a parting is looked for


def paint(subject: Subject, place: str) -> Mask | None:
    """A soft mask, (H, W) uint8 at photo size; None where the head has no such place."""
    box = Box.of_size(*subject.photo.size)
    view = View(np.zeros((box.h, box.w, 3), np.float32), box, 1.0, subject.analysis)
    shape = {"temples": _temples, "parting": _parting, "crown": _crown}[place](subject, view)
    return None if shape is None else to_depth(shape, np.uint8)


def _ellipse(view: View, u0: float, v0: float, axes: tuple[float, float]) -> Array:
    u, v = view.uv
    distance = np.hypot((u - u0) / axes[0], (v - v0) / axes[1])
    return np.clip((1 - distance) / 0.45, 0, 1).astype(np.float32)


def _temples(subject: Subject, view: View) -> Array | None:
    sides = np.float32(subject.analysis.centre) + np.array([-0.52, 0.52], np.float32)
    line = subject.analysis.hairline.at(sides)
    found = [_ellipse(view, float(u), float(v) + 0.02, TEMPLE)
             for u, v in zip(sides, line, strict=True) if np.isfinite(v)]  # fmt: skip
    return np.max(found, axis=0) if found else None


def _crown(subject: Subject, view: View) -> Array | None:
    u, v = view.uv
    head = subject.analysis.probability(Class.HAIR, *ALL_SKIN) > 127
    on_head = view.resample(head.astype(np.uint8)) > 0
    middle = on_head & (np.abs(u - subject.analysis.centre) < 0.2)
    if not middle.any():
        return None
    top = float(v[middle].min())
    return _ellipse(view, subject.analysis.centre, top + 0.22, CROWN)


def _parting(subject: Subject, view: View) -> Array | None:
    """Along the straight line up from the hairline that is lightest against its sides."""
    scale = min(1.0, WORKING / subject.analysis.iod)
    box = view.box.scaled(scale)
    small = View(crop(subject.photo.pixels, box, scale), box, scale, subject.analysis)
    light = fast_blur(cv2.cvtColor(small.rgb, cv2.COLOR_RGB2LAB)[..., 0], 0.015 * small.iod)
    hair = cv2.dilate(small.hair, np.ones((3, 3)))
    best, at = CLEAR, None
    steps = np.linspace(0.05, 1, 24, dtype=np.float32)
    for u0 in np.float32(subject.analysis.centre) + np.linspace(-0.6, 0.6, 41, dtype=np.float32):
        v0 = float(subject.analysis.hairline.at(u0[None])[0])
        for slope in np.linspace(-0.6, 0.6, 13) if np.isfinite(v0) else ():
            up = np.float32(PARTING_LENGTH) * steps
            line = np.stack([u0 + np.float32(slope) * up, np.float32(v0) - up], 1)
            contrast = _contrast(light, hair, small, line)
            if contrast > best:
                best, at = contrast, (float(u0), v0, float(slope))
    return None if at is None else _band(view, *at)


def _contrast(light: Array, hair: Array, view: View, line: Array) -> float:
    """How much lighter a line is than what lies beside it, where all is hair."""
    rows: list[Array] = []
    for aside in (0.0, -FLANK, FLANK):
        x, y = view.frame.inverse.apply(line + np.array([aside, 0])).astype(np.float32).T.copy()
        rows += [cv2.remap(plane, x, y, cv2.INTER_LINEAR).ravel() for plane in (light, hair)]
    middle, _, left, at_left, right, at_right = rows
    if min(at_left.mean(), at_right.mean()) < 0.8:
        return 0.0
    return float(np.median(middle - np.maximum(left, right)))


def _band(view: View, u0: float, v0: float, slope: float) -> Array:
    u, v = view.uv
    up = v0 - v
    aside = np.abs(u - u0 - slope * up) / np.hypot(1, slope)
    along = smoothstep(-0.02, 0.06, up) * smoothstep(PARTING_LENGTH, 0.8 * PARTING_LENGTH, up)
    return along * smoothstep(1.6 * PARTING, 0.6 * PARTING, aside)
