"""Get model files: stream, resume, verify, move into place.

A download grows in ``<file>.part``. A cut connection, a killed process or another source
continues it where it stopped; only content with the right hash gets its final name.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from hairstudio.errors import UserError
from hairstudio.weights import archive, store
from hairstudio.weights.archive import SourceError
from hairstudio.weights.catalog import Archive, Asset, Download

Progress = Callable[[Asset, int, int], None]

SILENCE_S = 10.0
_BLOCK = 1 << 16
_NETWORK_ERRORS = (
    urllib.error.URLError,
    http.client.HTTPException,
    ssl.SSLError,
    TimeoutError,
    ConnectionError,
)


def _quiet(asset: Asset, done: int, total: int) -> None:
    """No progress wanted."""


def fetch_all(progress: Progress = _quiet) -> list[Asset]:
    """Fetch what is not there yet and return it; see ``fetch``."""
    wanted = [found.asset for found in store.status() if found.state != "ready"]
    for asset in wanted:
        fetch(asset, progress)
    return wanted


def fetch(asset: Asset, progress: Progress = _quiet) -> Path:
    """Fetch one asset from the first source that gives it.

    ``progress(asset, done, total)`` is called with bytes as they arrive. Raises UserError when
    no source gives the file or when it cannot be stored.
    """
    part = store.ensure_folder() / f"{asset.file}.part"
    reasons: list[str] = []
    for source in asset.sources:
        try:
            _fetch_from(source, asset, part, progress)
            return store.location(asset)
        except SourceError as error:
            reasons.append(str(error))
        except OSError as error:
            raise UserError(f"{part}: cannot be written ({error.strerror})") from error
    raise UserError(
        f"{asset.file}: cannot be fetched ({'; '.join(reasons)}). Check the network and try "
        'again, or get the file elsewhere and run "hairstudio weights import FILE"'
    )


def _fetch_from(source: Download | Archive, asset: Asset, part: Path, progress: Progress) -> None:
    def report(done: int) -> None:
        progress(asset, min(done, asset.bytes), asset.bytes)

    if isinstance(source, Archive):
        archive.extract(source, part, report)
    else:
        _download(source.address, asset.bytes, part, report)
    if not store.adopt(part, asset):
        rejected = part.with_suffix(".rejected")
        part.replace(rejected)
        raise SourceError(f"{_name(source)} gave other content, kept as {rejected}")
    report(asset.bytes)


def _download(address: str, size: int, part: Path, report: archive.Report) -> None:
    """Grow ``part`` to ``size`` bytes; a cut connection is taken up again while bytes arrive."""
    while (have := _size(part)) < size:
        try:
            _stream(address, size, part, report)
        except _NETWORK_ERRORS as error:
            raise SourceError(f"{address}: {_reason(error)}") from error
        if _size(part) <= have:
            raise SourceError(f"{address}: the connection was cut")


def _stream(address: str, size: int, part: Path, report: archive.Report) -> None:
    """One request for what ``part`` still lacks."""
    with _open(address, part) as response:
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
        done = _size(part) if resumed else 0
        with part.open("ab" if resumed else "wb") as out:
            while done < size and (block := response.read1(_BLOCK)):
                done += out.write(block)
                report(done)


def _open(address: str, part: Path) -> http.client.HTTPResponse:
    """Ask for the rest of the file; for all of it if the server refuses the range (416)."""
    have = _size(part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        request = urllib.request.Request(address, headers=headers)
        return urllib.request.urlopen(request, timeout=SILENCE_S)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not have:
            raise
        part.unlink()
        return _open(address, part)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _name(source: Download | Archive) -> str:
    return source.requirement if isinstance(source, Archive) else source.address


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"silent for {SILENCE_S:g} s"
    return str(cause) or type(cause).__name__
