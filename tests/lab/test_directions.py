"""Direct methods find a hidden direction; scores compare equal changes of the attribute."""

import math

import pytest
import torch

from hairstudio.cli import main
from hairstudio.cli.parser import ATTRIBUTES, DIRECT_METHODS, LAB_SCHEDULES
from hairstudio.errors import UserError
from hairstudio.lab import references
from hairstudio.lab.directions import compare, methods
from hairstudio.lab.directions.direction import Direction, Start
from hairstudio.lab.directions.entanglement import Match, change_outside, furthest, matched, score
from hairstudio.lab.directions.labelled import Samples
from hairstudio.lab.schedule import SCHEDULES
from hairstudio.lab.store import Store
from hairstudio.nets import prior

COUNT = 400


@pytest.fixture(scope="module")
def generator(small_prior):
    return prior.load(small_prior)


@pytest.fixture(scope="module")
def w(generator):
    z = torch.randn(COUNT, 24, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        return generator.mapping(z).clone()


def labelled(w, values):
    """The attribute goes with ``values``; another one does not."""
    noise = torch.randn(COUNT, generator=torch.Generator().manual_seed(5))
    values = values + 0.05 * values.std() * noise
    values[:20] = math.nan
    return Samples(w, {"bangs": values, "dye": noise})


def cosine(a, b):
    return float(torch.nn.functional.cosine_similarity(a, b, 0))


def test_a_boundary_lies_across_the_hidden_axis(generator, w):
    axis = torch.randn(24, generator=torch.Generator().manual_seed(6))
    found = methods.find("interfacegan", generator, labelled(w, w @ axis), "bangs")
    along = (w @ found.vector, w @ axis)
    assert cosine(along[0] - along[0].mean(), along[1] - along[1].mean()) > 0.9


def test_principal_components_come_by_variance():
    rows = torch.randn(500, 3, generator=torch.Generator().manual_seed(7)) * torch.tensor([1, 9, 3])
    axes = methods.principal(rows)
    assert abs(cosine(axes[0], torch.tensor([0.0, 1, 0]))) > 0.99
    assert abs(cosine(axes[1], torch.tensor([0.0, 0, 1]))) > 0.99


def test_ganspace_takes_the_component_that_tells(generator, w):
    axis = methods.principal(methods._many(generator))[2]
    found = methods.find("ganspace", generator, labelled(w, -(w @ axis)), "bangs")
    assert cosine(found.vector, -axis) > 0.99


def test_components_of_activations_move_the_picture(generator, w):
    features = methods.activations(generator, w).mean(1)
    found = methods.find("ganspace-activations", generator, labelled(w, features), "bangs")
    assert float((w @ found.vector).std()) > 0


def test_stylespace_finds_the_channel(generator, w):
    styles = generator.synthesis.styles(w[:, None].expand(-1, generator.config.styles, -1))
    found = methods.find("stylespace", generator, labelled(w, -styles[3][:, 5]), "bangs")
    assert found.channel == (3, 5)
    assert float(found.vector) < 0
    start = Start(w[:1, None].expand(-1, generator.config.styles, -1))
    still, moved = (found.picture(generator, start, amount) for amount in (0.0, 3.0))
    assert torch.allclose(still, generator.synthesis(start.ws), atol=1e-5)
    assert not torch.allclose(still, moved, atol=1e-3)


def test_too_few_samples_are_refused(generator, w):
    samples = Samples(w, {"bangs": torch.full((COUNT,), math.nan)})
    with pytest.raises(UserError, match="only 0 samples show it"):
        methods.find("interfacegan", generator, samples, "bangs")


@pytest.mark.parametrize("wanted", [0.3, -2.0, 5.5])
def test_an_equal_change_is_found(wanted):
    amount, change = furthest(lambda a: 0.7 * a, wanted)
    assert change == pytest.approx(0.7 * amount)
    assert abs(change - wanted) <= 0.1 * abs(wanted)


def test_a_direction_is_taken_as_far_as_it_gets_and_no_further():
    amount, change = furthest(lambda a: math.tanh(a / 2), 3.0)
    assert (amount, change) == (4.0, math.tanh(2))
    ours = matched(lambda degree: 3 * degree**2, change, (0.0, 0.0), (1.0, 3.0))
    assert abs(3 * ours[0] ** 2 - change) <= 0.1 * change


def test_what_hardly_changes_anything_is_no_match():
    assert furthest(lambda a: 0.1 * math.tanh(a), 3.0) is None
    assert furthest(lambda _a: None, 1.0) is None
    steep = matched(lambda degree: float(degree > 0.5), 0.5, (0.0, 0.0), (1.0, 1.0))
    assert steep is None


def test_change_counts_outside_the_grown_region_only():
    region = torch.zeros(1, 1, 80, 80)
    region[..., 20:40, 20:40] = 1
    before = torch.zeros(1, 3, 80, 80)
    inside = before + 0.5 * region
    assert change_outside(before, inside, region) == 0
    near = before.clone()
    near[..., 18:20, 20:40] = 1  # within .1 IOD
    assert change_outside(before, near, region) == 0
    assert change_outside(before, before + 0.2, region) == pytest.approx(0.1)


def test_a_score_has_an_interval():
    theirs = (0.02, 0.03, 0.03, 0.04, 0.04, 0.05, 0.05, 0.06)
    found = score("x", 10, [Match("x", "", 0.5, 0.01, each) for each in theirs])
    assert found.ratio == pytest.approx(4)
    assert found.low < found.ratio < found.high
    assert (found.faces, found.tried, found.whole, found.share) == (8, 10, 0, 0.5)
    assert math.isnan(score("x", 3, []).ratio)


def test_the_command_line_knows_the_same_names():
    assert ATTRIBUTES == references.ATTRIBUTES
    assert set(LAB_SCHEDULES) == SCHEDULES.keys()
    assert DIRECT_METHODS == compare.ALL_METHODS


def test_a_store_without_such_pairs_is_refused(tmp_path, capsys):
    Store(tmp_path / "s")
    for attribute, reason in (("bangs", "no pairs of bangs"), ("fill", "cannot be labelled")):
        assert main(["lab", "directions", str(tmp_path / "s"), "--attribute", attribute]) == 2
        assert reason in capsys.readouterr().err


def test_a_step_in_w_is_a_plain_shift(generator, w):
    start = Start(w[:1, None].expand(-1, generator.config.styles, -1))
    moved = Direction("x", torch.ones(24)).picture(generator, start, 0.5)
    assert torch.allclose(moved, generator.synthesis(start.ws + 0.5), atol=1e-6)
