"""``hairstudio analyze``: what is found in a photo."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from hairstudio.cli.report import WarningReport
from hairstudio.cli.work import naming
from hairstudio.editing.engine import Engine, installed_assets
from hairstudio.files import check_target
from hairstudio.imaging import blend, encode
from hairstudio.imaging.photo import Photo, read_photo, write_photo
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.view import View

HAIR_TINT = np.array((1.0, 0.1, 0.1), np.float32)
CURVE, POINTS = (0.1, 1.0, 0.2), (0.2, 0.6, 1.0)


class Findings(msgspec.Struct, frozen=True):
    """``iod``: eye distance in pixels; angles in degrees; ``height``: of the hairline in IOD."""

    photo: str
    size: tuple[int, int]
    face: int
    faces: int
    iod: float
    yaw: float
    pitch: float
    roll: float
    height: float
    warnings: list[WarningReport]


def run(options: argparse.Namespace) -> int:
    if options.overlay is not None:
        encode.format_of(options.overlay)
        check_target(options.overlay, overwrite=options.force)
    with naming(options.photo):
        photo = read_photo(options.photo)
        analysis = Engine(installed_assets()).analyse(photo, options.face - 1)
        if options.overlay is not None:
            _write_overlay(photo, analysis, options.overlay, options.force)
    found = _findings(options.photo, photo, analysis)
    print(msgspec.json.encode(found).decode() if options.json else _as_text(found))
    return 0


def _findings(path: Path, photo: Photo, analysis: Analysis) -> Findings:
    return Findings(
        str(path),
        photo.size,
        analysis.face + 1,
        analysis.faces,
        round(analysis.iod, 1),
        round(analysis.pose.yaw, 1),
        round(analysis.pose.pitch, 1),
        round(analysis.pose.roll, 1),
        round(analysis.hairline.height, 3),
        [WarningReport.of(finding) for finding in analysis.warnings],
    )


def _as_text(found: Findings) -> str:
    width, height = found.size
    hairline = f"hairline {found.height} eye distances above the brows"
    lines = [
        f"{found.photo}: {width} x {height} pixels, face {found.face} of {found.faces}",
        f"eye distance {found.iod} pixels",
        f"yaw {found.yaw}, pitch {found.pitch}, roll {found.roll} degrees",
        hairline if np.isfinite(found.height) else "no hairline found",
        *(f"warning {warning.code}: {warning.text}" for warning in found.warnings),
    ]
    return "\n".join(lines)


def _write_overlay(photo: Photo, analysis: Analysis, path: Path, force: bool) -> None:
    """Hair tinted by its matte, the hairline as a curve, landmarks as dots."""
    box = analysis.grid.box.scaled(1 / analysis.grid.scale)
    box = box.intersection(box.of_size(*photo.size))
    view = View(blend.to_float(photo.pixels[box.slices]), box, 1.0, analysis)
    tint = np.float32(0.5) * view.matte[..., None]
    picture = view.rgb + tint * (HAIR_TINT - view.rgb)
    to_view = view.frame.inverse
    curve = analysis.hairline
    known = np.isfinite(curve.v)
    line = to_view.apply(np.stack([curve.u[known], curve.v[known]], -1))
    thick = max(1, round(view.unit))
    cv2.polylines(picture, [_pixels(line)], False, CURVE, thick, cv2.LINE_AA)
    for x, y in _pixels(analysis.landmarks[:, :2] - (box.x, box.y)):
        cv2.circle(picture, (int(x), int(y)), thick, POINTS, -1, cv2.LINE_AA)
    pixels = photo.pixels.copy()
    pixels[box.slices] = blend.to_depth(np.asarray(picture, np.float32), pixels.dtype)
    write_photo(photo, pixels, path, overwrite=force)


def _pixels(points: NDArray[Any]) -> NDArray[np.int32]:
    return np.rint(points).astype(np.int32)
