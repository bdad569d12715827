"""A painted mask of the photo's size, in tiles that its snapshots share until they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.imaging.geometry import Box

SIDE = 256

Mask = NDArray[np.uint8]
Place = tuple[int, int]
"""Column and row of a tile."""


@dataclass(frozen=True, eq=False)
class Change:
    """What happened to a mask between two moments: the tiles that differ, before and after it.

    A tile that is None was or became empty. ``TiledMask.undo`` and ``redo`` apply it.
    """

    tiles: Mapping[Place, tuple[Mask | None, Mask | None]]

    @property
    def bytes(self) -> int:
        """Memory that the change keeps alive, at most: tiles that masks still share count too."""
        return sum(tile.nbytes for pair in self.tiles.values() for tile in pair if tile is not None)

    @property
    def empty(self) -> bool:
        return not self.tiles

    @property
    def box(self) -> Box:
        """The tiles' bounding box in the photo frame; it may reach over the photo's edge."""
        return reduce(Box.union, map(_box, self.tiles), Box(0, 0, 0, 0))


@dataclass(eq=False)
class TiledMask:
    """uint8 mask, 0 = outside, 255 = wholly inside, photo frame; missing tiles are 0.

    Tiles are ``SIDE`` squares; those at the right and bottom edge reach over it and are 0 there.
    Snapshots share tiles: writing copies a tile first unless this mask alone holds it. One thread
    may write while others read snapshots.
    """

    size: tuple[int, int]
    _tiles: dict[Place, Mask] = field(default_factory=dict[Place, Mask])
    _own: set[Place] = field(default_factory=set[Place])
    _reduced: dict[tuple[Place, int], Mask] = field(default_factory=dict[tuple[Place, int], Mask])

    @classmethod
    def of(cls, array: Mask) -> TiledMask:
        """From a dense (H, W) uint8 array, which is copied."""
        height, width = array.shape
        mask = cls((width, height))
        mask.write(Box.of_size(width, height), array)
        return mask

    @property
    def frame(self) -> Box:
        return Box.of_size(*self.size)

    @property
    def empty(self) -> bool:
        """True when no pixel is selected."""
        return not any(tile.any() for tile in self._tiles.values())

    @property
    def bytes(self) -> int:
        return sum(tile.nbytes for tile in self._tiles.values())

    def snapshot(self) -> TiledMask:
        """The mask as it is now; later writing to either leaves the other as it is."""
        self._own.clear()
        return TiledMask(self.size, dict(self._tiles), set(), dict(self._reduced))

    def tile(self, place: Place) -> Mask | None:
        """Read a tile; None when it is empty. Not to be written."""
        return self._tiles.get(place)

    def writable(self, place: Place) -> Mask:
        """A tile that may be written to now, (SIDE, SIDE) uint8; call ``written`` afterwards."""
        tile = self._tiles.get(place)
        if tile is None:
            tile = np.zeros((SIDE, SIDE), np.uint8)
        elif place not in self._own:
            tile = tile.copy()
        self._own.add(place)
        self._tiles[place] = tile
        return tile

    def written(self, place: Place) -> None:
        """Forget smaller copies of a tile that was written to, and the tile if it is all 0 now."""
        for level in range(1, SIDE.bit_length()):
            self._reduced.pop((place, level), None)
        tile = self._tiles.get(place)
        if tile is not None and not tile.any():
            self._own.discard(place)
            del self._tiles[place]

    def put(self, place: Place, tile: Mask | None) -> None:
        """Set a whole tile that somebody else may hold too; None or all 0 removes it."""
        self._own.discard(place)
        self.written(place)
        if tile is None or not tile.any():
            self._tiles.pop(place, None)
        else:
            self._tiles[place] = tile

    def write(self, box: Box, values: Mask) -> None:
        """Replace ``box`` by (h, w) uint8 values; what lies outside the photo is ignored."""
        inside = box.intersection(self.frame)
        for place in places(inside):
            part = inside.intersection(_box(place))
            new = values[part.shifted(-box.x, -box.y).slices]
            if place in self._tiles or new.any():
                self.writable(place)[_local(part, place)] = new
                self.written(place)

    def crop(self, box: Box) -> Mask:
        """(h, w) uint8 copy of ``box``, which may lie anywhere; 0 outside the photo."""
        return self.reduced(box, 0)

    def reduced(self, box: Box, level: int) -> Mask:
        """``box`` of the mask reduced by 2 ** ``level`` (0..8): (h, w) uint8 means of squares.

        ``box`` counts reduced pixels. Reduced tiles are remembered.
        """
        out = np.zeros((box.h, box.w), np.uint8)
        side = SIDE >> level
        for place in places(box, side):
            tile = self._at(place, level)
            if tile is not None:
                part = box.intersection(_box(place, side))
                out[part.shifted(-box.x, -box.y).slices] = tile[_local(part, place, side)]
        return out

    def array(self) -> Mask:
        """The whole mask, (H, W) uint8."""
        return self.crop(self.frame)

    def bounds(self) -> Box:
        """The smallest box that holds all non-zero pixels; empty when there are none."""
        return reduce(Box.union, self._parts(), Box(0, 0, 0, 0))

    def reach(self) -> Box:
        """A box around all tiles: as ``bounds``, larger but at once."""
        return reduce(Box.union, map(_box, self._tiles), Box(0, 0, 0, 0)).intersection(self.frame)

    def flipped(self) -> TiledMask:
        """Mirrored left to right, as a new mask."""
        bounds = self.bounds()
        mirrored = TiledMask(self.size)
        place = Box(self.size[0] - bounds.right, bounds.y, bounds.w, bounds.h)
        mirrored.write(place, np.ascontiguousarray(self.crop(bounds)[:, ::-1]))
        return mirrored

    def clear(self) -> None:
        """Empty the mask."""
        for place in list(self._tiles):
            self.put(place, None)

    def since(self, before: TiledMask) -> Change:
        """What changed since ``before``, a snapshot of this mask. Shares the tiles."""
        self._own.clear()
        return Change({
            place: (old, new)
            for place in before._tiles.keys() | self._tiles.keys()
            if not _same(old := before._tiles.get(place), new := self._tiles.get(place))
        })  # fmt: skip

    def undo(self, change: Change) -> None:
        """Put back what was before ``change``."""
        for place, (old, _) in change.tiles.items():
            self.put(place, old)

    def redo(self, change: Change) -> None:
        """Put back what was after ``change``."""
        for place, (_, new) in change.tiles.items():
            self.put(place, new)

    def _parts(self) -> Iterator[Box]:
        for place, tile in self._tiles.items():
            part = Box.of_mask(tile)
            if not part.empty:
                yield part.shifted(place[0] * SIDE, place[1] * SIDE)

    def _at(self, place: Place, level: int) -> Mask | None:
        tile = self._tiles.get(place)
        if tile is None or level == 0:
            return tile
        key = place, level
        if key not in self._reduced:
            side = SIDE >> level
            self._reduced[key] = cv2.resize(tile, (side, side), interpolation=cv2.INTER_AREA)
        return self._reduced[key]


def places(box: Box, side: int = SIDE) -> Iterator[Place]:
    """The tiles of ``side`` pixels that a box touches."""
    if box.empty:
        return
    for row in range(box.y // side, (box.bottom - 1) // side + 1):
        for column in range(box.x // side, (box.right - 1) // side + 1):
            yield column, row


def _box(place: Place, side: int = SIDE) -> Box:
    return Box(place[0] * side, place[1] * side, side, side)


def _local(part: Box, place: Place, side: int = SIDE) -> tuple[slice, slice]:
    return part.shifted(-place[0] * side, -place[1] * side).slices


def _same(a: Mask | None, b: Mask | None) -> bool:
    if a is b:
        return True
    if a is None or b is None:
        other = a if b is None else b
        return other is None or not other.any()
    return np.array_equal(a, b)
