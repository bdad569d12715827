"""What every guide yields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hairstudio.portrait.analysis import Finding
from hairstudio.portrait.view import HairState


@dataclass(frozen=True, eq=False)
class Drawing:
    """The edited pixels of a view.

    ``rgb``: (h, w, 3) float32 0..1; ``alpha``: (h, w) float32 0..1, how much of it replaces the
    photo (0 = the photo stays, bit for bit); ``state``: the hair as the next edit sees it;
    ``warnings``: what the edit could not do.
    """

    rgb: NDArray[np.float32]
    alpha: NDArray[np.float32]
    state: HairState
    warnings: tuple[Finding, ...] = ()
