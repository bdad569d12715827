"""Searches on a small random generator: it finds its own pictures again, edits keep the rest."""

import copy
import threading
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from hairstudio.errors import UserError
from hairstudio.lab import reconstruct, state_file
from hairstudio.lab.latent import LatentSpace, cross_distance, measured_reach, sphere
from hairstudio.lab.losses import noise_regularity
from hairstudio.lab.reconstruct import Problem, Reconstruction, unedited
from hairstudio.lab.schedule import COMBINED, GUIDED_DISCOVERY, SCHEDULES
from hairstudio.nets.perceptual import compared
from hairstudio.nets.prior import measure
from hairstudio.nets.stylegan2 import Generator, GeneratorConfig

SIDE = 32


def features(rgb):
    """Stands for a perceptual network: local means and differences."""
    grey = rgb.mean(1, keepdim=True)
    edges = torch.cat([grey - grey.roll(1, 2), grey - grey.roll(1, 3)], 1)
    return [F.avg_pool2d(torch.cat([rgb, 4 * edges], 1), size) for size in (2, 4)]


@pytest.fixture(scope="module")
def generator():
    torch.manual_seed(0)
    net = Generator(GeneratorConfig((24, 24, 24, 16), latent=24, mapping_layers=2))
    net.w_mean.copy_(measure(net).w_mean)
    return net.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def space(generator):
    found = LatentSpace(measure(generator))
    found.reach = measured_reach(generator, found)
    return found


