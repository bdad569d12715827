"""Strokes against geometry computed the plain way, over whole pictures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hairstudio.imaging import lasso
from hairstudio.imaging.brush import Axis, Brush, BrushStroke
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.tiles import TiledMask

WIDTH, HEIGHT = 620, 560
Y, X = np.mgrid[:HEIGHT, :WIDTH].astype(float)


def painted(points, brush, *, into=None, erase=False, axis=None):
    """A mask with one stroke; points are (x, y) or (x, y, pressure)."""
    mask = into if into is not None else TiledMask((WIDTH, HEIGHT))
    stroke = BrushStroke(mask, brush, erase, axis)
    stroke.start(*points[0])
    for point in points[1:]:
        stroke.to(*point)
    stroke.finish()
    return mask


def line(start, end, count):
    return [tuple(point) for point in np.linspace(start, end, count)]


def distance(start, end):
    """Of every pixel to a straight line's nearest point."""
    start, end = np.array(start, float), np.array(end, float)
    along = end - start
    t = ((X - start[0]) * along[0] + (Y - start[1]) * along[1]) / max(along @ along, 1e-9)
    t = np.clip(t, 0, 1)
    return np.hypot(X - start[0] - t * along[0], Y - start[1] - t * along[1])


def profile(away, radius, hardness):
    inner = min(hardness * radius, radius - 0.5)
    t = np.clip((max(radius, inner + 1) - away) / (max(radius, inner + 1) - inner), 0, 1)
    return 255 * t * t * (3 - 2 * t)


@pytest.mark.parametrize("hardness", [0, 0.6, 1])
@pytest.mark.parametrize("size", [1, 9, 130])
def test_a_straight_stroke_is_the_brushs_profile_swept_along_it(size, hardness):
    start, end = (70.3, 80.8), (500.6, 420.1)
    mask = painted(line(start, end, 9), Brush(size, hardness))
    expected = profile(distance(start, end), size / 2, hardness)
    assert np.abs(mask.array() - expected).max() <= 1.5


@pytest.mark.parametrize("flow", [1, 0.4, 0.03])
@pytest.mark.parametrize("hardness", [0.2, 1])
def test_the_number_of_events_does_not_matter(flow, hardness):
    brush = Brush(120, hardness, flow)
    few, many = (
        painted(line((80, 90), (520, 400), count), brush).array().astype(int) for count in (3, 250)
    )
    assert few.max() > 0
    assert np.abs(few - many).max() <= 1


@pytest.mark.parametrize("flow", [0.05, 0.3, 0.8, 1])
def test_flow_is_what_a_pass_and_a_click_leave_in_the_middle(flow):
    brush = Brush(60, 1, flow)
    assert painted([(300, 200)], brush).array()[200, 300] == pytest.approx(255 * flow, abs=1)
    once = painted(line((100, 200), (500, 200), 20), brush).array()[200, 300]
    assert once == pytest.approx(255 * flow, abs=1)
    there_and_back = line((100, 200), (500, 200), 20) + line((490, 200), (100, 200), 20)
    twice = painted(there_and_back, brush).array()[200, 300]
    assert twice == pytest.approx(255 * (1 - (1 - flow) ** 2), abs=2)


def test_soft_edges_do_not_grow_however_often_the_brush_passes():
    brush = Brush(200, 0, 1)
    once = painted([(300, 300)], brush).array()
    wiggled = painted([(300 + (i % 2), 300) for i in range(200)], brush).array()
    assert np.abs(wiggled.astype(int) - np.maximum(once, np.roll(once, 1, 1))).max() <= 1


@pytest.mark.parametrize("erase", [False, True])
def test_faint_strokes_repeated_get_all_the_way(erase):
    start = np.full((HEIGHT, WIDTH), 255 if erase else 0, np.uint8)
    mask, values = TiledMask.of(start), []
    for _ in range(250):
        painted(line((100, 200), (500, 200), 5), Brush(60, 1, 0.03), into=mask, erase=erase)
        values.append(int(mask.crop(Box(300, 200, 1, 1))[0, 0]))
    steps = np.diff(values) * (-1 if erase else 1)
    assert values[-1] == (0 if erase else 255)
    assert steps.min() >= 0
    assert np.count_nonzero(start != mask.array()) < 480 * 70


