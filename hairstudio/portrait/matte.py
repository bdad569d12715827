"""Soft hair alpha at the resolution of a view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.filters import guided_filter

Array = NDArray[np.float32]


def soft_hair(rgb: Array, hair: Array, unit: float) -> Array:
    """Guided-filtered hair probability: the general matte. ``unit``: IOD / 250 in pixels."""
    radius = max(3, int(8 * unit))
    refined = guided_filter(rgb, hair, radius, 2e-3, step=2 if unit > 1.5 else 1)
    return np.clip((refined - 0.1) / 0.8, 0, 1)
