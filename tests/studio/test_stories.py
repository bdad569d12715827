"""What a retoucher does from start to end."""

import time

import cv2
import numpy as np
from psd_tools import PSDImage
from PySide6.QtCore import Qt
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hairstudio.cli import main as command_line
from hairstudio.editing.edits import Bangs, Color, Hairline
from hairstudio.imaging.photo import read_photo
from hairstudio.studio.canvas import Compare
from hairstudio.studio.dialogs import ask
from hairstudio.studio.panels.section import Section
from hairstudio.studio.tasks.render import Render

FOREHEAD = [(-0.5, -0.75), (-0.2, -0.72), (0.2, -0.72), (0.5, -0.75)]


def test_paint_drag_compare_undo_export_reopen(story, portrait, tmp_path, monkeypatch):
    """The export has the command line's own pixels; the document brings everything back."""
    document, exported = tmp_path / "me.hairstudio", tmp_path / "me_hair.png"
    layers, compared = tmp_path / "me.psd", tmp_path / "me_compare.png"
    monkeypatch.setattr(ask, "document_to_save", lambda *_: document)
    monkeypatch.setattr(ask, "picture_to_save", lambda *_: compared)

    def tell(robot):
        robot.opened()
        robot.paint(FOREHEAD)
        state = robot.session.state
        assert [type(edit) for edit in state.edits] == [Bangs]
        assert state.region(state.edits[0]).bounds().w > 100
        robot.settled()
        assert robot.core.rendering.last.after.layers

        robot.drag_slider(robot.window.panel.hairline.slider, [-0.1, -0.2, -0.3])
        robot.window.panel.colour.choose("copper")
        assert [type(edit) for edit in robot.session.state.edits] == [Hairline, Bangs, Color]
        assert len(robot.session.history.steps) == 4

        robot.settled()
        caption = robot.window.panel.hairline._caption
        assert "lower" in caption.text(), "the fringe grows from the moved hairline"
        robot.session.move(0, 1)
        robot.settled()
        assert "fringe" in robot.window.panel.edits._rows[1].problem
        assert "px" not in caption.text()
        robot.do("undo")

        for mode in ("wipe", "side-by-side", "difference"):
            robot.do(mode)
        assert robot.canvas.scene.compare is Compare.DIFFERENCE
        for _ in range(3):
            robot.do("undo")
        assert robot.session.state.edits == () and not robot.session.history.edited
        assert not robot.window.actions_["undo"].isEnabled()
        for _ in range(3):
            robot.do("redo")
        assert robot.session.state.edits[0].amount == -0.3

        robot.core.files.export(exported, layered=False)
        robot.core.files.export(layers, layered=True)
        robot.do("side-by-side")
        robot.do("save-comparison")
        robot.do("save")
        robot.written(exported, layers, compared, document)
        assert not robot.session.history.edited
        robot.core.files.open(document)
        robot.wait(lambda: robot.session.path == document and robot.session.document == 2)
        robot.opened(document)
        edits = robot.session.state.edits
        assert [type(edit) for edit in edits] == [Hairline, Bangs, Color]
        assert np.array_equal(
            robot.session.state.region(edits[1]).array(), state.region(state.edits[0]).array()
        )

    story(tell, portrait)
    again = tmp_path / "again.png"
    assert command_line(["render", str(document), "-o", str(again)]) == 0
    ours, theirs = read_photo(exported).pixels, read_photo(again).pixels
    assert np.array_equal(ours, theirs)
    before = read_photo(portrait)
    assert (ours != before.pixels).any()
    assert read_photo(compared).size[0] > 2 * before.size[0]
    assert len(PSDImage.open(layers)) == 4


def test_a_fast_drag_shows_the_last_value_in_few_runs(story, portrait, monkeypatch):
    """200 moves: one step, at most 20 previews, the last one wins."""
    runs = []
    run = Render.run

    def slow(task, *rest):
        runs.append(task)
        time.sleep(0.1)
        return run(task, *rest)

    monkeypatch.setattr(Render, "run", slow)

    def tell(robot):
        robot.opened()
        slider = robot.window.panel.hairline.slider
        robot.drag_slider(slider, [-0.8 * abs(np.sin(i / 9)) for i in range(199)] + [-0.4])
        robot.settled()
        assert robot.session.state.edits[0].amount == -0.4
        assert len(robot.session.history.steps) == 2
        assert len([task for task in runs if task.slot == "preview"]) <= 20
        assert robot.core.rendering.last.generation == robot.core.rendering.generation
        assert "lower" in robot.window.panel.hairline._caption.text()

        feed, mailbox = robot.core.tiles, robot.core.engine._mailbox
        robot.window.panel.colour.choose("copper")
        robot.wait(lambda: getattr(mailbox._running, "slot", "") == "tiles", "a tile")
        robot.core.rendering.refresh()  # more urgent: the tile makes way, and is drawn later
        robot.wait(lambda: all(feed._drawn.get(key) == mark for key, (mark, _) in feed._wanted()),
                   "tiles")  # fmt: skip

    story(tell, portrait)


