"""Bangs drawn strand by strand."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import styles
from hairstudio.guides.drawing import Drawing
from hairstudio.guides.fringe import BangsParams, Drawer, Neighbour
from hairstudio.guides.prepared import PART_REACH, Prepared
from hairstudio.guides.strands import (
    bangs_head,
    bangs_shape,
    canvas,
    exemplar,
    fields,
    looks_fallback,
    sample,
    stubble,
)
from hairstudio.guides.strands import looks as hair_looks
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.bangs_raster import Strokes
from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Analysis, Finding
from hairstudio.portrait.parsing import Class
from hairstudio.portrait.view import HairState, View

Array = NDArray[np.float32]

OWN_FRINGE = 0.6
"""So much of a region below the hairline is own hair where there is a fringe already."""


def working_box(analysis: Analysis, scale: float) -> Box:
    """The part of the photo (scaled by ``scale``) that bangs look at and may change; on a head
    without hair they look at the beard too."""
    grid = analysis.grid
    hair = np.count_nonzero(analysis.parsing[Class.HAIR] > 127)
    bald = hair < sample.LEAST_AREA * (analysis.iod * grid.scale) ** 2
    reach = np.array([[u, v] for u in (-1.7, 1.7) for v in (-2.2, 1.9 if bald else 0.9)])
    photo = Box.of_size(*analysis.photo_size)
    return Box.around(analysis.frame.inverse.apply(reach)).intersection(photo).scaled(scale)


def own_region(view: View, style: str, parting: float = 0.0) -> Array:
    """The style's own region in a view, (h, w) float32 0..1."""
    head = bangs_head.read(view, stubble.is_stubble(view))
    region = bangs_shape.own(head, styles.style(style), PART_REACH * parting)
    return np.clip(canvas.scatter(region, view), 0, 1)


def longest_region(view: View, region: Array) -> Array:
    """A style's own region, (h, w), and what its bangs cover too when they are made longer."""
    on_canvas = canvas.gather(region, view.frame, 0.0)
    longest = bangs_shape.lengthened(on_canvas)
    return np.maximum(region, np.clip(canvas.scatter(longest, view), 0, 1))


def prepare(view: View, region: Array, source: View | None = None) -> Prepared:
    """Measure head and hair once for a view and a region ((h, w) float32 0..1).

    ``source``: another head at the view's eye distance whose hair is taken, curls and all; light
    and noise stay the view's.
    """
    cropped = stubble.is_stubble(view)
    head = bangs_head.read(view, cropped)
    on_canvas = canvas.gather(region, view.frame, 0.0)
    away = cv2.distanceTransform((on_canvas < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    near = np.minimum(away * np.float32(canvas.PITCH), 3)
    looks = None if cropped else hair_looks.measure(view, head, near)
    sampled, lender = view, head
    if source is not None:
        sampled, lender, near = source, bangs_head.read(source), np.zeros_like(near)
        borrowed = hair_looks.measure(sampled, lender, near)
        looks = None if borrowed is None else hair_looks.lent(borrowed, view, source.scale)
    warnings: tuple[Finding, ...] = ()
    if looks is None:
        looks, instead = looks_fallback.from_face(view)
        text = f"no hair to sample: the new hair takes its colour from {instead}"
        warnings = (Finding("no_hair_to_sample", 0, 1, text),)
    warnings += _own_fringe(head, on_canvas)
    seen = canvas.gather((sampled.matte > 0.6).astype(np.float32), sampled.frame, 0.0)
    lines = exemplar.find(lender, seen, near, sampled.frame)
    return Prepared(head, on_canvas, looks, lines, warnings, bangs_head.own_curl(lender))


def _own_fringe(head: Head, region: Array) -> tuple[Finding, ...]:
    """A warning where much of a region is own hair that hangs over the forehead already."""
    below = (region > 0.5) & (head.hairline + np.float32(bangs_shape.FRINGE) < canvas.V)
    share = float(head.hair[below].mean()) if below.any() else 0.0
    text = "own hair hangs over the forehead and stays: bangs add hair and take none away"
    return (Finding("own_fringe", share, OWN_FRINGE, text),) if share > OWN_FRINGE else ()


def draw(
    view: View,
    region: Array,
    params: BangsParams,
    prepared: Prepared | None = None,
    strokes: Array | None = None,
    neighbour: Neighbour | None = None,
) -> Drawing:
    """Draw bangs into ``region`` ((h, w) float32 0..1, in the view).

    Strands grow in the face frame: the same at every scale. ``prepared``: from ``prepare`` for
    the same view and region; ``strokes``: (h, w, 2) float32 vectors along which the user combs
    the hair, length 0..1; ``neighbour``: what is drawn with them. Raises UserError for an unknown
    style.
    """
    if params.strength <= 0:
        return _nothing(view)
    made = prepared or prepare(view, region)
    drawer = _drawer(view, params, made, strokes)
    if drawer is None:
        return _nothing(view)
    return replace(drawer.draw(neighbour), warnings=made.warnings)


def _drawer(
    view: View, params: BangsParams, made: Prepared, strokes: Array | None = None
) -> Drawer | None:
    """None when the region is empty."""
    bed = made.bed(params.style, params.parting)
    if bed is None:
        return None
    style = styles.natural(styles.style(params.style), made.curl.amount, made.curl.turn)
    short = 1 - float(bangs_shape.hanging(made.head).mean())
    style = styles.textured(style, 1.0 if made.head.bald else short)
    style = styles.curled(style, params.curl)
    outline = bed.edges.outline(params.length, params.strength)
    field = bed.field if strokes is None else fields.combed(bed.field, strokes, view.frame)
    return Drawer(view, made.head, made.looks, made.exemplar, outline, field, style, params)


def drawn_strokes(view: View, params: BangsParams, prepared: Prepared) -> list[Strokes]:
    """What ``draw`` draws, layer by layer, in pixels of the view: for judging strands rather than
    pictures."""
    drawer = _drawer(view, params, prepared)
    if drawer is None:
        return []
    corner = np.array([drawer.box.x, drawer.box.y], np.float32)
    return [replace(strokes, points=strokes.points + corner) for strokes in drawer.drawn()]


def _nothing(view: View) -> Drawing:
    alpha = np.zeros(view.rgb.shape[:2], np.float32)
    state = HairState(view.box, view.scale, view.matte, view.hairline, view.flow)
    return Drawing(view.rgb, alpha, state)
