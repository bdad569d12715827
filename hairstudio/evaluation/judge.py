"""Judge the edits on whole photos.

``python -m hairstudio.evaluation.judge PHOTO... [--shades black,platinum] [--json OUT]`` judges
hairline and shades; ``--bangs full,airy``, ``--fill temples,crown``, ``--volume=-1,1`` those
instead.
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
from hairstudio.evaluation import criteria, drawn_criteria, places
from hairstudio.evaluation.criteria import ColorVerdict, HairlineVerdict
from hairstudio.evaluation.drawn_criteria import DrawnVerdict
from hairstudio.evaluation.subject import Subject
from hairstudio.evaluation.table import number, table
from hairstudio.portrait.analysis import Assets

SHADES = ("black", "chestnut", "copper", "platinum", "burgundy", "blue")


@dataclass(frozen=True)
class PhotoVerdict:
    """``refused``: why the photo cannot be edited, else None; ``hairline``, ``colors``, ``drawn``
    (bangs, fills, volume): what was measured, or in a word why not; ``warnings``: codes."""

    name: str
    refused: str | None = None
    iod: float = 0.0
    warnings: tuple[str, ...] = ()
    hairline: HairlineVerdict | str | None = None
    colors: tuple[ColorVerdict | str, ...] = ()
    drawn: tuple[DrawnVerdict | str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What to judge: the hairline or not, shades, styles of bangs, places to fill, amounts."""

    hairline: bool = True
    shades: Sequence[str] = SHADES
    bangs: Sequence[str] = ()
    fill: Sequence[str] = ()
    volume: Sequence[float] = ()


@dataclass(frozen=True)
class Report:
    """``passed``: check -> (passes, photos or shades judged)."""

    photos: tuple[PhotoVerdict, ...]
    passed: dict[str, tuple[int, int]]


def judge_photo(path: Path, assets: Assets, plan: Plan) -> PhotoVerdict:
    """All criteria of the plan for one photo."""
    try:
        subject = Subject.open(path, assets)
    except UserError as error:
        return PhotoVerdict(path.name, refused=str(error))
    return PhotoVerdict(
        path.name,
        None,
        subject.analysis.iod,
        tuple(finding.code for finding in subject.analysis.warnings),
        criteria.judge_hairline(subject) if plan.hairline else None,
        tuple(criteria.judge_shade(subject, shade) for shade in plan.shades),
        (
            *(drawn_criteria.judge_bangs(subject, style) for style in plan.bangs),
            *(drawn_criteria.judge_fill(subject, place) for place in plan.fill),
            *(drawn_criteria.judge_volume(subject, amount) for amount in plan.volume),
        ),
    )


def summary(photos: Sequence[PhotoVerdict]) -> dict[str, tuple[int, int]]:
    """How often each check passed."""
    groups: dict[str, list[dict[str, bool]]] = {}
    for photo in photos:
        if isinstance(photo.hairline, HairlineVerdict):
            groups.setdefault("hairline", []).append(photo.hairline.checks)
        for shade in photo.colors:
            if isinstance(shade, ColorVerdict):
                groups.setdefault("color", []).append(shade.checks)
        for verdict in photo.drawn:
            if isinstance(verdict, DrawnVerdict):
                groups.setdefault(verdict.edit, []).append(verdict.checks)
    return {name: rate for kind, checks in groups.items() for name, rate in _rates(kind, checks)}


def _rates(kind: str, verdicts: Sequence[dict[str, bool]]) -> Iterable[tuple[str, tuple[int, int]]]:
    """Passes of each check over the verdicts that made it, then of all checks together."""
    for name in dict.fromkeys(name for checks in verdicts for name in checks):
        made = [checks[name] for checks in verdicts if name in checks]
        yield f"{kind}: {name}", (sum(made), len(made))
    yield f"{kind}: everything", (sum(all(c.values()) for c in verdicts), len(verdicts))


def as_text(report: Report) -> str:
    """Tables: hairlines, colours, what was drawn on each photo, pass rates."""
    photos = report.photos
    parts = [_hairline_table(photos), _color_table(photos), *map(_drawn_table, photos),
             _refusals(photos)]  # fmt: skip
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


def _drawn_table(photo: PhotoVerdict) -> str:
    judged = [verdict for verdict in photo.drawn if isinstance(verdict, DrawnVerdict)]
    names = list(dict.fromkeys(name for verdict in judged for name in verdict.figures))
    rows = [(f"{photo.name} ({photo.iod:.0f})", *names, "failed")] if photo.drawn else []
    for verdict in photo.drawn:
        if isinstance(verdict, str):
            rows.append((verdict, *["-"] * len(names), "not judged"))
            continue
        values = [number(verdict.figures.get(name), 3 if name == "preview" else 2)
                  for name in names]  # fmt: skip
        rows.append((verdict.edit, *values, " ".join([_failed(verdict.checks), *verdict.warnings])))
    return table(rows) if rows else ""


def _refusals(photos: Iterable[PhotoVerdict]) -> str:
    rows = [(p.name, p.refused) for p in photos if p.refused is not None]
    return table([("refused", "reason"), *rows]) if rows else ""


def judge(
    paths: Sequence[Path],
    plan: Plan,
    progress: Callable[[str], object] = lambda name: None,
) -> Report:
    """Judge photos one after the other; refused ones are listed as such."""
    assets, verdicts = installed_assets(), list[PhotoVerdict]()
    for path in paths:
        progress(path.name)
        verdicts.append(judge_photo(path, assets, plan))
    return Report(tuple(verdicts), summary(verdicts))


def _plan(options: argparse.Namespace) -> Plan:
    def listed(text: str) -> list[str]:
        return [part for part in text.split(",") if part]

    drawn = bool(options.bangs or options.fill or options.volume)
    shades = options.shades if options.shades is not None else "" if drawn else ",".join(SHADES)
    return Plan(
        not (options.no_hairline or drawn),
        listed(shades),
        listed(options.bangs),
        listed(options.fill),
        [float(amount) for amount in listed(options.volume)],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="judge", description=__doc__)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--shades", help="'' leaves colour out")
    parser.add_argument("--no-hairline", action="store_true")
    parser.add_argument("--bangs", default="", help="styles")
    parser.add_argument("--fill", default="", help=f"of {','.join(places.PLACES)}")
    parser.add_argument("--volume", default="", help="amounts")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    report = judge(options.photos, _plan(options), lambda name: sys.stderr.write(f"{name}\n"))
    sys.stdout.write(as_text(report))
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
