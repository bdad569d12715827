"""Painting with real mouse and pen events: what arrives in the mask, and what is told."""

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut
from PySide6.QtTest import QTest

from hairstudio.imaging.brush import BrushStroke
from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas import (
    Axis,
    Brush,
    Compare,
    MaskKind,
    TiledMask,
    Tool,
    View,
    bench,
    picture,
)
from hairstudio.studio.canvas.tools.painting import next_size

REGION, PROTECT = MaskKind.REGION, MaskKind.PROTECT
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
PATH = [(150, 100), (200, 130), (260, 180), (330, 190)]


def expected(brush, points, pressures=None, erase=False, into=None, axis=None):
    """(480, 720) the mask after the brush went along the points."""
    mask = TiledMask((720, 480)) if into is None else TiledMask.of(into)
    stroke = BrushStroke(mask, brush, erase, axis)
    pressures = pressures or [1.0] * len(points)
    stroke.start(*points[0], pressures[0])
    for point, pressure in zip(points[1:], pressures[1:], strict=True):
        stroke.to(*point, pressure)
    stroke.finish()
    return mask.array()


@pytest.fixture
def region(canvas):
    mask = TiledMask((720, 480))
    canvas.set_mask(REGION, mask)
    canvas.set_brush(Brush(50, 0.5))
    return mask


@pytest.fixture
def full(canvas):
    mask = TiledMask.of(np.full((480, 720), 255, np.uint8))
    canvas.set_mask(REGION, mask)
    canvas.set_brush(Brush(50, 0.5))
    return mask


def test_a_mouse_stroke_is_one_step_shown_at_once(canvas, region, mouse, heard, screen):
    painted, finished = heard(canvas.painted), heard(canvas.stroke_finished)
    photo = screen()
    mouse.press(*PATH[0])
    assert region.array()[100, 150] == 255
    assert (screen() != photo)[60 + 100, 40 + 150].any()
    for point in PATH[1:]:
        mouse.move(*point)
    assert len(painted) == 4
    assert finished == []
    mouse.release()
    assert np.array_equal(region.array(), expected(Brush(50, 0.5), PATH))
    (stroke,) = finished
    assert (stroke.kind, stroke.tool) == (REGION, Tool.BRUSH)
    boxes = Box(0, 0, 0, 0)
    for kind, box in painted:
        assert kind is REGION
        boxes = boxes.union(box)
    assert boxes.intersection(region.bounds()) == region.bounds()
    region.undo(stroke.change)
    assert region.empty


def test_only_the_place_that_was_painted_is_drawn_again(canvas, region, mouse, monkeypatch):
    mouse.move(300, 200, held=False)
    QCoreApplication.processEvents()
    rects = []
    monkeypatch.setattr(canvas, "update", lambda *args: rects.append(args))
    mouse.press(300, 200)
    mouse.move(310, 205)
    mouse.release()
    assert rects
    for (rect,) in rects:
        assert rect.width() < 100
        assert rect.height() < 100


def test_a_pens_pressure_steers_the_brush(canvas, region, pen):
    canvas.set_brush(Brush(60, 0.8, 0.7, pressure_size=True, pressure_flow=True))
    pressures = [0.2, 0.5, 0.9, 0.4]
    pen.drag(PATH, pressures)
    # the last event is the release, which only ends the stroke where the pen was
    assert np.array_equal(region.array(), expected(canvas.scene.brush, PATH, pressures))


def test_pressure_that_is_missing_or_nonsense_is_the_last_good_one(canvas, region, pen):
    pen.drag(PATH, [0.6, 0.0, float("nan"), 0.6])
    assert np.array_equal(region.array(), expected(Brush(50, 0.5), PATH, [0.6] * 4))