points = st.tuples(st.floats(-100, 720), st.floats(-100, 660), st.floats(0, 1))
brushes = st.builds(
    Brush, st.floats(1, 300), st.floats(0, 1), st.floats(0.01, 1), st.booleans(), st.booleans()
)


@settings(deadline=None, max_examples=40)
@given(st.lists(points, min_size=1, max_size=6), brushes, st.integers(0, 99), st.booleans())
def test_any_stroke_only_adds_or_only_takes_and_only_near_its_path(path, brush, seed, erase):
    old = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    mask = painted(path, brush, into=TiledMask.of(old), erase=erase)
    change = mask.array().astype(int) - old
    assert (change.max() if erase else -change.min()) <= 0
    xs, ys = [x for x, _, _ in path], [y for _, y, _ in path]
    reach = brush.radius + 2
    x, y = X[change != 0], Y[change != 0]
    if x.size:
        assert min(xs) - reach <= x.min() <= x.max() <= max(xs) + reach
        assert min(ys) - reach <= y.min() <= y.max() <= max(ys) + reach


def test_pressure_steers_size_or_flow():
    sized = Brush(100, 1, 1, pressure_size=True)
    rows = painted([(100, 300, 0.25), (500, 300, 0.25)], sized).array()[:, 300]
    thin = np.count_nonzero(rows > 127)
    rows = painted([(100, 300, 1.0), (500, 300, 1.0)], sized).array()[:, 300]
    assert np.count_nonzero(rows > 127) == pytest.approx(100, abs=1)
    assert 25 < thin < 40
    flowing = Brush(100, 1, 1, pressure_size=False, pressure_flow=True)
    mask = painted([(100, 300, 0.5), (500, 300, 0.5)], flowing).array()
    assert int(mask[300, 300]) == pytest.approx(127, abs=2)
    assert np.count_nonzero(mask[:, 300]) == pytest.approx(100, abs=2)


def test_a_growing_pen_widens_the_line_evenly():
    mask = painted([(100, 300, 0.1), (500, 300, 1.0)], Brush(100, 1)).array()
    widths = np.count_nonzero(mask > 127, axis=0)[130:500]
    assert widths[0] < 30 < 85 < widths[-1]
    assert np.diff(widths).min() >= 0


def test_a_stroke_can_be_taken_back_and_brought_back():
    rng = np.random.default_rng(1)
    old = rng.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    mask = TiledMask.of(old)
    stroke = BrushStroke(mask, Brush(90, 0.3, 0.7))
    boxes = [stroke.start(200, 200), stroke.to(300, 260), stroke.to(350, 500)]
    changed = Box.of_mask(mask.array() != old)
    assert boxes[0].union(boxes[1]).union(boxes[2]).union(changed) == stroke.box
    assert stroke.abort() == stroke.box
    assert np.array_equal(mask.array(), old)

    stroke = BrushStroke(mask, Brush(90, 0.3, 0.7))
    stroke.start(200, 200)
    stroke.to(300, 260)
    change, _ = stroke.finish()
    new = mask.array()
    mask.undo(change)
    assert np.array_equal(mask.array(), old)
    mask.redo(change)
    assert np.array_equal(mask.array(), new)


