"""The parts under the window: mailbox, history, document states, texts, the table of actions."""

import threading
from dataclasses import dataclass, field

import pytest

from hairstudio.editing.edits import Bangs, Color, Fill, Hairline
from hairstudio.imaging.tiles import TiledMask
from hairstudio.studio import actions, i18n, icons, memory, wording
from hairstudio.studio.history import History
from hairstudio.studio.mailbox import Mailbox
from hairstudio.studio.session import Session
from hairstudio.studio.state import Clip, State


@dataclass(frozen=True)
class Job:
    name: str
    slot: str = "preview"
    cancel: threading.Event = field(default_factory=threading.Event)


def painted(size=(300, 200)):
    mask = TiledMask(size)
    mask.writable((0, 0))[:50, :50] = 255
    mask.written((0, 0))
    return mask


def test_the_latest_task_wins_and_urgent_ones_come_first():
    box = Mailbox(("preview", "final", "tiles"), yielding=("final", "tiles"))
    box.post_all("tiles", [Job("t1", "tiles"), Job("t2", "tiles")])
    for name in "abc":
        box.post(Job(name))
    assert box.take().name == "c"
    running = box.take()
    assert running.name == "t1" and not running.cancel.is_set()
    box.post(Job("d"))
    assert running.cancel.is_set(), "a preview stops a tile"
    preview = box.take()
    box.post(Job("f", "final"))
    assert not preview.cancel.is_set(), "a final waits for a preview"
    assert box.cancel("final") and not box.cancel("final")
    assert [box.take().name, box.take()] == ["t2", None] and box.idle


def test_a_drag_is_one_step_and_undo_knows_what_is_saved():
    states = [State(edits=(Hairline(amount=v / 10),)) for v in range(6)]
    history = History.of("Open", states[0])
    for state in states[1:4]:
        history.push("Hairline", state, gesture="drag")
    history.seal()
    history.push("Hairline", states[4], gesture="drag")
    assert [step.state for step in history.steps] == [states[0], states[3], states[4]]
    history.saved(states[3])
    assert history.edited
    history.go(1)
    assert not history.edited and history.redo_name == "Hairline"
    history.push("other", states[5])
    assert history.redo_name == "" and history.undo_name == "other"


def test_old_steps_go_when_memory_is_short():
    history = History.of("Open", State())
    history.budget = 1000
    for _ in range(50):
        history.push("Paint", State(), cost=100)
    assert len(history.steps) <= 11 and history.at == len(history.steps) - 1


def test_a_control_changes_the_selected_edit_else_the_only_one_else_makes_one():
    session = Session()
    session.change(Hairline, amount=0.1)
    session.change(Color, shade="black")
    session.change(Hairline, amount=0.2)
    assert session.state.edits == (Hairline(amount=0.2), Color(shade="black"))
    assert session.state.selected == 0
    session.duplicate()
    session.change(Hairline, amount=0.3)
    assert [e.amount for e in session.state.edits if isinstance(e, Hairline)] == [0.2, 0.3]
    session.select(2)
    session.change(Hairline, amount=0.4)  # two of them, none selected: a new one
    assert session.state.edits[-1] == Hairline(amount=0.4)
    session.move(3, 0)
    assert session.state.edits[0] == Hairline(amount=0.4) and session.state.selected == 0
    session.remove()
    assert len(session.state.edits) == 3
    for _ in range(7):
        session.undo()
    assert session.state.edits == (Hairline(amount=0.1),)


def test_a_new_hairline_goes_under_the_bangs_that_would_hide_it():
    session = Session()
    session.change(Color, shade="black")
    session.change(Bangs, style="full")
    session.change(Hairline, amount=0.1)
    assert [type(edit) for edit in session.state.edits] == [Color, Hairline, Bangs]
    assert session.state.edit == Hairline(amount=0.1)


def test_copies_have_regions_of_their_own():
    bangs = Bangs(style="full", region=1)
    state = State((bangs,), 0, {1: painted()}).duplicated(0)
    assert state.edits == (bangs, Bangs(style="full", region=2)) and set(state.regions) == {1, 2}

    clip = Clip.of(State((bangs, Fill(region=1)), 0, {1: painted()}))
    same = clip.pasted(State(), (300, 200))
    assert [edit.region for edit in same.edits] == [1, 2]
    other = clip.pasted(State(), (640, 480))
    assert other.edits == (Bangs(style="full", region=None),), "no fill without its region"


def test_numbers_have_a_true_minus_and_may_be_typed_either_way():
    assert i18n.number(-0.28) == "\N{MINUS SIGN}0.28" and i18n.number(-0.001) == "0.00"
    assert i18n.parsed("\N{MINUS SIGN}0,5") == i18n.parsed(" -0.5") == -0.5
    assert i18n.parsed("85 %") == 85
    with pytest.raises(ValueError):
        i18n.parsed("much")
    i18n.use({"Bangs": "刘海"})
    assert wording.kind(Bangs(style="full")) == "刘海"
    i18n.use({})


def test_every_key_means_one_thing_and_every_menu_entry_exists():
    keys = [key for spec in actions.ACTIONS for key in spec.keys]
    assert len(keys) == len(set(keys))
    names = {name for menu in actions.MENUS.values() for name in menu if name[0] not in ">-"}
    assert names <= set(actions.SPECS)
    assert {spec.needs for spec in actions.ACTIONS} - {""} <= set(actions.REASONS)
    for spec in actions.ACTIONS:
        assert not spec.icon or icons._source(spec.icon)


def test_what_the_app_remembers_survives_and_damage_does_not_matter(tmp_path):
    first = memory.Memory().opened(tmp_path / "a.jpg").opened(tmp_path / "b.jpg")
    kept = first.opened(tmp_path / "a.jpg").with_preset(
        memory.Preset("mine", (Color(shade="copper"),))
    )
    memory.file().write_bytes(memory.encoded(kept))
    assert memory.load() == kept and [p[-5:] for p in kept.recent] == ["a.jpg", "b.jpg"]
    memory.file().write_bytes(b"{")
    assert memory.load() == memory.Memory()
