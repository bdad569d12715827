"""Set HairStudio up on a fresh machine and run it. Standard library only.

    python3 packaging/bootstrap.py demo     set up, edit the sample photos, open the app
    python3 packaging/bootstrap.py test     set up for development, then run the tests
    python3 packaging/bootstrap.py setup    set up only

Set-up makes ``.venv`` beside this folder, installs the pinned packages of
``constraints.txt`` through whatever package index pip is configured for, and fetches the
model files. It can be run again at any time: what is done already is not done again.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TORCH_RECORD = VENV / "torch-build"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
SAMPLES = ROOT / "resources" / "samples"
DEMO = {"curie": ("--hairline", "-0.8"), "astronaut": ("--color", "copper")}

# Shared libraries that the mediapipe, OpenCV and Qt wheels load, and their Debian packages.
SYSTEM_LIBRARIES = {
    "libGLESv2.so.2": "libgles2",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}

# The default index serves the CUDA build on Linux and the CPU build elsewhere. The other
# build comes from PyTorch's own index; where that is out of reach, the default one is used.
TORCH_INDEX = {
    ("linux", "cpu"): "https://download.pytorch.org/whl/cpu",
    ("win32", "cuda"): "https://download.pytorch.org/whl/cu130",
}

# the same names as in settings.thread_variables, which this script cannot import
ONE_THREAD_EACH = (
    "HAIRSTUDIO_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENCV_FOR_THREADS_NUM",
)  # fmt: skip

EXTRAS = {"run": "heic,raw", "dev": "dev"}


def main() -> None:
    options = parse_options()
    require_python()
    check_system_libraries()
    install("dev" if options.command == "test" else "run", torch_build(options.torch))
    run(venv_tool("hairstudio"), "weights", "fetch")
    if options.command == "demo":
        demo()
    elif options.command == "test":
        # one test process per core: threads on top would spin waiting for one another
        for variable in ONE_THREAD_EACH:
            os.environ.setdefault(variable, "1")
        run(venv_tool("python"), "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Set HairStudio up on this machine and run it.")
    parser.add_argument("command", choices=["demo", "test", "setup"])
    parser.add_argument(
        "--torch",
        choices=["auto", "cpu", "cuda"],
        default="auto",
        help="PyTorch build; auto takes CUDA where an NVIDIA driver is installed",
    )
    return parser.parse_args()


def require_python() -> None:
    if sys.version_info < (3, 11):
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"HairStudio needs Python 3.11 or newer; {sys.executable} is {version}.")


def check_system_libraries() -> None:
    """Install missing system libraries with apt where that is possible, else say what to do."""
    packages = missing_system_packages()
    if not packages:
        return
    install_packages = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None:
        sys.exit(
            "These shared libraries are missing: " + " ".join(missing_system_libraries()) + ". "
            "Install them with your system's package manager, then run this again."
        )
    if os.geteuid() != 0:
        sys.exit("Run this first, then try again:\n  sudo " + " ".join(install_packages))
    run("apt-get", "update", "-qq")
    run(*install_packages)


def missing_system_libraries() -> list[str]:
    if not sys.platform.startswith("linux"):
        return []
    return [name for name in SYSTEM_LIBRARIES if not loads(name)]


def missing_system_packages() -> list[str]:
    return [SYSTEM_LIBRARIES[name] for name in missing_system_libraries()]


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install(profile: str, build: str) -> None:
    """Fill ``.venv`` unless its stamp says that this very set is in there already."""
    stamp = VENV / f"installed-{profile}"
    wanted = fingerprint(build)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    prepare_venv(build)
    print(f"Installing packages into {VENV} (PyTorch: {build})", flush=True)
    pip_install(f"{ROOT}[{EXTRAS[profile]}]", *torch_index(build))
    stamp.write_text(wanted)


def fingerprint(build: str) -> str:
    """Changes whenever another set of packages would be installed."""
    digest = hashlib.sha256(f"{build} {sys.version}".encode())
    for file in (CONSTRAINTS, ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def prepare_venv(build: str) -> None:
    """Make ``.venv``, again if it is broken or holds the other PyTorch build."""
    if not venv_works() or recorded_build() not in (None, build):
        create_venv()
    TORCH_RECORD.write_text(build)


def venv_works() -> bool:
    python = venv_tool("python")
    if not python.is_file():
        return False
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0


def create_venv() -> None:
    try:
        venv.create(VENV, clear=True, with_pip=True, symlinks=os.name != "nt")
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f"Cannot create {VENV}: {error}. On Debian: sudo apt-get install python3-venv")


def pip_install(project: str, *options: str) -> None:
    pip = (venv_tool("python"), "-m", "pip", "install", "--disable-pip-version-check")
    run(*pip, "-c", CONSTRAINTS, *options, "-e", project)


def torch_build(choice: str) -> str:
    """cpu or cuda; ``auto`` stays with what is installed, else looks for an NVIDIA driver."""
    if choice != "auto":
        return choice
    return recorded_build() or ("cuda" if has_nvidia_driver() else "cpu")


def recorded_build() -> str | None:
    return TORCH_RECORD.read_text() if TORCH_RECORD.is_file() else None


def has_nvidia_driver() -> bool:
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia/version").exists()


def torch_index(build: str) -> list[str]:
    address = TORCH_INDEX.get((sys.platform, build))
    if address is None or not reachable(f"{address}/torch/"):
        return []
    return ["--extra-index-url", address]


def reachable(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def demo() -> None:
    """Lower one sample's hairline and dye the other's hair (a fringe hides hers); where there is
    a display, open the app with the first."""
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    for name, look in DEMO.items():
        before, after = out / f"{name}-before.png", out / f"{name}-after.png"
        shutil.copyfile(SAMPLES / f"{name}.png", before)
        document = out / f"{name}.hairstudio"
        run(venv_tool("hairstudio"), "edit", before, *look, "-o", after, "--document", document,
            "--force")  # fmt: skip
    print(f"Before and after: look into {out}")
    if has_display():
        print("Opening the app with the first of them", flush=True)
        subprocess.Popen(
            [str(venv_tool("hairstudio")), str(out / f"{next(iter(DEMO))}.hairstudio")]
        )


def has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def venv_tool(name: str) -> Path:
    return VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name


def run(*command: str | Path) -> None:
    """Run a command; leave with its exit code when it fails."""
    code = subprocess.run([str(part) for part in command], cwd=ROOT).returncode
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main()
