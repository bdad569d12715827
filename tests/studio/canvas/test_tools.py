"""Looking, wiping, picking and steering, by real events."""

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest

from hairstudio.studio.canvas import Compare, Face, Handle, MaskKind, TiledMask, Tool, View

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
MIDDLE, RIGHT = Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton


@pytest.mark.parametrize("way", ["hand", "middle", "space"])
def test_panning_moves_the_photo_with_the_pointer_and_paints_nothing(canvas, mouse, way):
    mask = TiledMask((720, 480))
    canvas.set_mask(MaskKind.REGION, mask)
    if way == "hand":
        canvas.set_tool(Tool.HAND)
    elif way == "middle":
        mouse.button = MIDDLE
    else:
        QTest.keyPress(canvas, Qt.Key.Key_Space)
    mouse.press(300, 200)
    mouse.move(310, 200)
    assert canvas.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    mouse.move(250, 230)
    mouse.release()
    assert canvas.view.origin == (40 - 50, 60 + 30)
    assert mask.empty
    if way == "space":
        assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
        QTest.keyRelease(canvas, Qt.Key.Key_Space)
    if way != "hand":
        mouse.button = Qt.MouseButton.LeftButton
        mouse.drag([(100, 100), (120, 120)])  # the brush is still there
        assert not mask.empty


def test_arrow_keys_show_what_lies_there(canvas):
    for code in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left):
        QTest.keyClick(canvas, code)
    assert canvas.view.origin == (40, 60 - 128)


def test_space_is_let_go_with_the_focus(canvas):
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QCoreApplication.sendEvent(canvas, QFocusEvent(QFocusEvent.Type.FocusOut))
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor


@pytest.mark.parametrize("modifiers", [Qt.KeyboardModifier.NoModifier, CONTROL])
def test_the_wheel_zooms_at_the_cursor(canvas, wheel, modifiers, heard):
    views = heard(canvas.view_changed)
    at = (200, 400)
    before = canvas.view.to_photo(*at)
    for _ in range(4):
        wheel(at, 1, modifiers)
    assert canvas.view.zoom == pytest.approx(2)
    assert canvas.view.to_photo(*at) == pytest.approx(before, abs=1)
    for _ in range(4):
        wheel(at, -1, modifiers)
    assert canvas.view.origin == (40, 60)
    assert len(views) == 8


def test_two_fingers_pan_and_with_control_zoom(canvas, wheel):
    wheel((200, 200), pixels=(-30, 12))
    assert canvas.view.origin == (10, 72)
    wheel((200, 200), pixels=(0, 120), modifiers=CONTROL)
    assert canvas.view.zoom > 1


def test_pinching_zooms_at_the_fingers(canvas):
    spot = QPointF(200, 400)
    before = canvas.view.to_photo(200, 400)
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, spot,
        spot, canvas.mapToGlobal(spot), 0.3, QPointF(),
    )  # fmt: skip
    QCoreApplication.sendEvent(canvas, pinch)
    assert canvas.view.zoom == pytest.approx(1.3)
    assert canvas.view.to_photo(200, 400) == pytest.approx(before, abs=1)


def test_the_zoom_tool_clicks_in_and_out_and_drags(canvas, mouse):
    canvas.set_tool(Tool.ZOOM)
    mouse.drag([(300, 200), (300, 200)])
    assert canvas.view.zoom == 1.5
    assert canvas.view.to_photo(340.5, 260.5) == pytest.approx((300, 200), abs=1)
    mouse.modifiers = ALT
    mouse.drag([(300, 200), (300, 200)])
    assert canvas.view.zoom == 1.0
    mouse.modifiers = Qt.KeyboardModifier.NoModifier
    mouse.press(300, 200)
    mouse.move(420, 200)
    assert canvas.view.zoom == pytest.approx(2.0)
    canvas.abort()
    assert canvas.view.zoom == 1.0


def test_zoom_in_steps_to_a_value_and_fit(canvas):
    canvas.zoom_step(1)
    assert canvas.view.zoom == 1.5
    canvas.zoom_to(0.7)
    canvas.resize(700, 700)
    QCoreApplication.processEvents()
    assert canvas.view.zoom == 0.7
    canvas.fit()
    assert canvas.view == View.fit((720, 480), (700, 700))
    canvas.resize(500, 650)
    QCoreApplication.processEvents()
    assert canvas.view == View.fit((720, 480), (500, 650))


def test_the_grip_moves_the_wipe_line_also_while_painting(canvas, mouse, heard):
    moved = heard(canvas.wipe_moved)
    mask = TiledMask((720, 480))
    canvas.set_mask(MaskKind.REGION, mask)
    canvas.set_compare(Compare.WIPE)
    grip = (360, round(480 * 0.87))
    mouse.move(*grip, held=False)
    assert canvas.cursor().shape() == Qt.CursorShape.SplitHCursor
    mouse.press(*grip)
    mouse.move(180, 400)
    assert canvas.scene.wipe == pytest.approx(0.25, abs=0.002)
    mouse.move(-500, 400)
    assert canvas.scene.wipe == 0
    mouse.move(540, 100)
    mouse.release()
    assert moved[-1] == canvas.scene.wipe == pytest.approx(0.75, abs=0.002)
    assert mask.empty
    mouse.drag([(540, 100), (500, 100)])  # on the line, away from the grip: the brush paints
    assert not mask.empty
    canvas.set_tool(Tool.HAND)
    mouse.drag([(540, 100), (360, 100)])  # the hand takes the line anywhere
    assert canvas.scene.wipe == pytest.approx(0.5, abs=0.01)
    assert canvas.view.origin == (40, 60)


