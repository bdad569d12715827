import cv2
import numpy as np
import pytest

from hairstudio.metrics import drawn

REGION = np.zeros((60, 80), bool)
REGION[10:50, 10:70] = True


def probability(inside):
    return np.where(REGION, inside, 0.1).astype(np.float32)


@pytest.mark.parametrize(("before", "after", "passes"), [
    (0.1, 0.45, True), (0.1, 0.3, False), (0.7, 0.85, True), (0.7, 0.75, False), (0.0, 0.0, False),
])  # fmt: skip
def test_a_region_must_become_hair(before, after, passes):
    assert drawn.grown(probability(before), probability(after), REGION).passed == passes


def test_an_empty_region_is_refused():
    with pytest.raises(ValueError, match="empty"):
        drawn.grown(probability(0), probability(1), np.zeros_like(REGION))


def airy(share):
    """A skin-coloured picture with dark vertical strands over ``share`` of it."""
    skin = np.full((60, 80, 3), (0.8, 0.6, 0.5), np.float32)
    alpha = np.broadcast_to(np.arange(80) % 10 < 10 * share, (60, 80)).astype(np.float32)
    return skin, skin * (1 - 0.8 * alpha[..., None]), alpha


def test_airy_hair_lets_skin_show():
    assert all(drawn.airiness(*airy(0.5), REGION).checks.values())
    assert not drawn.airiness(*airy(0.9), REGION).checks["alpha"]
    assert not drawn.airiness(*airy(0.1), REGION).checks["alpha"]


def test_a_half_transparent_veil_is_not_airy():
    """The mean of alpha is right, but no skin is left as it was."""
    skin, dark, _ = airy(1.0)
    veil = np.full((60, 80), 0.5, np.float32)
    found = drawn.airiness(skin, (skin + dark) / 2, veil, REGION)
    assert found.checks == {"alpha": True, "skin shows": False}


def test_lightness_is_compared_with_the_own_hair():
    own, light = np.full((60, 80, 3), 0.2, np.float32), np.full((60, 80, 3), 0.4, np.float32)
    assert drawn.lightness_gap(own, REGION, own, ~REGION) == 0
    assert drawn.lightness_gap(light, REGION, own, ~REGION) > drawn.MAX_LIGHTNESS_GAP


def test_a_preview_of_other_strands_is_told():
    rng = np.random.default_rng(0)
    final, other = (rng.random((60, 80, 3)).astype(np.float32) for _ in range(2))
    final, other = (cv2.GaussianBlur(each, (0, 0), 1) for each in (final, other))
    assert drawn.preview_gap(final + 0.01, final, REGION) < drawn.MAX_PREVIEW_GAP
    assert drawn.preview_gap(other, final, REGION) > drawn.MAX_PREVIEW_GAP


def test_width_counts_what_is_seen():
    wide = np.linspace(4, 0.5, 10, dtype=np.float32)[None].repeat(30, 0)
    alpha = np.ones_like(wide)
    assert drawn.strand_width(wide, alpha) == pytest.approx(8)
    alpha[:, :6] = 0
    assert drawn.strand_width(wide, alpha) < 4


def strands(count, seed, length=1.0):
    roots = np.random.default_rng(seed).random((count, 1, 2)) * (2, 0.2)
    down = np.linspace(0, length, 20)[None, :, None] * (0.1, 1.0)
    return (roots + down).astype(np.float32)


def test_added_and_lengthened_strands_are_the_same_strands():
    few, more = strands(60, 0), strands(40, 1)
    longer = few[:, :1] + 1.4 * (few - few[:, :1])
    assert drawn.strand_shift(few, np.concatenate([more, few])) < 1e-5
    assert drawn.strand_shift(few, longer) < 1e-5


def test_reshuffled_strands_are_told():
    assert drawn.strand_shift(strands(60, 0), strands(90, 2)) > drawn.SAME_STRAND
