"""The engine on a real face: what it touches, what it remembers, how it stops."""

import threading

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hairstudio.editing.composite import composite
from hairstudio.editing.edits import Bangs, Color, Fill, Hairline
from hairstudio.editing.engine import Cancelled, Engine, preview_scale
from hairstudio.errors import UserError
from hairstudio.guides import palette
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.resample import crop
from hairstudio.portrait.parsing import Class

LOWER, CHESTNUT = Hairline(amount=-0.6), Color(shade="chestnut")

edits = st.one_of(
    st.builds(Hairline, amount=st.floats(-1, 1), seed=st.integers(0, 9)),
    st.builds(
        Color,
        shade=st.sampled_from(palette.names()),
        strength=st.floats(0, 1),
        roots=st.floats(0, 1),
    ),
)
few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def edited(engine, face, *stack, **options):
    rendered = engine.render(face.photo, face.analysis, stack, **options)
    return composite(face.photo.pixels, rendered.patches)


def face_rows(face):
    """v (face frame) of every pixel."""
    width, height = face.photo.size
    xy = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1)
    return face.analysis.frame.apply(xy)[..., 1]


def changed(face, pixels):
    return (pixels != face.photo.pixels).any(-1)


@few
@given(which=st.integers(0, 4), stack=st.lists(edits, min_size=1, max_size=3))
def test_a_patch_never_leaves_its_own_alpha_and_a_hairline_never_the_forehead(
    engine, faces, which, stack
):
    face = faces[which]
    rendered = engine.render(face.photo, face.analysis, stack)
    touched = np.zeros(face.photo.pixels.shape[:2], bool)
    for step in rendered.steps:
        if step.patch is None:
            continue
        assert step.patch.rgb.dtype == face.photo.pixels.dtype
        touched[step.patch.box.slices] |= step.patch.alpha > 0
        if isinstance(step.edit, Hairline):
            rows = face_rows(face)[step.patch.box.slices][step.patch.alpha > 0]
            assert rows.max() < face.analysis.hairline.brow
    assert not changed(face, composite(face.photo.pixels, rendered.patches))[~touched].any()


def test_edits_change_the_photo(engine, faces):
    for face in faces:
        for edit in (LOWER, CHESTNUT):
            assert changed(face, edited(engine, face, edit)).sum() > 1000


def test_idle_edits_leave_the_photo_bit_for_bit(engine, face):
    idle = (
        Hairline(amount=0),
        Hairline(amount=1, strength=0),
        Color(shade="black", strength=0),
        Color(shade="black", enabled=False),
    )
    assert engine.render(face.photo, face.analysis, idle).steps == ()


def test_colour_covers_hair_that_an_edit_before_it_grew(engine, face):
    grown = changed(face, edited(engine, face, LOWER))
    steps = engine.render(face.photo, face.analysis, [LOWER, Color(shade="platinum")]).steps
    assert steps[1].patch is not None
    dyed = np.zeros(grown.shape, bool)
    dyed[steps[1].patch.box.slices] = steps[1].patch.alpha > 128
    alone = engine.render(face.photo, face.analysis, [Color(shade="platinum")]).patches[0]
    before = np.zeros(grown.shape, bool)
    before[alone.box.slices] = alone.alpha > 128
    assert (grown & dyed & ~before).sum() > 100


