"""Writing files so that a half-written one never stands under its final name."""

from __future__ import annotations

import glob
import os
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from hairstudio.errors import UserError


@contextmanager
def atomic_write(path: Path, *, overwrite: bool = False) -> Generator[Path]:
    """Give a temporary path beside ``path``; it takes the final name when the block succeeds.

    The data reaches the disk before the rename, so a crash leaves the old file or the new
    one. When anything fails the temporary file is removed; what a killed process left behind
    (a hidden ``.NAME.*.part``) is removed by the next write to the same name. ``overwrite`` allows
    replacing an existing file.

    Raises UserError for an existing file, a missing or read-only folder and a full disk.
    """
    check_target(path, overwrite=overwrite)
    temporary: Path | None = None
    try:
        final = path.resolve()  # a link keeps pointing at the file that is replaced
        _remove_leftovers(final)
        handle, name = tempfile.mkstemp(".part", _prefix(final), final.parent)
        temporary = Path(name)
        with os.fdopen(handle):
            _claim(handle)
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
        final = path.resolve()
        reason = _refusal(final, overwrite)
        if reason is None:
            tempfile.TemporaryFile(dir=final.parent).close()  # some folders promise more
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
    if reason:
        raise UserError(f"{path}: {reason}")


def is_folder(path: Path) -> bool:
    """``path.is_dir()``, and False for a name that the system cannot even look up."""
    with suppress(OSError):
        return path.is_dir()
    return False


def _refusal(final: Path, overwrite: bool) -> str | None:
    if final.is_dir():
        return "is a folder, not a file name"
    if final.exists() and not final.is_file():
        return "is a device or a pipe, not a file"
    if final.exists() and not overwrite:
        return "already exists (use --force to replace it)"
    if not final.parent.is_dir():
        return f"the folder {final.parent} does not exist"
    if not os.access(final.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return f"cannot be written: the folder {final.parent} is read-only"
    return None


def _prefix(final: Path) -> str:
    return f".{final.name[:40]}."


def _remove_leftovers(final: Path) -> None:
    """Remove the temporary files of processes that are no more."""
    for part in final.parent.glob(glob.escape(_prefix(final)) + "*.part"):
        with suppress(OSError):  # another user's
            with part.open("rb") as file:
                abandoned = _claim(file.fileno())
            if abandoned:
                part.unlink()


def _claim(handle: int) -> bool:
    """Lock an open file until it is closed, also by the process's end; False when it is taken."""
    if sys.platform == "win32":
        return True  # no need: Windows does not delete a file that somebody has open
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # or the file system knows no locks
        return False
    return True


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
