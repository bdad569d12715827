"""Writing files so that a half-written one never stands under its final name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from hairstudio.errors import UserError


@contextmanager
def atomic_write(path: Path, *, overwrite: bool = False) -> Generator[Path]:
    """Give a temporary path beside ``path``; it takes the final name when the block succeeds.

    The data reaches the disk before the rename, so a crash leaves the old file or the new
    one. When anything fails the temporary file is removed (a killed process can leave a hidden
    ``.NAME.*.part`` behind). ``overwrite`` allows replacing an existing file.

    Raises UserError for an existing file, a missing or read-only folder and a full disk.
    """
    check_target(path, overwrite=overwrite)
    temporary: Path | None = None
    try:
        final = path.resolve()  # a link keeps pointing at the file that is replaced
        handle, name = tempfile.mkstemp(".part", f".{final.name[:40]}.", final.parent)
        temporary = Path(name)
        os.close(handle)
        yield temporary
        temporary.chmod(_mode(final))
        _flush(temporary)
        temporary.replace(final)
        temporary = None
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def check_target(path: Path, *, overwrite: bool = False) -> None:
    """Raise UserError, before any work is done, for a name that ``atomic_write`` would refuse."""
    try:
        reason = _refusal(path.resolve(), overwrite)
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
    if reason:
        raise UserError(f"{path}: {reason}")


def _refusal(final: Path, overwrite: bool) -> str | None:
    if final.is_dir():
        return "is a folder, not a file name"
    if final.exists() and not overwrite:
        return "already exists (use --force to replace it)"
    if not final.parent.is_dir():
        return f"the folder {final.parent} does not exist"
    if not os.access(final.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return f"cannot be written: the folder {final.parent} is read-only"
    return None


def _mode(final: Path) -> int:
    """Permissions of the file that is replaced, else what a new file gets (mkstemp says 0600)."""
    if final.exists():
        return final.stat().st_mode & 0o777
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
