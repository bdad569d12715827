"""Named conditions of a photo: what makes it unfit, and what the user should know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hairstudio.errors import UserError
from hairstudio.portrait import pose
from hairstudio.portrait.alignment import face_frame
from hairstudio.portrait.parsing import FACE_SKIN, FEATURES, Class, Grid

if TYPE_CHECKING:
    from hairstudio.portrait.analysis import Analysis

SMALLEST_IOD, SMALL_IOD = 24.0, 60.0  # photo pixels
MOST_YAW, LARGE_YAW = 50.0, 25.0  # degrees
MOST_OUTSIDE = 0.05  # share of the landmarks
HEAD = (*FACE_SKIN, *FEATURES, Class.HAIR, Class.HAT)
LEAST_HEAD = 0.5  # of the landmarks lie on it; people have > 0.8, a smiley 0.3
LEAST_NOSE = 0.15  # IOD^2; people have > 0.25, cats < 0.1
MOST_COVERED = 0.15
ENOUGH_HAIR = 0.1  # IOD^2
LOWEST_HAIRLINE = 0.3  # IOD above the brows
NO_FACE = "no face found: use a photo that shows a face from the front, upright and sharp"


@dataclass(frozen=True)
class Finding:
    """A named condition of the photo or of an edit: a code with its value and threshold."""

    code: str
    value: float
    threshold: float
    text: str


class Refusal(UserError):  # noqa: N818 - the word users and design use
    """The photo cannot be edited; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


def usable_face(
    faces: list[NDArray[np.float32]], face: int, photo_size: tuple[int, int]
) -> NDArray[np.float32]:
    """Landmarks of the face asked for. Raises Refusal, or UserError when there is no such face."""
    if not faces:
        raise Refusal(Finding("no_face", 0, 1, NO_FACE))
    if not 0 <= face < len(faces):
        count = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
        raise UserError(f"the photo has {count}, so there is no face {face + 1}")
    points = faces[face]
    outside = (points[:, :2] < 0) | (points[:, :2] > np.array(photo_size) - 1)
    refusals = (
        _above("face_cut_off", float(outside.any(1).mean()), MOST_OUTSIDE,
               "the face is cut off by the photo's edge: use a photo that shows the whole face"),
        _below("face_too_small", _iod(points), SMALLEST_IOD,
               "the face is too small: use a larger version of the photo"),
        _above("face_turned", abs(pose.measure(points).yaw), MOST_YAW,
               "the face is turned too far to the side: use a photo taken more from the front"),
    )  # fmt: skip
    for refusal in filter(None, refusals):
        raise Refusal(refusal)
    return points


def require_person(points: NDArray[np.float32], grid: Grid, planes: NDArray[np.uint8]) -> None:
    """Refuse what has landmarks but no face in its parsing: drawings, patterns, animals."""
    x, y = np.rint(grid.from_photo.apply(points[:, :2])).astype(int).T
    x, y = x.clip(0, grid.box.w - 1), y.clip(0, grid.box.h - 1)
    share = float(planes[list(HEAD)][:, y, x].sum(0, dtype=np.uint16).mean()) / 255
    nose = float(planes[Class.NOSE].sum(dtype=np.int64)) / 255 / (_iod(points) * grid.scale) ** 2
    for found in (_below("no_face", share, LEAST_HEAD, NO_FACE),
                  _below("no_face", nose, LEAST_NOSE, NO_FACE)):  # fmt: skip
        if found is not None:
            raise Refusal(found)


def warnings(analysis: Analysis) -> tuple[Finding, ...]:
    """What the user should know before editing."""
    found = (
        _above("several_faces", analysis.faces, 1,
               f"{analysis.faces} faces found: choose with --face (1 is the largest)"),
        _below("face_small", analysis.iod, SMALL_IOD,
               "the face is small: fine hair detail will be missing"),
        _above("face_turned", abs(analysis.pose.yaw), LARGE_YAW,
               "the face is turned: look closely at the far side of the hairline"),
        _above("hair_occluded", _covered_share(analysis), MOST_COVERED,
               "something covers the hair (hat, hood?): only visible hair is edited"),
        _below("no_hair_to_sample", _sure_hair(analysis), ENOUGH_HAIR,
               "no hair to take colour and texture from"),
        _below("hairline_hidden", analysis.hairline.height, LOWEST_HAIRLINE,
               "a fringe covers the hairline: it cannot be moved"),
    )  # fmt: skip
    return tuple(filter(None, found))


def _above(code: str, value: float, threshold: float, text: str) -> Finding | None:
    return Finding(code, value, threshold, text) if value > threshold else None


def _below(code: str, value: float, threshold: float, text: str) -> Finding | None:
    return Finding(code, value, threshold, text) if value < threshold else None


def _iod(points: NDArray[np.float32]) -> float:
    return 1 / face_frame(points).scale


def _covered_share(analysis: Analysis) -> float:
    """Hat and hood over them and hair, above the eyes, within 1.6 IOD of the forehead's top."""
    grid = analysis.grid
    y, x = np.mgrid[: grid.box.h : 4, : grid.box.w : 4]
    to_face = grid.from_photo.inverse.then(analysis.frame)
    u, v = np.moveaxis(to_face.apply(np.stack([x, y], -1).astype(np.float64)), -1, 0)
    head = (v < 0) & (np.hypot(u, v + 1) < 1.6)
    covered, hair = (int((analysis.probability(*names)[::4, ::4][head] > 128).sum())
                     for names in ((Class.HAT, Class.CLOTH), (Class.HAIR,)))  # fmt: skip
    return covered / max(1, covered + hair)


def _sure_hair(analysis: Analysis) -> float:
    """Area of what is surely hair, in IOD^2."""
    iod = analysis.iod * analysis.grid.scale
    return float((analysis.probability(Class.HAIR) > 200).sum()) / iod**2