def test_dragging_the_hairline_tells_its_value(canvas, mouse, heard, screen):
    canvas.set_tool(Tool.HAIRLINE)
    moved, released = heard(canvas.hairline_moved), heard(canvas.hairline_released)
    mouse.drag([(300, 200), (300, 150)])  # nothing to drag yet
    assert moved == []
    plain = screen()
    curve = tuple((200.0 + 20 * i, 150.0 - i * (10 - i)) for i in range(11))
    canvas.set_handle(Handle(curve, (0.0, -1.0), 100.0, 0.2))
    rows = np.nonzero((screen() != plain).any((1, 2)))[0]
    assert rows.min() - 60 == pytest.approx(150 - 25 - 20 - 12, abs=3)  # the knob's top
    mouse.press(300, 200)
    mouse.move(310, 190)
    mouse.move(310, 150)
    assert moved == pytest.approx([0.3, 0.7])
    assert released == []
    mouse.move(310, -300)
    mouse.release()
    assert released == [1.0]
    mouse.press(300, 200)
    mouse.move(300, 260)
    canvas.abort()
    mouse.release()
    assert canvas.scene.handle.value == moved[-1] == released[-1] == 1.0


def test_a_turned_head_has_a_turned_up(canvas, mouse, heard):
    canvas.set_tool(Tool.HAIRLINE)
    moved = heard(canvas.hairline_moved)
    canvas.set_handle(Handle(((0.0, 0.0), (9.0, 9.0)), (0.6, -0.8), 100.0))
    mouse.drag([(300, 200), (330, 160)])
    assert moved[0] == pytest.approx(0.5)


def test_directions_are_drawn_as_lines_of_the_photo(canvas, mouse, heard, screen):
    canvas.set_tool(Tool.DIRECTION)
    drawn = heard(canvas.direction_drawn)
    plain = screen()
    mouse.drag([(100, 100), (150, 120), (150, 121), (200, 200)])
    assert drawn == [((100, 100), (150, 120), (200, 200))]
    assert np.array_equal(screen(), plain)  # kept and shown by the owner only
    canvas.set_directions(drawn)
    assert not np.array_equal(screen(), plain)
    mouse.drag([(100, 100), (100, 100)])
    mouse.press(10, 10)
    mouse.move(200, 200)
    canvas.abort()
    mouse.release()
    assert len(drawn) == 1
    canvas.set_tool(Tool.HAND)
    assert np.array_equal(screen(), plain)


def test_the_picker_takes_the_photos_colour(canvas, mouse, heard, pixels):
    canvas.set_tool(Tool.PICKER)
    picked = heard(canvas.color_picked)
    mouse.drag([(300, 200), (310, 220)])
    mouse.drag([(-20, 200), (-20, 200)])  # beside the photo
    mean = pixels[218:223, 308:313].reshape(-1, 3).mean(0)
    assert picked == [tuple(int(value) for value in np.rint(mean))]


def test_a_face_is_chosen_by_its_outline(canvas, mouse, heard, screen):
    chosen = heard(canvas.face_chosen)
    plain = screen()
    canvas.set_faces([Face(1, (50, 50, 300, 300), True), Face(2, (200, 100, 80, 90))])
    change = (screen() != plain).any(2)[60:540, 40:760]
    assert change[50, 200]
    assert change[350, 200]
    assert change[140, 279]
    assert not change[250, 100]
    mouse.drag([(240, 150), (240, 150)])
    mouse.drag([(100, 300), (100, 300)])
    mouse.drag([(600, 400), (600, 400)])
    assert chosen == [2, 1]
    mouse.move(100, 300, held=False)
    assert canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    canvas.set_faces([])
    assert np.array_equal(screen()[:100], plain[:100])


def test_the_right_button_beside_the_photo_asks_for_the_surrounds_menu(canvas, mouse, heard):
    asked = heard(canvas.surround_menu)
    mouse.button = RIGHT
    mouse.drag([(300, 200), (300, 200)])
    assert asked == []
    mouse.drag([(-20, 200), (-20, 200)])
    assert len(asked) == 1


def test_without_a_photo_events_do_no_harm(canvas, mouse, pen, wheel):
    canvas.set_photo(None)
    for tool in Tool:
        canvas.set_tool(tool)
        for hand in (mouse, pen):
            hand.move(5, 5, held=False)
            hand.drag([(10, 10), (50, 50)])
        wheel((20, 20), 1)
    canvas.fit()
    canvas.zoom_to(1)
    canvas.zoom_step(1)
    canvas.set_surround(QColor("white"))
    assert canvas.view is None
