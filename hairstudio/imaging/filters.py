"""Fast blurs and the guided filter."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.checkpoint import checkpoint
from hairstudio.imaging.kernels import kernel

Array = NDArray[np.float32]


def smoothstep(lo: float, hi: float, x: Array) -> Array:
    """0 below ``lo``, 1 above ``hi``, cubic between."""
    checkpoint()
    values = np.ascontiguousarray(x, np.float32)
    return _smoothstep(values.ravel(), lo, 1 / (hi - lo)).reshape(np.shape(x))


@kernel()
def _smoothstep(values: Array, lo: float, slope: float) -> Array:
    out = np.empty_like(values)
    for i in range(values.size):
        t = min(max((values[i] - lo) * slope, 0.0), 1.0)
        out[i] = t * t * (3 - 2 * t)
    return out


def fast_blur(image: Array, sigma: float) -> Array:
    """Gaussian blur; wide ones at reduced size. (H, W) or (H, W, C) float32."""
    checkpoint()
    factor = max(1, int(sigma / 3))
    if factor == 1:
        return cv2.GaussianBlur(image, (0, 0), max(sigma, 0.05))
    height, width = image.shape[:2]
    size = (max(2, width // factor), max(2, height // factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def normalised_blur(image: Array, weight: Array, sigma: float) -> Array:
    """Weighted mean in a Gaussian neighbourhood; 0 weight everywhere near gives about 0."""
    total = fast_blur(weight, sigma) + np.float32(1e-5)
    if image.ndim == 3:
        weight, total = weight[..., None], total[..., None]
    return (fast_blur(image * weight, sigma) / total).astype(np.float32, copy=False)


def disc(radius: float) -> NDArray[np.uint8]:
    """Elliptical structuring element for erosion and dilation, radius in pixels (at least 1)."""
    side = 2 * max(1, int(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def guided_filter(guide: Array, image: Array, radius: int, eps: float, step: int = 1) -> Array:
    """Colour guided filter (He et al., TPAMI 2013), coefficients at 1/``step`` size (fast variant).

    ``guide``: (H, W, 3) float32 in 0..1; ``image``: (H, W) float32; ``radius`` in pixels.
    """
    height, width = image.shape
    if step > 1:
        size = (max(2, width // step), max(2, height // step))
        small_guide = cv2.resize(guide, size, interpolation=cv2.INTER_AREA)
        small_image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        a, b = guided_filter_coefficients(small_guide, small_image, max(1, radius // step), eps)
        a = cv2.resize(a, (width, height), interpolation=cv2.INTER_LINEAR)
        b = cv2.resize(b, (width, height), interpolation=cv2.INTER_LINEAR)
    else:
        a, b = guided_filter_coefficients(guide, image, radius, eps)
    return np.einsum("hwc,hwc->hw", a, guide) + b


def guided_filter_coefficients(
    guide: Array, image: Array, radius: int, eps: float
) -> tuple[Array, Array]:
    """a (H, W, 3) and b (H, W) of the guided filter: filtered = a . guide + b."""

    def mean(x: NDArray[np.floating]) -> Array:
        return cv2.blur(x, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT)

    r, g, b = guide[..., 0], guide[..., 1], guide[..., 2]
    mr, mg, mb, mi = mean(r), mean(g), mean(b), mean(image)
    rr, gg, bb = (
        mean(r * r) - mr * mr + eps,
        mean(g * g) - mg * mg + eps,
        mean(b * b) - mb * mb + eps,
    )
    rg, rb, gb = mean(r * g) - mr * mg, mean(r * b) - mr * mb, mean(g * b) - mg * mb
    ir, ig, ib = mean(image * r) - mi * mr, mean(image * g) - mi * mg, mean(image * b) - mi * mb
    # inverse of the symmetric 3x3 covariance by cofactors
    c00, c01, c02 = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c11, c12, c22 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    det = rr * c00 + rg * c01 + rb * c02
    ar = (c00 * ir + c01 * ig + c02 * ib) / det
    ag = (c01 * ir + c11 * ig + c12 * ib) / det
    ab = (c02 * ir + c12 * ig + c22 * ib) / det
    offset = mi - ar * mr - ag * mg - ab * mb
    return mean(np.dstack([ar, ag, ab])), mean(offset)