def test_the_mouse_events_that_a_pen_brings_along_are_ignored(canvas, region, pen, mouse, heard):
    finished = heard(canvas.stroke_finished)
    pen.press(*PATH[0], 0.5)
    mouse.press(400, 300)
    for point in PATH[1:]:
        mouse.move(point[0] + 200, point[1])
        pen.move(*point, 0.5)
    mouse.release()
    assert finished == []
    pen.release()
    assert len(finished) == 1
    assert np.array_equal(region.array(), expected(Brush(50, 0.5), PATH, [0.5] * 4))


def test_the_eraser_tool_the_eraser_end_and_alt_erase(canvas, full, mouse, eraser_end, pen):
    whole = full.array()
    gone = expected(Brush(50, 0.5), PATH, erase=True, into=whole)
    mouse.modifiers = ALT
    mouse.drag(PATH)
    assert np.array_equal(full.array(), gone)

    full.write(full.frame, whole)
    eraser_end.drag(PATH)
    assert np.array_equal(full.array(), gone)

    full.write(full.frame, whole)
    canvas.set_tool(Tool.ERASER)
    canvas.set_brush(Brush(50, 0.5))
    pen.drag(PATH)
    assert np.array_equal(full.array(), gone)
    mouse.drag(PATH)  # Alt turns the eraser around
    assert full.array()[100, 150] == 255


def test_escape_takes_a_stroke_back_and_the_rest_of_the_drag_paints_nothing(
    canvas, region, mouse, heard
):
    finished, aborted = heard(canvas.stroke_finished), heard(canvas.stroke_aborted)
    mouse.press(*PATH[0])
    mouse.move(*PATH[1])
    QTest.keyPress(canvas, Qt.Key.Key_Escape)
    assert region.empty
    mouse.move(*PATH[2])
    mouse.release()
    assert region.empty
    assert finished == []
    assert [kind for kind, _ in aborted] == [REGION]
    assert not canvas.abort()
    mouse.drag(PATH)
    assert len(finished) == 1


def test_no_shortcut_comes_between_press_and_release(canvas, region, mouse):
    undone = []
    undo = QShortcut(QKeySequence("Ctrl+Z"), canvas)
    undo.activated.connect(lambda: undone.append(region.empty))
    canvas.activateWindow()
    canvas.setFocus()
    mouse.press(*PATH[0])
    mouse.move(*PATH[1])
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == []
    mouse.release()
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == [False]


def test_shift_click_joins_strokes_by_a_straight_line(canvas, region, mouse, heard):
    finished = heard(canvas.stroke_finished)
    mouse.drag([(100, 100), (120, 100)])
    mouse.modifiers = SHIFT
    mouse.drag([(400, 300), (400, 300)])
    assert len(finished) == 2
    joined = expected(
        Brush(50, 0.5), [(120, 100), (400, 300)],
        into=expected(Brush(50, 0.5), [(100, 100), (120, 100)]),
    )  # fmt: skip
    assert np.abs(region.array().astype(int) - joined).max() <= 1
    region.undo(finished[-1].change)
    assert region.array()[200, 260] == 0
    assert region.array()[100, 110] == 255


def test_shift_while_dragging_keeps_the_line_level_or_upright(canvas, region, mouse):
    mouse.press(200, 200)
    mouse.modifiers = SHIFT
    for x, y in ((215, 203), (300, 240), (400, 150)):
        mouse.move(x, y)
    mouse.release()
    bounds = Box.of_mask(region.array() > 127)
    assert bounds.w == pytest.approx(200 + 38, abs=4)
    assert bounds.h == pytest.approx(38, abs=4)


def test_a_missing_mask_is_asked_for(canvas, mouse, heard):
    asked, finished = heard(canvas.mask_needed), heard(canvas.stroke_finished)
    mouse.drag(PATH)
    assert asked == [REGION]
    assert finished == []
    masks = []

    def give(kind):
        masks.append(TiledMask((720, 480)))
        canvas.set_mask(kind, masks[0])

    canvas.mask_needed.connect(give)
    mouse.drag(PATH)
    assert masks[0].array()[100, 150] == 255
    assert len(finished) == 1


