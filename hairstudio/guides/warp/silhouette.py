"""Where each point of the hair comes from when its silhouette moves out or in: a smooth field.

Hair is tied to skin (scalp, face, ears, neck) and free towards background and clothes. Points
move away from the head's axis, which ends in a half-circle at the crown, so long hair widens
without getting longer. Movement grows linearly from 0 at the skin to its full size at the *new*
silhouette: defined at the destination, it is bounded and cannot fold.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.warp.border import Sides, continued
from hairstudio.imaging.filters import disc, fast_blur, smoothstep
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.parsing import ALL_SKIN, FEATURES, Class
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

CELLS = 64  # per IOD
AXIS_TOP = -0.55  # v of the axis' end, IOD
SHALLOW, DEEP = 0.08, 0.3  # depth of hair where movement begins and has no other limit, IOD
OUT_SHARE, IN_SHARE = 0.4, 0.4  # largest movement, as a share of the hair's depth
EVEN = 0.15  # sigma over which neighbouring hair moves alike, IOD
OUTER = (0.2, 0.08)  # from the new outline, IOD, where hair begins to be and is free of skin
PAD = 0.3  # IOD by which what the photo's border cuts is continued
UNSURE = 3  # cells beside it where the parser says many things
SLIVER = 0.08  # radius of the least background, IOD
CUT = 0.03  # IOD from there over which its outline is followed
YIELDING = 0.5  # IOD from there within which hair gives way: none comes in from beyond
FIXED = (*ALL_SKIN, *FEATURES, Class.EARRING, Class.HAT)


@dataclass(frozen=True, eq=False)
class Silhouette:
    """The hair's outline on a raster of ``CELLS`` per IOD, the same for every view of a face.

    Where the photo's border cuts hair, the raster goes on beyond it, and so does the outline.
    ``from_photo``: photo frame -> raster; ``outward``: (h, w, 2) unit vectors (x, y); ``inward``:
    the same where hair gives way at the photo's border, so that none comes in from beyond;
    ``beyond``: distance from the outline, negative inside; ``root``: distance from the skin;
    ``held``: the same, where hair that is cut off inside the photo is held too; (h, w) float32,
    IOD.
    """

    from_photo: Similarity
    outward: Array
    inward: Array
    beyond: Array
    root: Array
    held: Array

    @classmethod
    def of(cls, analysis: Analysis) -> Silhouette:
        grid, unit = analysis.grid, analysis.iod * analysis.grid.scale
        shrink = min(1.0, CELLS / unit)
        size = [max(2, round(side * shrink)) for side in (grid.box.w, grid.box.h)]
        shares = [
            cv2.resize(analysis.probability(*classes), size, interpolation=cv2.INTER_AREA) > 127
            for classes in ((Class.HAIR,), FIXED)
        ]
        pad = _beyond_photo(analysis)
        hair, fixed = (
            _without_crumbs(continued(mask, pad, CUT * CELLS, UNSURE)) for mask in shares
        )
        to_raster = Similarity.resize(shrink, (-pad.left, -pad.top))
        from_photo = grid.from_photo.then(to_raster)
        seen = _frame(hair.shape, Sides(*(side + 2 for side in pad)))
        beyond = _distance(_open_air(~hair & ~fixed, seen), hair)
        to_face = from_photo.inverse.then(analysis.frame)
        outward = _outward(hair | fixed, to_face)
        inward = outward * _yielding(outward, pad)
        unknown = _frame(hair.shape, Sides(*(0 if side else 2 for side in pad)))
        held = _away_from(fixed | (hair & unknown))
        return cls(from_photo, outward, inward, beyond, _away_from(fixed), held)

    def moves(self, amount: float) -> tuple[Array, Array]:
        """How far what appears at each place has come outwards, IOD, and how free hair is there:
        0 at the skin, 1 at the new outline; (h, w) float32 each.

        ``amount`` in IOD, negative = inwards.
        """
        root, share = (self.root, OUT_SHARE) if amount > 0 else (self.held, IN_SHARE)
        depth = np.maximum(root - self.beyond, 0)
        size = cv2.min(np.float32(share) * depth, np.full_like(depth, abs(amount)))
        size = fast_blur(cv2.multiply(size, smoothstep(SHALLOW, DEEP, depth)), EVEN * CELLS)
        size *= np.float32(np.sign(amount))
        to_new = np.maximum(size - self.beyond, 0)
        position = fast_blur(cv2.divide(root, root + to_new + np.float32(1e-3)), 0.015 * CELLS)
        free = smoothstep(0.25, 0.6, position) * smoothstep(0.02, 0.08, self.root)
        return size * position, free * smoothstep(*OUTER, to_new)

    def from_view(self, plane: Array, view: View) -> Array:
        """Bring an (h, w[, c]) map of the view to the raster, the nearest value beyond it."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cell = view.iod / CELLS
        smooth = fast_blur(plane, 0.4 * cell) if cell > 1.5 else plane
        return cv2.warpAffine(
            smooth, self._placed(view).inverse.matrix, self.root.shape[::-1], flags=flags,
            borderMode=cv2.BORDER_REPLICATE,
        ).astype(np.float32)  # fmt: skip

    def _placed(self, view: View) -> Similarity:
        """View pixels -> raster."""
        return view.frame.then(view.analysis.frame.inverse).then(self.from_photo)

    def to_view(self, plane: Array, view: View) -> Array:
        """Bring an (h, w[, c]) map of the raster to the view's pixels."""
        matrix = self._placed(view).matrix
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(
            plane, matrix, view.size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )


