"""Judge the edits on whole photos.

``python -m hairstudio.evaluation.judge PHOTO... [--shades black,platinum] [--json OUT]``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hairstudio.editing.engine import installed_assets
from hairstudio.errors import UserError
from hairstudio.evaluation import criteria
from hairstudio.evaluation.criteria import ColorVerdict, HairlineVerdict
from hairstudio.evaluation.subject import Subject
from hairstudio.evaluation.table import number, table
from hairstudio.portrait.analysis import Assets

SHADES = ("black", "chestnut", "copper", "platinum", "burgundy", "blue")


@dataclass(frozen=True)
class PhotoVerdict:
    """``refused``: why the photo cannot be edited, else None; ``hairline``, ``colors``: what was
    measured, or in a word why not; ``warnings``: codes."""

    name: str
    refused: str | None = None
    iod: float = 0.0
    warnings: tuple[str, ...] = ()
    hairline: HairlineVerdict | str | None = None
    colors: tuple[ColorVerdict | str, ...] = ()


@dataclass(frozen=True)
class Report:
    """``passed``: check -> (passes, photos or shades judged)."""

    photos: tuple[PhotoVerdict, ...]
    passed: dict[str, tuple[int, int]]


def judge_photo(
    path: Path, assets: Assets, shades: Sequence[str] = SHADES, hairline: bool = True
) -> PhotoVerdict:
    """All criteria for one photo; ``shades``: none to leave colour out."""
    try:
        subject = Subject.open(path, assets)
    except UserError as error:
        return PhotoVerdict(path.name, refused=str(error))
    return PhotoVerdict(
        path.name,
        None,
        subject.analysis.iod,
        tuple(finding.code for finding in subject.analysis.warnings),
        criteria.judge_hairline(subject) if hairline else None,
        tuple(criteria.judge_shade(subject, shade) for shade in shades),
    )


def summary(photos: Sequence[PhotoVerdict]) -> dict[str, tuple[int, int]]:
    """How often each check passed."""
    hairlines = [p.hairline for p in photos if isinstance(p.hairline, HairlineVerdict)]
    colors = [c for p in photos for c in p.colors if isinstance(c, ColorVerdict)]
    return _rates("hairline", hairlines) | _rates("color", colors)


def _rates(
    kind: str, verdicts: Sequence[HairlineVerdict] | Sequence[ColorVerdict]
) -> dict[str, tuple[int, int]]:
    names = verdicts[0].checks if verdicts else ()
    rates = {f"{kind}: {name}": (sum(v.checks[name] for v in verdicts), len(verdicts))
             for name in names}  # fmt: skip
    whole = sum(all(v.checks.values()) for v in verdicts)
    return rates | {f"{kind}: everything": (whole, len(verdicts))}


def as_text(report: Report) -> str:
    """Tables: hairlines, colours, pass rates."""
    parts = [_hairline_table(report.photos), _color_table(report.photos), _refusals(report.photos)]
    rates = [("check", "passed")] + [(k, f"{n}/{of}") for k, (n, of) in report.passed.items()]
    return "\n".join([*filter(None, parts), table(rates)])


def _failed(checks: dict[str, bool]) -> str:
    return ", ".join(name for name, passed in checks.items() if not passed) or "ok"


def _hairline_table(photos: Iterable[PhotoVerdict]) -> str:
    head = ("hairline", "iod", "H(0)", "spearman", "lower", "raise", "shape", "steps", "limited",
            "texture", "coherence", "classes %", "failed")  # fmt: skip
    rows = [_hairline_row(p, p.hairline) for p in photos if p.hairline is not None]
    return table([head, *rows]) if rows else ""


def _hairline_row(photo: PhotoVerdict, verdict: HairlineVerdict | str) -> tuple[str, ...]:
    if isinstance(verdict, str):
        return (photo.name, f"{photo.iod:.0f}", *("-",) * 10, verdict)
    sweep, textures = verdict.sweep, verdict.textures.values()
    return (
        photo.name,
        f"{photo.iod:.0f}",
        number(sweep.heights[len(sweep.heights) // 2]),
        number(sweep.spearman, 3),
        number(sweep.lowered),
        number(sweep.raised),
        number(sweep.shape_rms, 3),
        number(sweep.step_ratio),
        str(len(verdict.limited)),
        _range([e for t in textures for e in t.energy]),
        number(min((t.coherence for t in textures), default=None)),
        number(100 * verdict.class_change),
        _failed(verdict.checks),
    )


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f}..{max(values):.2f}" if values else "-"


def _color_table(photos: Iterable[PhotoVerdict]) -> str:
    head = ("color", "shade", "L a b", "ab dist", "dL", "spearman", "skin", "texture", "coherence",
            "classes %", "failed")  # fmt: skip
    rows = [_color_row(p, verdict) for p in photos for verdict in p.colors]
    return table([head, *rows]) if rows else ""


def _color_row(photo: PhotoVerdict, verdict: ColorVerdict | str) -> tuple[str, ...]:
    if isinstance(verdict, str):
        return (photo.name, *("-",) * 9, verdict)
    match = verdict.match
    return (
        photo.name,
        verdict.shade,
        " ".join(f"{x:.0f}" for x in match.median),
        number(match.chroma_distance, 1),
        number(match.lightness, 1),
        number(match.spearman, 3),
        str(match.skin_levels),
        _range(verdict.texture.energy),
        number(verdict.texture.coherence),
        number(100 * verdict.class_change),
        _failed(verdict.checks),
    )


def _refusals(photos: Iterable[PhotoVerdict]) -> str:
    rows = [(p.name, p.refused) for p in photos if p.refused is not None]
    return table([("refused", "reason"), *rows]) if rows else ""


def judge(
    paths: Sequence[Path],
    shades: Sequence[str] = SHADES,
    hairline: bool = True,
    progress: Callable[[str], object] = lambda name: None,
) -> Report:
    """Judge photos one after the other; refused ones are listed as such."""
    assets, verdicts = installed_assets(), list[PhotoVerdict]()
    for path in paths:
        progress(path.name)
        verdicts.append(judge_photo(path, assets, shades, hairline))
    return Report(tuple(verdicts), summary(verdicts))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="judge", description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--shades", default=",".join(SHADES), help="'' leaves colour out")
    parser.add_argument("--no-hairline", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    shades = [shade for shade in options.shades.split(",") if shade]
    report = judge(options.photos, shades, not options.no_hairline,
                   lambda name: sys.stderr.write(f"{name}\n"))  # fmt: skip
    sys.stdout.write(as_text(report))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
