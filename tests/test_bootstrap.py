"""The set-up script says clearly what is wrong and does nothing twice."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hairstudio.imaging.photo import read_photo

SCRIPT = Path(__file__).parent.parent / "packaging" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    """The script as a module, with its virtual environment in a scratch folder."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / "venv")
    monkeypatch.setattr(module, "TORCH_RECORD", tmp_path / "venv" / "torch-build")
    return module


def test_an_old_python_is_refused_by_name(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; .* is 3\.10\.4"):
        bootstrap.require_python()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="system libraries are checked on Linux")
def test_missing_system_libraries_are_spelled_out(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "SYSTEM_LIBRARIES", {"libnone.so.1": "none1", "libc.so.6": "c"})
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"sudo apt-get install -y --no-install-recommends none1$"):
        bootstrap.check_system_libraries()
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"missing: libnone\.so\.1\. Install them"):
        bootstrap.check_system_libraries()


def test_set_up_is_done_once_and_again_when_the_pins_change(bootstrap, tmp_path, monkeypatch):
    """Real virtual environment; pip itself is replaced."""
    pins = tmp_path / "constraints.txt"
    pins.write_text("numpy==1")
    installed = []
    monkeypatch.setattr(bootstrap, "CONSTRAINTS", pins)
    monkeypatch.setattr(bootstrap, "pip_install", lambda *args: installed.append(args[0]))
    monkeypatch.setattr(bootstrap, "torch_index", lambda build: [])

    bootstrap.install("run", "cpu")
    bootstrap.install("run", "cpu")
    assert len(installed) == 1
    assert bootstrap.venv_tool("python").is_file()
    pins.write_text("numpy==2")
    bootstrap.install("run", "cpu")
    assert len(installed) == 2


def test_another_torch_build_starts_a_new_environment(bootstrap):
    bootstrap.prepare_venv("cpu")
    leftover = bootstrap.VENV / "leftover"
    leftover.touch()
    bootstrap.prepare_venv("cpu")
    assert leftover.exists()
    assert bootstrap.torch_build("auto") == "cpu"
    bootstrap.prepare_venv("cuda")
    assert not leftover.exists()
    assert bootstrap.torch_build("auto") == "cuda"


def test_without_pytorchs_own_index_the_default_one_is_used(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "TORCH_INDEX", {("linux", "cpu"): "http://127.0.0.1:9/cpu"})
    assert bootstrap.torch_index("cpu") == []
    assert bootstrap.torch_index("cuda") == []


def test_the_demo_moves_a_hairline(bootstrap, tmp_path, monkeypatch, capfd):
    """The real edit; only ``.venv/bin/hairstudio`` is replaced by this very Python."""
    monkeypatch.setattr(bootstrap, "DEMO", {"curie": bootstrap.DEMO["curie"]})
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "has_display", lambda: False)
    interpreter = [sys.executable, "-m", "hairstudio"]
    monkeypatch.setattr(
        bootstrap, "run", lambda _, *rest: subprocess.run([*interpreter, *rest], check=True)
    )
    bootstrap.demo()
    assert "nothing was changed" not in capfd.readouterr().err
    before, after = (tmp_path / "out" / f"curie-{end}.png" for end in ("before", "after"))
    assert (read_photo(before).pixels != read_photo(after).pixels).any(-1).mean() > 0.01
    assert (tmp_path / "out" / "curie.hairstudio").exists()
