"""Strands for black hair that the photo holds no detail of.

Where own hair is too dark to show anything, a much lighter shade would be a flat area. Noise drawn
out along the hair's own flow (line integral convolution: Cabral and Leedom, SIGGRAPH 1993) gives it
fine strands. It is tied to the face frame: the same locks at every scale.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.colorspace import lightness
from hairstudio.imaging.filters import fast_blur, smoothstep
from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.strips import in_strips
from hairstudio.portrait import flow
from hairstudio.portrait.view import View

Array = NDArray[np.float32]

SEED, SIDE = 7, 512
CELLS = 125.0  # cells of the noise per IOD
SCALES = {0.6: 3.2, 1.4: 1.0, 4.5: 0.3}  # blur of the noise across the strands, cells: weight
REACH, COMB = 0.3, 0.05  # IOD to either side along the strand: of what is drawn, of what is seen
FINE_STEPS = 6  # to either side, at most, in large photos
TELLING = 8.0, 3.0  # L* of own detail that is more than noise, and that is nothing else
HANG, SPREAD, NOISY = 0.06, 0.3, 0.7  # trust in hanging; u per IOD of u; distrust of what is seen
CALM, WIDE = 0.12, 0.35  # IOD: what is seen in black hair turns no faster, less where it turns
EDDY = 0.45, 0.85  # around an eye: how alike directions so near are, not at all and wholly
TRACE, AROUND = 0.1, 0.03  # L*: less own detail is noise alone; IOD around where it is measured
BLACK, VISIBLE = 1.5, 9.0  # L* where own detail is missing, and where it is all there
FINE, COARSE = 0.012, 0.8  # IOD: what is wider than a strand; how much of it is taken away
BURNT = 86.0, 96.0  # L* where it is all there, and missing


class Undertone(NamedTuple):
    """(h, w) float32 each. ``dark``: 0..1 in hair too dark to show its own detail; ``noisy``: how
    much of that detail is noise; ``along``: (h, w, 2), unit vectors along the strands; ``locks``:
    drawn strands, mean 0, standard deviation 1 where own detail is missing, fading to 0 where it
    shows."""

    dark: Array
    noisy: Array
    along: Array
    locks: Array


def read(view: View, seen: Array, smooth: Array, alpha: Array) -> Undertone:
    """For hair of own L* ``seen`` and ``smooth`` (, any size over the view's field) and matte
    ``alpha``."""
    size = seen.shape[1], seen.shape[0]
    dark = smoothstep(VISIBLE, BLACK, smooth) * (alpha > 0)
    missing = np.maximum(dark, smoothstep(*BURNT, smooth) * (alpha > 0))
    if not missing.any():
        return Undertone(dark, dark, np.zeros((*dark.shape, 2), np.float32), missing)
    iod = view.iod * size[0] / view.box.w
    u, v = _face_places(view, size)
    double = flow.diffuse(_hanging(view, view.resample(view.analysis.flow, size), u, missing),
                          iod / 250)  # fmt: skip
    double = _calmed(double, missing, iod)
    angle = 0.5 * np.arctan2(double[..., 1], double[..., 0])
    own = (seen - smooth) * (missing > 0)
    left = cv2.sqrt(fast_blur(np.square(own), AROUND * iod))
    noise = (own + np.float32(TRACE) * _noise(u, v)) / (left + np.float32(TRACE))
    along = np.dstack([np.cos(angle), np.sin(angle)])
    drawn = _drawn_out(noise, along, (missing > 0).astype(np.float32), REACH * iod, 0)
    drawn -= np.float32(COARSE) * fast_blur(drawn, FINE * iod)
    drawn *= missing * _alike(double, iod)
    drawn *= np.float32(np.linalg.norm(missing) / (np.linalg.norm(drawn) + 1e-6))
    return Undertone(dark, dark * smoothstep(*TELLING, left), along, drawn)


def _calmed(double: Array, missing: Array, iod: float) -> Array:
    """Flow (h, w, 2) without turns that are too sharp for what nothing is seen of: around an eye
    strands would lie in rings, there they run as those around do on the whole."""
    near, wide = (fast_blur(double, sigma * iod) for sigma in (CALM, WIDE))
    near += (1 - _alike(double, iod))[..., None] * (wide - near)
    return np.asarray(double + missing[..., None] * (near - double), np.float32)


def _alike(double: Array, iod: float) -> Array:
    """(h, w) 0..1: whether flow (h, w, 2) has one direction around there, and no eye."""
    unit = double / (np.linalg.norm(double, axis=2, keepdims=True) + np.float32(1e-6))
    return smoothstep(*EDDY, np.linalg.norm(fast_blur(unit, CALM * iod), axis=2))


def quiet(view: View, under: Undertone) -> Array:
    """(H, W) float32: L* to add to the view's, so that noise and blocks in black hair are drawn out
    along the strands."""
    if not under.noisy.any():
        return np.zeros_like(view.matte)
    own = np.empty_like(view.matte)
    in_strips(len(own), lambda first, last: lightness(view.rgb, own, first, last))
    return _drawn_out(own, under.along, under.noisy, COMB * view.iod, 1, FINE_STEPS)


def _drawn_out(
    values: Array, along: Array, where: Array, reach: float, less: float, most: int = 100
) -> Array:
    """(H, W) mean to ``reach`` pixels to either side along (h, w, 2) unit vectors, less so much of
    the ``values``; times ``where``. ``most``: steps."""
    drawn, steps = np.zeros_like(values), int(np.clip(round(reach), 2, most))
    planes = values, along, where, steps, max(reach / steps, 1.0), less, drawn
    in_strips(len(drawn), lambda first, last: _draw_out(*planes, first, last))
    return drawn


def _face_places(view: View, size: tuple[int, int]) -> tuple[Array, Array]:
    """u and v, (h, w) each, of the pixels of a view brought to ``size``."""
    x = (np.arange(size[0], dtype=np.float32) + 0.5) * view.box.w / size[0] - 0.5
    y = (np.arange(size[1], dtype=np.float32) + 0.5)[:, None] * view.box.h / size[1] - 0.5
    f = view.frame
    u, v = f.a * x - f.b * y + f.tx, f.b * x + f.a * y + f.ty
    return u.astype(np.float32), v.astype(np.float32)


def _hanging(view: View, seen: Array, u: Array, missing: Array) -> Array:
    """Flow (h, w, 3) as ``flow.measure`` gives it. What is seen in black hair is noise for the
    most part: there strands hang down, outwards a little."""
    f = view.frame
    angle = 2 * np.arctan2(f.a - f.b * SPREAD * u, f.b + f.a * SPREAD * u)
    down = np.dstack([np.cos(angle), np.sin(angle)]) * (HANG * missing)[..., None]
    both = seen[..., :2] * (seen[..., 2] * (1 - NOISY * missing))[..., None] + down
    length = np.hypot(both[..., 0], both[..., 1])
    return np.dstack([both / (length + np.float32(1e-9))[..., None], length]).astype(np.float32)


def _noise(u: Array, v: Array) -> Array:
    rng = np.random.default_rng(SEED)
    noise, pad = rng.normal(0, 1, (SIDE, SIDE)).astype(np.float32), 32
    tile = np.pad(noise, pad, mode="wrap")
    both = np.zeros_like(noise)
    for sigma, weight in SCALES.items():
        layer = cv2.GaussianBlur(tile, (0, 0), sigma)[pad:-pad, pad:-pad]
        both += np.float32(weight / float(layer.std())) * layer
    places = ((CELLS * w).astype(np.float32) % SIDE for w in (u, v))
    return cv2.remap(both, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


@kernel()
def _draw_out(
    values: Array, along: Array, where: Array, steps: int, stride: float, less: float,
    drawn: Array, first: int, last: int,
) -> None:  # fmt: skip
    height, width = values.shape
    coarse_y, coarse_x = where.shape[0] / height, where.shape[1] / width
    for y in range(first, last):
        for x in range(width):
            share = where[int(y * coarse_y), int(x * coarse_x)]
            if share <= 0:
                continue
            total, whole = 0.0, 0.0
            for side in (-1.0, 1.0):
                px, py, dx, dy = float(x), float(y), 0.0, 0.0
                for step in range(steps):
                    i = min(max(int(px + 0.5), 0), width - 1)
                    j = min(max(int(py + 0.5), 0), height - 1)
                    weight = 1 - step / steps
                    total, whole = total + weight * values[j, i], whole + weight
                    k, n = int(j * coarse_y), int(i * coarse_x)
                    tx, ty = along[k, n, 0], along[k, n, 1]
                    turn = side if step == 0 else (1.0 if tx * dx + ty * dy >= 0 else -1.0)
                    dx, dy = turn * tx, turn * ty
                    px, py = px + stride * dx, py + stride * dy
            drawn[y, x] = share * (total / whole - less * values[y, x])