def test_mirrored_painting_is_symmetric_about_the_line():
    upright = Axis((WIDTH - 1) / 2, 0, 0, 2)
    mask = painted([(100, 100), (180, 240), (250, 250)], Brush(70, 0.4, 0.6), axis=upright)
    dense = mask.array().astype(int)
    assert dense[:, : WIDTH // 2].any()
    assert np.abs(dense - dense[:, ::-1]).max() <= 1
    diagonal = Axis(5, 5, 1, 1)
    dense = painted([(100, 300), (180, 420)], Brush(70, 0.4), axis=diagonal).array().astype(int)
    square = dense[:HEIGHT, :HEIGHT]
    assert np.abs(square - square.T).max() <= 1


def test_strokes_may_leave_the_photo():
    whole = painted([(-200, 300), (900, 300)], Brush(80, 1)).array()
    assert (whole[300] == 255).all()
    outside = painted([(-500, -500), (-300, -400)], Brush(80, 1))
    assert outside.bytes == 0
    mask = painted([(WIDTH, HEIGHT)], Brush(300, 1))
    corner = mask.tile((WIDTH // 256, HEIGHT // 256))
    assert corner[HEIGHT % 256 - 1, WIDTH % 256 - 1] == 255
    assert not corner[HEIGHT % 256 :].any()
    assert not corner[:, WIDTH % 256 :].any()


def test_a_curve_is_round_and_a_corner_is_sharp():
    angles = np.linspace(0, 2 * np.pi, 25)
    ring = [(300 + 150 * np.cos(a), 280 + 150 * np.sin(a)) for a in angles]
    mask = painted(ring, Brush(40, 1)).array()
    steps, angles = np.arange(100, 200), np.linspace(0.2, 6, 90)[:, None]
    columns = np.rint(300 + steps * np.cos(angles)).astype(int)
    rows = np.rint(280 + steps * np.sin(angles)).astype(int)
    edges = 200 - np.argmax((mask[rows, columns] > 127)[:, ::-1], axis=1)
    assert np.ptp(edges) <= 3
    corner = painted([(100, 100), (400, 100), (400, 400)], Brush(40, 1)).array()
    assert corner[100, 400] == 255


def test_a_lasso_fills_its_outline_to_the_pixel():
    mask = TiledMask((WIDTH, HEIGHT))
    outline = [(100, 100), (400, 120), (380, 400), (90, 350)]
    box = lasso.fill(mask, outline)
    dense = mask.array()
    inside = np.ones((HEIGHT, WIDTH), bool)
    nearest = np.full((HEIGHT, WIDTH), np.inf)
    for (ax, ay), (bx, by) in zip(outline, outline[1:] + outline[:1], strict=True):
        inside &= (bx - ax) * (Y - ay) - (by - ay) * (X - ax) >= 0
        nearest = np.minimum(nearest, distance((ax, ay), (bx, by)))
    assert (dense[inside & (nearest > 1)] == 255).all()
    assert not dense[~inside & (nearest > 1.5)].any()
    assert 0 < np.count_nonzero((dense > 0) & (dense < 255)) < 2500
    assert box.intersection(Box.of_mask(dense)) == Box.of_mask(dense)


def test_a_lassos_loops_are_filled_and_its_soft_edge_is_centred():
    mask = TiledMask((WIDTH, HEIGHT))
    angles = np.linspace(0, 4.5 * np.pi, 200)  # more than twice around
    spiral = [(300 + (90 + 9 * a) * np.cos(a), 280 + (90 + 9 * a) * np.sin(a)) for a in angles]
    lasso.fill(mask, spiral)
    assert (mask.array()[np.hypot(X - 300, Y - 280) < 85] == 255).all()

    soft = TiledMask((WIDTH, HEIGHT))
    lasso.fill(soft, [(-300, 200), (900, 200), (900, 900), (-300, 900)], feather=40)
    column = soft.array()[:, 0].astype(int)
    assert column[200] == pytest.approx(127, abs=8)
    assert (column[:180] <= 6).all()
    assert (column[220:] >= 249).all()
    assert not column[:165].any()
    assert np.diff(column).min() >= 0


def test_a_lasso_erases_and_mirrors():
    mask = TiledMask.of(np.full((HEIGHT, WIDTH), 200, np.uint8))
    axis = Axis((WIDTH - 1) / 2, 0, 0, 1)
    lasso.fill(mask, [(50, 100), (200, 100), (200, 300), (50, 300)], erase=True, axis=axis)
    dense = mask.array()
    assert dense[200, 100] == dense[200, WIDTH - 101] == 0
    assert dense[200, WIDTH // 2] == 200
    assert lasso.fill(mask, [(0, 0), (9, 9)]).empty
