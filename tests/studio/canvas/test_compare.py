"""Before and after, side by side in every way: whose pixels are where."""

import numpy as np
import pytest

from hairstudio.imaging.blend import Patch, blend
from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas import (
    Compare,
    Labels,
    Tool,
    View,
    after,
    comparison,
    picture,
    qimage,
)

PHOTO = (slice(60, 540), slice(40, 760))
BELOW = 40
"""Rows under the labels."""


@pytest.fixture
def patch(pixels):
    box = Box(100, 60, 500, 380)
    rng = np.random.default_rng(4)
    rgb = np.clip(pixels[box.slices] + rng.integers(-60, 60, (box.h, box.w, 3)), 0, 255)
    return Patch(box, rgb.astype(np.uint8), np.full((box.h, box.w), 255, np.uint8))


@pytest.fixture
def result(pixels, patch):
    made = pixels.copy()
    blend(made, patch)
    return made


@pytest.fixture
def compared(canvas, pixels, patch):
    canvas.set_after(after(pixels, [patch]))
    canvas.set_tool(Tool.HAND)
    return canvas


@pytest.mark.parametrize("fraction", [0, 0.25, 0.6, 1])
def test_a_wipe_is_the_photo_left_and_the_result_right(compared, screen, pixels, result, fraction):
    compared.set_compare(Compare.WIPE)
    compared.set_wipe(fraction)
    shown, at = screen()[PHOTO], round(720 * fraction)
    grip = slice(BELOW, 390)
    left, right = slice(0, max(0, at - 20)), slice(at + 20, 720)
    assert np.array_equal(shown[grip, left], pixels[grip, left])
    assert np.array_equal(shown[grip, right], result[grip, right])
    if 0 < fraction < 1:
        line = shown[200:300, at - 3 : at + 3].astype(int)
        assert line.max(axis=1).min() >= 250  # a bright line ...
        assert line.min(axis=1).mean() < pixels[200:300, at - 3 : at + 3].min(axis=1).mean()


def test_the_wipe_line_ends_with_the_photo(compared, screen):
    compared.set_compare(Compare.WIPE)
    shown = screen()
    assert (shown[:58] == 0x66).all()
    assert (shown[543:] == 0x66).all()


def test_side_by_side_shows_the_same_part_twice(compared, screen, pixels, result):
    compared.set_compare(Compare.SIDE_BY_SIDE)
    compared.set_view(View((720, 480), (399, 600), 1.0, -170, 50))
    shown = screen()
    below = slice(50 + BELOW, 530)
    rows = slice(BELOW, 480)
    assert np.array_equal(shown[below, :399], pixels[rows, 170:569])
    assert np.array_equal(shown[below, 401:], result[rows, 170:569])
    assert (shown[:, 399:401] == 0x66).all()


def test_both_halves_follow_one_zoom_and_the_middle_stays(compared):
    compared.set_view(View((720, 480), (800, 600), 2.0, -300, -200))
    middle = compared.view.to_photo(400, 300)
    compared.set_compare(Compare.SIDE_BY_SIDE)
    assert compared.view.port == (399, 600)
    assert compared.view.to_photo(199.5, 300) == pytest.approx(middle, abs=1)
    left, right = compared.panes()
    assert left.view == right.view
    compared.set_compare(Compare.RESULT)
    assert compared.view.to_photo(400, 300) == pytest.approx(middle, abs=1)
    compared.fit()
    compared.set_compare(Compare.SIDE_BY_SIDE)
    assert compared.view == View.fit((720, 480), (399, 600))


def test_a_wide_photo_is_shown_above_its_result(compared, screen, pixels, result, mouse, heard):
    wide, edited = pixels[:120], result[:120]
    compared.set_photo(picture(wide))
    whole = Patch(Box(0, 0, 720, 120), edited, np.full((120, 720), 255, np.uint8))
    compared.set_after(after(wide, [whole]))
    compared.set_compare(Compare.SIDE_BY_SIDE)
    assert compared.view.port == (800, 299)
    compared.zoom_to(1.0)
    shown, (x, y) = screen(), compared.view.origin
    rows = slice(BELOW, 120)
    assert np.array_equal(shown[y:][rows, x : x + 720], wide[rows])
    assert np.array_equal(shown[y + 301 :][rows, x : x + 720], edited[rows])
    compared.set_tool(Tool.PICKER)
    picked = heard(compared.color_picked)
    for top in (0, 301):  # the same place in both halves
        mouse.drag([(x - 40 + 300, y - 60 + 80 + top)])
    assert picked[0] == picked[1] == tuple(np.rint(wide[78:83, 298:303].mean((0, 1))).astype(int))


