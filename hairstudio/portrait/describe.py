"""An analysis as plain data (``analyze --json``)."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import cv2
import numpy as np

from hairstudio.imaging.geometry import Box
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.appearance import Lab, Palette
from hairstudio.portrait.findings import Finding
from hairstudio.portrait.parsing import Class


def describe(analysis: Analysis) -> dict[str, Any]:
    """Numbers, strings, lists and dicts only; what is not known is None.

    Photo pixels (centres at integers), degrees; ``height`` of the hairline in IOD; ``face`` counts
    from 1 as ``--face`` does; colours as L*a*b* (D65) and the RRGGBB of an sRGB photo.
    """
    box = Box.around(analysis.landmarks[:, :2])
    look = analysis.appearance
    return {
        "size": list(analysis.photo_size),
        "face": analysis.face + 1,
        "faces": analysis.faces,
        "box": {"x": box.x, "y": box.y, "width": box.w, "height": box.h},
        "landmarks": len(analysis.landmarks),
        "iod": round(analysis.iod, 2),
        **{name: round(angle, 1) for name, angle in dataclasses.asdict(analysis.pose).items()},
        "height": _known(analysis.hairline.height, 4),
        "height_px": _known(analysis.hairline.height * analysis.iod, 1),
        "hairline": _points(analysis),
        "hair_share": round(_hair_share(analysis), 4),
        "palette": look.palette and _palette(look.palette),
        "skin": _colour(look.skin),
        "light": {"towards": _rounded(look.light), "contrast": round(look.contrast, 3)},
        "grain": {"luma": round(look.grain[0], 5), "chroma": round(look.grain[1], 5)},
        "sharpness": round(look.sharpness, 3),
        "warnings": [describe_finding(finding) for finding in analysis.warnings],
    }


def describe_finding(finding: Finding) -> dict[str, Any]:
    """Code, value, threshold and text."""
    return {**dataclasses.asdict(finding), "value": round(finding.value, 4)}


def _points(analysis: Analysis) -> list[list[float]]:
    """The hairline in the photo, columns with hair only."""
    curve = analysis.hairline
    points = analysis.frame.inverse.apply(np.stack([curve.u, curve.v], -1).astype(np.float64))
    return [_rounded(point, 1) for point in points if np.isfinite(point).all()]


def _hair_share(analysis: Analysis) -> float:
    """Hair over all pixels of the photo."""
    hair = int((analysis.probability(Class.HAIR) > 127).sum())
    width, height = analysis.photo_size
    return hair / (analysis.grid.scale**2 * width * height)


def _palette(palette: Palette) -> dict[str, Any]:
    return {
        field.name: _colour(getattr(palette, field.name)) for field in dataclasses.fields(palette)
    }


def _colour(lab: Lab) -> dict[str, Any] | None:
    if not np.isfinite(lab).all():
        return None
    rgb = cv2.cvtColor(np.array([[lab]], np.float32), cv2.COLOR_LAB2RGB)[0, 0]
    code = "".join(f"{round(255 * float(np.clip(part, 0, 1))):02X}" for part in rgb)
    return {"hex": code, "lab": _rounded(lab, 1)}


def _rounded(values: Any, digits: int = 3) -> list[float]:
    return [round(float(value), digits) for value in values]


def _known(value: float, digits: int) -> float | None:
    return round(value, digits) if math.isfinite(value) else None
