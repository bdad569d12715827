"""The front of recoloured hair: single hairs that grow out of the skin.

Where hair thins out before skin a photo shows a mixture rather than hairs. Dyed in another
lightness such a band looks airbrushed or torn. So its hairs are drawn anew: in the same place, the
same way of growing, over the skin that is behind them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import bangs_head, bangs_raster, canvas, chance, planting
from hairstudio.guides.strands.growth import Strands
from hairstudio.imaging.filters import smoothstep
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

DENSITY = 4800.0  # hairs per IOD^2
HALF_WIDTH = 0.0016  # IOD
SIZE = 0.3  # of the way from the shortest hairs to the longest
ROOTS = (0.06, 0.3)  # alpha at which the first hairs are rooted, and all
MASS = (0.2, 0.85)  # alpha from which there is hair between them, and nothing else
CLEAR = 4.0  # no more alpha than so many times what there was
_WIDTH, _OPACITY = 66, 68


def alpha(view: View, even: Array, share: Array) -> Array:
    """Alpha of hair with a drawn front, (H, W) float32 in the view: the matte, and what counts
    where ``share`` is not 0.

    ``even``: (h, w) alpha without strands and ``share``: (h, w) 0..1 where hair grows out of skin;
    both over the field of the view, at any size.
    """
    whole = view.matte.copy()
    enlarged = view.size[0] / even.shape[1]
    box = Box.of_mask(share > 0).scaled(enlarged).grown(2).intersection(Box.of_size(*view.size))
    if box.empty:
        return whole
    to_box = Similarity.resize(enlarged, (box.x, box.y)).matrix
    before = cv2.warpAffine(even, to_box, (box.w, box.h), borderMode=cv2.BORDER_REPLICATE)
    frame = Similarity.resize(enlarged).then(view.frame)
    hairs = _planted(view, share * smoothstep(*ROOTS, even) * (even < 0.97), frame)
    cover = 1 - (1 - smoothstep(*MASS, before)) * (1 - _coverage(view, hairs, box))
    whole[box.slices] = np.minimum(cover, np.clip(CLEAR * before, 0, 1))
    return whole


def _planted(view: View, band: Array, frame: Similarity) -> Strands:
    """Hairs rooted in a band; ``frame``: its pixels -> face frame."""
    head, region = bangs_head.read(view), canvas.gather(band, frame, 0.0)
    size = np.full_like(region, SIZE)
    return planting.plant(head, region, size, DENSITY / SIZE, 0, np.zeros_like(region))


def _coverage(view: View, hairs: Strands, box: Box) -> Array:
    """What hairs cover of a box of the view, (h, w) 0..1."""
    if not hairs.length.size:
        return np.zeros((box.h, box.w), np.float32)
    points = view.frame.inverse.apply(hairs.points) - np.array([box.x, box.y])
    s = np.linspace(0, 1, points.shape[1], dtype=np.float32)
    wide, opaque = (chance.uniforms(0, hairs.item, p)[:, None] for p in (_WIDTH, _OPACITY))
    half_width = np.float32(HALF_WIDTH * view.iod) * (0.6 + 0.8 * wide) * (1 - 0.5 * s)
    opacity = (0.5 + 0.5 * opaque) * smoothstep(0, 0.12, s) * (1 - smoothstep(0.6, 1, s))
    white = np.ones((*opacity.shape, 3), np.float32)
    strokes = bangs_raster.Strokes(points.astype(np.float32), half_width.astype(np.float32),
                                   opacity.astype(np.float32), white)  # fmt: skip
    return bangs_raster.draw((box.w, box.h), strokes)[..., 3]
