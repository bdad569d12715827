"""The model files on this machine.

``path(id)`` gives a verified file, ``status()`` says what is there, ``import_file(path)`` takes
in a file that the user fetched elsewhere. A file's hash is computed once and remembered in a
stamp beside it, together with the file's size and time.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hairstudio import settings
from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.weights import catalog
from hairstudio.weights.catalog import Asset

State = Literal["ready", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class Status:
    asset: Asset
    path: Path
    state: State


def folder() -> Path:
    return settings.data_folder() / "weights"


def location(asset: Asset) -> Path:
    """Where the file is or will be."""
    return folder() / asset.file


def path(asset_id: str) -> Path:
    """The verified file of an asset; UserError when it is missing or damaged."""
    found = check(catalog.get(asset_id))
    if found.state != "ready":
        raise UserError(
            f'model file {found.asset.file} is {found.state}: run "hairstudio weights fetch"'
        )
    return found.path


def status() -> list[Status]:
    """The state of every asset, in the order of the catalogue."""
    return [check(asset) for asset in catalog.load()]


def check(asset: Asset, *, afresh: bool = False) -> Status:
    """Compare size and hash. The hash is taken from the stamp if the file did not change;
    ``afresh`` reads the whole file. Raises UserError for a file that may not be read."""
    file = location(asset)
    try:
        if not file.is_file():
            return Status(asset, file, "missing")
        content = _hash if afresh else _remembered_hash
        good = file.stat().st_size == asset.bytes and content(file) == asset.sha256
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from error
    return Status(asset, file, "ready" if good else "damaged")


def adopt(part: Path, asset: Asset) -> bool:
    """Move a finished download into place if its content is right; atomic."""
    if part.stat().st_size != asset.bytes or sha256(part) != asset.sha256:
        return False
    part.replace(location(asset))
    _remember(location(asset), asset.sha256)
    return True


def import_file(file: Path) -> Asset:
    """Copy a file into the store; its content says which asset it is, its name does not matter.

    Raises UserError for a file that cannot be read or that the catalogue does not know.
    """
    try:
        found = sha256(file)
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from error
    asset = next((a for a in catalog.load() if a.sha256 == found), None)
    if asset is None:
        known = ", ".join(f"{a.file} ({a.bytes} bytes)" for a in catalog.load())
        raise UserError(f"{file}: not a model file that HairStudio knows; it knows {known}")
    ensure_folder()
    with atomic_write(location(asset), overwrite=True) as part:
        shutil.copyfile(file, part)
    _remember(location(asset), asset.sha256)
    return asset


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def ensure_folder() -> Path:
    """Make the store's folder; UserError where that is not possible."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder()}: cannot be made ({error.strerror})") from error
    return folder()


def _remembered_hash(file: Path) -> str:
    key, stamp = _key(file), _stamp(file)
    if stamp.is_file() and (text := stamp.read_text()).startswith(key):
        return text.removeprefix(key)
    return _hash(file)


def _hash(file: Path) -> str:
    found = sha256(file)
    _remember(file, found)
    return found


def _remember(file: Path, found: str) -> None:
    with contextlib.suppress(OSError):  # a read-only store is hashed at every start
        _stamp(file).write_text(_key(file) + found)


def _key(file: Path) -> str:
    stat = file.stat()
    return f"{stat.st_size} {stat.st_mtime_ns} "


def _stamp(file: Path) -> Path:
    return file.with_name(f"{file.name}.stamp")
