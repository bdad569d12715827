"""What of new hair stays the same while sliders move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hairstudio.guides import styles
from hairstudio.guides.strands import bangs_shape, fields
from hairstudio.guides.strands.bangs_head import Head, OwnCurl
from hairstudio.guides.strands.bangs_shape import Edges
from hairstudio.guides.strands.exemplar import Exemplar
from hairstudio.guides.strands.fields import Field
from hairstudio.guides.strands.looks import Looks
from hairstudio.portrait.analysis import Finding

Array = NDArray[np.float32]

PART_REACH = 0.3
"""How far the parting slider moves the part, IOD."""


class Bed(NamedTuple):
    """Of one style and parting: the region's edges and the way hair lies in it."""

    edges: Edges
    field: Field


@dataclass(frozen=True, eq=False)
class Prepared:
    """Made for one view and region, (HEIGHT, WIDTH)."""

    head: Head
    region: Array
    looks: Looks
    exemplar: Exemplar
    warnings: tuple[Finding, ...] = ()
    curl: OwnCurl = OwnCurl()  # noqa: RUF009 - frozen
    _last: list[tuple[tuple[str, float], Bed | None]] = field(default_factory=list, init=False)

    def bed(self, style: str, parting: float) -> Bed | None:
        """None when the region is empty. The last one is remembered: the other sliders need it."""
        key = style, parting
        for known, bed in self._last:
            if known == key:
                return bed
        bed = self._bed(*key)
        self._last[:] = [(key, bed)]
        return bed

    def _bed(self, name: str, parting: float) -> Bed | None:
        style = styles.style(name)
        edges = bangs_shape.edges(self.head, self.region, style.field == "part")
        if edges is None:
            return None
        return Bed(edges, fields.target(self.head, style, edges.top, PART_REACH * parting))
