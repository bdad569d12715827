"""The grid a..i: corners are the pairs, and what goes wrong in it is named."""

import numpy as np
import torch

from hairstudio.cli import main
from hairstudio.editing.engine import installed_assets
from hairstudio.lab import gridding, survey
from hairstudio.lab.interpolate import (
    LETTERS,
    Cell,
    Pair,
    findings,
    grid,
    measured,
    monotone,
    places_of,
    point,
)
from hairstudio.lab.measure import Ruler
from hairstudio.lab.store import Store

CHANCE = torch.Generator().manual_seed(2)
FIRST, SECOND = (Pair(*torch.randn(2, 4, 6, generator=CHANCE)) for _ in range(2))


def cell(name):
    return grid(FIRST, SECOND)[LETTERS.index(name)]


def test_corners_are_the_pairs_and_the_middle_is_between_all():
    for name, latent in zip("agci", (FIRST.source, FIRST.target, SECOND.source, SECOND.target),
                            strict=True):  # fmt: skip
        assert torch.equal(cell(name), latent)
    assert torch.allclose(cell("d"), (FIRST.source + FIRST.target) / 2)
    assert torch.allclose(cell("b"), (FIRST.source + SECOND.source) / 2)
    assert torch.allclose(cell("e"), sum(map(cell, "agci")) / 4, atol=1e-6)
    assert torch.allclose(cell("e"), point(FIRST, SECOND, 0.5, 0.5))


def test_half_way_is_where_half_of_the_change_is_seen():
    assert places_of([0.0, 0.0, 0.0, 0.8, 1.0]) == (0.5781, 0.6562, 0.7344)
    assert places_of([2.0, 1.5, 1.0, 0.5, 0.0]) == (0.25, 0.5, 0.75)
    assert places_of([0.0, -0.2, 0.4, None, 1.0]) == (0.4375, 0.5833, 0.7917)
    assert places_of([0.0, 0.6, 0.2, 0.8, 1.0])[0] > 0.5  # for good
    assert places_of([None, 1, 1, 1, 1]) == places_of([1, 2, 3, 2, 1]) == (0.25, 0.5, 0.75)


def test_a_degree_is_a_share_of_the_change():
    late = Pair(FIRST.source, FIRST.target, places=places_of([0.0, 0.0, 0.0, 0.8, 1.0]))
    assert torch.equal(late.at(0), late.source) and torch.equal(late.at(1), late.target)
    assert torch.allclose(late.at(0.5), FIRST.at(0.6562))
    assert torch.allclose(late.at(0.125), FIRST.at(0.5781 / 2))
    assert torch.allclose(late.at(1.5), FIRST.at(1.5))


def test_a_degree_goes_through_a_middle_that_was_searched_for():
    bent = Pair(FIRST.source, FIRST.target, SECOND.source)
    assert torch.equal(bent.at(0), bent.source) and torch.equal(bent.at(1), bent.target)
    assert torch.allclose(bent.at(0.5), SECOND.source, atol=1e-6)
    quarter = (3 * bent.source + 6 * bent.middle - bent.target) / 8
    assert torch.allclose(bent.at(0.25), quarter, atol=1e-5)
    assert torch.allclose(bent.at(1.5), FIRST.at(1.5))


def pictures(values, people=(0.0, 0.5, 1.0), drift=0.0):
    """Channel 0 holds the attribute, channel 1 the person."""
    made = torch.zeros(9, 3, 8, 8)
    made[:, 0] = torch.tensor(values).view(9, 1, 1)
    made[:, 1] = torch.tensor(people).repeat(3).view(9, 1, 1)
    made[7, 1] += drift
    return made


def judged(made):
    cells = measured([float(p[0].mean()) for p in made], [p[1].mean()[None] for p in made])
    return cells, [(finding.code, finding.cells) for finding in findings(cells)]


def test_a_good_grid_has_no_findings():
    cells, found = judged(pictures([0.0, 0, 0, 1, 1, 1, 2, 2, 2]))
    assert found == []
    assert cells[5] == Cell("f", 0.5, 1.0, 1.0, 0.0)


def test_a_column_that_goes_back_is_named():
    _, found = judged(pictures([0.0, 0, 0, 1, 3, 1, 2, 2, 2]))
    assert found == [("not_monotone", "beh")]


def test_noise_of_the_measurement_is_no_way_back():
    assert judged(pictures([0.0, 0, 0, 1, -0.01, 1, 2, 2, 2]))[1] == []
    assert judged(pictures([0.0, 0, 0, 1, -0.1, 1, 2, 2, 2]))[1] == [("not_monotone", "beh")]
    assert monotone([0, 1, 0.99], 0.02) and not monotone([0, 1, 0.99])
    assert not monotone([0, float("nan"), 1], 0.02)


def test_a_face_that_changes_is_named():
    _, found = judged(pictures([0.0, 0, 0, 1, 1, 1, 2, 2, 2], drift=0.4))
    assert found == [("identity_drifts", "h")]
    assert judged(pictures([0.0, 0, 0, 1, 1, 1, 2, 2, 2], drift=0.1))[1] == []


def test_in_each_round_a_pair_meets_another_person():
    people = {f"{person}{photo}": person for person in "abcd" for photo in "12"}
    for couples in (list(survey._couples(people, rounds)) for rounds in (1, 3)):
        assert couples and all(people[a] != people[b] for a, b in couples)
    one_round = list(survey._couples(people, 1))
    met = [pair for couple in one_round for pair in couple]
    assert len(met) == len(set(met))
    assert not list(survey._couples({"a1": "a", "a2": "a"}, 5))


def test_a_survey_says_how_many_columns_are_monotone():
    found = survey.Survey("bangs", 2, 6, 5, 4, (0.1, 0.1, 0.2, 0.6))
    assert (
        "5 of 6 columns monotone (83.3%; 4 if steps back below 2% of the change count)"
        in found.as_text()
    )
    assert "75.0% of cells within the bound of 0.25" in found.as_text()


def test_pairs_that_show_nothing_make_no_survey(tmp_path, capsys):
    Store(tmp_path / "s")
    assert main(["lab", "grids", str(tmp_path / "s"), "--attribute", "bangs"]) == 2
    assert "fewer than two pairs" in capsys.readouterr().err


def test_identity_does_not_see_what_is_edited():
    shades = np.random.default_rng(3).integers(0, 255, (3, 4, 4, 3), np.uint8)
    pictures = [np.kron(each, np.ones((16, 16, 1), np.uint8)) for each in shades]
    region = np.zeros((64, 64), np.float32)
    region[:32] = 1
    pictures[1][32:] = pictures[0][32:]  # the same but for the region
    seen = [Ruler(installed_assets()).look(picture, region) for picture in pictures]
    for each in seen:
        each.__dict__["planes"] = np.full((19, 512, 512), 1 / 19, np.float32)
    first, edited, other = gridding.identities(pictures, seen)
    assert (edited - first).norm() < 0.1 * (other - first).norm()
