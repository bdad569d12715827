from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas.view import MARGIN, STEPS, View

sides = st.integers(20, 9000)
ports = st.tuples(st.integers(100, 3000), st.integers(100, 2000))
zooms = st.floats(0.01, 40)
parts = st.floats(0, 1)


def middle_of(view):
    return view.to_photo(view.port[0] / 2, view.port[1] / 2)


@settings(deadline=None)
@given(sides, sides, ports)
def test_fitting_shows_all_of_the_photo_in_the_middle_with_a_margin(width, height, port):
    view = View.fit((width, height), port)
    (left, top), (right, bottom) = view.to_device(-0.5, -0.5), view.to_device(
        width - 0.5, height - 0.5
    )  # fmt: skip
    for low, high, side in ((left, right, port[0]), (top, bottom, port[1])):
        assert low >= MARGIN - 1
        assert high <= side - MARGIN + 1
        assert abs(low - (side - high)) <= 1.01
    room = (port[0] - 2 * MARGIN) / width, (port[1] - 2 * MARGIN) / height
    assert view.zoom == min(*room, STEPS[-1])


@settings(deadline=None)
@given(sides, sides, ports, zooms, parts, parts)
def test_zooming_keeps_the_photo_under_the_cursor(width, height, port, zoom, u, v):
    view = View.fit((width, height), port)
    seen = view.visible
    cursor = seen.x + u * (seen.w - 1), seen.y + v * (seen.h - 1)
    before = view.to_photo(*cursor)
    zoomed = view.zoomed(zoom, cursor)
    x, y = zoomed.to_device(*before)
    tolerance = 1 + zoomed.zoom / view.zoom  # whole device pixels, before and after
    assert max(abs(x - cursor[0]), abs(y - cursor[1])) <= tolerance


@settings(deadline=None)
@given(sides, sides, ports, st.lists(st.tuples(zooms, parts, parts), max_size=8))
def test_a_part_of_the_photo_always_stays_in_sight(width, height, port, moves):
    view = View.fit((width, height), port)
    for zoom, u, v in moves:
        view = view.zoomed(zoom).panned((u - 0.5) * 1e5, (v - 0.5) * 1e5)
        assert not view.visible.empty
        assert view.zoom <= STEPS[-1]


def test_zooming_in_and_out_at_one_place_does_not_drift():
    view = start = View.fit((6000, 4000), (1348, 724))
    for _ in range(20):
        for zoom in (0.4, 1, 3, 1, 0.4, start.zoom):
            view = view.zoomed(zoom, (700, 300))
    assert abs(view.x - start.x) < 0.01
    assert abs(view.y - start.y) < 0.01


def test_positions_there_and_back():
    view = View((600, 400), (300, 200), 0.37, 12.4, -7.8)
    x, y = view.to_photo(*view.to_device(123.4, 56.7))
    assert abs(x - 123.4) + abs(y - 56.7) < 1e-9
    assert view.origin == (12, -8)
    exact = View((600, 400), (800, 600), 1.0, 100, 100)
    assert exact.to_device(0, 0) == (100.5, 100.5)  # the middle of the first pixel
    assert exact.device_box(Box(3, 4, 5, 6)) == Box(103, 104, 5, 6)


def test_steps_go_through_round_zooms():
    view = View.fit((6000, 4000), (1348, 724))
    up = [view := view.stepped(1) for _ in range(6)]
    assert [round(each.zoom, 4) for each in up] == [0.25, 0.3333, 0.5, 0.6667, 1.0, 1.5]
    assert view.stepped(-1).stepped(-1).zoom == 0.6667


def test_resizing_keeps_the_middle():
    view = View.fit((6000, 4000), (1348, 724)).zoomed(1.0, (300, 300))
    before = middle_of(view)
    after = middle_of(view.resized((673, 724)))
    assert max(abs(a - b) for a, b in zip(before, after, strict=True)) <= 1


def test_the_wheel_stops_at_100_percent_wherever_it_starts():
    view = View.fit((6000, 4000), (1348, 724))
    zooms = [view.zoom]
    while zooms[-1] < 3:
        view = view.turned(1, (300, 300))
        zooms.append(view.zoom)
    assert {0.25, 0.5, 1.0, 2.0} < set(zooms)
    assert all(1 < b / a < 1.2 for a, b in pairwise(zooms))
    down = View.fit((600, 400), (2000, 2000)).turned(-1, (0, 0))
    assert down.zoom < 3.28
    assert down.turned(-0.1, (0, 0)).zoom == down.zoom * 2**-0.025  # a touchpad's fine steps
