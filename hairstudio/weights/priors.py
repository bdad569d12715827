"""Where the StyleGAN2 prior is."""

from __future__ import annotations

from pathlib import Path

from hairstudio import resources
from hairstudio.weights import store

FILE = "prior.safetensors"


def path() -> Path | None:
    """The prior: the user's own, else the one that comes with HairStudio, else None."""
    return next(iter(known().values()), None)


def known() -> dict[str, Path]:
    """The priors that are there: ``imported`` before ``ours``."""
    places = {"imported": store.folder() / FILE, "ours": resources.root() / "weights" / FILE}
    return {name: path for name, path in places.items() if path.is_file()}
