"""Direct editing: a stored pair's source, moved along a direction that one of the methods found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hairstudio.editing.engine import installed_assets
from hairstudio.errors import UserError
from hairstudio.lab import gridding
from hairstudio.lab.directions import labelled
from hairstudio.lab.directions.compare import Case, Progress, labels_for
from hairstudio.lab.directions.methods import find
from hairstudio.lab.latent import open_space
from hairstudio.lab.measure import Pixels, Ruler, pixels_of
from hairstudio.lab.store import Store
from hairstudio.nets import prior


@dataclass(frozen=True, eq=False)
class Moved:
    """``amount``: standard deviations along the direction; ``change``: of the attribute in its
    unit, None where it cannot be seen; ``outside``: change where the pair has none (0..1);
    ``picture``: (R, R, 3) uint8, raw."""

    amount: float
    change: float | None
    outside: float
    picture: Pixels


def move(
    store: Store, identity: str, path: Path, method: str, amounts: Sequence[float], samples: int,
    progress: Progress = lambda _text, _part: None,
) -> list[Moved]:  # fmt: skip
    """Raises UserError for a pair that is not there, that another prior made or whose attribute
    cannot be seen, and where too few of ``samples`` show it."""
    pair = store.read(identity)
    gridding.check([pair], path)
    labels_for(pair.attribute)
    if None in pair.measured:
        raise UserError(f"{identity}: {pair.attribute} cannot be seen in this pair")
    generator, ruler = prior.load(path), Ruler(installed_assets())
    case = Case(identity, store, generator, open_space(generator, path), ruler)
    known = labelled.remembered(
        generator, ruler, samples, path, lambda part: progress("samples", part)
    )
    direction, found = find(method, generator, known, pair.attribute), list[Moved]()
    for amount in amounts:
        picture = direction.picture(generator, case.start, amount)
        found.append(Moved(amount, case.change_of(picture), case.outside(picture),
                           pixels_of(picture[0])))  # fmt: skip
    return found