def test_a_pen_paints_by_pressure_and_its_other_end_erases(story, portrait):
    def tell(robot):
        robot.opened()
        robot.pen(FOREHEAD, [0.2, 0.5, 1.0, 0.0])
        region = robot.session.state.region(robot.session.state.edits[0]).array()
        columns = (region > 127).sum(0)
        used = np.flatnonzero(columns)
        assert columns[used[len(used) * 3 // 4]] > 1.5 * columns[used[len(used) // 8]]

        robot.pen(FOREHEAD, [1.0, 1.0, 1.0, 0.0], QPointingDevice.PointerType.Eraser)
        after = robot.session.state.region(robot.session.state.edits[0]).array()
        assert after.sum() < 0.2 * region.sum()
        assert robot.session.history.steps[1].name == "Paint region"

        robot.do("undo")
        robot.do("undo")
        steps = len(robot.session.history.steps)
        robot.do("eraser")
        robot.paint(FOREHEAD)  # nothing to erase: no step, no edit
        assert robot.session.state.edits == () and len(robot.session.history.steps) == steps
        robot.do("redo")

        robot.do("direction")
        robot.paint([(-0.3, -0.6), (0.0, -0.6), (0.3, -0.55)])
        (stroke,) = robot.session.state.edits[0].combed
        assert len(stroke) == 3
        robot.do("clear")
        assert robot.session.state.edits[0].combed == ()

        robot.do("protect")
        robot.paint(FOREHEAD)
        assert robot.session.state.protect is not None
        QTest.mousePress(robot.canvas, Qt.MouseButton.LeftButton, pos=robot.at(0, 0).toPoint())
        QTest.keyClick(robot.canvas, Qt.Key.Key_Escape)
        steps = len(robot.session.history.steps)
        QTest.mouseRelease(robot.canvas, Qt.MouseButton.LeftButton, pos=robot.at(0, 0).toPoint())
        assert len(robot.session.history.steps) == steps

    story(tell, portrait)


def test_faces_copies_presets_and_lent_hair(story, portrait, astronaut, tmp_path, monkeypatch):
    """Another face of the photo; its edits on another photo; that photo's hair."""
    pair = tmp_path / "pair.png"
    pixels = cv2.imread(str(portrait))
    assert cv2.imwrite(str(pair), np.hstack([pixels[:, 200:-150], pixels[:, 200:-150]]))
    monkeypatch.setattr(ask, "name_of_preset", lambda _: "red")
    monkeypatch.setattr(ask, "about_unsaved", lambda *_: "discard")
    monkeypatch.setattr(ask, "reference_to_open", lambda *_: astronaut)

    def tell(robot):
        robot.opened()
        window, session = robot.window, robot.session
        assert session.face.faces == 2 and "2 faces" in window.banner._text.text()
        window.status._face.click()
        robot.wait(lambda: len(robot.canvas.scene.faces) == 2, "faces")
        robot.canvas.face_chosen.emit(2)
        robot.wait(lambda: session.face and session.face.face == 1, "second face")
        robot.do("undo")
        robot.wait(lambda: session.face and session.face.face == 0, "first face")

        window.panel.colour.choose("red")
        robot.do("copy-edits")
        robot.do("save-preset")
        window.commands.open_path(portrait)
        robot.opened(portrait)
        robot.do("paste-edits")
        window.commands.use_preset("red")
        assert session.state.edits == (Color(shade="red"),) * 2

        window.panel.bangs.choose("full")
        window.panel.bangs.shape._choose.click()
        robot.wait(lambda: session.state.of(Bangs).hair_from, "reference")
        robot.settled()
        assert window.panel.bangs.shape._choose.text().endswith("astronaut.png")
        damaged = tmp_path / "damaged.jpg"
        damaged.write_text("no picture")
        window.commands.open_path(damaged)
        robot.wait(lambda: "damaged.jpg" in window.status._message.text(), "message")
        robot.failures.clear()
        assert session.file.path == portrait and robot.canvas.scene.photo is session.file.picture

    story(tell, pair)


def test_unsaved_edits_are_asked_about(story, portrait, astronaut, monkeypatch):
    asked, answers = [], ["cancel", "discard"]
    monkeypatch.setattr(ask, "about_unsaved", lambda _, name: asked.append(name) or answers.pop(0))

    def tell(robot):
        robot.opened()
        robot.window.panel.colour.choose("blue")
        robot.do("rename")
        QTest.keyClicks(QApplication.focusWidget(), "Night")
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)  # switches it off
        assert robot.session.state.edits == (Color(shade="blue", name="Night", enabled=False),)
        robot.window.panel.edits._rows[0].rename()
        QTest.keyClicks(QApplication.focusWidget(), "Noon")
        robot.do("duplicate")  # what is being typed counts
        assert [edit.name for edit in robot.session.state.edits] == ["Noon", "Noon"]
        robot.window.commands.open_path(astronaut)
        QApplication.processEvents()
        assert robot.session.file.path == portrait
        robot.window.commands.open_path(astronaut)
        robot.opened(astronaut)
        assert asked == ["portrait.png"] * 2
        assert robot.session.state.edits == ()
        assert not robot.window.panel.hairline.slider.isEnabled()  # a fringe hides it
        assert "fringe" in robot.window.panel.hairline._caption.text()

    story(tell, portrait)


def test_leaving_while_a_photo_is_opened_is_orderly(story, portrait):
    story(lambda robot: None, portrait)


def test_a_photo_without_a_face_says_so(story, tmp_path):
    wall = tmp_path / "wall.png"
    grey = np.full((300, 400, 3), 128, np.uint8)
    assert cv2.imwrite(str(wall), grey)

    def tell(robot):
        robot.opened()
        assert robot.window.banner.isVisible()
        assert "No face found" in robot.window.banner._text.text()
        assert not robot.window.panel.hairline.slider.isEnabled()
        slider = robot.window.panel.hairline.slider
        assert "No face found" in slider.toolTip()
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton)
        assert "No face found" in robot.window.status._message.text()
        assert robot.window.actions_["brush"].isEnabled()

        window = robot.window
        window.resize(720, 450)
        QApplication.processEvents()
        assert window.panel.isHidden() and window.canvas.width() > 600
        window.actions_["panel"].trigger()
        QApplication.processEvents()
        for part in (window.options, window.compare, *window.panel.findChildren(Section)):
            assert part.minimumSizeHint().width() <= part.width(), part

    story(tell, wall)
