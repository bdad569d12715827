"""Coarse references: what the edited face should look like, roughly, in the aligned frame.

Hair attributes come from the guides, drawn on the photo; features of the face from a donor's
photo, laid over the own ones and blended (Perez et al., "Poisson image editing", 2003). A search
agrees with a reference only after averaging, so that it need not be better than coarse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from hairstudio.editing import edits
from hairstudio.editing.composite import composite
from hairstudio.editing.edits import Edit, Fill
from hairstudio.editing.engine import Engine, preview_scale
from hairstudio.editing.masks import Regions
from hairstudio.errors import UserError
from hairstudio.imaging.blend import to_depth, to_float
from hairstudio.imaging.filters import disc
from hairstudio.imaging.geometry import Similarity
from hairstudio.imaging.photo import Photo
from hairstudio.imaging.resample import downscale
from hairstudio.portrait.alignment import crop_frame
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.parsing import Class, warp_to_crop

Array = NDArray[np.float32]
Pixels = NDArray[np.uint8]

WORKING = 512  # pixels of the aligned frame in which references are drawn
IOD_SHARE = 0.25  # of the aligned frame's side, for most faces
GROWN = 0.06  # IOD: a region is this much wider than what was drawn
FEATURE_GROWN = {"eyes": 0.14, "brows": 0.08, "nose": 0.08, "mouth": 0.14}
MOST_GLASSES = 0.02  # IOD^2
DARK = 96.0  # levels: light adds to what is darker and multiplies what is brighter
TINTED = 16.0  # levels: how far the tint of skin may be off
MOST_TURNED = 20.0  # degrees of yaw between a face and its donor
REGION = 1
TEMPLE, TEMPLE_RADIUS = 0.62, 0.22  # IOD: from the middle to a receded temple, and its size

_EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
_BROWS = (
    (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
)
_NOSE = ((193, 417, 122, 351, 129, 358, 64, 294, 98, 327, 2, 48, 278),)
_MOUTH = ((61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40,
           185),)  # fmt: skip
FEATURES: dict[str, tuple[tuple[int, ...], ...]] = {
    "eyes": _EYES, "brows": _BROWS, "nose": _NOSE, "mouth": _MOUTH,
}  # fmt: skip
"""The outlines' landmarks."""
NOT_LENT = {"brows": _EYES}  # nor covered

_EDITS: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "dye": ("auburn", lambda v: {"kind": "color", "shade": v}),
    "hairline": ("-0.8", lambda v: {"kind": "hairline", "amount": float(v)}),
    "bangs": ("full", lambda v: {"kind": "bangs", "style": v}),
    "volume": ("1", lambda v: {"kind": "volume", "amount": float(v)}),
    "fill": ("1.2", lambda v: {"kind": "fill", "region": REGION, "density": float(v)}),
}
"""By attribute: the value that is usual, and the edit for a value."""

ATTRIBUTES = (*_EDITS, *FEATURES)
FACTORS = {"dye": 8, "hairline": 4, "bangs": 4, "volume": 4, "fill": 8,
           "eyes": 1, "brows": 2, "nose": 4, "mouth": 2}  # fmt: skip
"""How coarse a reference is on a frame of 128 pixels: it is trusted after averaging so many."""


