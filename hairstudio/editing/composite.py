"""The edits in the whole photo."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from hairstudio.imaging.blend import Patch, blend


def composite(pixels: NDArray[Any], patches: Iterable[Patch]) -> NDArray[Any]:
    """The photo's (H, W, 3) pixels with the patches (scale 1) blended in order; a new array."""
    result = pixels.copy()
    for patch in patches:
        blend(result, patch)
    return result
