"""Hair and what is behind it, as local colours: what a pixel may be a mixture of.

All at a reduced working size, where these colours vary slowly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import disc, fast_blur, normalised_blur, smoothstep

Array = NDArray[np.float32]

COARSE_UNIT = 0.5
CORE = 24.0  # units inside the hair: nothing else shines through there
THINS = 8, 30  # units from the hairline: the skin there is darkened by fine hair
WIDE = 6.0  # pixels
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
NOISE, AROUND = 2e-4, 30.0  # variance that says nothing; units around in which it is measured
GAPPED, LIGHTER = 0.6, 0.2  # position of what is seen through dark hair away from skin; its luma
LIGHTS = 0.25, 0.5  # spread of positions among sure hair
FAIRER = 0.0, 0.1  # luma of hair over that of skin
HUE = 1.0  # pixels
TOLD = 4.5, 11.0  # squared distance of hair from skin, in their standard deviations
FADING = 5.0  # units over which that fades


@dataclass(frozen=True, eq=False)
class Parsed:
    """Parsing probabilities at the working size, (h, w) float32 0..1 each: ``hair``; ``solid``:
    neither hair nor background; ``features``: brows, eyes, glasses, mouth; ``ears``; ``earrings``;
    ``eyes``; ``skin``; ``grown``: 0..1 near the hairline, where hair grows out of the skin."""

    hair: Array
    solid: Array
    features: Array
    ears: Array
    earrings: Array
    eyes: Array
    skin: Array
    grown: Array


@dataclass(frozen=True, eq=False)
class Layers:
    """Hair and what is behind it, at the working size.

    ``hair``, ``behind``: (h, w, 3) float32 local colours F and B; ``distance``: (h, w) float32
    from the parsed hair's edge in units (IOD / 250), negative inside.
    """

    hair: Array
    behind: Array
    distance: Array

    @property
    def direction(self) -> Array:
        """(h, w, 3): the vector whose product with (I - B) is 0 at B and 1 at F."""
        difference = self.hair - self.behind
        return difference / ((difference * difference).sum(-1) + np.float32(1e-4))[..., None]

    def position(self, rgb: Array) -> Array:
        """(h, w): where colours are between those behind (0) and of the hair (1)."""
        return ((rgb - self.behind) * self.direction).sum(-1)


def working_size(size: tuple[int, int], unit: float) -> tuple[int, int]:
    """Width and height at which the unit is at most ``COARSE_UNIT`` pixels."""
    factor = min(1.0, COARSE_UNIT / unit)
    return max(2, round(size[0] * factor)), max(2, round(size[1] * factor))


def reduce(plane: Array, unit: float) -> Array:
    """Area-averaged to the working size."""
    size = working_size((plane.shape[1], plane.shape[0]), unit)
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA)


def separate(rgb: Array, parsed: Parsed, unit: float) -> Layers:
    """Local colours of the hair and of what is behind it, from pixels that are surely one or the
    other. ``rgb``: (h, w, 3) float32 at the working size; ``unit``: IOD / 250 in its pixels."""
    distance = signed_distance(parsed, unit)
    behind = local_mean(rgb, clear_weight(parsed, distance, unit), 8 * unit)
    core = np.square(np.clip((-distance - 4) / CORE, 0.03, 1), dtype=np.float32)
    core *= parsed.hair > 0.9
    hair = local_mean(rgb, core * _unlike(rgb, behind, core > 0), 48 * unit)
    # once more without what looks through the hair: a forehead behind a fringe, gaps in curls
    layers = Layers(hair, behind, distance)
    weight = core * (smoothstep(0.6, 1.0, layers.position(rgb)) + np.float32(1e-3))
    return replace(layers, hair=local_mean(rgb, weight, 16 * unit))


def signed_distance(parsed: Parsed, unit: float) -> Array:
    """(h, w) from the edge of the parsed hair in units, negative inside."""
    inside = (parsed.hair > 0.5).astype(np.uint8)
    outer = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    inner = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    distance = np.clip(outer - inner, -1e4, 1e4) / np.float32(unit)  # endless without hair
    return np.asarray(distance, np.float32)


def _unlike(rgb: Array, behind: Array, sure: NDArray[np.bool_]) -> Array:
    """Weight of pixels that differ from what is behind them as hair here usually does, or more."""
    unlike = np.linalg.norm(rgb - behind, axis=2)
    usual = float(np.median(unlike[sure])) if sure.any() else 1.0
    return np.minimum(unlike / (usual + np.float32(0.01)), 1) ** 4 + np.float32(0.01)


def clear_weight(parsed: Parsed, distance: Array, unit: float) -> Array:
    """(h, w) weight of what is surely not hair, little where hair thins out before skin."""
    features = cv2.dilate(parsed.features, disc(8 * unit))
    far = smoothstep(*THINS, distance)
    clear = (parsed.hair < 0.03) & (distance > THINS[0]) & (features < 0.1)
    return np.asarray(clear * (1 - parsed.grown * (1 - far)), np.float32)


def near_solid(parsed: Parsed, unit: float) -> Array:
    """0..1 near skin and clothes: hair is thin there for a long way, and they are seen through."""
    return smoothstep(0.02, 0.2, fast_blur(parsed.solid, 16 * unit))


def local_mean(values: Array, weight: Array, sigma: float) -> Array:
    """Mean of the weighted pixels around; where there are too few, the mean at the nearest place
    that has enough, so that skin and background do not run into each other under the hair. Wide
    means at half the size."""
    height, width = weight.shape
    if sigma >= WIDE and min(height, width) > 4 * WIDE:
        half = (width // 2, height // 2)
        share = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
        column = (slice(None), slice(None), *[None] * (values.ndim - 2))
        mean = cv2.resize(values * weight[column], half, interpolation=cv2.INTER_AREA)
        mean /= np.maximum(share, np.float32(1e-6))[column]
        return cv2.resize(local_mean(mean, share, sigma / 2), (width, height))
    mean, total = normalised_blur(values, weight, sigma), fast_blur(weight, sigma)
    known = total > min(0.15, 0.5 * float(total.max()))
    if not known.any():
        return np.broadcast_to(values.mean((0, 1)), values.shape).astype(np.float32)
    _, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    at_label = np.zeros((int(labels.max()) + 1, *values.shape[2:]), np.float32)
    at_label[labels[known]] = mean[known]
    filled = at_label[labels]
    return np.where(known if values.ndim == 2 else known[..., None], mean, fast_blur(filled, sigma))


def shaded(rgb: Array, parsed: Parsed, layers: Layers, unit: float) -> Array:
    """(h, w, 3): what is behind the hair, in its shadow."""
    deep = shade(layers.position(rgb), parsed, layers, unit)
    lit = layers.behind + deep[..., None] * (layers.hair - layers.behind)
    return np.asarray(lit, np.float32)


def shade(position: Array, parsed: Parsed, layers: Layers, unit: float) -> Array:
    """(h, w) position of skin in the shadow of hair, away from its edge: what all pixels around
    share. At the hairline that is thin hair."""
    shared = cv2.erode(fast_blur(position, unit), disc(6 * unit))
    near, far = smoothstep(3, 12, layers.distance), smoothstep(14, 30, layers.distance)
    return np.clip(fast_blur(shared, 4 * unit), 0, 0.6) * np.asarray(
        near + parsed.grown * (far - near), np.float32
    )


def seen_through(rgb: Array, parsed: Parsed, layers: Layers, unit: float) -> tuple[Array, Array]:
    """(h, w) each: share of hair in pixels that show skin through it, 0..1, and how far colours do
    tell hair from skin there, 0..1.

    Hair with light strands differs in light rather than in hue, as does skin around. There they
    are told apart by that in which they differ less among themselves (Fisher's discriminant,
    Annals of Eugenics 1936).
    """
    plain = layers.position(rgb)
    difference = layers.hair - layers.behind
    reduced = max(2, rgb.shape[1] // 3), max(2, rgb.shape[0] // 3)
    inverse = np.linalg.inv(_covariance(rgb, parsed, layers, unit, reduced))
    small = cv2.resize(difference, reduced, interpolation=cv2.INTER_AREA)
    along = cv2.resize(np.einsum("hwij,hwj->hwi", inverse, small), rgb.shape[1::-1])
    apart = (along * difference).sum(-1)
    # photos hold hue at half of their resolution
    by_hue = fast_blur(((rgb - layers.behind) * along).sum(-1), HUE)
    by_hue /= np.maximum(apart, np.float32(TOLD[0]))
    sure = ((parsed.hair > 0.9) & (layers.distance < -12)).astype(np.float32)
    lights = cv2.sqrt(local_mean(np.square(np.minimum(plain - 1, 0)), sure, AROUND * unit))
    fair = np.asarray(difference @ LUMA, np.float32)  # in its own shadow it is as light as skin
    hue = np.maximum(smoothstep(*LIGHTS, lights), smoothstep(*FAIRER, fair))
    share = plain + hue * (by_hue - plain)
    told = cv2.erode(smoothstep(*TOLD, apart), disc(2 * FADING * unit))  # before skin in deep shade
    return np.clip(share, 0, 1), fast_blur(told, FADING * unit)


def _covariance(
    rgb: Array, parsed: Parsed, layers: Layers, unit: float, size: tuple[int, int]
) -> Array:
    """(height, width, 3, 3) of ``size``: how much hair and skin around differ from their means."""
    light = np.asarray((layers.behind - layers.hair) @ LUMA, np.float32) > LIGHTER
    gaps = light & (layers.position(rgb) < GAPPED) & (near_solid(parsed, unit) < 0.1)
    hair = (parsed.hair > 0.9) & (layers.distance < -12) & ~gaps
    clear = light & (clear_weight(parsed, layers.distance, unit) > 0.5)
    skin = (clear | (parsed.skin > 0.8)) & (layers.distance > THINS[0])
    both = np.broadcast_to(np.float32(NOISE) * np.eye(3, dtype=np.float32), (*size[::-1], 3, 3))
    for there, mean in ((hair, layers.hair), (skin, layers.behind)):
        off = cv2.resize(rgb - mean, size, interpolation=cv2.INTER_NEAREST)
        weight = cv2.resize(there.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)
        squares = (off[..., :, None] * off[..., None, :]).reshape(*off.shape[:2], 9)
        around = AROUND * unit * size[0] / rgb.shape[1]
        both = both + local_mean(squares, weight, around).reshape(*off.shape[:2], 3, 3)
    return both
