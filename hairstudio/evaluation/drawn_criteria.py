"""What one photo is judged by: its bangs in some styles, its filled places, its volume."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.editing.edits import Bangs, Edit, Fill, Volume
from hairstudio.editing.engine import preview_scale
from hairstudio.evaluation import places
from hairstudio.evaluation.subject import Edited, Seen, Subject
from hairstudio.guides import bangs, temples
from hairstudio.imaging import blend
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.resample import crop
from hairstudio.metrics import drawn, texture
from hairstudio.metrics.agreement import MAX_CHANGED
from hairstudio.metrics.texture import Texture, TextureRatio
from hairstudio.portrait.parsing import FACE_SKIN, Class
from hairstudio.portrait.view import View

Array = NDArray[np.float32]
Bools = NDArray[np.bool_]

SURE_HAIR, OPAQUE, VISIBLE = 0.9, 0.9, 0.3
DENSE = 0.7  # where see-through bangs hide nothing anywhere, this is hair
NEAR = 0.5  # IOD: own hair this near to the edit is what it must look like
BESIDE = 0.25  # IOD: a filled place goes on as the roots beside it, calmer than the lengths behind
MIN_AREA = 0.01  # IOD^2 of hair: with less, a texture says nothing
REGION_MARGIN, INTO_HAIR, VOLUME_MARGIN = 0.12, 0.45, 0.35  # IOD beyond which nothing may change
GHOST = 0.25  # of what shrinking hair uncovered may still look like hair
LEAST_CHANGE = 0.02  # of the hair's area
LONGER, DENSER = 0.4, 0.6  # slider values that must not reshuffle strands
REGION = 1


@dataclass(frozen=True)
class DrawnVerdict:
    """``figures``: what was measured by name, None where there was too little to measure;
    ``checks``: only of what was measured; ``warnings``: codes."""

    edit: str
    figures: dict[str, float | None]
    checks: dict[str, bool]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Case:
    """One edit on one photo, looked at again. ``view``: of the untouched photo; ``region``:
    (h, w) bool in the view, ``alpha``: as rendered; ``after``: edited pixels."""

    subject: Subject
    edit: Edit
    regions: dict[int, NDArray[np.uint8]]
    view: View
    region: Bools
    edited: Edited
    seen: Seen

    @property
    def alpha(self) -> Array:
        return blend.to_float(self.edited.touched[self.view.box.slices])

    @property
    def cover(self) -> Array:
        """(h, w) hair, own and new, as the next edit sees it: without shadows on skin. What was
        rendered, if the edit does not say."""
        state = self.edited.state
        if state is None:
            return self.alpha
        height, width = self.subject.photo.pixels.shape[:2]
        whole = np.zeros((height, width), np.float32)
        whole[state.box.slices] = state.matte
        return whole[self.view.box.slices]

    @property
    def after(self) -> Array:
        return blend.to_float(self.edited.pixels[self.view.box.slices])

    def hair(self, seen: Seen) -> Array:
        return self.subject.to_photo(seen.hair, self.view.box)


def judge_bangs(subject: Subject, style: str) -> DrawnVerdict:
    """Draw a style into its own region and look again."""
    view = _view(subject, bangs.working_box(subject.analysis, 1.0))
    soft = bangs.own_region(view, style)
    case = _case(subject, Bangs(style=style), {}, view, soft > 0.5)
    figures, checks = _common(case)
    share = float((case.hair(case.seen) > 0.5)[case.region].mean())
    figures["hair"] = share
    if style == "full":
        checks["hair"] = share >= drawn.FULL_SHARE
    if style == "airy":
        found = drawn.airiness(view.rgb, case.after, case.alpha, case.region)
        figures |= {"alpha": found.alpha, "skin": found.skin}
        checks |= found.checks
    shift = _shift(view, soft, style)
    figures["shift"] = shift
    checks["same strands"] = shift <= drawn.SAME_STRAND
    return _verdict(case, style, figures, checks)


def judge_fill(subject: Subject, place: str) -> DrawnVerdict | str:
    """Fill a place and look again; a word when the head has no such place."""
    mask = places.paint(subject, place)
    if mask is None or not mask.any():
        return f"no_{place}"
    view = _view(subject, bangs.working_box(subject.analysis, 1.0))
    region = mask[view.box.slices] > 127
    if not region.any():
        return f"no_{place}"
    case = _case(subject, Fill(region=REGION), {REGION: mask}, view, region)
    figures, checks = _common(case)
    grown = drawn.grown(case.hair(subject.before), case.hair(case.seen), region)
    figures |= {"hair": grown.after, "before": grown.before}
    return _verdict(case, place, figures, checks | {"hair": grown.passed})


def judge_volume(subject: Subject, amount: float) -> DrawnVerdict | str:
    """Swell or shrink the hair and look again; a word when there is none."""
    edit = Volume(amount=amount)
    view = _view(subject, Box.of_size(*subject.photo.size))
    if not (view.matte > SURE_HAIR).any():
        return "no_hair"
    case = _case(subject, edit, {}, view, view.hair > 0.5)
    figures, checks = _common(case)
    area = float((case.seen.hair > 0.5).sum() / max((subject.before.hair > 0.5).sum(), 1) - 1)
    figures["area"] = area
    checks["area"] = (area if amount > 0 else -area) >= LEAST_CHANGE
    state = case.edited.state
    if amount < 0 and state is not None:
        whole = np.zeros(view.matte.shape, np.float32)
        whole[state.box.slices] = state.matte
        uncovered = (view.matte > 0.95) & (whole < 0.02)
        ghost = float((case.hair(case.seen) > 0.5)[uncovered].mean()) if uncovered.any() else None
        figures["ghost"] = ghost
        checks |= {} if ghost is None else {"ghost": ghost <= GHOST}
    return _verdict(case, f"{amount:+g}", figures, checks)


def _view(subject: Subject, box: Box) -> View:
    return View(blend.to_float(subject.photo.pixels[box.slices]), box, 1.0, subject.analysis)


def _case(
    subject: Subject, edit: Edit, regions: dict[int, NDArray[np.uint8]], view: View, region: Bools
) -> _Case:
    edited = subject.edit(edit, regions)
    return _Case(subject, edit, regions, view, region, edited, subject.see(edited.pixels))


def _verdict(
    case: _Case, name: str, figures: dict[str, float | None], checks: dict[str, bool]
) -> DrawnVerdict:
    kind = type(case.edit).__name__.lower()
    codes = tuple(finding.code for finding in case.edited.warnings)
    return DrawnVerdict(f"{kind} {name}", figures, checks, codes)


def _common(case: _Case) -> tuple[dict[str, float | None], dict[str, bool]]:
    """What every drawn edit must fulfil."""
    subject, edited = case.subject, case.edited
    change, gap = subject.class_change(edited, case.seen), _preview_gap(case)
    figures: dict[str, float | None] = {"classes %": 100 * change, "preview": gap}
    checks = {
        "classes": change <= MAX_CHANGED,
        "preview": gap is None or gap <= drawn.MAX_PREVIEW_GAP,
        "outside": subject.outside(edited) == 0 and not _beyond(case).any(),
    }
    ratio, light = _looks(case)
    figures["dL"] = light
    for octave in range(4):
        has = ratio is not None and octave < len(ratio.energy)
        figures[f"e{octave}"] = ratio.energy[octave] if ratio is not None and has else None
    figures["coherence"] = None if ratio is None else ratio.coherence
    if ratio is not None:
        checks["texture"] = ratio.passed
    if light is not None:
        checks["lightness"] = abs(light) <= drawn.MAX_LIGHTNESS_GAP
    return figures, checks


def _looks(case: _Case) -> tuple[TextureRatio | None, float | None]:
    """Drawn hair over own hair near it: texture and lightness; of stubble neither is kept."""
    if case.edited.warns("no_hair_to_sample"):
        return None, None
    view, before = case.view, case.hair(case.subject.before)
    away = cv2.distanceTransform((~case.region).astype(np.uint8), cv2.DIST_L2, 3)
    own = _core(before > SURE_HAIR)
    reach = BESIDE if isinstance(case.edit, Fill) else NEAR
    near = own & (away < reach * view.iod)
    if isinstance(case.edit, Volume):
        new = _core(case.hair(case.seen) > SURE_HAIR) & (case.alpha > OPAQUE)
    elif isinstance(case.edit, Fill):  # scalp shows between its hairs
        new = case.region & (case.alpha > VISIBLE) & (case.hair(case.seen) > SURE_HAIR)
    else:
        bare = case.region & (before < 0.5)
        new = bare & (case.cover > OPAQUE)
        if not _enough(new, view):
            new = bare & (case.cover > DENSE)
    samples = [_texture(view.rgb, mask, view) for mask in (near, own)]
    made = _texture(case.after, new, view)
    known = [sample for sample in samples if sample is not None]
    if made is None or not known:
        return None, None
    own = near if samples[0] is not None else own
    return texture.compare(made, *known), drawn.lightness_gap(case.after, new, view.rgb, own)


def _core(mask: Bools) -> Bools:
    return cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def _enough(mask: Bools, view: View) -> bool:
    return bool(np.count_nonzero(_core(mask)) >= MIN_AREA * view.iod**2)


def _texture(rgb: Array, mask: Bools, view: View) -> Texture | None:
    if not _enough(mask, view):
        return None
    try:
        return texture.measure(rgb, mask, view.unit)
    except ValueError:
        return None


def _preview_gap(case: _Case) -> float | None:
    """Preview against the reduced final; None when nothing was drawn."""
    subject = case.subject
    scale = min(preview_scale(subject.analysis, 512), 0.5)
    drawn_small = subject.engine.render(
        subject.photo, subject.analysis, [case.edit], scale=scale, regions=case.regions
    )
    if not drawn_small.patches:
        return None
    patch = drawn_small.patches[0]
    before = blend.to_depth(crop(subject.photo.pixels, patch.box, scale), patch.rgb.dtype)
    local = blend.Patch(patch.box.shifted(-patch.box.x, -patch.box.y), patch.rgb, patch.alpha)
    blend.blend(before, local)
    final = crop(case.edited.pixels, patch.box, scale)
    return drawn.preview_gap(blend.to_float(before), final, patch.alpha > 0)


def _beyond(case: _Case) -> Bools:
    """Touched pixels where no edit of this kind may reach; two pixels of tolerance, because the
    limits are worked out on a coarser raster."""
    view, touched = case.view, case.alpha > 0
    if isinstance(case.edit, Volume):
        away = _distance(view.resample(case.subject.analysis.probability(Class.HAIR)) > 127)
        face = cv2.erode((view.probability(*FACE_SKIN) > 0.95).astype(np.uint8), np.ones((3, 3)))
        return touched & ((away > VOLUME_MARGIN * view.iod + 2) | (face > 0))
    painted = case.regions.get(REGION)
    if painted is not None:
        region = painted[view.box.slices] > 0
    else:
        assert isinstance(case.edit, Bangs)
        region = temples.reach(view, bangs.own_region(view, case.edit.style)) > 0
    away = _distance(region)
    bare = (away > REGION_MARGIN * view.iod + 2) & (view.matte <= 0)
    return touched & ((away > INTO_HAIR * view.iod + 2) | bare)


def _distance(mask: Bools) -> Array:
    return cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)


def _shift(view: View, region: Array, style: str) -> float:
    """How far the length and density sliders move strands, IOD."""
    prepared = bangs.prepare(view, region)

    def strands(params: bangs.BangsParams) -> Array:
        layers = bangs.drawn_strokes(view, params, prepared)
        return np.concatenate([layer.points for layer in layers]) / np.float32(view.iod)

    own = bangs.BangsParams(style)
    few = strands(own)
    some = few[:: max(1, len(few) // 400)]
    moved = (replace(own, length=LONGER), replace(own, density=DENSER))
    return max(drawn.strand_shift(some, strands(params)) for params in moved)