def test_the_protect_brush_paints_its_own_mask(canvas, region, mouse, heard):
    finished = heard(canvas.stroke_finished)
    protect = TiledMask((720, 480))
    canvas.set_mask(PROTECT, protect)
    canvas.set_tool(Tool.PROTECT)
    mouse.drag(PATH)
    assert region.empty
    assert not protect.empty
    assert finished[0].kind is PROTECT


def test_tools_remember_their_own_brush(canvas):
    canvas.set_brush(Brush(30))
    canvas.set_tool(Tool.ERASER)
    canvas.set_brush(Brush(90, 0.1))
    canvas.set_tool(Tool.BRUSH)
    assert canvas.scene.brush == Brush(30)


def test_mirrored_painting_follows_the_faces_axis(canvas, region, mouse):
    axis = Axis(360, 0, 0.2, 1)
    canvas.set_mirror(axis)
    mouse.drag(PATH)
    assert np.array_equal(region.array(), expected(Brush(50, 0.5), PATH, axis=axis))
    x, y = axis.mirrored(150, 100)
    assert region.array()[round(y), round(x)] == 255


def test_the_lasso_fills_and_the_eraser_end_cuts_out(
    canvas, region, mouse, eraser_end, heard, screen
):
    finished = heard(canvas.stroke_finished)
    canvas.set_tool(Tool.LASSO)
    canvas.set_brush(Brush(40, 1.0))
    mouse.drag([(100, 100), (300, 100), (300, 300), (100, 300)])
    dense = region.array()
    assert (dense[103:298, 103:298] == 255).all()
    assert np.count_nonzero(dense) < 205 * 205
    assert finished[0].tool is Tool.LASSO
    eraser_end.drag([(150, 150), (250, 150), (250, 250), (150, 250)])
    assert region.array()[200, 200] == 0
    assert region.array()[120, 120] == 255
    plain = screen()
    mouse.press(10, 10)
    mouse.move(700, 10)
    mouse.move(700, 400)
    assert not np.array_equal(screen(), plain)
    assert canvas.abort()
    assert np.array_equal(screen(), plain)
    mouse.release()
    assert len(finished) == 2


def test_painting_in_a_wipe_and_on_either_half(canvas, region, mouse):
    canvas.set_compare(Compare.WIPE)
    mouse.drag(PATH)
    assert np.array_equal(region.array(), expected(Brush(50, 0.5), PATH))
    region.clear()
    canvas.set_compare(Compare.SIDE_BY_SIDE)
    canvas.set_view(View((720, 480), (399, 600), 0.5, 20, 180))
    for left in (0, 401):
        spot = QPointF(left + 20 + 100.25, 180 + 50.25)
        for kind, buttons in (("Press", Qt.MouseButton.LeftButton), ("Release", Qt.MouseButton(0))):
            event = QMouseEvent(
                QEvent.Type[f"MouseButton{kind}"], spot, canvas.mapToGlobal(spot),
                Qt.MouseButton.LeftButton, buttons, Qt.KeyboardModifier.NoModifier,
            )  # fmt: skip
            QCoreApplication.sendEvent(canvas, event)
        assert np.array_equal(region.array(), expected(Brush(50, 0.5), [(200, 100)]))
        region.clear()


def test_dragging_with_alt_and_the_right_button_sizes_the_brush(canvas, region, mouse, heard):
    changed = heard(canvas.brush_changed)
    mouse.modifiers, mouse.button = ALT, Qt.MouseButton.RightButton
    mouse.press(300, 200)
    mouse.move(320, 180)
    assert canvas.scene.brush == Brush(90, 0.6)
    mouse.move(0, 480)
    assert canvas.scene.brush == Brush(1, 0)
    mouse.move(3000, 0)
    assert canvas.scene.brush == Brush(720, 1)
    canvas.abort()
    mouse.release()
    assert canvas.scene.brush == changed[-1] == Brush(50, 0.5)
    assert region.empty


