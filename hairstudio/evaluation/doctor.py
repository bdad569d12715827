"""Is this installation complete, and what does it run on?"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from hairstudio import settings
from hairstudio.errors import UserError
from hairstudio.weights import store

MIN_FREE_MB = 500
OPTIONAL = {"pillow_heif": ("heic", "HEIC photos"), "rawpy": ("raw", "camera RAW files")}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. ``ok`` is False when HairStudio cannot work like this."""

    name: str
    ok: bool
    text: str


def report() -> list[Check]:
    """Look at everything that an edit needs; never raises for what it finds."""
    return [
        _python(),
        _torch(),
        _opencv(),
        _package("jpeglib"),
        _landmarker(),
        *(_extra(module) for module in OPTIONAL),
        *(_asset(found) for found in store.status()),
        _data_folder(),
        _disk(),
    ]


def _python() -> Check:
    text = f"{platform.python_version()} on {platform.platform()}, threads: {settings.threads()}"
    return Check("python", True, text)


def _torch() -> Check:
    try:
        import torch
    except (ImportError, OSError) as error:
        return Check("torch", False, f"does not load: {error}")
    return Check("torch", True, f"{torch.__version__}: {_torch_build()}")


def _torch_build() -> str:
    import torch

    if torch.version.cuda is None:
        return "CPU build (this wheel has no CUDA in it)"
    if not torch.cuda.is_available():
        return f"CUDA {torch.version.cuda} build, but no usable NVIDIA driver: runs on the CPU"
    return f"CUDA {torch.version.cuda} build on {torch.cuda.get_device_name()}"


def _opencv() -> Check:
    """Both wheels put their files into the same folder: different versions mix."""
    versions = {name: _version(name) for name in ("opencv-python", "opencv-contrib-python")}
    text = ", ".join(f"{name} {version}" for name, version in versions.items())
    found = {version for version in versions.values() if version is not None}
    if len(found) != 1:
        return Check("opencv", False, f"{text}: install both at one version")
    loaded = _package("cv2")
    return Check("opencv", loaded.ok, text if loaded.ok else loaded.text)


def _landmarker() -> Check:
    """Run the face landmarker on an empty picture: it needs system libraries that pip lacks."""
    version = _version("mediapipe")
    try:
        import numpy as np

        from hairstudio.portrait import landmarks

        landmarks.detect(store.path("face_landmarker"), np.zeros((256, 256, 3), np.uint8))
    except (ImportError, OSError, UserError, RuntimeError) as error:
        return Check("mediapipe", False, f"{version}: {error}")
    return Check("mediapipe", True, f"{version}, the face landmarker runs")


def _package(module: str) -> Check:
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as error:
        return Check(module, False, f"does not load: {error}")
    return Check(module, True, _version(module) or "")


def _extra(module: str) -> Check:
    extra, what = OPTIONAL[module]
    found = _package(module)
    if found.ok:
        return found
    return Check(module, True, f"not installed: no {what} (pip install 'hairstudio[{extra}]')")


def _asset(found: store.Status) -> Check:
    licence = found.asset.licence
    terms = f"{licence.name}; commercial use: {licence.commercial_use}"
    return Check(found.asset.file, found.state == "ready", f"{found.state} ({terms})")


def _data_folder() -> Check:
    folder = settings.data_folder()
    ok = os.access(_existing(folder), os.W_OK)
    text = str(folder) if ok else f"{folder}: cannot be written"
    return Check("data folder", ok or _complete(), text)


def _disk() -> Check:
    free = shutil.disk_usage(_existing(settings.data_folder())).free >> 20
    return Check("free disk", free >= MIN_FREE_MB or _complete(), f"{free} MB")


def _complete() -> bool:
    """Nothing is left to be fetched, so the data folder need not take anything."""
    return all(found.state == "ready" for found in store.status())


def _existing(folder: Path) -> Path:
    """The folder itself or the nearest parent that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
