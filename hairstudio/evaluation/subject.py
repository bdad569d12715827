"""One photo under judgement: edit it at full size, then parse it again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.editing.composite import composite
from hairstudio.editing.edits import Edit
from hairstudio.editing.engine import Engine
from hairstudio.editing.masks import Regions
from hairstudio.imaging.blend import to_float
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.imaging.photo import Photo, Pixels, read_photo
from hairstudio.metrics.agreement import class_change
from hairstudio.metrics.outside import outside_difference
from hairstudio.metrics.tracking import followed
from hairstudio.portrait import parsing
from hairstudio.portrait.alignment import crop_frame
from hairstudio.portrait.analysis import Analysis, Assets, Finding
from hairstudio.portrait.hairline import HairlineCurve, trace
from hairstudio.portrait.parsing import NETWORK_SIZE, Class
from hairstudio.portrait.view import HairState

ZOOM_OUT = 1.25
# The network takes a left ear, brow or eye for a right one at the least change anywhere.
_ONE_SIDED = np.arange(len(Class), dtype=np.uint8)
_ONE_SIDED[[Class.RIGHT_BROW, Class.RIGHT_EYE, Class.RIGHT_EAR]] = (
    Class.LEFT_BROW,
    Class.LEFT_EYE,
    Class.LEFT_EAR,
)


@dataclass(frozen=True, eq=False)
class Edited:
    """``pixels``: the whole photo after an edit; ``touched``: (H, W) uint8, alpha of the patch;
    ``warnings``: what the edit could not do; ``state``: the hair as the next edit sees it."""

    pixels: Pixels
    touched: NDArray[np.uint8]
    warnings: tuple[Finding, ...]
    state: HairState | None = None

    def warns(self, code: str) -> bool:
        return any(finding.code == code for finding in self.warnings)


@dataclass(frozen=True, eq=False)
class Seen:
    """The near crop as the parsing network sees it: ``labels`` (512, 512) uint8 classes, those of
    the right side as on the left; ``hair`` (512, 512) float32 probability; ``curve`` the hairline
    measured in it (face frame)."""

    labels: NDArray[np.uint8]
    hair: NDArray[np.float32]
    curve: HairlineCurve


@dataclass(frozen=True, eq=False)
class Subject:
    """A photo with one analysed face, and the engine that edits it."""

    photo: Photo
    analysis: Analysis
    engine: Engine
    assets: Assets

    @classmethod
    def open(cls, path: Path, assets: Assets) -> Subject:
        """Read and analyse the largest face. Raises Refusal or another UserError."""
        photo, engine = read_photo(path), Engine(assets)
        return cls(photo, engine.analyse(photo), engine, assets)

    @cached_property
    def near(self) -> Similarity:
        """Photo frame -> near crop: FFHQ alignment, a little wider: it sees all of a forehead."""
        return crop_frame(self.analysis.landmarks, NETWORK_SIZE, ZOOM_OUT)

    @cached_property
    def before(self) -> Seen:
        return self.see(self.photo.pixels)

    def see(self, pixels: Pixels) -> Seen:
        """Parse the near crop of a photo that has this subject's face in place. One pass."""
        planes = parsing.probabilities(parsing.network(self.assets.parser), pixels, self.near)
        hair = planes[Class.HAIR]
        to_face = self.near.inverse.then(self.analysis.frame)
        curve = trace(hair, to_face, self.analysis.centre, self.analysis.hairline.brow)
        return Seen(_ONE_SIDED[planes.argmax(0)], hair, curve)

    def follow(self, pixels: Pixels) -> Seen:
        """The same of an edit of this photo that moves hair: its curve lies where the hairline's
        own look went, as far as it is found again."""
        seen, start = self.see(pixels), self.before
        pictures = to_float(self.photo.pixels), to_float(pixels)
        curve = followed(start.curve, seen.curve, *pictures, self.analysis.frame)
        return replace(seen, curve=curve)

    def in_near(self, plane: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Where (H, W) ``plane`` of the photo is not 0, (512, 512) in the near crop."""
        mask = (plane > 0).astype(np.uint8) * np.uint8(255)
        return np.asarray(parsing.warp_to_crop(mask, self.near, NETWORK_SIZE), bool)

    @cached_property
    def beyond(self) -> NDArray[np.bool_]:
        """Where the near crop shows nothing of the photo, (512, 512): the network sees its edge
        drawn out there, and says hair of what is not a picture at all."""
        photo = np.ones(self.photo.pixels.shape[:2], np.uint8)
        size = (NETWORK_SIZE, NETWORK_SIZE)
        return cv2.warpAffine(photo, self.near.matrix, size, flags=cv2.INTER_NEAREST) == 0

    def to_photo(self, plane: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
        """A map of the near crop, resampled to a box of the photo."""
        matrix = Similarity.resize(1.0, (box.x, box.y)).inverse.then(self.near).matrix
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(plane, matrix, (box.w, box.h), flags=flags)

    def edit(self, edit: Edit, regions: Regions | None = None) -> Edited:
        """The final of one edit, at the photo's own size; ``regions``: what it says is painted."""
        rendered = self.engine.render(self.photo, self.analysis, [edit], regions=regions)
        touched = np.zeros(self.photo.pixels.shape[:2], np.uint8)
        for patch in rendered.patches:
            touched[patch.box.slices] = patch.alpha
        pixels = composite(self.photo.pixels, rendered.patches)
        return Edited(pixels, touched, rendered.warnings, rendered.state)

    def class_change(self, edited: Edited, seen: Seen) -> float:
        """Share of the photo's pixels outside the edit that changed their class."""
        inside = self.in_near(edited.touched) | self.beyond
        return class_change(self.before.labels, seen.labels, inside).share

    def outside(self, edited: Edited) -> int:
        """Largest difference outside the edit's patch, levels."""
        return outside_difference(self.photo.pixels, edited.pixels, edited.touched).levels
