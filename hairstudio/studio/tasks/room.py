"""What the tasks of the engine thread share: the engine and the masks it works on."""

from __future__ import annotations

from collections import OrderedDict

from hairstudio.editing.masks import Mask
from hairstudio.imaging.tiles import TiledMask

KEPT_MASKS = 4
BUDGET = 96 << 20
"""Bytes of finished work that the engine remembers: a long session grows by no more."""


class EngineRoom:
    """To be made in the engine thread: importing the engine loads torch. ``guide`` draws previews
    and tiles; ``engine`` the finals, as the command line does: with the fused editor, if one is
    installed."""

    def __init__(self) -> None:
        from hairstudio.editing.engine import Engine, installed_assets
        from hairstudio.editing.fusing import Fuser

        self.assets = installed_assets()
        self.guide = Engine(self.assets, BUDGET)
        fuser = Fuser.open()
        self.engine = self.guide if fuser is None else Engine(self.assets, BUDGET, fuser)
        self._dense: OrderedDict[TiledMask, Mask] = OrderedDict()

    def dense(self, mask: TiledMask) -> Mask:
        """(H, W) uint8 of a snapshot. The last few are remembered."""
        found = self._dense.pop(mask, None)
        if found is None:
            found = mask.array()
            found.setflags(write=False)
        self._dense[mask] = found
        while len(self._dense) > KEPT_MASKS:
            self._dense.popitem(last=False)
        return found