@dataclass(frozen=True, eq=False)
class Face:
    """The largest face of a photo."""

    photo: Photo
    analysis: Analysis

    @classmethod
    def open(cls, engine: Engine, photo: Photo) -> Face:
        """Raises Refusal for a photo that shows no usable face."""
        return cls(photo, engine.analyse(photo))

    def aligned(self, side: int) -> Pixels:
        """The FFHQ-style crop, (side, side, 3) uint8."""
        frame = crop_frame(self.analysis.landmarks, side)
        return _eight_bit(warp_to_crop(self.photo.pixels, frame, side))

    def points(self, side: int) -> Array:
        """(478, 2) landmarks in the crop."""
        frame = crop_frame(self.analysis.landmarks, side)
        return frame.apply(self.analysis.landmarks[:, :2]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Reference:
    """In the aligned frame. ``original``, ``rgb``: (R, R, 3) float32 0..1, before and after;
    ``region``: (R, R) float32 0..1, where they differ; ``factor``: see FACTORS, for this R."""

    original: Array
    rgb: Array
    region: Array
    factor: int

    @cached_property
    def empty(self) -> bool:
        return not (self.region > 0.5).any()


def check(attribute: str, value: str | None, donor: bool) -> str:
    """The value of an attribute, the usual one for None.

    Raises UserError for a value that makes no sense, a donor too many or too few.
    """
    if attribute in FEATURES:
        if not donor:
            raise UserError(f"--attribute {attribute} needs the face of another photo: --donor")
        if value is not None:
            raise UserError(f"--attribute {attribute} takes no --value: it is the donor's")
        return ""
    if donor:
        raise UserError(f"--attribute {attribute} takes no --donor")
    found = _EDITS[attribute][0] if value is None else value
    _edit(attribute, found)
    return found


def make(
    engine: Engine, face: Face, attribute: str, value: str, side: int, donor: Face | None = None
) -> Reference:
    """The reference of a face at ``side`` pixels. ``value`` and ``donor`` as ``check`` wants them.

    Raises UserError where the attribute cannot be drawn on this face.
    """
    size = max(WORKING, side)
    if attribute in FEATURES:
        assert donor is not None
        _check_donor(face, donor, attribute)
        before, after, region = _pasted(face, donor, attribute, size)
    else:
        before, after, region = _drawn(engine, face, _edit(attribute, value), size)
    factor = max(1, FACTORS[attribute] * side // 128)
    original, rgb, soft = (_reduced(each, side) for each in (before, after, region))
    made = Reference(original, rgb, soft, factor)
    if made.empty:
        raise UserError(f"{attribute} {value}".strip() + " changes nothing on this face")
    return made


def temples(photo: Photo, analysis: Analysis) -> NDArray[np.uint8]:
    """(H, W) mask of both temples at the hairline, where hair recedes first."""
    mask = np.zeros(photo.pixels.shape[:2], np.uint8)
    u = np.array([-TEMPLE, TEMPLE], np.float32) + np.float32(analysis.centre)
    v = np.nan_to_num(analysis.hairline.at(u), nan=analysis.hairline.brow - 0.8)
    for x, y in analysis.frame.inverse.apply(np.stack([u, v], -1)):
        radius = max(1, round(TEMPLE_RADIUS * analysis.iod))
        cv2.circle(mask, (round(float(x)), round(float(y))), radius, 255, -1)
    return mask


def _edit(attribute: str, value: str) -> Edit:
    try:
        fields = _EDITS[attribute][1](value)
    except ValueError:
        raise UserError(f"--value {value}: not a number") from None
    (edit,) = edits.loads(msgspec.json.encode([fields]), "--value")
    if edit.idle:
        raise UserError(f"--value {value}: changes nothing")
    return edit


def _drawn(
    engine: Engine, face: Face, edit: Edit, side: int
) -> tuple[Pixels, Pixels, NDArray[np.uint8]]:
    """Before, after and region of an edit by the guides."""
    photo, analysis = face.photo, face.analysis
    scale = preview_scale(analysis, side)
    regions: Regions = {REGION: temples(photo, analysis)} if isinstance(edit, Fill) else {}
    rendered = engine.render(photo, analysis, [edit], scale=scale, regions=regions)
    before = downscale(photo.pixels, scale)
    alpha = np.zeros(before.shape[:2], np.uint8)
    for patch in rendered.patches:
        alpha[patch.box.slices] = np.maximum(alpha[patch.box.slices], patch.alpha)
    to_crop = Similarity.resize(scale).inverse.then(crop_frame(analysis.landmarks, side))
    after = composite(before, rendered.patches)
    cropped = [warp_to_crop(each, to_crop, side) for each in (before, after, alpha)]
    reach = round(GROWN * IOD_SHARE * side)
    region = cv2.morphologyEx(cropped[2], cv2.MORPH_CLOSE, disc(2 * reach))
    return _eight_bit(cropped[0]), _eight_bit(cropped[1]), _softly_grown(region, reach)


def _pasted(
    face: Face, donor: Face, feature: str, side: int
) -> tuple[Pixels, Pixels, NDArray[np.uint8]]:
    """Before, after and region of a feature that is taken from another face."""
    before, own, theirs = face.aligned(side), face.points(side), donor.points(side)
    after, region = before, np.zeros((side, side), np.uint8)
    reach = round(FEATURE_GROWN[feature] * IOD_SHARE * side)
    for outline in FEATURES[feature]:
        chosen = list(outline)
        to_face = fitted(theirs[chosen], own[chosen])
        moved = crop_frame(donor.analysis.landmarks, side).then(to_face)
        lent = _eight_bit(warp_to_crop(donor.photo.pixels, moved, side))
        # over both: nothing of the own feature stays beside a smaller one
        both = own, to_face.apply(theirs)
        shape = cv2.dilate(_hulls(both, [outline], side), disc(reach))
        shape[_hulls(both, NOT_LENT.get(feature, ()), side) > 0] = 0
        after = _cloned(lent, after, shape)
        region = np.maximum(region, shape)
    return before, after, _softly_grown(region, reach // 2)


def _hulls(
    faces: Sequence[NDArray[Any]], outlines: Sequence[tuple[int, ...]], side: int
) -> NDArray[np.uint8]:
    """(side, side), 255 in the outlines of all faces' landmarks."""
    shape = np.zeros((side, side), np.uint8)
    for points in faces:
        for outline in outlines:
            hull = cv2.convexHull(points[list(outline)].astype(np.int32))
            cv2.fillConvexPoly(shape, hull, 255)
    return shape


def _check_donor(face: Face, donor: Face, feature: str) -> None:
    turned = abs(donor.analysis.pose.yaw - face.analysis.pose.yaw)
    if turned > MOST_TURNED:
        raise UserError(f"the donor of the {feature} looks another way ({turned:.0f} degrees off, "
                        f"at most {MOST_TURNED:.0f})")  # fmt: skip
    for who, each in (("donor", donor), ("face", face)):
        if feature != "mouth" and _glasses(each) > MOST_GLASSES:
            raise UserError(f"the {who} of the {feature} wears glasses")


def _glasses(face: Face) -> float:
    """Their area, IOD^2."""
    area = float((face.analysis.probability(Class.GLASSES) > 127).sum())
    return area / (face.analysis.iod * face.analysis.grid.scale) ** 2


def fitted(points: NDArray[Any], onto: NDArray[Any]) -> Similarity:
    """The similarity that brings (N, 2) points closest to others."""
    z, w = (each.astype(np.float64) @ np.array([1, 1j]) for each in (points, onto))
    a = np.vdot(z - z.mean(), w - w.mean()) / np.vdot(z - z.mean(), z - z.mean())
    shift = w.mean() - a * z.mean()
    return Similarity(float(a.real), float(a.imag), float(shift.real), float(shift.imag))


def _cloned(lent: Pixels, onto: Pixels, shape: NDArray[np.uint8]) -> Pixels:
    """``lent`` in ``shape`` with the light of what surrounds it: in between adding it, which makes
    pupils grey, and multiplying with it, which makes eyes glow (Pérez et al., SIGGRAPH 2003). Its
    tint goes to skin alone: teeth and the whites of eyes keep theirs."""
    x, y, w, h = cv2.boundingRect(shape)
    centre, mask = (x + w // 2, y + h // 2), shape.copy()  # OpenCV writes into the mask
    levels = np.log((np.arange(256) + DARK) / DARK) * (255 / np.log(255 / DARK + 1))
    logs = [cv2.LUT(each, np.rint(levels).astype(np.uint8)) for each in (lent, onto)]
    cloned = cv2.seamlessClone(*logs, mask, centre, cv2.NORMAL_CLONE)
    theirs = cv2.LUT(lent, levels.astype(np.float32))
    lit = cloned.astype(np.float32) - theirs
    light = lit.mean(-1, keepdims=True)
    made = np.interp(theirs + light + _skin(theirs, shape) * (lit - light), levels, np.arange(256))
    there = cv2.dilate(shape, np.ones((3, 3)))[..., None] > 0
    return np.where(there, np.rint(made).astype(np.uint8), onto)


def _skin(levels: Array, shape: NDArray[np.uint8]) -> Array:
    """(h, w, 1), 0..1: how near a tint is to that of the shape's outline, which is skin."""
    tint = levels - levels.mean(-1, keepdims=True)
    outline = shape > cv2.erode(shape, np.ones((3, 3)))
    off = np.square(tint - np.median(tint[outline], axis=0)).sum(-1, keepdims=True)
    return np.exp(-off / np.float32(2 * TINTED**2))


def _softly_grown(region: NDArray[np.uint8], reach: int) -> NDArray[np.uint8]:
    grown = cv2.dilate(region, disc(max(1, reach)))
    return cv2.GaussianBlur(grown, (0, 0), max(1.0, reach / 2))


def _reduced(pixels: NDArray[np.uint8], side: int) -> Array:
    small = cv2.resize(to_float(pixels), (side, side), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small)


def _eight_bit(pixels: NDArray[Any]) -> Pixels:
    return pixels if pixels.dtype == np.uint8 else to_depth(to_float(pixels), np.uint8)
