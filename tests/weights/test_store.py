"""What is in the store is what the catalogue says, or it is not used."""

import errno
import os
from pathlib import Path

import pytest

from hairstudio.errors import UserError
from hairstudio.weights import store, verify


@pytest.fixture
def stored(make_asset, tmp_path):
    """An asset with its file in the store."""
    asset = make_asset(content=b"weights" * 1000)
    file = tmp_path / "downloaded elsewhere.bin"
    file.write_bytes(b"weights" * 1000)
    assert store.import_file(file) == asset
    return asset


def test_import_recognises_a_file_by_its_content(stored):
    assert store.path("model") == store.location(stored)
    assert store.path("model").read_bytes() == b"weights" * 1000
    assert [found.state for found in store.status()] == ["ready"]


def test_import_refuses_an_unknown_file(make_asset, tmp_path, data_folder):
    make_asset(content=b"weights")
    other = tmp_path / "model.bin"
    other.write_bytes(b"weightz")
    with pytest.raises(UserError, match=r"model\.bin: not a model file .* model\.bin \(7 bytes\)"):
        store.import_file(other)
    assert not data_folder.exists()


def test_import_of_a_missing_file_names_it(make_asset, tmp_path):
    make_asset()
    with pytest.raises(UserError, match=r"nothing\.bin: cannot be read"):
        store.import_file(tmp_path / "nothing.bin")


def test_a_missing_file_says_what_to_do(make_asset):
    make_asset()
    with pytest.raises(
        UserError, match=r'^model file model\.bin is missing: run "hairstudio weights fetch"$'
    ):
        store.path("model")


@pytest.mark.parametrize("content", [b"weightz" * 1000, b"weights", b""])
def test_a_changed_file_is_noticed(stored, content):
    store.location(stored).write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        store.path("model")


def test_verify_reads_the_content_even_if_size_and_time_are_unchanged(stored):
    file = store.location(stored)
    before = store.path("model").stat()
    file.write_bytes(b"weightz" * 1000)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.check(stored).state == "ready"
    assert [found.state for found in verify.verify_all()] == ["damaged"]
    assert store.check(stored).state == "damaged"


def test_a_file_put_there_by_hand_is_accepted(make_asset, data_folder):
    make_asset(content=b"by hand")
    (data_folder / "weights").mkdir(parents=True)
    (data_folder / "weights" / "model.bin").write_bytes(b"by hand")
    assert store.path("model").read_bytes() == b"by hand"


def test_a_store_that_cannot_be_written_is_still_used(stored, data_folder, monkeypatch):
    """As on a read-only disk, where deleting and writing fail for root too."""

    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    for name in ("unlink", "write_text"):
        monkeypatch.setattr(Path, name, refuse)
    assert [found.state for found in verify.verify_all()] == ["ready"]
    assert store.path("model") == store.location(stored)


def test_a_file_that_may_not_be_read_is_named(stored, monkeypatch):
    def refuse(_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(store, "sha256", refuse)
    with pytest.raises(UserError, match=r"model\.bin: cannot be read \(Permission denied\)"):
        verify.verify_all()
