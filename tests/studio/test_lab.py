"""The data lab: real processes, a small random prior; the GUI thread only shows what they say."""

import os
import sys
import tarfile

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hairstudio import resources
from hairstudio.lab.messages import MIDDLE_SHARE, Stepped
from hairstudio.lab.store import Store
from hairstudio.studio import memory
from hairstudio.studio.dialogs import ask
from hairstudio.studio.lab import queue as states
from hairstudio.studio.lab.order import Order
from hairstudio.studio.lab.queue import Item

STEPS = 5


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """The processes inherit it."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


def opened(robot, small_prior, store):
    assert robot.window.pages.buttons.isHidden(), "the lab is hidden until it is asked for"
    robot.do("lab")
    page = robot.window.pages.page
    page.form.set_store(store)
    page.form.set_prior(small_prior)
    page.form.attribute.setCurrentIndex(page.form.attribute.findData("dye"))
    page.form.steps._value = STEPS
    page.photos.add([resources.path("samples/astronaut.png")])
    return page


def test_a_pair_grows_is_judged_interpolated_and_exported(
    story, small_prior, tmp_path, monkeypatch
):
    folder, tar, png = tmp_path / "pairs", tmp_path / "out.tar", tmp_path / "grid.png"
    files = iter([png, tar])
    monkeypatch.setattr(ask, "picture_to_save", lambda *_: next(files))

    def tell(robot):
        page = opened(robot, small_prior, folder)
        robot.wait(lambda: page.photos.rows[0].thumb.image is not None, "thumbnail")
        assert page.form.go.text() == "Queue 1 pair"
        for seed in (0, 1):
            page.form.seed._value = seed
            page.start()
        item = page.queue.items[0]
        assert [each.state for each in page.queue.items] == [states.RUNNING, states.WAITING]
        robot.wait(lambda: {"original", "reference", "current"} <= item.pictures.keys(), "pictures")
        assert page.live.item is item and page.live.tiles["current"].tile.image is not None
        robot.wait(lambda: item.state == states.DONE, f"first pair: {item.reason}")
        assert len(item.losses["source"]) == STEPS and item.fraction == 1
        robot.wait(lambda: len(page.gallery.rows) == 2, "second pair")

        cells = page.grid.pad
        robot.wait(lambda: len(cells.images) == 9, "grid")
        page.grid.degree.slider._step(0.5)
        robot.wait(lambda: "sharp" in page.grid.live.note.text(), "a sharp picture")
        assert page.grid.live.tile.image.width() == 32
        page.grid.save.click()
        robot.wait(lambda: "grid.png saved" in page.banner._text.text(), "grid on disk")

        first, second = page.gallery.rows
        page.gallery.choose(first)
        for key in (Qt.Key.Key_A, Qt.Key.Key_J, Qt.Key.Key_K):
            QTest.keyClick(page.gallery, key)
        page.gallery.rows[second].reject.click()
        robot.wait(lambda: page.gallery.rows[second].verdict == "rejected", "verdict")
        page.export_button.click()
        robot.wait(lambda: "1 pair written" in page.banner._text.text(), "export")

        page.read_store()
        robot.wait(lambda: len(page.gallery.rows) == 2, "the store again")
        assert page.gallery.rows[first].verdict == "accepted"
        override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_R,
                             Qt.KeyboardModifier.NoModifier)  # fmt: skip
        assert QApplication.sendEvent(page, override) and override.isAccepted()

        page.service.close()
        monkeypatch.setenv("HAIRSTUDIO_DATA", str(tmp_path / "no models"))
        page.grid.pairs_chosen.emit(first, second)
        robot.wait(lambda: page.grid.measured.text() == "Not measured", "no models to measure with")
        assert "is missing" in page.banner._text.text() and len(cells.images) == 9
        assert page.service._process is not None, "it lives on"
        robot.window.pages.show_editor()

    story(tell)
    assert Image.open(png).size == (800, 920)
    with tarfile.open(tar) as archive:
        assert len({name.split(".")[0] for name in archive.getnames()}) == 1


def test_losses_stand_at_their_steps_after_a_search_went_on():
    item = Item(Order("a.png", "dye", "store"))
    for step, loss in ((1, 5.0), (2, 4.0), (3, 3.0), (3, 3.5), (6, 2.0)):
        item.stepped(Stepped("pair", "a.png", "source", step, 10, {"outside": loss}))
    seen = [losses.get("outside") for losses in item.losses["source"]]
    assert seen == [5.0, 4.0, 3.5, None, None, 2.0]
    assert item.fraction == 0.6 / (2 + MIDDLE_SHARE)
    item.stepped(Stepped("pair", "a.png", "middle", 4, 4, {"outside": 1.0}))
    assert item.fraction == 1


def test_a_pair_that_is_paused_goes_on_and_what_cannot_be_made_says_why(
    story, small_prior, tmp_path
):
    folder = tmp_path / "pairs"
    broken = tmp_path / "broken.png"
    broken.touch()

    def tell(robot):
        page = opened(robot, small_prior, folder)
        page.form.steps._value = 400
        page.start()
        (item,) = page.queue.items
        robot.wait(lambda: item.step > 3, "steps")
        page.queue.pause(item)
        robot.wait(lambda: item.state == states.PAUSED, "pause")
        kept = item.step
        assert Store(folder).searches() and not page.queue.running
        page.queue.resume(item)
        robot.wait(lambda: item.process is not None and item.phase == "source"
                   and item.state == states.RUNNING and item.step > kept, "resume")  # fmt: skip
        assert item.step < kept + 60, "it went on from where it was"
        page.queue.remove(item)
        assert not page.queue.items

        page.service._process._process.kill()
        robot.wait(lambda: "nothing lost" in page.banner._text.text(), "message")
        page.banner.act.emit()
        page.photos.add([broken])
        robot.wait(lambda: not page.photos.rows[1].tick.isEnabled(), "unreadable")
        page.queue.add(page.form.orders([broken]))
        (item,) = page.queue.items
        robot.wait(lambda: item.state == states.FAILED, "failure")
        assert "broken.png" in item.reason

    story(tell)


def test_the_queue_survives_the_end_of_the_app(story, small_prior, tmp_path):
    folder = tmp_path / "pairs"

    def first_run(robot):
        page = opened(robot, small_prior, folder)
        page.form.steps._value = 400
        for seed in (0, 1, 2):
            page.form.seed._value = seed
            page.start()
        running, _, last = page.queue.items
        page.queue.pause(last)
        robot.wait(lambda: running.step > 3, "steps")
        robot.written(memory.file())
        states_ = [kept.state for kept in memory.load().lab_queue]  # what a crash would leave
        assert states_ == [states.RUNNING, states.WAITING, states.PAUSED]

    def second_run(robot):
        robot.do("lab")
        queue = robot.window.pages.page.queue
        assert [(i.order.seed, i.state) for i in queue.items] == [
            (0, states.RUNNING), (1, states.WAITING), (2, states.PAUSED),
        ]  # fmt: skip
        first, *others = queue.items
        for each in others:
            queue.remove(each)
        robot.wait(lambda: first.step > 3, "it goes on by itself")
        queue.remove(first)
        robot.wait(lambda: not robot.core.reader.busy, "writing")
        assert memory.load().lab_queue == ()

    story(first_run)
    story(second_run)


def test_what_the_form_asks_the_command_line_for(story, small_prior, tmp_path):
    def tell(robot):
        form = opened(robot, small_prior, tmp_path / "pairs").form
        names = [form.prior_box.itemText(i) for i in range(form.prior_box.count())]
        assert names[-3:] == ["HairStudio’s", "small", "Another file…"]
        form.place.setCurrentIndex(1)
        assert not form.address.isHidden()
        (order,) = form.orders([resources.path("samples/astronaut.png")])
        assert {"--cluster=local", f"--prior={small_prior}", "--steps=5"} <= set(order.arguments())
        form.address.setText("10.0.0.1:6379")
        (order,) = form.orders([resources.path("samples/astronaut.png")])
        assert order.cluster == "10.0.0.1:6379"
        form.place.setCurrentIndex(0)
        (order,) = form.orders([resources.path("samples/astronaut.png")])
        assert not any("--cluster" in each for each in order.arguments())

    story(tell)