def _without_crumbs(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disc(0.03 * CELLS)).astype(bool)


def _open_air(free: NDArray[np.bool_], border: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is connected with the border: gaps between locks are not background, and slivers along
    the border are not either."""
    _, labels = cv2.connectedComponents(free.astype(np.uint8))
    inner = cv2.erode((free & ~border).astype(np.uint8), disc(SLIVER * CELLS)) > 0
    return np.isin(labels, np.intersect1d(labels[border & free], labels[inner]))


def _away_from(mask: NDArray[np.bool_]) -> Array:
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return (distance / CELLS).astype(np.float32)


def _frame(shape: tuple[int, ...], width: Sides) -> NDArray[np.bool_]:
    frame = np.ones(shape, bool)
    frame[width.top : shape[0] - width.bottom, width.left : shape[1] - width.right] = False
    return frame


def _beyond_photo(analysis: Analysis) -> Sides:
    """Cells to go on beyond the sides of the analysis that are the photo's own."""
    box, whole = analysis.grid.box, Box.of_size(*analysis.photo_size).scaled(analysis.grid.scale)
    near = (box.x, box.y, whole.right - box.right, whole.bottom - box.bottom)
    return Sides(*(round(PAD * CELLS) if gap < 2 else 0 for gap in near))


def _yielding(outward: Array, pad: Sides) -> Array:
    """Share of the movement that is left near the photo's border, across it: (h, w, 2)."""
    shares: list[Array] = []
    for axis, first, last in ((1, pad.left, pad.right), (0, pad.top, pad.bottom)):
        place = np.arange(outward.shape[axis], dtype=np.float32)
        sides = _given(place - first, first), _given(place[::-1] - last, last)
        before, after = (np.expand_dims(side, 1 - axis) for side in sides)
        shares.append(np.where(outward[..., 1 - axis] < 0, before, after))
    return np.stack(shares, -1).astype(np.float32)


def _given(cells: Array, pad: int) -> Array:
    """0 at a border that the raster goes on beyond, 1 from ``YIELDING`` on."""
    if pad == 0:
        return np.ones_like(cells)
    rest = 1 - np.clip(cells / np.float32(YIELDING * CELLS), 0, 1)
    return (1 - rest * rest).astype(np.float32)


def _distance(free: NDArray[np.bool_], hair: NDArray[np.bool_]) -> Array:
    """Distance in IOD from where hair meets free space, negative on the hair's side."""
    outer = cv2.distanceTransform((~hair).astype(np.uint8), cv2.DIST_L2, 5)
    inner = cv2.distanceTransform((~free).astype(np.uint8), cv2.DIST_L2, 5)
    return (np.where(free, outer, -inner) / CELLS).astype(np.float32)


def _outward(head: NDArray[np.bool_], to_face: Similarity) -> Array:
    height, width = head.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    uv = to_face.apply(np.stack([x, y], -1)).astype(np.float32)
    crown = head & (uv[..., 1] > -1.2) & (uv[..., 1] < -0.3)
    axis = float(uv[..., 0][crown].mean()) if crown.any() else 0.0
    away = np.stack([uv[..., 0] - axis, np.minimum(uv[..., 1] - AXIS_TOP, 0)], -1)
    away /= np.maximum(np.linalg.norm(away, axis=2, keepdims=True), 0.15)
    a, b = to_face.a / to_face.scale, to_face.b / to_face.scale  # face axes -> picture axes
    turned = np.stack([a * away[..., 0] + b * away[..., 1],
                       a * away[..., 1] - b * away[..., 0]], -1)  # fmt: skip
    return turned.astype(np.float32)
