"""One face's pixels and maps resampled to a box of the photo at a scale: what guides work on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, smoothstep
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.portrait import backdrop, flow, matte, unmixing
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.hairline import HairlineCurve
from hairstudio.portrait.parsing import ALL_SKIN, EARS, FACE_SKIN, FEATURES, Class

Array = NDArray[np.float32]

SURE_TOO_EARLY = 3  # pixels of the photo
STRIP = 0.045  # IOD: less than the widest loose strand
FRINGE, CROWN = 0.45, 1.1  # IOD above the brows: hair that starts lower hangs from there
GROWN = 0.25  # IOD from the hairline: there hair grows out of the skin


@dataclass(frozen=True, eq=False)
class HairState:
    """Hair after an edit inside ``box`` (photo frame times ``scale``): what the next edit sees.

    ``matte``: (h, w) float32 alpha; ``hairline``: face frame; ``flow``: (h, w, 3) float32 or None
    where the edit did not turn the strands.
    """

    box: Box
    scale: float
    matte: Array
    hairline: HairlineCurve
    flow: Array | None = None


@dataclass(frozen=True, eq=False)
class View:
    """``rgb``: (h, w, 3) float32 0..1 in the photo's own encoding, the part ``box`` of the photo
    frame scaled by ``scale``. Maps are computed when first asked for. ``state``: the hair as
    earlier edits left it (same scale), None for the untouched photo."""

    rgb: Array
    box: Box
    scale: float
    analysis: Analysis
    state: HairState | None = None

    @property
    def iod(self) -> float:
        """Eye distance in pixels of this view."""
        return self.analysis.iod * self.scale

    @property
    def unit(self) -> float:
        """IOD / 250: the length in which the recipes' constants are given (1 on an FFHQ crop)."""
        return self.iod / 250

    @property
    def size(self) -> tuple[int, int]:
        return self.box.w, self.box.h

    @cached_property
    def frame(self) -> Similarity:
        """View pixels -> face frame."""
        to_view = Similarity.resize(self.scale, (self.box.x, self.box.y))
        return to_view.inverse.then(self.analysis.frame)

    @cached_property
    def uv(self) -> tuple[Array, Array]:
        """Face coordinates of every pixel, (h, w) float32 each."""
        x = np.arange(self.box.w, dtype=np.float32)[None]
        y = np.arange(self.box.h, dtype=np.float32)[:, None]
        f = self.frame
        u, v = f.a * x - f.b * y + f.tx, f.b * x + f.a * y + f.ty
        return np.asarray(u, np.float32), np.asarray(v, np.float32)

    @cached_property
    def _from_grid(self) -> NDArray[np.float64]:
        to_view = Similarity.resize(self.scale, (self.box.x, self.box.y))
        return to_view.inverse.then(self.analysis.grid.from_photo).matrix

    def resample(self, plane: NDArray[Any], size: tuple[int, int] | None = None) -> NDArray[Any]:
        """Bring an (h, w[, c]) map from the analysis grid to this view, bilinear; to another raster
        over the same field if a ``size`` (width, height) is given."""
        columns, rows = size or self.size
        rx, ry = self.box.w / columns, self.box.h / rows
        to_view = np.array([[rx, 0, 0.5 * rx - 0.5], [0, ry, 0.5 * ry - 0.5], [0, 0, 1]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(
            plane, self._from_grid @ to_view, (columns, rows), flags=flags,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip

    def probability(self, *classes: Class) -> Array:
        """Summed parsing probability, (h, w) float32 0..1."""
        return self.resample(
            np.multiply(self.analysis.probability(*classes), 1 / 255, dtype=np.float32)
        )

    @cached_property
    def hair(self) -> Array:
        return self.probability(Class.HAIR)

    @cached_property
    def skin(self) -> Array:
        """Face skin and nose."""
        return self.probability(*FACE_SKIN)

    @cached_property
    def all_skin(self) -> Array:
        """Face, nose, ears and neck."""
        return self.probability(*ALL_SKIN)

    @cached_property
    def features(self) -> Array:
        """Brows, eyes, glasses and mouth."""
        return self.probability(*FEATURES)

    @cached_property
    def parsed(self) -> unmixing.Parsed:
        """What the matte needs of the parsing, at its working size."""
        size = unmixing.working_size(self.size, self.unit)

        def share(*classes: Class) -> Array:
            plane = self.analysis.probability(*classes).astype(np.float32) / 255
            return self.resample(plane, size)

        solid = 1 - share(Class.HAIR, Class.BACKGROUND)
        jewels, eyes = share(Class.EARRING), share(Class.LEFT_EYE, Class.RIGHT_EYE)
        skin, grown = share(*ALL_SKIN), smoothstep(2 * GROWN, GROWN, self.from_roots(size))
        parsed = unmixing.Parsed(
            share(Class.HAIR), solid, share(*FEATURES), share(*EARS), jewels, eyes, skin, grown
        )
        scale = size[0] / self.rgb.shape[1]
        return backdrop.without(unmixing.reduce(self.rgb, self.unit), parsed, self.unit * scale)

    def from_roots(self, size: tuple[int, int]) -> Array:
        """Distance in IOD from where hair grows out of the forehead and temples, at a ``size``
        (width, height) over the view's field. A fringe hangs from the crown."""
        scale, curve = size[0] / self.box.w, self.hairline
        to_coarse = self.frame.inverse.then(Similarity.resize(scale))
        known = np.isfinite(curve.v)
        v = np.where(curve.v > curve.brow - FRINGE, curve.brow - CROWN, curve.v)
        points = to_coarse.apply(np.stack([curve.u[known], v[known]], -1))
        away = np.ones((size[1], size[0]), np.uint8)
        cv2.polylines(away, [np.rint(points).astype(np.int32)], False, 0)
        distance = cv2.distanceTransform(away, cv2.DIST_L2, 5)
        return np.asarray(distance / (self.iod * scale), np.float32)

    @cached_property
    def luminance(self) -> Array:
        return cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY)

    @cached_property
    def matte(self) -> Array:
        """Soft hair alpha after the earlier edits, (h, w) float32."""
        own = matte.soft_hair(self.rgb, self.parsed, self.unit, self.barred)
        return own if self.state is None else self._overlay(own, self.state.matte)

    @cached_property
    def barred(self) -> NDArray[np.uint8]:
        """(h, w) uint8: what is surely neither hair nor background. The parser is sure of skin too
        early: a strip along its border, narrower than a strand may be, stays open, but not beside
        the brows."""
        grid = self.analysis.grid
        solid = np.uint8(255) - self.analysis.probability(Class.HAIR, Class.BACKGROUND)
        solid = cv2.erode(solid, disc(SURE_TOO_EARLY * grid.scale))
        strand = STRIP * self.analysis.iod * grid.scale
        inner = cv2.erode(solid, disc(strand - 2))
        side = round(strand)
        wide = cv2.morphologyEx(solid - inner, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
        beside = cv2.dilate(self.analysis.probability(*FEATURES), disc(strand))
        return self.resample(cv2.max(cv2.max(inner, wide), cv2.min(solid, beside)))

    def _overlay(self, own: Array, newer: Array) -> Array:
        assert self.state is not None
        common = self.box.intersection(self.state.box)
        if common.empty:
            return own
        merged = own.copy()
        there = common.shifted(-self.state.box.x, -self.state.box.y)
        merged[common.shifted(-self.box.x, -self.box.y).slices] = newer[there.slices]
        return merged

    @cached_property
    def hairline(self) -> HairlineCurve:
        return self.analysis.hairline if self.state is None else self.state.hairline

    @cached_property
    def flow(self) -> Array:
        """(h, w, 3) float32: cos 2t, sin 2t, confidence (the analysis', else the last edit's)."""
        own = self.resample(self.analysis.flow)
        if self.state is None or self.state.flow is None:
            return own
        return self._overlay(own, self.state.flow)

    @cached_property
    def diffused_flow(self) -> Array:
        """(h, w, 2) unit double-angle vectors, spread beyond the hair."""
        return flow.diffuse(self.flow, self.unit)

    def above_brows(self, fade: float = 0.05) -> Array:
        """1 above the brow line, 0 below, over ``fade`` IOD."""
        v = self.uv[1]
        return 1 - smoothstep(self.analysis.hairline.brow - fade, self.analysis.hairline.brow, v)
