"""The bundled prior and a sample photo of a bare forehead: a fringe after a short search.

The hair is dyed black first: whether the blurred grey fringe of a short search counts as hair on
the sample's pale forehead hangs on rounding, and so on the number of threads.
"""

import threading
from dataclasses import replace

import pytest
import torch
from PIL import Image

from hairstudio import resources
from hairstudio.cli import main
from hairstudio.editing.engine import installed_assets
from hairstudio.lab import gridding
from hairstudio.lab.directions.compare import Case
from hairstudio.lab.latent import open_space
from hairstudio.lab.measure import Ruler
from hairstudio.lab.pairs import Maker, Work
from hairstudio.lab.store import Store
from hairstudio.nets import prior

STEPS = 200
pytestmark = pytest.mark.timeout(900)  # a real search: minutes where cores are shared


PRIOR = resources.path("weights/prior.safetensors")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    photo = folder / "dark.png"
    sample = resources.path("samples/curie.png")
    assert main(["edit", str(sample), "--color", "black", "-o", str(photo)]) == 0
    maker = Maker(PRIOR, "combined", STEPS)
    work = Work(photo=str(photo), attribute="bangs", value="full")
    store = Store(folder / "s")
    assert maker.make([maker.prepare(work)], store, threading.Event())
    return store


@pytest.fixture(scope="module")
def pair(store):
    return store.read(next(iter(store)))


def test_the_fringe_is_there_and_the_rest_stays(pair):
    figures = pair.figures
    assert figures["inside"] < 0.1 * figures["inside_before"]
    assert figures["unedited"] > 30
    assert figures["apart"] >= 36
    assert figures["outside"] > figures["unedited_outside"] - 1
    assert figures["reached"] > 0.8


def test_what_changes_beside_the_fringe_comes_nearer_to_the_photo(pair):
    """A change that knew nothing of the photo would add up with what the inversion misses."""
    missed, changed, left = (
        10 ** (-pair.figures[name] / 10) for name in ("unedited_outside", "apart", "outside")
    )
    assert left < 0.96 * (missed + changed)  # .88 to .92, by the number of threads


def test_it_stays_plausible_and_is_the_same_face(pair):
    assert pair.figures["distance"] <= pair.figures["reach"] + 1e-3
    assert pair.figures["drift"] <= 0.05
    assert pair.failed == ()


def test_half_way_the_rest_stays_where_it_is(store, pair):
    generator = prior.load(PRIOR)
    v, planes = gridding.latents(store, pair.id, open_space(generator, PRIOR), generator)
    case = Case(pair.id, store, generator, open_space(generator, PRIOR), Ruler(installed_assets()))
    bent = case.outside(case.picture(0.5))
    straight = [replace(each, middle=None).on_path(0.5)[None] for each in (v, *planes)]
    w = open_space(generator, PRIOR).to_w(straight[0])
    with torch.no_grad():
        mean = case.outside(generator.synthesis(w, straight[1:]))
    assert bent < 0.6 * mean


def test_a_direct_method_moves_the_source(store, pair, tmp_path, capsys):
    strip = tmp_path / "strip.png"
    command = ["lab", "direct", str(store.folder), pair.id, "--samples", "24", "-o", str(strip)]
    assert main([*command, "--prior", str(PRIOR), "--amounts=0,4"]) == 0
    still, moved = capsys.readouterr().out.splitlines()[:2]
    assert still == "+0: +0.00, outside 0.000"
    assert moved.startswith("+4: ") and not moved.endswith("0.000")
    assert Image.open(strip).size == (536, 312)
    assert main([*command, "--prior", str(PRIOR)]) == 2
    assert "strip.png" in capsys.readouterr().err
    assert main([*command[:3], "nothing", *command[4:]]) == 2
    assert "no such pair" in capsys.readouterr().err
