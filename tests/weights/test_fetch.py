"""Downloads survive cut connections, silent and lying servers, and being killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hairstudio.errors import UserError
from hairstudio.weights import fetch, store

HALF = 1 << 19


def test_a_file_arrives_whole_and_progress_ends_at_its_size(serve, make_asset):
    site = serve()
    asset = make_asset(site.address)
    seen = []
    assert fetch.fetch_all(lambda a, done, total: seen.append((a.id, done, total))) == [asset]
    assert store.path("model").read_bytes() == site.content
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert seen[-1] == ("model", asset.bytes, asset.bytes)
    assert fetch.fetch_all() == []
    assert len(site.ranges) == 1


def test_a_cut_connection_is_resumed_where_it_stopped(serve, make_asset):
    site = serve(faults=["cut", "cut"])
    fetch.fetch(make_asset(site.address))
    assert store.path("model").read_bytes() == site.content
    assert site.ranges == [None, f"bytes={HALF}-", f"bytes={HALF + HALF // 2}-"]


def test_a_refused_range_starts_again(serve, make_asset):
    site = serve(faults=["cut", "refuse range"])
    fetch.fetch(make_asset(site.address))
    assert store.path("model").read_bytes() == site.content
    assert site.ranges == [None, f"bytes={HALF}-", None]


def test_a_silent_source_gives_way_to_the_next(serve, make_asset, monkeypatch):
    monkeypatch.setattr(fetch, "SILENCE_S", 0.5)
    silent, good = serve(faults=["silent"]), serve()
    fetch.fetch(make_asset(silent.address, good.address))
    assert store.path("model").read_bytes() == good.content
    assert (len(silent.ranges), len(good.ranges)) == (1, 1)


def test_the_next_source_continues_what_the_first_began(serve, make_asset, monkeypatch):
    monkeypatch.setattr(fetch, "SILENCE_S", 0.5)
    first, second = serve(faults=["cut", "silent"]), serve()
    fetch.fetch(make_asset(first.address, second.address))
    assert second.ranges == [f"bytes={HALF}-"]
    assert store.path("model").read_bytes() == second.content


def test_wrong_content_is_kept_aside_and_never_used(serve, make_asset, data_folder):
    wrong = b"x" * (1 << 20)
    site = serve(content=wrong)
    asset = make_asset(site.address)
    with pytest.raises(UserError, match=r"gave other content, kept as .*model\.bin\.rejected"):
        fetch.fetch(asset)
    assert [f.name for f in (data_folder / "weights").iterdir()] == ["model.bin.rejected"]
    assert (data_folder / "weights" / "model.bin.rejected").read_bytes() == wrong
    with pytest.raises(UserError, match=r"model\.bin is missing"):
        store.path("model")


def test_wrong_content_gives_way_to_the_next_source(serve, make_asset):
    wrong, good = serve(content=b"x" * (1 << 20)), serve()
    fetch.fetch(make_asset(wrong.address, good.address))
    assert store.path("model").read_bytes() == good.content
    assert good.ranges == [None]


def test_without_a_network_there_is_one_clear_line(serve, make_asset):
    asset = make_asset("http://127.0.0.1:9/model.bin")
    with pytest.raises(UserError) as caught:
        fetch.fetch(asset)
    text = str(caught.value)
    assert text.startswith("model.bin: cannot be fetched (http://127.0.0.1:9/model.bin: ")
    assert 'run "hairstudio weights import FILE"' in text
    assert "\n" not in text


def test_a_folder_that_cannot_be_made_is_named(make_asset, data_folder):
    data_folder.write_text("a file where the folder should be")
    with pytest.raises(UserError, match="weights: cannot be made"):
        fetch.fetch(make_asset("http://127.0.0.1:9/model.bin"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_said_plainly(serve, make_asset, data_folder):
    asset = make_asset(serve().address)
    (data_folder / "weights").mkdir(parents=True)
    (data_folder / "weights" / "model.bin.part").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"cannot be written \(No space left on device\)"):
        fetch.fetch(asset)


KILLED = """
import sys
from hairstudio.weights import fetch
from hairstudio.weights.catalog import Asset, Download, Licence
address, size, digest = sys.argv[1], int(sys.argv[2]), sys.argv[3]
licence = Licence("none", "none", "unclear")
fetch.fetch(Asset("model", "testing", "model.bin", size, digest, licence, (Download(address),)))
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX")
def test_a_killed_process_leaves_a_part_that_the_next_one_continues(serve, make_asset, data_folder):
    site = serve(pace=0.05)
    asset = make_asset(site.address)
    arguments = [site.address, str(asset.bytes), asset.sha256]
    child = subprocess.Popen([sys.executable, "-c", KILLED, *arguments])
    part = data_folder / "weights" / "model.bin.part"
    while child.poll() is None and not (part.exists() and part.stat().st_size > 1 << 17):
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    arrived = part.stat().st_size
    assert 0 < arrived < asset.bytes
    assert not store.location(asset).exists()

    site.pace = 0
    fetch.fetch(asset)
    assert site.ranges == [None, f"bytes={arrived}-"]
    assert store.path("model").read_bytes() == site.content
