"""Folders and threads follow the environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

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
    assert Path(done.stdout.strip()).parent == tmp_path / "numba"


CALLEE = "from hairstudio.imaging.kernels import kernel\n@kernel()\ndef one():\n    return {}\n"
CALLER = """from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.one import one
@kernel()
def two():
    return 2 * one()
print(two())
"""


def test_a_kernel_whose_callee_has_changed_is_compiled_again(tmp_path):
    """numba itself looks at the file of the kernel alone."""
    package = tmp_path / "hairstudio"
    shutil.copytree(Path(settings.__file__).parent, package, ignore=_all_but_kernels)
    environment = os.environ | {
        "HAIRSTUDIO_CACHE": str(tmp_path / "c"),
        "PYTHONPATH": str(tmp_path),
    }
    environment.pop("NUMBA_CACHE_DIR", None)
    (package / "imaging/two.py").write_text(CALLER)
    said = []
    for value in (1, 5):
        (package / "imaging/one.py").write_text(CALLEE.format(value))
        done = subprocess.run(
            [sys.executable, "-m", "hairstudio.imaging.two"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        said.append(done.stdout.strip())
    assert said == ["2", "10"]


def _all_but_kernels(folder, names):
    kept = {"__init__.py", "errors.py", "settings.py", "imaging", "kernels.py"}
    return [name for name in names if name not in kept]
