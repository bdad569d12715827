"""Where the StyleGAN2 prior is, and how a user's own becomes it."""

from __future__ import annotations

from pathlib import Path

from hairstudio import resources
from hairstudio.weights import convert, store
from hairstudio.weights.convert import Description

FILE = "prior.safetensors"


def path() -> Path | None:
    """The prior: the user's own, else the one that comes with HairStudio, else None."""
    return next(iter(known().values()), None)


def known() -> dict[str, Path]:
    """The priors that are there: ``imported`` before ``ours``."""
    places = {"imported": store.folder() / FILE, "ours": resources.root() / "weights" / FILE}
    return {name: path for name, path in places.items() if path.is_file()}


def import_file(file: Path) -> Description:
    """Convert another project's StyleGAN2 into the store, in place of an earlier one.

    Raises UserError for a file that cannot be used; the earlier one stays then.
    """
    found = convert.read(file)
    convert.write(found, store.ensure_folder() / FILE)
    return found.description
