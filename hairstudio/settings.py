"""Where HairStudio keeps its files and how many threads it uses.

``HAIRSTUDIO_DATA``, ``HAIRSTUDIO_CACHE`` and ``HAIRSTUDIO_THREADS`` override the platform's
choice. They are read at every call.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import platformdirs

from hairstudio.errors import UserError

_APP = "hairstudio"


def data_folder() -> Path:
    """Model files live here; it need not exist yet."""
    return _override("HAIRSTUDIO_DATA") or platformdirs.user_data_path(_APP, appauthor=False)


def cache_folder() -> Path:
    """What can be made again (compiled kernels). Exists and can be written."""
    wanted = _override("HAIRSTUDIO_CACHE") or platformdirs.user_cache_path(_APP, appauthor=False)
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        wanted = None
    if wanted is None or not os.access(wanted, os.W_OK):
        return _passing_folder()
    return wanted


def _passing_folder() -> Path:
    """A folder that lasts as long as this process."""
    folder = tempfile.mkdtemp(prefix=f"{_APP}-cache-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def threads() -> int:
    """Threads for torch, OpenCV and numba: every core that this process may use."""
    text = os.environ.get("HAIRSTUDIO_THREADS")
    if text is None:
        return _cores()
    if not text.isdecimal() or int(text) == 0:
        raise UserError(f"HAIRSTUDIO_THREADS: {text!r} is not a number of threads")
    return int(text)


def thread_variables(count: int) -> dict[str, str]:
    """What a new process must find in its environment to work with so many threads. Later is too
    late: numba's pool sets torch's number again to its own."""
    names = ("HAIRSTUDIO_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
    return dict.fromkeys(names, str(count))


def use_numba_cache() -> None:
    """Point numba's disk cache at the cache folder. Call before numba is imported."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder() / "numba" / _kernels()))


def _kernels() -> str:
    """Fingerprint of all that is compiled: numba sees that a kernel's own file has changed, but not
    that of another kernel which it calls, and would go on with the old one."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        code = path.read_bytes()
        if b"kernel(" in code:
            digest.update(code)
    return digest.hexdigest()[:12]


def _override(variable: str) -> Path | None:
    text = os.environ.get(variable)
    return Path(text).expanduser() if text else None


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
