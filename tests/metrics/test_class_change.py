import numpy as np
import pytest

from hairstudio.metrics.agreement import class_change


@pytest.fixture
def labels():
    return np.random.default_rng(0).integers(0, 19, (100, 100)).astype(np.uint8)


@pytest.fixture
def support():
    edited = np.zeros((100, 100), bool)
    edited[:20] = True
    return edited


def test_changes_inside_the_edit_are_allowed(labels, support):
    after = labels.copy()
    after[:20] = 17
    assert class_change(labels, after, support) == class_change(labels, labels, support)
    assert class_change(labels, after, support).passed


@pytest.mark.parametrize(("pixels", "passed"), [(40, True), (41, False)])
def test_half_a_percent_elsewhere_is_the_limit(labels, support, pixels, passed):
    after = labels.copy()
    after[50].flat[: min(pixels, 100)] += 1
    assert class_change(labels, after, support).passed is passed


def test_a_shifted_face_fails(labels, support):
    assert not class_change(labels, np.roll(labels, 3, 1), support).passed


def test_an_edit_of_everything_changes_nothing_outside(labels):
    assert class_change(labels, labels + 1, np.ones((100, 100), bool)).share == 0