def test_the_difference_is_black_where_nothing_changed(compared, screen, pixels, result):
    compared.set_compare(Compare.DIFFERENCE)
    expected = np.clip(4 * np.abs(result.astype(int) - pixels), 0, 255)
    assert np.array_equal(screen()[PHOTO][BELOW:], expected[BELOW:])


@pytest.mark.parametrize("mode", Compare)
def test_peeking_shows_the_photo_alone(compared, screen, pixels, mode):
    compared.set_compare(mode)
    compared.set_peek(True)
    panes = compared.panes()
    assert {pane.side.value for pane in panes} == {"before"}
    if mode is not Compare.SIDE_BY_SIDE:
        assert np.array_equal(screen()[PHOTO][BELOW:], pixels[BELOW:])
        assert not np.array_equal(screen()[PHOTO][:BELOW], pixels[:BELOW])  # "Before"


def test_labels_stand_beside_the_line_and_say_what_they_are_told(compared, screen, pixels, result):
    compared.set_compare(Compare.WIPE)
    sides = {"left": slice(0, 355), "right": slice(365, 720)}
    truth = {"left": pixels, "right": result}

    def label(side):
        shown = screen()[PHOTO]
        rows, columns = np.nonzero(
            (shown[:BELOW, sides[side]] != truth[side][:BELOW, sides[side]]).any(2)
        )
        return rows.min(), rows.max(), columns.min(), columns.max()

    top, bottom, _, end = label("left")
    assert (top, bottom) == (8, 31)
    assert 355 - end <= 5  # 8 px before the line
    short = label("right")
    compared.set_labels(Labels(note="guide preview"))
    long = label("right")
    assert long[2] == short[2]
    assert long[3] > short[3] + 60
    compared.set_wipe(0.02)  # no room for the left one
    assert np.array_equal(screen()[PHOTO][:BELOW, :8], pixels[:BELOW, :8])


def test_the_result_alone_carries_no_label(compared, screen, result):
    compared.set_labels(Labels(note="guide preview"))
    assert np.array_equal(screen()[PHOTO], result)


@pytest.mark.parametrize("mode", Compare)
def test_a_comparison_is_saved_at_full_size(compared, pixels, result, mode):
    compared.set_compare(mode)
    compared.set_wipe(0.5)
    compared.fit()
    image = qimage.rgb(comparison(compared.snapshot(), compared.font()))
    below = slice(BELOW, 380)
    match mode:
        case Compare.RESULT:
            assert np.array_equal(image, result)
        case Compare.WIPE:
            assert np.array_equal(image[below, :340], pixels[below, :340])
            assert np.array_equal(image[below, 380:], result[below, 380:])
        case Compare.SIDE_BY_SIDE:
            assert image.shape == (480, 720 * 2 + 2, 3)
            assert np.array_equal(image[below, :720], pixels[below])
            assert np.array_equal(image[below, 722:], result[below])
        case Compare.DIFFERENCE:
            expected = np.clip(4 * np.abs(result.astype(int) - pixels), 0, 255)
            assert np.array_equal(image[below], expected[below])


def test_a_saved_comparison_can_be_smaller(compared):
    compared.set_compare(Compare.SIDE_BY_SIDE)
    image = comparison(compared.snapshot(), compared.font(), longest=360)
    assert (image.width(), image.height()) == (722, 240)


def test_a_saved_comparison_of_a_wide_photo_is_stacked(compared, pixels):
    compared.set_photo(picture(pixels[:200]))
    compared.set_compare(Compare.SIDE_BY_SIDE)
    image = comparison(compared.snapshot(), compared.font())
    assert (image.width(), image.height()) == (720, 402)
