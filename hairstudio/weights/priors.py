"""Where the StyleGAN2 prior is, and how a user's own becomes it."""

from __future__ import annotations

from pathlib import Path

from hairstudio import resources
from hairstudio.weights import convert, store
from hairstudio.weights.convert import Description

FILE = "prior.safetensors"


def path() -> Path | None:
    """The prior: the user's own, else the one that comes with HairStudio, else None."""
    own, ours = store.folder() / FILE, resources.root() / "weights" / FILE
    return next((found for found in (own, ours) if found.is_file()), None)


def import_file(file: Path) -> Description:
    """Convert another project's StyleGAN2 into the store, in place of an earlier one.

    Raises UserError for a file that cannot be used; the earlier one stays then.
    """
    found = convert.read(file)
    convert.write(found, store.ensure_folder() / FILE)
    return found.description
