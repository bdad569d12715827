"""Edits: the frozen, serialisable instructions of which a document is a list."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hairstudio.errors import UserError
from hairstudio.guides import palette, styles

Signed = Annotated[float, msgspec.Meta(ge=-1, le=1)]
Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]
RegionId = Annotated[int, msgspec.Meta(ge=1, le=9999)]
ReferenceId = RegionId
Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
Comb = Annotated[tuple[tuple[float, float], ...], msgspec.Meta(min_length=2, max_length=200)]
"""A stroke of the comb: points (x, y) of the photo, from the root to the tip."""


class _Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every edit has. ``strength`` 0 or ``enabled`` false leaves the photo as it is."""

    strength: Fraction = 1.0
    seed: Seed = 0
    enabled: bool = True
    name: str = ""


class Hairline(_Edit, frozen=True, tag_field="kind", tag="hairline"):
    """Move the hairline: ``amount`` -1..1, positive = higher, H(v) = H(0) + .24 v (IOD).

    ``strength`` multiplies the amount.
    """

    amount: Signed = 0.0

    @property
    def idle(self) -> bool:
        return not (self.enabled and self.amount * self.strength)


class Color(_Edit, frozen=True, tag_field="kind", tag="color"):
    """Colour the hair: ``shade`` is a palette name or RRGGBB, ``roots`` 0..1 keeps roots darker.

    ``strength`` mixes between the person's own colour and the shade.
    """

    shade: str
    roots: Fraction = 0.0

    @property
    def idle(self) -> bool:
        return not (self.enabled and self.strength)


class Volume(_Edit, frozen=True, tag_field="kind", tag="volume"):
    """Fuller or flatter hair: ``amount`` -1..1, at most .2 IOD out or .15 IOD in.

    ``strength`` multiplies the amount.
    """

    amount: Signed = 0.0

    @property
    def idle(self) -> bool:
        return not (self.enabled and self.amount * self.strength)


class Fill(_Edit, frozen=True, tag_field="kind", tag="fill"):
    """Fill a sparse area: ``region`` is the number of a painted region of the document,
    ``density`` 0..2, 1 = as dense as usual hair; ``hair_from``: the number of a reference photo
    of the document whose hair it looks like (None: the person's own).

    ``strength`` multiplies the density.
    """

    region: RegionId
    density: Annotated[float, msgspec.Meta(ge=0, le=2)] = 1.0
    hair_from: ReferenceId | None = None

    @property
    def idle(self) -> bool:
        return not (self.enabled and self.density * self.strength)


class Bangs(_Edit, frozen=True, tag_field="kind", tag="bangs"):
    """A fringe of a ``style``, in a painted ``region`` of the document or the style's own (None).

    ``length``, ``density``, ``parting`` -1..1, 0 = as the style has it; ``curl`` 0..1 added to
    the style's; ``softness`` 0..1 of the tips; ``hair_from`` as in Fill; ``combed``: strokes that
    the hair near them follows. ``strength``: how far the hair has grown in.
    """

    style: str
    region: RegionId | None = None
    length: Signed = 0.0
    density: Signed = 0.0
    parting: Signed = 0.0
    curl: Fraction = 0.0
    softness: Fraction = 0.5
    hair_from: ReferenceId | None = None
    combed: Annotated[tuple[Comb, ...], msgspec.Meta(max_length=200)] = ()

    @property
    def idle(self) -> bool:
        return not (self.enabled and self.strength)


Edit = Hairline | Color | Volume | Fill | Bangs
Edits = tuple[Edit, ...]

_decoder = msgspec.json.Decoder(Edits)


def dumps(edits: Edits) -> bytes:
    """JSON of a list of edits, as ``--edits`` reads it."""
    return msgspec.json.format(msgspec.json.encode(edits))


def loads(data: bytes | str, source: str = "edits") -> Edits:
    """Read what ``dumps`` wrote. Raises UserError naming ``source`` and the path of the field."""
    try:
        edits = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{source}: not a list of edits: {error}") from error
    for index, edit in enumerate(edits):
        _check_names(edit, f"{source}: $[{index}]")
    return edits


def _check_names(edit: Edit, where: str) -> None:
    """Raise UserError for a shade or a style that does not exist."""
    try:
        match edit:
            case Color():
                where += ".shade"
                palette.shade(edit.shade)
            case Bangs():
                where += ".style"
                styles.style(edit.style)
            case _:
                pass
    except UserError as error:
        raise UserError(f"{where}: {error}") from error
