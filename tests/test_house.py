"""The rules of the house: layers, a light start-up, a complete wheel, pinned packages."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent


def test_imports_keep_the_layers(capsys):
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_help_starts_without_heavy_packages():
    """They take seconds to load, and a machine without a display has no Qt."""
    probe = (
        "import sys, runpy\n"
        "sys.argv = ['hairstudio', '--help']\n"
        "try: runpy.run_module('hairstudio', run_name='__main__')\n"
        "except SystemExit as leaving: code = leaving.code\n"
        "heavy = {'torch', 'numpy', 'cv2', 'mediapipe', 'numba', 'PySide6'} & set(sys.modules)\n"
        "sys.exit(f'{code=} {heavy=}' if code or heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "edit" in done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_code_and_resources_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    resources = [f for f in (ROOT / "resources").rglob("*") if f.is_file()]
    assert len(resources) > 1
    for file in resources:
        name = file.relative_to(ROOT / "resources").as_posix()
        assert f"hairstudio/_resources/{name}" in names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"hairstudio"}


def test_an_installed_wheel_finds_its_resources(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    ask = "from hairstudio import resources; print(resources.path('weights/catalog.toml'))"
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    expected = tmp_path / "hairstudio" / "_resources" / "weights" / "catalog.toml"
    assert Path(done.stdout.strip()) == expected.resolve(), done.stderr


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(name for extra in extras for name in extra)]
    pins = (ROOT / "packaging" / "constraints.txt").read_text().splitlines()
    pinned = {normal(line) for line in pins if "==" in line}
    missing = {normal(name) for name in wanted} - pinned - {"hairstudio"}
    assert missing == set()
    assert {line.split("==")[1] for line in pins if line.startswith("opencv")} == {"5.0.0.93"}


def normal(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def test_ci_runs_the_test_command_of_the_readme():
    command = "python3 packaging/bootstrap.py test"
    assert command in (ROOT / "README.md").read_text()
    assert command in (ROOT / ".ci" / "run").read_text()