def test_brackets_step_the_brush_finely_when_it_is_small(canvas, heard):
    changed = heard(canvas.brush_changed)
    sizes = [1.0]
    while sizes[-1] < 700:
        sizes.append(next_size(sizes[-1], 1))
    assert sizes[:12] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20]
    back = [sizes[-1]]
    while back[-1] > 1:
        back.append(next_size(back[-1], -1))
    assert back[::-1] == sizes
    assert next_size(88, 1) == 90
    assert next_size(88, -1) == 80
    canvas.set_brush(Brush(88, 0.6))
    canvas.resize_brush(1)
    canvas.harden_brush(1)
    canvas.harden_brush(9)
    assert [(brush.size, brush.hardness) for brush in changed] == [(90, 0.6), (90, 0.7), (90, 1)]
    canvas.set_brush(Brush(1))
    canvas.resize_brush(-1)
    assert canvas.scene.brush.size == 1


def test_a_lost_window_ends_the_stroke_and_painting_goes_on_afterwards(
    canvas, region, mouse, heard
):
    finished = heard(canvas.stroke_finished)
    mouse.press(*PATH[0])
    mouse.move(*PATH[1])
    QCoreApplication.sendEvent(canvas, QEvent(QEvent.Type.WindowDeactivate))
    assert len(finished) == 1
    mouse.drag(PATH)
    assert len(finished) == 2


def test_another_photo_or_mask_ends_a_stroke_in_progress(canvas, region, mouse, pixels):
    mouse.press(*PATH[0])
    canvas.set_mask(REGION, None)
    assert region.empty
    mouse.release()
    canvas.set_mask(REGION, region)
    mouse.press(*PATH[0])
    canvas.set_photo(picture(pixels[:300]))
    assert region.empty


def test_the_ring_shows_size_and_hardness_where_the_pointer_is(canvas, screen, mouse, pixels):
    plain = screen()
    canvas.set_brush(Brush(100, 0.5))
    mouse.move(300, 200, held=False)
    change = (screen() != plain).any(2)[60:540, 40:760]
    y, x = np.nonzero(change)
    away = np.hypot(x - 300, y - 200)
    assert np.abs(away - 50)[away > 40].max() < 3
    assert np.abs(away - 25)[away < 40].max() < 3
    canvas.set_brush(Brush(1))
    y, x = np.nonzero((screen() != plain).any(2)[60:540, 40:760])
    assert 3 <= np.hypot(x - 300, y - 200).max() < 7  # still to be seen
    QCoreApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert np.array_equal(screen(), plain)


def test_the_ring_is_shown_wherever_the_brush_paints(canvas, screen, mouse):
    canvas.set_brush(Brush(40, 0))
    canvas.set_mirror(Axis(360, 0, 0, 1))
    plain = screen()
    mouse.move(300, 200, held=False)
    change = (screen() != plain).any(2)[60:540, 40:760]
    assert change[200 - 20, 300]
    assert change[200 - 20, 420]
    canvas.set_mirror(None)
    canvas.set_compare(Compare.SIDE_BY_SIDE)
    canvas.set_view(View((720, 480), (399, 600), 0.5, 20, 180))
    QCoreApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    plain = screen()
    spot = QPointF(140, 260)
    event = QMouseEvent(
        QEvent.Type.MouseMove, spot, canvas.mapToGlobal(spot), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QCoreApplication.sendEvent(canvas, event)
    change = (screen() != plain).any(2)
    assert change[250, 140]
    assert np.array_equal(change[:, :399], change[:, 401:])


def test_the_benchmark_paints(qapp):
    times = bench.brush(megapixels=1, events=12, flow=0.5)
    assert 0 < times.median <= times.slow