@pytest.fixture(scope="module")
def known(generator):
    """Two samples of the generator and their W+."""
    z = torch.randn(2, 24, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        return generator(z).clone(), generator.w_plus(z).clone()


@pytest.fixture(scope="module")
def problem(known):
    """A dark band across the pictures: coarse, as a guide's."""
    pictures, _ = known
    region = torch.zeros(2, 1, SIDE, SIDE)
    region[:, :, 8:16, 4:28] = 1
    return Problem(pictures, pictures - 0.5 * region, region, 8)


def search(generator, space, problem, schedule, seed=0):
    return Reconstruction(generator, space, features, problem, schedule, seed)


def psnr(made, wanted, weight):
    span = float(wanted.max() - wanted.min())
    error = ((made - wanted).square() * weight).sum() / (3 * weight.sum())
    return float(10 * torch.log10(span**2 / error))


def test_latents_survive_the_way_there_and_back(space, known):
    _, ws = known
    assert torch.allclose(space.to_w(space.from_w(ws)), ws, atol=1e-3)


def test_samples_lie_on_the_sphere(generator, space):
    z = torch.randn(500, 24, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        distances = space.distance(space.from_w(generator.w_plus(z)[:, :1]))
    assert abs(float(distances.mean()) - 1) < 0.1
    assert torch.allclose(space.distance(sphere(torch.randn(4, 2, 24))), torch.ones(4, 2))


def test_one_vector_for_all_styles_has_no_cross_distance():
    v = torch.randn(3, 1, 24).expand(-1, 5, -1)
    assert float(cross_distance(v).max()) < 1e-4
    assert float(cross_distance(torch.randn(3, 5, 24)).min()) > 0.5


def test_noise_that_repeats_is_irregular():
    white = [torch.randn(1, 1, 32, 32)]
    smooth = [F.interpolate(torch.randn(1, 1, 8, 8), 32, mode="bilinear")]
    assert float(noise_regularity(smooth)) > 20 * float(noise_regularity(white))


def test_noise_is_compared_on_all_scales_whatever_the_order_of_its_planes():
    planes = [torch.randn(2, 1, side, side) for side in (16, 8, 32, 16, 4)]
    whole = noise_regularity(planes)
    assert torch.allclose(whole, noise_regularity(planes[::-1]))
    assert torch.allclose(whole, sum(noise_regularity([plane]) for plane in planes), rtol=1e-4)


def test_a_search_that_gets_no_better_stops_but_not_in_its_rough_part(
    generator, space, problem, monkeypatch
):
    monkeypatch.setattr(reconstruct, "SETTLED", 0.0)  # nothing counts as better
    monkeypatch.setattr(reconstruct, "PATIENCE", 2)
    found = search(generator, space, problem, replace(COMBINED, steps=30, glancing=0.6))
    state = found.begin()
    assert found.run(state)
    assert state.step == 18 + 2 * 2 + 1


def test_exact_losses_are_not_compared_with_rough_ones(generator, space, problem):
    found = search(generator, space, problem, short(COMBINED, 8))
    state = found.begin()
    for change in found._changes[:2]:
        while state.step < change:
            found.step(state)
        state.best_loss = torch.zeros(2)  # what rounding made of it
        found.step(state)
        assert state.best_loss.min() > 0


def test_resemblance_counts_more_at_first(generator, space, problem):
    found = search(generator, space, problem, replace(COMBINED, steps=9, eager=1 / 3))
    at = [found._weights(step).resemblance for step in range(9)]
    assert at[:3] == [6 * at[3]] * 3
    assert set(at[3:]) == {COMBINED.weights.resemblance}
    state = found.begin()
    for _ in range(3):
        found.step(state)
    state.best_loss = torch.zeros(2)  # by other weights
    found.run(state)
    assert state.best_loss.min() > 0


def test_what_the_prior_made_is_found_again(generator, space, problem):
    asked = unedited(problem)
    found = search(generator, space, asked, short(COMBINED, 150))
    state = found.begin()
    assert found.run(state)
    made = found.picture(*found.solution(state))
    assert psnr(made, asked.original, torch.ones_like(asked.region)) >= 30


def test_an_edit_agrees_inside_and_keeps_the_outside(generator, space, problem):
    found = search(generator, space, problem, short(COMBINED, 80))
    state = found.begin(space.from_w(generator.w_mean.expand(2, generator.config.styles, -1)))
    found.run(state)
    made = found.picture(*found.solution(state))
    before = F.avg_pool2d(problem.original - problem.reference, 8)
    gap = F.avg_pool2d(made - problem.reference, 8)
    there = F.avg_pool2d(problem.region, 8) > 0.99
    inside = there.expand_as(gap)
    assert gap[inside].abs().mean() < 0.4 * before[inside].abs().mean()
    assert psnr(made, problem.original, 1 - problem.region) > 20
    assert float(space.distance(found.solution(state)[0]).max()) <= space.reach + 1e-3


def test_noise_of_a_pair_moves_around_its_region_only(generator, space, problem):
    noisy = copy.deepcopy(generator)
    for layer in noisy.synthesis.layers:
        layer.noise_strength.fill_(0.1)
    found = search(noisy, space, problem, short(COMBINED, 5))
    state = found.begin()
    before = state.noises[-1].clone()
    found.run(state)
    moved, inside = state.noises[-1] != before, problem.region == 1
    assert moved[~inside].double().mean() > 0.9 and not moved[inside].any()


def test_texture_that_averages_do_not_show_is_asked_for_too(generator, space, problem):
    other = problem.original.flip(0)
    fine = other - F.interpolate(F.avg_pool2d(other - problem.original, 8), scale_factor=8)
    asked = replace(problem, reference=fine)  # the other's texture, the own averages
    wanted, gaps = features(fine), list[float]()
    for weight in (0, 60):
        weights = replace(COMBINED.weights, resemblance=weight)
        found = search(generator, space, asked, short(replace(COMBINED, weights=weights), 60))
        state = found.begin()
        found.run(state)
        made = found.picture(*found.solution(state))
        gaps.append(float(compared(features(made), wanted, asked.region).mean()))
    assert gaps[1] < 0.9 * gaps[0]


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_gets_better_and_repeats_itself(generator, space, problem, name):
    runs = []
    for _ in range(2):
        found = search(generator, space, problem, short(SCHEDULES[name]))
        state = found.begin()
        found.run(state)
        runs.append(state)
    for row in zip(*runs[0].history, strict=True):
        totals = [losses["total"] for losses in row]
        assert min(totals) < 0.9 * totals[0]
    assert all(map(torch.equal, runs[0].parameters, runs[1].parameters))


def short(schedule, steps=40):
    return type(schedule)(**{**vars(schedule), "steps": steps})


def test_guided_discovery_moves_its_layers_only_and_finds_different_solutions(
    generator, space, known
):
    pictures, ws = known
    twice = pictures[:1].expand(2, -1, -1, -1)
    region = torch.zeros(2, 1, SIDE, SIDE)
    region[:, :, 8:16] = 1
    found = search(generator, space, Problem(twice, twice, region), short(GUIDED_DISCOVERY))
    begun = space.from_w(ws[:1].expand(2, -1, -1)) + 0.01 * torch.randn(2, 8, 24)
    state = found.begin(begun)
    found.run(state)
    assert torch.equal(state.v[:, :2], begun[:, :2])
    start, end = (found.picture(v) for v in (begun, state.v))
    assert (end[0] - end[1]).abs()[:, 8:16].mean() > (start[0] - start[1]).abs()[:, 8:16].mean()


def test_a_search_that_was_cancelled_goes_on_from_its_file(tmp_path, generator, space, problem):
    whole = search(generator, space, problem, short(COMBINED, 20))
    unbroken = whole.begin()
    whole.run(unbroken)

    stop, broken = threading.Event(), whole.begin()

    def at_step_7(step, _losses):
        if step == 7:
            stop.set()

    assert not whole.run(broken, stop, at_step_7)
    state_file.save(broken, tmp_path / "search.safetensors")
    again = state_file.load(tmp_path / "search.safetensors")
    assert again.step == 7
    assert whole.run(again)
    assert all(map(torch.equal, unbroken.parameters, again.parameters))
    assert again.history == unbroken.history


def test_a_file_that_is_no_search_is_named(tmp_path):
    path = tmp_path / "nothing"
    path.write_bytes(b"nothing")
    with pytest.raises(UserError, match="nothing: not the state"):
        state_file.load(path)
