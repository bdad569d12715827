"""The bundled prior and a sample photo of a bare forehead: a fringe after a short search."""

import threading

import pytest

from hairstudio import resources
from hairstudio.lab.pairs import Maker, Work
from hairstudio.lab.store import Store

STEPS = 120
pytestmark = pytest.mark.timeout(900)  # a real search: minutes where cores are shared


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    maker = Maker(resources.path("weights/prior.safetensors"), "combined", STEPS)
    work = Work(photo=str(resources.path("samples/curie.png")), attribute="bangs", value="full")
    store = Store(tmp_path_factory.mktemp("lab") / "s")
    (made,) = maker.make([maker.prepare(work)], store, threading.Event())
    return made


def test_the_fringe_is_there_and_the_rest_stays(pair):
    figures = pair.figures
    assert figures["inside"] <= 0.03 < figures["inside_before"]
    assert figures["unedited"] > 18
    assert figures["apart"] >= 28
    assert figures["outside"] > figures["unedited_outside"] - 1.5
    assert pair.measured[1] > pair.measured[0]


def test_it_stays_plausible_and_is_the_same_face(pair):
    assert pair.figures["distance"] <= pair.figures["reach"] + 1e-3
    assert pair.figures["drift"] <= 0.05
    assert set(pair.failed) <= {"unedited", "outside", "attribute"}
