"""``hairstudio analyze``: what is found in a photo."""

from __future__ import annotations

import argparse
import json
from typing import Any

from hairstudio.cli.work import naming
from hairstudio.editing.engine import Engine, installed_assets
from hairstudio.files import check_target
from hairstudio.imaging import encode
from hairstudio.imaging.photo import read_photo, write_photo
from hairstudio.portrait.describe import describe
from hairstudio.portrait.overlay import overlay


def run(options: argparse.Namespace) -> int:
    if options.overlay is not None:
        encode.format_of(options.overlay)
        check_target(options.overlay, overwrite=options.force)
    with naming(options.photo):
        photo = read_photo(options.photo)
        analysis = Engine(installed_assets()).analyse(photo, options.face - 1)
    if options.overlay is not None:
        picture = overlay(photo.pixels, analysis)
        write_photo(photo, picture, options.overlay, overwrite=options.force)
    found = {"photo": str(options.photo), **describe(analysis)}
    print(json.dumps(found) if options.json else _as_text(found))
    return 0


def _as_text(found: dict[str, Any]) -> str:
    width, height = found["size"]
    hairline = f"hairline {found['height']} eye distances above the brows"
    lines = [
        f"{found['photo']}: {width} x {height} pixels, face {found['face']} of {found['faces']}",
        f"eye distance {found['iod']} pixels",
        f"yaw {found['yaw']}, pitch {found['pitch']}, roll {found['roll']} degrees",
        hairline if found["height"] is not None else "no hairline found",
        *(f"warning {warning['code']}: {warning['text']}" for warning in found["warnings"]),
    ]
    return "\n".join(lines)
