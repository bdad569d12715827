"""``hairstudio analyze``: what is found in a photo."""

from __future__ import annotations

import argparse
import json
from typing import Any

from hairstudio.cli.work import OF_ONE_EDIT, naming
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
    photo, engine = read_photo(options.photo), Engine(installed_assets())
    with naming(options.photo):
        analysis = engine.analyse(photo, options.face - 1)
    if options.overlay is not None:
        picture = overlay(photo.pixels, analysis)
        write_photo(photo, picture, options.overlay, overwrite=options.force)
    found = {"photo": str(options.photo), **describe(analysis)}
    print(json.dumps(found) if options.json else _as_text(found))
    return 0


def _as_text(found: dict[str, Any]) -> str:
    width, height = found["size"]
    hidden = any(warning["code"] == OF_ONE_EDIT for warning in found["warnings"])
    hairline = f"hairline {found['height']} eye distances above the brows"
    lines = [
        f"{found['photo']}: {width} x {height} pixels, face {found['face']} of {found['faces']}",
        f"eye distance {found['iod']} pixels",
        f"head turned {found['yaw']}, raised {found['pitch']}, tilted {found['roll']} degrees",
        "no hairline to be seen" if hidden or found["height"] is None else hairline,
        *(f"warning: {warning['text']}" for warning in found["warnings"]),
    ]
    return "\n".join(lines)
