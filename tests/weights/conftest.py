"""A real web server on this machine that can be told to misbehave."""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hairstudio.weights import catalog
from hairstudio.weights.catalog import Asset, Download, Licence

CONTENT = bytes(range(256)) * 4096  # 1 MiB


@dataclass
class Site:
    """One file behind ``address``. Faults are used up from the front, one per request."""

    address: str = ""
    content: bytes = CONTENT
    faults: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    pace: float = 0.0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        site: Site = self.server.site
        site.ranges.append(self.headers["Range"])
        fault = site.faults.pop(0) if site.faults else None
        if fault == "silent":
            self.server.stopping.wait(30)
            return
        start = int((self.headers["Range"] or "bytes=0-")[6:-1])
        if fault == "refuse range" or start >= len(site.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(site.content) - start))
        self.end_headers()
        self.send_body(site.content[start:], cut=fault == "cut", pace=site.pace)

    def send_body(self, body: bytes, *, cut: bool, pace: float):
        body = body[: len(body) // 2] if cut else body
        try:
            for at in range(0, len(body), 1 << 15):
                self.wfile.write(body[at : at + (1 << 15)])
                time.sleep(pace)
        except ConnectionError:
            pass  # the client was killed

    def log_message(self, *args):
        pass


@pytest.fixture
def serve():
    """``serve(**fields of Site)`` starts a server and returns its Site."""
    servers = []

    def start(**fields) -> Site:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.stopping = threading.Event()
        server.site = Site(f"http://127.0.0.1:{server.server_port}/model.bin", **fields)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.site

    yield start
    for server in servers:
        server.stopping.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HAIRSTUDIO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def make_asset(data_folder, monkeypatch):
    """``make_asset(*sources, content=...)``: the only entry of the catalogue."""

    def make(*sources, content: bytes = CONTENT) -> Asset:
        sources = tuple(Download(s) if isinstance(s, str) else s for s in sources)
        digest = hashlib.sha256(content).hexdigest()
        licence = Licence("none", "none", "unclear")
        asset = Asset("model", "testing", "model.bin", len(content), digest, licence, sources)
        monkeypatch.setattr(catalog, "load", lambda: (asset,))
        return asset

    return make
