import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hairstudio.imaging.geometry import Box
from hairstudio.imaging.tiles import SIDE, TiledMask

WIDTH, HEIGHT = 700, 530

boxes = st.builds(
    Box, st.integers(-99, 799), st.integers(-99, 599), st.integers(0, 400), st.integers(0, 400)
)
writes = st.lists(st.tuples(boxes, st.sampled_from([0, 1, 128, 255])), max_size=6)


def written(mask, dense, steps):
    """The same writes into the mask and into a plain array."""
    for box, level in steps:
        mask.write(box, np.full((box.h, box.w), level, np.uint8))
        seen = box.intersection(Box.of_size(WIDTH, HEIGHT))
        dense[seen.slices] = level


@settings(deadline=None, max_examples=40)
@given(writes, writes, writes)
@example([], [], [(Box(0, 0, 1, 1), 1), (Box(0, 0, 1, 1), 0)])
def test_it_is_a_plain_array_whose_past_can_be_kept_and_brought_back(first, second, third):
    mask, dense = TiledMask((WIDTH, HEIGHT)), np.zeros((HEIGHT, WIDTH), np.uint8)
    states, snapshots, changes = [], [], []
    for steps in (first, second, third):
        before = mask.snapshot()
        written(mask, dense, steps)
        changes.append(mask.since(before))
        states.append(dense.copy())
        snapshots.append(mask.snapshot())
    for state, snapshot in zip(states, snapshots, strict=True):
        assert np.array_equal(snapshot.array(), state)
        assert snapshot.bounds() == Box.of_mask(state)
        assert snapshot.empty == (not state.any())
    for index in (2, 1, 0):
        mask.undo(changes[index])
        expected = states[index - 1] if index else np.zeros_like(dense)
        assert np.array_equal(mask.array(), expected)
    assert mask.bytes == 0
    for change, state in zip(changes, states, strict=True):
        mask.redo(change)
        assert np.array_equal(mask.array(), state)


@settings(deadline=None, max_examples=40)
@given(writes, boxes)
def test_crops_may_lie_anywhere(steps, box):
    mask, dense = TiledMask((WIDTH, HEIGHT)), np.zeros((HEIGHT, WIDTH), np.uint8)
    written(mask, dense, steps)
    around = np.pad(dense, 1000)
    assert np.array_equal(mask.crop(box), around[box.shifted(1000, 1000).slices])


@pytest.mark.parametrize("level", [1, 3, 8])
def test_reduced_pixels_are_means_also_after_writing(level):
    rng = np.random.default_rng(level)
    mask = TiledMask.of(rng.integers(0, 256, (HEIGHT, WIDTH), np.uint8))
    step = 1 << level
    size = Box.of_size(-(-WIDTH // step), -(-HEIGHT // step))
    for _ in range(2):
        padded = np.zeros((size.h * step, size.w * step))
        padded[:HEIGHT, :WIDTH] = mask.array()
        means = padded.reshape(size.h, step, size.w, step).mean((1, 3))
        assert np.abs(mask.reduced(size, level) - means).max() <= 0.51
        mask.write(Box(300, 200, 150, 100), np.full((100, 150), 255, np.uint8))


def test_a_snapshot_shares_tiles_and_a_change_holds_only_what_differs():
    mask = TiledMask.of(np.full((4 * SIDE, 6 * SIDE), 255, np.uint8))
    before = mask.snapshot()
    mask.write(Box(300, 10, 20, 20), np.zeros((20, 20), np.uint8))
    change = mask.since(before)
    assert list(change.tiles) == [(1, 0)]
    assert change.bytes == 2 * SIDE * SIDE
    assert change.box == Box(SIDE, 0, SIDE, SIDE)
    shared = [
        (x, y) for x in range(6) for y in range(4) if mask.tile((x, y)) is before.tile((x, y))
    ]
    assert len(shared) == 23


def test_writing_what_is_there_already_is_no_change():
    mask = TiledMask.of(np.full((HEIGHT, WIDTH), 7, np.uint8))
    before = mask.snapshot()
    mask.write(Box(10, 10, 50, 50), np.full((50, 50), 7, np.uint8))
    mask.write(Box(600, 500, 50, 50), np.full((50, 50), 7, np.uint8))
    assert mask.since(before).empty
    empty = TiledMask((WIDTH, HEIGHT))
    before = empty.snapshot()
    empty.write(Box(0, 0, 9, 9), np.ones((9, 9), np.uint8))
    empty.write(Box(0, 0, 9, 9), np.zeros((9, 9), np.uint8))
    assert empty.since(before).empty


def test_flipping_and_clearing():
    rng = np.random.default_rng(0)
    dense = np.zeros((HEIGHT, WIDTH), np.uint8)
    dense[100:400, 20:300] = rng.integers(0, 256, (300, 280))
    mask = TiledMask.of(dense)
    assert np.array_equal(mask.flipped().array(), dense[:, ::-1])
    mask.clear()
    assert mask.bytes == 0
    assert not mask.array().any()
