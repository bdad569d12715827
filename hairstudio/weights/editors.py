"""Where the trained fused editor is."""

from __future__ import annotations

from pathlib import Path

from hairstudio import resources
from hairstudio.weights import store

FILE = "fused_editor.safetensors"


def path() -> Path | None:
    """The user's own, else the one that comes with HairStudio, else None."""
    own, ours = store.folder() / FILE, resources.root() / "weights" / FILE
    return next((found for found in (own, ours) if found.is_file()), None)
