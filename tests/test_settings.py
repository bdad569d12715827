"""Folders and threads follow the environment."""

import os
import subprocess
import sys

import pytest

from hairstudio import settings
from hairstudio.errors import UserError


def test_folders_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("HAIRSTUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HAIRSTUDIO_CACHE", str(tmp_path / "cache"))
    assert settings.data_folder() == tmp_path / "data"
    assert settings.cache_folder() == tmp_path / "cache"
    assert (tmp_path / "cache").is_dir()


def test_a_cache_folder_that_cannot_be_made_is_replaced(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HAIRSTUDIO_CACHE", str(tmp_path / "file" / "cache"))
    assert os.access(settings.cache_folder(), os.W_OK)


def test_threads(monkeypatch):
    monkeypatch.setenv("HAIRSTUDIO_THREADS", "3")
    assert settings.threads() == 3
    monkeypatch.setenv("HAIRSTUDIO_THREADS", "many")
    with pytest.raises(UserError, match="HAIRSTUDIO_THREADS: 'many'"):
        settings.threads()
    monkeypatch.delenv("HAIRSTUDIO_THREADS")
    assert settings.threads() >= 1


def test_compiled_kernels_are_cached_outside_the_program(tmp_path):
    use = "from hairstudio.imaging import kernels\nimport numba; print(numba.config.CACHE_DIR)\n"
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    environment["HAIRSTUDIO_CACHE"] = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", use], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(tmp_path / "numba")
