"""The front of recoloured hair: single hairs that grow out of the skin.

Where hair thins out before skin a photo shows a mixture rather than hairs. Dyed in another
lightness such a band looks airbrushed or torn. So its hairs are drawn anew: in the same place, the
same way of growing, over the skin that is behind them.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import bangs_head, bangs_raster, canvas, chance, planting
from hairstudio.guides.strands.growth import Strands
from hairstudio.imaging.filters import smoothstep
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

DENSITY = 9000.0  # hairs per IOD^2
HALF_WIDTH = 0.0016  # IOD
SIZE = 0.3  # of the way from the shortest hairs to the longest
ROOTS = (0.06, 0.3)  # alpha at which the first hairs are rooted, and all
MASS = (0.45, 1.0)  # own alpha from which there is hair between them, and nothing else
CLEAR = 4.0  # no more alpha than so many times what there was
TONE = 0.2  # the lightest and darkest hairs differ from the others by so much of their light
_WIDTH, _LIGHT, _OPACITY = 66, 67, 68


class Front(NamedTuple):
    """(H, W) float32 each, in the view. ``alpha`` of hair with a drawn front: the matte, and what
    counts where hair grows out of skin; ``light``: how much lighter its hairs are than the hair
    around, as a share."""

    alpha: Array
    light: Array


def draw(view: View, even: Array, share: Array) -> Front:
    """Draw the front of a view's hair.

    ``even``: (h, w) alpha without strands and ``share``: (h, w) 0..1 where hair grows out of skin;
    both over the field of the view, at any size.
    """
    whole, light = view.matte.copy(), np.zeros_like(view.matte)
    enlarged = view.size[0] / even.shape[1]
    box = Box.of_mask(share > 0).scaled(enlarged).grown(2).intersection(Box.of_size(*view.size))
    if box.empty:
        return Front(whole, light)
    to_box = Similarity.resize(enlarged, (box.x, box.y)).matrix
    before = cv2.warpAffine(even, to_box, (box.w, box.h), borderMode=cv2.BORDER_REPLICATE)
    frame = Similarity.resize(enlarged).then(view.frame)
    hairs = _planted(view, share * smoothstep(*ROOTS, even) * (even < 0.97), frame)
    mass = smoothstep(*MASS, whole[box.slices])
    tone, coverage = _picture(view, hairs, box)
    cover = 1 - (1 - mass) * (1 - coverage)
    whole[box.slices] = np.minimum(cover, np.clip(CLEAR * before, 0, 1))
    light[box.slices] = np.float32(TONE) * (2 * tone - coverage)
    return Front(whole, light)


def _planted(view: View, band: Array, frame: Similarity) -> Strands:
    """Hairs rooted in a band; ``frame``: its pixels -> face frame."""
    head, region = bangs_head.read(view), canvas.gather(band, frame, 0.0)
    size = np.full_like(region, SIZE)
    return planting.plant(head, region, size, DENSITY / SIZE, 0, np.zeros_like(region))


def _picture(view: View, hairs: Strands, box: Box) -> tuple[Array, Array]:
    """Tone 0..1, premultiplied, and coverage of hairs in a box of the view, (h, w) each."""
    if not hairs.length.size:
        return np.zeros((box.h, box.w), np.float32), np.zeros((box.h, box.w), np.float32)
    points = view.frame.inverse.apply(hairs.points) - np.array([box.x, box.y])
    s = np.linspace(0, 1, points.shape[1], dtype=np.float32)
    wide, opaque, tone = (
        chance.uniforms(0, hairs.item, purpose)[:, None] for purpose in (_WIDTH, _OPACITY, _LIGHT)
    )
    half_width = np.float32(HALF_WIDTH * view.iod) * (0.6 + 0.8 * wide) * (1 - 0.5 * s)
    opacity = (0.5 + 0.5 * opaque) * smoothstep(0, 0.12, s) * (1 - smoothstep(0.6, 1, s))
    color = np.broadcast_to(tone[..., None], (*opacity.shape, 3)).astype(np.float32)
    strokes = bangs_raster.Strokes(points.astype(np.float32), half_width.astype(np.float32),
                                   opacity.astype(np.float32), color)  # fmt: skip
    picture = bangs_raster.draw((box.w, box.h), strokes)
    return picture[..., 0], picture[..., 3]
