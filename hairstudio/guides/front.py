"""The front of recoloured hair: single hairs where it thins out before skin.

There a photo shows a mixture rather than hairs. Dyed in another lightness such a band looks
airbrushed. So hairs are drawn that stand out of it, in the same place, the same way of growing:
more hair here, less between them, as much of it on the whole as in the photo.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import bangs_head, bangs_raster, canvas, chance, planting
from hairstudio.guides.strands.growth import Strands
from hairstudio.imaging.filters import fast_blur, smoothstep
from hairstudio.imaging.geometry import Box, Similarity
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

DENSITY = 9000.0  # hairs per IOD^2
HALF_WIDTH = 0.0016  # IOD
SIZE = 0.3  # of the way from the shortest hairs to the longest
AROUND, FAINT = 6.0, 0.1  # units over which hairs are compared; of their coverage
GROWN = (0.5, 0.2)  # v: below that hair lies before and behind skin, but does not grow out of it
TONE = 0.2  # the lightest and darkest hairs differ from the others by so much of their light
_WIDTH, _LIGHT, _OPACITY = 66, 67, 68


class Front(NamedTuple):
    """(H, W) float32 each, in the view. ``streaks``: where there is more or less hair than around,
    mean 0, standard deviation about 1 where hairs are drawn; ``light``: how much lighter they are
    than the hair around, as a share."""

    streaks: Array
    light: Array


def draw(view: View, share: Array) -> Front:
    """Draw the front of a view's hair where ``share``, (h, w) 0..1 over its field at any size, is
    not 0."""
    streaks, light = np.zeros_like(view.matte), np.zeros_like(view.matte)
    enlarged = view.size[0] / share.shape[1]
    box = Box.of_mask(share > 0).scaled(enlarged).grown(2).intersection(Box.of_size(*view.size))
    if box.empty:
        return Front(streaks, light)
    frame, v = Similarity.resize(enlarged).then(view.frame), view.uv[1][box.slices]
    tone, coverage = _picture(view, _planted(view, (share > 0).astype(np.float32), frame), box)
    off = coverage - fast_blur(coverage, AROUND * view.unit)
    spread = cv2.sqrt(fast_blur(np.square(off), AROUND * view.unit))
    above = smoothstep(*GROWN, v)
    streaks[box.slices] = above * off / (spread + np.float32(FAINT))
    light[box.slices] = above * np.float32(TONE) * (2 * tone - coverage)
    return Front(streaks, light)


def _planted(view: View, band: Array, frame: Similarity) -> Strands:
    """Hairs rooted in a band, which run as the hair there does; ``frame``: its pixels -> face
    frame."""
    head, region = bangs_head.read(view), canvas.gather(band, frame, 0.0)
    head = replace(head, hair=np.maximum(head.hair, region))
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
