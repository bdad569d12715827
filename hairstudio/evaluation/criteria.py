"""What one photo is judged by: its hairline over the whole slider, its hair in some shades.

Edited photos are parsed again, so that the figures are what a stranger would see, not what the
edit says of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.editing.edits import Color, Hairline
from hairstudio.evaluation.subject import Edited, Seen, Subject
from hairstudio.guides import palette
from hairstudio.imaging.blend import to_float
from hairstudio.imaging.geometry import Box
from hairstudio.metrics import texture
from hairstudio.metrics.agreement import MAX_CHANGED
from hairstudio.metrics.color import ColorMatch, hair_entirely, judge_color
from hairstudio.metrics.hairline import MIN_STEPS, HairlineSweep, judge_sweep
from hairstudio.metrics.texture import Texture, TextureRatio
from hairstudio.portrait.hairline import HairlineCurve
from hairstudio.portrait.parsing import ALL_SKIN, Class
from hairstudio.portrait.view import View

SLIDER = tuple(round(v / 5, 1) for v in range(-5, 6))
TEXTURE_AT = (-1.0, -0.4, 0.4, 1.0)
BAND = (0.25, 0.5)  # IOD above the hairline, IOD to either side: where moved hair is measured
SURE_HAIR = 0.9
MIN_AREA = 0.04  # IOD^2 of hair: with less, a texture says nothing
STRAND = 0.05  # IOD: a few loose hairs side by side
NO_HAIRLINE = ("hairline_hidden", "no_hair_to_sample")


@dataclass(frozen=True)
class HairlineVerdict:
    """``textures``: slider value -> moved hair over own hair (values where there is enough of it);
    ``class_change``: worst share of pixels outside the edit that changed class; ``outside``: worst
    difference outside the patch, levels; ``limited``: values that said so."""

    sweep: HairlineSweep
    textures: dict[float, TextureRatio]
    class_change: float
    outside: int
    limited: tuple[float, ...]
    checks: dict[str, bool]


@dataclass(frozen=True)
class ColorVerdict:
    shade: str
    match: ColorMatch
    texture: TextureRatio
    class_change: float
    outside: int
    checks: dict[str, bool]


@dataclass(frozen=True, eq=False)
class _Look:
    """One slider value: what is kept of the edited photo after looking at it."""

    curve: HairlineCurve
    warnings: frozenset[str]
    touched: bool
    texture: TextureRatio | None
    class_change: float
    outside: int


def judge_hairline(subject: Subject, values: Sequence[float] = SLIDER) -> HairlineVerdict | str:
    """Edit and look again at every slider value (0 among them).

    A word instead, when the hairline is hidden or can hardly move.
    """
    looks = {v: _look(subject, v) for v in values}
    for reason in NO_HAIRLINE:
        if any(reason in look.warnings for look in looks.values()):
            return reason
    limited = tuple(v for v, look in looks.items() if "hairline_limited" in look.warnings)
    if len(values) - len(limited) < MIN_STEPS:
        return "hairline_limited"
    sweep = judge_sweep([(v, look.curve) for v, look in looks.items()], limited)
    textures = {v: look.texture for v, look in looks.items() if look.texture is not None}
    change = max(look.class_change for look in looks.values())
    outside = max(look.outside for look in looks.values())
    checks = sweep.checks | {
        "identical at 0": not looks[0.0].touched,
        "texture": all(ratio.passed for ratio in textures.values()),
        "classes": change <= MAX_CHANGED,
        "outside": outside == 0,
    }
    return HairlineVerdict(sweep, textures, change, outside, limited, checks)


def _look(subject: Subject, value: float) -> _Look:
    edited = subject.edit(Hairline(amount=value))
    touched = bool(edited.touched.any())
    seen = subject.follow(edited.pixels) if touched else subject.before
    return _Look(
        seen.curve,
        frozenset(finding.code for finding in edited.warnings),
        touched,
        _moved_texture(subject, edited, seen) if value in TEXTURE_AT else None,
        subject.class_change(edited, seen),
        subject.outside(edited),
    )


def judge_shade(subject: Subject, shade: str) -> ColorVerdict | str:
    """Colour the hair fully and look again. A word instead, when there is too little hair."""
    edited = subject.edit(Color(shade=shade))
    view = _hair_view(subject)
    hair = _core(view.hair > SURE_HAIR)
    if np.count_nonzero(hair) < MIN_AREA * subject.analysis.iod**2:
        return "no_hair"
    before, after = (p[view.box.slices] for p in (subject.photo.pixels, edited.pixels))
    skin = view.probability(*ALL_SKIN)
    match = judge_color(before, after, hair_entirely(hair, skin, view.iod), skin,
                        palette.shade(shade).lab, round(STRAND * view.iod))  # fmt: skip
    own, new = (texture.measure(to_float(p), hair, view.unit) for p in (before, after))
    ratio = texture.compare(new, own)
    change = subject.class_change(edited, subject.see(edited.pixels))
    outside = subject.outside(edited)
    checks = match.checks | {
        "texture": ratio.passed,
        "classes": change <= MAX_CHANGED,
        "outside": outside == 0,
    }
    return ColorVerdict(shade, match, ratio, change, outside, checks)


def _hair_view(subject: Subject) -> View:
    """The photo around all hair and skin that the analysis knows."""
    grid = subject.analysis.grid
    known = Box.of_mask(subject.analysis.probability(Class.HAIR, *ALL_SKIN) > 127)
    box = known.shifted(grid.box.x, grid.box.y).scaled(1 / grid.scale).grown(8)
    box = box.intersection(Box.of_size(*subject.photo.size))
    return View(to_float(subject.photo.pixels[box.slices]), box, 1.0, subject.analysis)


def _core(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def _moved_texture(subject: Subject, edited: Edited, seen: Seen) -> TextureRatio | None:
    """Hair above the new hairline over the own hair that was there or has moved there.

    None where there is too little hair to tell.
    """
    depth, raised = BAND[0], max(0.0, seen.curve.height - subject.before.curve.height)
    pixels, before = subject.photo.pixels, subject.before
    own = [_root_texture(subject, pixels, before, depth, seen)]
    own += [_root_texture(subject, pixels, before, depth + raised)] if raised > 0 else []
    new = _root_texture(subject, edited.pixels, seen, depth, before)
    known = [sample for sample in own if sample is not None]
    return texture.compare(new, *known) if new and known else None


def _root_texture(
    subject: Subject,
    pixels: NDArray[np.generic],
    seen: Seen,
    depth: float,
    other: Seen | None = None,
) -> Texture | None:
    """Texture of the sure hair up to ``depth`` IOD above the hairline; of what is as sure in
    ``other``, as far above the hairline there, if given: the network is not always as sure."""
    side = BAND[1]
    centre, curve = subject.analysis.centre, seen.curve
    if not np.isfinite(curve.height):
        return None
    corners = np.array([(centre + s, v) for s in (-side, side)
                        for v in (float(np.nanmin(curve.v)) - depth, curve.brow)])  # fmt: skip
    box = Box.around(subject.analysis.frame.inverse.apply(corners))
    box = box.intersection(Box.of_size(*subject.photo.size))
    y, x = np.mgrid[box.y : box.bottom, box.x : box.right].astype(np.float64)
    uv = subject.analysis.frame.apply(np.stack([x, y], -1)).astype(np.float32)
    line = curve.at(uv[..., 0].ravel()).reshape(x.shape)
    above = line - uv[..., 1]
    inside = (above > 0) & (above < depth) & (np.abs(uv[..., 0] - centre) < side)
    sure = subject.to_photo(seen.hair, box) > SURE_HAIR
    if other is not None:
        uv[..., 1] += other.curve.at(uv[..., 0].ravel()).reshape(x.shape) - line
        sure &= _hair_at(subject, other, uv) > SURE_HAIR
    hair = _core(inside & sure)
    if np.count_nonzero(hair) < MIN_AREA * subject.analysis.iod**2:
        return None
    return texture.measure(to_float(pixels[box.slices]), hair, subject.analysis.iod / 250)


def _hair_at(subject: Subject, seen: Seen, uv: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability of hair at (h, w, 2) places of the face frame, (h, w) float32."""
    xy = subject.near.apply(subject.analysis.frame.inverse.apply(uv)).astype(np.float32)
    return cv2.remap(seen.hair, xy, None, cv2.INTER_LINEAR)
