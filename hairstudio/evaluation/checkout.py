"""NVIDIA's networks, from a checkout of theirs that the user names; nothing of it is ours."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

from hairstudio.errors import UserError


def networks(folder: Path) -> ModuleType:
    """The module with their StyleGAN2. Raises UserError where ``folder`` is no checkout of
    NVlabs/stylegan3 or stylegan2-ada-pytorch."""
    sys.modules.setdefault("requests", ModuleType("requests"))  # only for downloads
    sys.modules.setdefault("pkg_resources", _versions())  # setuptools have it no more
    sys.path.insert(0, str(folder))
    try:
        for name in ("training.networks_stylegan2", "training.networks"):
            try:
                return importlib.import_module(name)
            except ModuleNotFoundError as error:
                if not name.startswith(str(error.name)):
                    raise UserError(f"{folder}: {error}") from error
    finally:
        sys.path.remove(str(folder))
    raise UserError(f"{folder}: no checkout of NVlabs/stylegan3 or stylegan2-ada-pytorch")


def _versions() -> ModuleType:
    """What they ask it for: whether torch is new enough."""

    def parse_version(text: str) -> tuple[int, ...]:
        return tuple(map(int, re.findall(r"\d+", text)[:2]))

    found = ModuleType("pkg_resources")
    vars(found)["parse_version"] = parse_version
    return found
