"""The tint is the mask: its strength, its edge and where it may be seen."""

import numpy as np
import pytest
from PySide6.QtGui import QColor

from hairstudio.imaging.brush import Brush, BrushStroke
from hairstudio.studio.canvas import Compare, MaskKind, Overlay, TiledMask, Tool, View
from hairstudio.studio.canvas.scene import BLUE, OVERLAY_COLORS, WHITE

PHOTO = (slice(60, 540), slice(40, 760))


@pytest.fixture
def soft():
    """(480, 720) uint8: a ramp to the right, flat at its ends."""
    return np.tile(np.clip(np.arange(720) - 200, 0, 255).astype(np.uint8), (480, 1))


@pytest.fixture
def painted(canvas, soft):
    """The canvas with that region."""
    canvas.set_mask(MaskKind.REGION, TiledMask.of(soft))
    return canvas


def rgb(color):
    return np.array(color.getRgb()[:3], float)


def tinted(pixels, soft, color):
    alpha = 0.38 * soft[..., None] / 255
    return pixels * (1 - alpha) + rgb(color) * alpha


@pytest.mark.parametrize("color", OVERLAY_COLORS, ids=["blue", "red", "green", "white"])
def test_the_tint_is_38_percent_of_the_soft_mask_and_the_contour_runs_at_35(
    painted, screen, pixels, soft, color
):
    painted.set_overlay(Overlay(color=color))
    shown = screen()[PHOTO].astype(int)
    expected = tinted(pixels, soft, color)
    at = 200 + round(0.35 * 255)  # the column of 35 %
    beside = np.abs(np.arange(720) - at) > 3
    beside[:3] = beside[-3:] = False  # the mask ends at the photo's edge: a contour there
    rows = slice(3, -3)
    assert np.abs(shown - expected)[rows, beside].max() <= 2
    light = rgb(color) + 0.72 * (255 - rgb(color))
    assert np.abs(shown[rows, at] - light).max() <= 255 * 0.4
    lighter = shown[rows, at].sum(1) > expected[rows, at].sum(1)
    assert lighter.mean() > 0.99


def test_the_contour_is_one_pixel_wide_at_every_zoom(painted, screen, pixels):
    stroke = BrushStroke(painted.scene.masks[MaskKind.REGION], Brush(120, 1), erase=True)
    stroke.start(600, 240)
    stroke.finish()
    for zoom in (0.5, 1.0, 2.0):
        painted.set_view(View((720, 480), (800, 600), zoom, 400 - 600 * zoom, 300 - 240 * zoom))
        painted.set_overlay(Overlay(shown=True))
        with_line = screen()[300, 200:500].astype(float)
        painted.set_overlay(Overlay(shown=False))
        photo = screen()[300, 200:500].astype(float)
        light = rgb(BLUE) + 0.72 * (255 - rgb(BLUE))
        full = np.abs(photo * 0.62 + rgb(BLUE) * 0.38 - light).sum(1)
        cover = 1 - np.abs(with_line - light).sum(1) / np.maximum(full, 1)
        edge = round(200 - 60 * zoom)
        assert 0.5 < cover[edge - 4 : edge + 4].clip(0, 1).sum() < 1.5


def test_the_protected_part_is_hatched_in_another_colour(canvas, screen, pixels):
    whole = TiledMask.of(np.full((480, 720), 255, np.uint8))
    canvas.set_mask(MaskKind.PROTECT, whole)
    change = screen()[PHOTO].astype(float) - pixels
    stripes = np.abs(change[100:140, 100:140]).sum(2)
    assert len(np.unique(stripes > np.median(stripes))) == 2
    redder = change[100:300, 100:300, 0].mean() - change[100:300, 100:300, 2].mean()
    assert redder > 20
    canvas.set_overlay(Overlay(color=OVERLAY_COLORS[1]))  # red region: then green
    change = screen()[PHOTO].astype(float) - pixels
    assert change[100:300, 100:300, 1].mean() > change[100:300, 100:300, 0].mean()


@pytest.mark.parametrize("tool", Tool)
@pytest.mark.parametrize("mode", Compare)
def test_nothing_lies_over_the_result_while_it_is_judged(painted, screen, tool, mode):
    """Only while painting, and then on the Before side of a wipe."""
    painted.set_tool(tool)
    painted.set_compare(mode)
    painted.fit()
    painted.set_overlay(Overlay(color=WHITE))
    seen = screen().astype(int)
    painted.set_overlay(Overlay(shown=False))
    changed = np.abs(seen - screen()).max((0, 2)) > 0
    paints = tool in (Tool.BRUSH, Tool.ERASER, Tool.LASSO, Tool.DIRECTION, Tool.PROTECT)
    assert changed.any() == (paints and mode in (Compare.RESULT, Compare.WIPE))
    if changed.any():
        assert changed[500:].any() == (mode is Compare.RESULT)


def test_peeking_hides_it(painted, screen, pixels):
    painted.set_peek(True)
    shown = screen()[PHOTO]
    assert np.array_equal(shown[60:], pixels[60:])  # below the label


def test_masks_of_edits_that_are_undone_vanish(painted, screen, pixels):
    mask = painted.scene.masks[MaskKind.REGION]
    before = mask.snapshot()
    mask.clear()
    change = mask.since(before)
    painted.mask_changed(MaskKind.REGION, change.box)
    assert np.array_equal(screen()[PHOTO], pixels)
    mask.undo(change)
    painted.mask_changed(MaskKind.REGION)
    assert not np.array_equal(screen()[PHOTO], pixels)


def test_a_colour_is_a_value():
    assert Overlay() == Overlay(color=QColor(BLUE))
