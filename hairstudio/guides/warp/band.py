"""The real root band drawn a little way into a sparse region below it.

Everything moves within what a fill may touch: the hair just above the region and the region.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas
from hairstudio.guides.warp.displacement import CELLS, Displacement
from hairstudio.imaging.filters import smoothstep

Array = NDArray[np.float32]

LIMIT = 0.14  # IOD: farther, strands would be stretched too much
SHARE = 0.9  # of the region's depth: single hairs grow before the band
ABOVE, BELOW = 0.38, 0.09  # what moves with the band beyond hairline and region, IOD
TOUCHING = 0.08  # a region whose upper edge is farther below the hairline is an island, IOD
IN_HAIR, ON_SKIN = (0.2, 0.4), (0.03, 0.11)  # where movement ends around the region, IOD
SLOPE = 0.8  # steepest fall of the new hairline beside the region
EVEN = 0.09  # sigma over which neighbouring columns move alike, IOD


def local(displacement: Displacement, region: Array) -> tuple[Displacement, Array] | None:
    """The displacement confined to the surroundings of a region ((HEIGHT, WIDTH) canvas 0..1),
    and how far down each column of its grid should go at most, (width,) float32 IOD.

    None where the region does not lie below the hairline.
    """
    grid, line = displacement.grid, displacement.line
    to_canvas = grid.to_face.then(canvas.TO_FACE.inverse).matrix
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    inside = cv2.warpAffine(region, to_canvas, (grid.width, grid.height), flags=flags) > 0.4
    rows = np.where(inside, grid.v, np.float32(np.nan))
    some = inside.any(0)
    if not some.any():
        return None
    upper, lower = (np.where(some, edge(np.where(some, rows, 0), axis=0), line)
                    for edge in (np.nanmin, np.nanmax))  # fmt: skip
    touching = some & (upper < line + TOUCHING)
    depth = np.where(touching, np.clip(SHARE * (lower - line), 0, LIMIT), 0)
    if float(depth.max()) < 0.02:
        return None
    depth = _sloped(depth.astype(np.float32))
    bottom = np.minimum(_even(np.maximum(lower, line)) + np.float32(BELOW), displacement.bottom)
    top = np.maximum(displacement.top, line - np.float32(ABOVE))
    near = _near(inside, grid.v < line)
    return replace(displacement, top=top, bottom=bottom, within=near), _even(depth)


def _sloped(depth: Array) -> Array:
    """(width,), falling off no faster than SLOPE: a hairline has no corners where a region ends."""
    reach = np.arange(-CELLS // 4, CELLS // 4 + 1)
    cone = np.float32(SLOPE / CELLS) * np.abs(reach)
    padded = np.pad(depth, CELLS // 4)
    rows = np.lib.stride_tricks.sliding_window_view(padded, reach.size)
    return np.maximum((rows - cone).max(1), 0).astype(np.float32)


def _near(inside: NDArray[np.bool_], hair: NDArray[np.bool_]) -> Array:
    """1 in and around the region, 0 from where a fill may not reach."""
    away = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5) / np.float32(CELLS)
    above = cv2.GaussianBlur(hair.astype(np.float32), (0, 0), 0.03 * CELLS)
    far, near = (1 - smoothstep(*limits, away) for limits in (IN_HAIR, ON_SKIN))
    return near + above * (far - near)


def _even(row: Array) -> Array:
    """(width,) smoothed along u."""
    row = row.astype(np.float32)[None]
    return cv2.GaussianBlur(row, (0, 0), EVEN * CELLS, borderType=cv2.BORDER_REPLICATE)[0]
