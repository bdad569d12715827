"""Recolour hair: every pixel is unmixed into hair and what is behind it, the hair is moved to the
shade by tables over its own lightness, and the two are mixed again. So a dark strand over skin
becomes a fair strand over skin, without a halo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import dye, front, lighting, melanin, samples
from hairstudio.guides.drawing import Drawing
from hairstudio.guides.palette import Shade
from hairstudio.guides.reading import Reading
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.strips import in_strips
from hairstudio.portrait import matte, unmixing
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.parsing import Class
from hairstudio.portrait.view import HairState, View

Array = NDArray[np.float32]

ROOT_LIGHTNESS = 0.55
NEAR_ENOUGH = 2.5  # how far the median of a*, b* may be from the shade's
OTHER = 25.0  # L*: hair made so much lighter or darker has all of its front drawn


@dataclass(frozen=True, eq=False)
class Prepared:
    """What does not depend on the shade: keep it while a slider moves.

    ``front``: the drawn front of the hair; ``quiet``: (H, W) float32 L* to add against noise;
    ``maps``: (h, w, dye.CHANNELS) float32 at the matte's working size, ``dye.SHIFT`` empty;
    ``planes`` at the same size; ``sample``, ``squares``: hair pixels by which ranks and texture are
    watched.
    """

    view: View
    front: front.Front
    quiet: Array
    tones: melanin.Tones
    maps: Array
    planes: samples.Planes
    sample: samples.Sample
    squares: samples.Squares


def working_box(analysis: Analysis, scale: float) -> Box:
    """Where hair may be recoloured, in the photo frame scaled by ``scale``; empty without hair."""
    grid = analysis.grid
    hair = Box.of_mask(analysis.probability(Class.HAIR) > 8)
    if hair.empty:
        return hair
    margin = int(np.ceil(matte.REACH / 250 * analysis.iod * grid.scale)) + 2
    in_photo = hair.grown(margin).shifted(grid.box.x, grid.box.y)
    whole = Box.of_size(*analysis.photo_size).scaled(scale)
    return in_photo.scaled(scale / grid.scale).intersection(whole)


def prepare(view: View) -> Prepared:
    """Measure a view's hair once for all shades."""
    hair = Reading(view)
    maps, planes, drawn = _maps(hair), hair.planes, front.draw(view, hair.fringed)
    rest = hair.covered, maps, planes
    sample = samples.take(samples.few(hair.whole), view.rgb, hair.quiet, *rest)
    there, inside = samples.squares(hair.parsed.hair * hair.most)
    quiet, share = unmixing.reduce(hair.quiet, view.unit), lighting.quieted(sample)
    squares = samples.Squares(samples.take(there, hair.rgb, quiet, *rest).quieted(share), inside)
    sample = sample.quieted(share)
    return Prepared(view, drawn, share * hair.quiet, hair.tones, maps, planes, sample, squares)


def _maps(hair: Reading) -> Array:
    """(h, w, dye.CHANNELS), in the order of ``dye``'s constants."""
    return np.dstack(
        [
            np.zeros_like(hair.base),
            hair.chroma,
            hair.from_roots,
            hair.behind,
            hair.layers.hair,
            hair.base,
            hair.least,
            hair.most,
            hair.fringed,
            hair.undertone.dark,
            *hair.mixed,
        ]
    )


def draw(prepared: Prepared, shade: Shade, strength: float = 1.0, roots: float = 0.0) -> Drawing:
    """Recolour the hair of a prepared view.

    ``strength`` 0..1 mixes own and new L*a*b*; 0 changes nothing. ``roots`` 0..1: how far the roots
    keep a darker colour (the own one if it is darker than the shade), as in hair that has grown.
    """
    view, tones = prepared.view, prepared.tones
    rgb, alpha = view.rgb.copy(), np.zeros(view.matte.shape, np.float32)
    if strength > 0:
        aimed = melanin.aim(tones, shade)
        light = lighting.light(prepared.sample, prepared.squares, prepared.planes, tones, aimed)
        root_curve = melanin.tone_curve(tones, min(tones.median, ROOT_LIGHTNESS * aimed), 1.0)
        maps = prepared.maps.copy()
        maps[..., dye.SHIFT] = light.shift
        maps[..., dye.FRONT] *= min(abs(aimed - tones.median) / OTHER, 1.0)
        pigment = melanin.pigment(shade)
        if light.new.size:
            off = np.array(shade.lab[1:], np.float32) - np.median(
                melanin.read(pigment, light.new), axis=0
            )
            pigment += off * max(0.0, 1 - NEAR_ENOUGH / (float(np.hypot(*off)) + 1e-6))
        tables = np.column_stack([light.curve, root_curve, pigment])
        planes = (
            view.rgb,
            view.matte,
            prepared.front.streaks,
            prepared.front.light,
            prepared.quiet,
            maps,
            tables,
            light.strands,
            strength,
            roots,
            rgb,
            alpha,
        )
        in_strips(view.box.h, lambda first, last: dye.recolour(*planes, first, last))
    return Drawing(rgb, alpha, HairState(view.box, view.scale, view.matte, view.hairline))