def test_protected_pixels_stay(engine, face):
    protect = np.zeros(face.photo.pixels.shape[:2], np.uint8)
    protect[:, : protect.shape[1] // 2] = 255
    pixels = edited(engine, face, LOWER, CHESTNUT, protect=protect)
    assert not changed(face, pixels)[protect == 255].any()
    assert changed(face, pixels)[protect == 0].any()


def painted(face):
    """A round region on the forehead, at photo size."""
    x, y = face.analysis.frame.inverse.apply(np.array([0.3, -0.75]))
    region = np.zeros(face.photo.pixels.shape[:2], np.uint8)
    cv2.circle(region, (round(x), round(y)), round(0.2 * face.analysis.iod), 255, -1)
    return region


def test_fill_grows_hair_in_its_region(engine, face):
    region, fill = painted(face), Fill(region=3)
    pixels = edited(engine, face, fill, regions={3: region})
    difference = changed(face, pixels)
    assert difference[region > 0].mean() > 0.5
    reach = cv2.distanceTransform(255 - region, cv2.DIST_L2, 5)
    assert not difference[reach > 0.46 * face.analysis.iod].any()
    assert not difference[(reach > 0.14 * face.analysis.iod) & (skin_of(face) > 0.95)].any()


def skin_of(face):
    grid, (width, height) = face.analysis.grid, face.photo.size
    to_grid = grid.from_photo.matrix
    skin = face.analysis.probability(Class.SKIN)
    return cv2.warpAffine(skin, to_grid, (width, height), flags=cv2.WARP_INVERSE_MAP) / 255


def test_an_empty_region_leaves_the_photo_and_a_missing_one_is_named(engine, face):
    empty = np.zeros(face.photo.pixels.shape[:2], np.uint8)
    assert not engine.render(face.photo, face.analysis, [Fill(region=1)], regions={1: empty}).steps
    with pytest.raises(UserError, match="region 2"):
        engine.render(face.photo, face.analysis, [Fill(region=2)], regions={1: empty})


def test_a_repainted_region_is_drawn_anew(assets, face):
    engine, region = Engine(assets), painted(face)
    first = engine.render(face.photo, face.analysis, [Fill(region=1)], regions={1: region})
    region = np.roll(region, -40, 1)
    second = engine.render(face.photo, face.analysis, [Fill(region=1)], regions={1: region})
    assert first.patches[0].box != second.patches[0].box


def test_a_moved_slider_keeps_the_steps_below_it(assets, face):
    engine = Engine(assets)
    first = engine.render(face.photo, face.analysis, [LOWER, CHESTNUT])
    moved = msgspec.structs.replace(CHESTNUT, strength=0.4)
    second = engine.render(face.photo, face.analysis, [LOWER, moved])
    assert second.steps[0] is first.steps[0]
    assert "view" in first.steps[1].ms and "view" not in second.steps[1].ms
    again = engine.render(face.photo, face.analysis, [LOWER, CHESTNUT])
    assert again.steps[1] is first.steps[1]


@few
@given(st.lists(edits, min_size=1, max_size=5))
def test_what_is_remembered_changes_no_pixel(assets, face, moves):
    """A warm engine gives what a fresh one gives, whatever was drawn before."""
    warm, cold = Engine(assets), Engine(assets, budget=0)
    scale = 0.5
    for top in moves:
        stack = [LOWER, top]
        expected = cold.render(face.photo, face.analysis, stack, scale=scale).patches
        found = warm.render(face.photo, face.analysis, stack, scale=scale).patches
        assert [patch.box for patch in found] == [patch.box for patch in expected]
        for one, other in zip(found, expected, strict=True):
            assert np.array_equal(one.rgb, other.rgb) and np.array_equal(one.alpha, other.alpha)


def test_memory_keeps_to_the_budget(assets, face):
    engine = Engine(assets, budget=30 << 20)
    for amount in np.linspace(-1, 1, 8):
        engine.render(face.photo, face.analysis, [Hairline(amount=float(amount))])
    assert 0 < engine._cache.used <= 30 << 20


@pytest.mark.parametrize("edit", [LOWER, CHESTNUT], ids=["hairline", "colour"])
def test_preview_looks_like_the_final(engine, face, edit):
    scale = preview_scale(face.analysis, 200)
    assert 0.3 < scale < 0.8
    rendered = engine.render(face.photo, face.analysis, [edit], scale=scale)
    width, height = face.photo.size
    box = Box.of_size(round(width * scale), round(height * scale))
    before = crop(face.photo.pixels, box, scale)
    preview = composite(np.rint(before * 255).astype(np.uint8), rendered.patches) / 255
    final = crop(edited(engine, face, edit), box, scale)
    there = np.abs(final - before).max(-1) > 0.02
    assert np.abs(preview - final)[there].mean() < 0.25 * np.abs(final - before)[there].mean()


def test_cancel_stops_between_stages(assets, face):
    cancel, stages = threading.Event(), []

    def progress(stage, fraction):
        stages.append(stage)
        if stage == "color":
            cancel.set()

    engine = Engine(assets)
    with pytest.raises(Cancelled):
        engine.render(
            face.photo, face.analysis, [LOWER, CHESTNUT], progress=progress, cancel=cancel
        )
    assert stages == ["hairline", "color"]
    cancel.clear()
    assert len(engine.render(face.photo, face.analysis, [CHESTNUT], cancel=cancel).steps) == 1


def test_progress_rises_to_one(engine, face):
    fractions = []
    engine.render(
        face.photo,
        face.analysis,
        [LOWER, CHESTNUT],
        progress=lambda _, part: fractions.append(part),
    )
    assert fractions == sorted(fractions) and fractions[-1] == 1


def test_every_step_says_who_made_it(engine, face):
    for step in engine.render(face.photo, face.analysis, [LOWER, CHESTNUT]).steps:
        assert (step.engine, step.device, step.scale) == ("guide", "cpu", 1.0)
        assert step.ms["draw"] > 0


def test_an_analysis_is_made_once(assets, face):
    engine = Engine(assets)
    assert engine.analyse(face.photo) is engine.analyse(face.photo)


def test_a_started_edit_stops_soon(engine, face):
    """Also in the middle of drawing, and nothing half-made stays behind."""

    class Late(threading.Event):
        """Set after it was looked at a number of times."""

        def __init__(self, looks):
            super().__init__()
            self.looks = looks

        def is_set(self):
            self.looks -= 1
            return self.looks < 0

    def draw(edit, cancel=None):
        return engine.render(face.photo, face.analysis, [edit], cancel=cancel).patches

    for looks in (40, 3, 8):  # laying out, then drawing alone
        edit, cancel = Bangs(style="full", length=0.001 * looks), Late(looks)
        with pytest.raises(Cancelled):
            draw(edit, cancel)
        assert cancel.looks == -1
        (patch,) = draw(edit)
        fresh = Engine(engine._assets, 0).render(face.photo, face.analysis, [edit]).patches
        assert (patch.rgb == fresh[0].rgb).all() and (patch.alpha == fresh[0].alpha).all()
