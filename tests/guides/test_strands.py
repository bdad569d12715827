"""The strand engine on a synthetic forehead: hair falls straight down between two lines."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from hairstudio.guides.strands import bangs_raster, canvas, chance, clumps, growth
from hairstudio.guides.strands.bangs_raster import Strokes

TOP, BOTTOM = -0.9, -0.2
WIDTH, ROOT, JITTER, SHORT, POINTS = 0.05, 0.3, 0.04, 0.01, 30


def ground(bottom: float = BOTTOM) -> growth.Ground:
    down = np.dstack([np.zeros_like(canvas.V), np.ones_like(canvas.V)])
    line = np.ones(canvas.WIDTH, np.float32)
    ends = np.clip((0.8 - np.abs(canvas.COLUMNS)) / 0.3, 0, 1)
    return growth.Ground(down, (TOP - canvas.V).astype(np.float32),
                         (canvas.V - bottom).astype(np.float32), TOP * line, bottom * line,
                         TOP * line, ends, ends, -0.8, 0.8)  # fmt: skip


def grown(density: float = 300, bottom: float = BOTTOM, seed: int = 1) -> growth.Strands:
    return growth.grow(ground(bottom), density, seed, 1, 9, WIDTH, ROOT, JITTER, SHORT, POINTS)


def test_strands_start_above_the_region_and_end_at_its_lower_edge():
    strands = grown()
    assert 300 < strands.item.size < 520
    assert (strands.points[:, 0, 1] < TOP).all()
    tips = strands.points[:, -1, 1]
    assert tips.max() < BOTTOM + 0.15 and abs(np.median(tips) - BOTTOM) < 0.1
    steps = np.hypot(*np.diff(strands.points, axis=1).reshape(-1, 2).T)
    lengths = steps.reshape(-1, POINTS - 1).sum(1)
    np.testing.assert_allclose(lengths, strands.length, rtol=0.02)


def test_density_adds_strands_and_leaves_the_others():
    few, many = grown(150), grown(300)
    _, a, b = np.intersect1d(few.item, many.item, return_indices=True)
    assert a.size == few.item.size < many.item.size
    np.testing.assert_array_equal(few.points[a], many.points[b])


def test_length_lengthens_strands_and_leaves_their_paths():
    short, long = grown(bottom=-0.4), grown(bottom=-0.2)
    _, a, b = np.intersect1d(short.item, long.item, return_indices=True)
    assert a.size > 0.95 * short.item.size
    np.testing.assert_allclose(short.points[a, 0], long.points[b, 0], atol=1e-6)
    assert np.median(long.length[b] - short.length[a]) == pytest.approx(0.2, abs=0.01)


def test_another_seed_draws_other_strands():
    a, b = grown(seed=1), grown(seed=2)
    n = min(a.item.size, b.item.size)
    assert np.abs(a.points[:n, 0] - b.points[:n, 0]).mean() > 0.05


def test_locks_draw_strands_together_at_the_tips_only():
    free, pulled = grown(), grown()
    clumps.gather(pulled, ground(), 9, WIDTH, ROOT, (0.8, 0.8), 0.3)

    def spread(strands: growth.Strands, point: int) -> float:
        u = strands.points[:, point, 0]
        return float(np.mean([u[strands.lock == k].std() for k in np.unique(strands.lock)]))

    assert spread(pulled, 0) == pytest.approx(spread(free, 0))
    assert spread(pulled, -1) < 0.6 * spread(free, -1)


def test_a_lock_shares_its_ringlets():
    strands = grown()
    before = strands.points.copy()
    hair = np.ones((canvas.HEIGHT, canvas.WIDTH), np.float32)
    depth = clumps.bend(strands, 9, clumps.Bend((0.0, 0.5), (0.06, 0.3), 0.5, 0.0, WIDTH, hair))
    aside = np.array([np.interp(-0.5, after[:, 1], after[:, 0]) - was[0, 0]
                      for after, was in zip(strands.points, before, strict=True)])  # fmt: skip
    within = [aside[strands.lock == k].std() for k in np.unique(strands.lock)]
    assert np.mean(within) < 0.6 * aside.std()
    assert depth.max() > 0.03 > -0.03 > depth.min()


def test_ringlets_beside_each_other_differ_in_height_and_size():
    strands = grown()
    before = strands.points.copy()
    hair = np.ones((canvas.HEIGHT, canvas.WIDTH), np.float32)
    clumps.bend(strands, 9, clumps.Bend((0.0, 0.5), (0.05, 0.35), 0.2, 0.0, WIDTH, hair))
    swings = [(strands.points - before)[strands.lock == k, 12:, 0].mean(0)
              for k in np.unique(strands.lock)]  # fmt: skip
    alike = [np.corrcoef(*pair)[0, 1] for pair in pairwise(swings)]
    assert np.median(alike) < 0.4 and max(alike) > 0.4  # neither in step nor in zigzag
    assert np.quantile([swing.std() for swing in swings], (0.1, 0.9)) @ (-1.5, 1) > 0


def test_a_strand_far_from_the_others_is_without_company():
    def company(strands: growth.Strands, density: float, since: int = 0) -> NDArray[np.float32]:
        seen = np.ones(strands.points.shape[:2], np.float32)
        seen[:, :since] = 0
        seen[:1] = 1
        return clumps.company(strands, seen, density)

    strands = grown()
    among = company(strands, 300)
    assert 0.4 < np.median(among) < 1.3
    assert company(strands, 300, since=10)[0] < 0.3 * among[0]  # it begins alone
    strands.points[0, :, 0] += 1.5
    assert company(strands, 300)[0] < 0.1
    none = strands.take(np.zeros(strands.item.size, bool))
    assert company(none, 300).size == 0
    assert company(grown(600), 600).mean() == pytest.approx(among.mean(), abs=0.1)


def test_locks_hang_in_groups():
    share = np.array([growth.grouped(3, lock, 5) for lock in range(4000)])
    assert np.corrcoef(share[1:], share[:-1])[0, 1] > 0.7
    assert abs(np.corrcoef(share[8:], share[:-8])[0, 1]) < 0.1
    assert share.min() >= 0 > share.max() - 1


def test_locks_of_blunt_bangs_end_alike_and_their_strands_do_not():
    def differ(apart: float) -> tuple[float, float]:
        strands = growth.grow(ground(), 600, 1, 1, 9, WIDTH, ROOT, JITTER, SHORT, POINTS, 0, apart)
        locks = [strands.points[strands.lock == k, -1, 1] for k in np.unique(strands.lock)]
        locks = [tips for tips in locks if tips.size > 5]
        return float(np.std([tips.mean() for tips in locks])), float(
            np.mean([tips.std() for tips in locks])
        )

    between, within = differ(JITTER)
    blunt_between, blunt_within = differ(0.4 * JITTER)
    assert blunt_between < 0.6 * between
    assert blunt_within == pytest.approx(within, rel=0.1)


def test_chance_depends_on_nothing_but_its_key():
    items = np.arange(20000)
    numbers = chance.uniforms(3, items, 5)
    np.testing.assert_array_equal(numbers[::-1], chance.uniforms(3, items[::-1].copy(), 5))
    assert numbers.mean() == pytest.approx(0.5, abs=0.01) and numbers.min() >= 0 > numbers.max() - 1
    for other in (chance.uniforms(4, items, 5), chance.uniforms(3, items, 6), numbers[1:]):
        assert abs(np.corrcoef(numbers[: other.size], other)[0, 1]) < 0.03
    normal = chance.normals(3, items, 5)
    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.02)


def stroke(half_width: float, alpha: float = 1.0, points: int = 9) -> Strokes:
    y = np.linspace(5, 55, points, dtype=np.float32)
    path = np.stack([np.full_like(y, 30.3), y], -1)[None]
    shape = (1, points)
    return Strokes(path, np.full(shape, half_width, np.float32), np.full(shape, alpha, np.float32),
                   np.ones((*shape, 3), np.float32))  # fmt: skip


@pytest.mark.parametrize("half_width", [0.8, 1.5, 4.0])
def test_a_stroke_is_as_wide_as_asked(half_width):
    row = bangs_raster.draw((60, 60), stroke(half_width))[30, :, 3]
    assert row.sum() == pytest.approx(2 * half_width, rel=0.08)


def test_joints_are_not_painted_twice():
    inner = bangs_raster.draw((60, 60), stroke(3.0, alpha=0.5))[10:50, 30, 3]
    np.testing.assert_allclose(inner, 0.5, atol=0.01)


def test_order_decides_what_is_seen():
    below, above = stroke(3.0), stroke(3.0)
    both = Strokes(*(np.concatenate(pair) for pair in zip(
        (below.points, below.half_width, below.alpha, 0 * below.color),
        (above.points, above.half_width, above.alpha, above.color), strict=True)))  # fmt: skip
    assert bangs_raster.draw((60, 60), both)[30, 30, 0] == pytest.approx(1)


def test_a_bundle_covers_what_its_stroke_covered():
    wide = stroke(4.0)
    bundle = bangs_raster.split(wide, 0.8, np.array([7]), 1)
    assert bundle.points.shape[0] == 5 and bundle.half_width.max() < 1.2
    whole = bangs_raster.draw((60, 60), wide)[30, :, 3].sum()
    assert bangs_raster.draw((60, 60), bundle)[30, :, 3].sum() == pytest.approx(whole, rel=0.25)
    thin = replace(wide, half_width=wide.half_width / 4)
    assert bangs_raster.split(thin, 0.8, np.array([7]), 1) is thin
