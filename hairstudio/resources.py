"""Files that come with HairStudio, in a checkout and in an installed wheel alike."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def root() -> Path:
    """The folder of resources: the build maps ``resources/`` to ``hairstudio/_resources``."""
    installed = _PACKAGE / "_resources"
    return installed if installed.is_dir() else _PACKAGE.parent / "resources"


def path(name: str) -> Path:
    """The file or folder ``name`` ("weights/catalog.toml"); FileNotFoundError if there is none."""
    found = root() / name
    if not found.exists():
        raise FileNotFoundError(found)
    return found
