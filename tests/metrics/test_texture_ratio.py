import cv2
import numpy as np
import pytest

from hairstudio.metrics.texture import compare, measure

UNIT = 1.0


@pytest.fixture(scope="module")
def mask():
    inside = np.zeros((256, 256), bool)
    cv2.ellipse(view := inside.astype(np.uint8), (128, 128), (100, 60), 20, 0, 360, 1, -1)
    return view > 0


@pytest.fixture(scope="module")
def own(mask, strands):
    return measure(strands(), mask, UNIT)


def ratio(rgb, mask, own):
    return compare(measure(np.clip(rgb, 0, 1).astype(np.float32), mask, UNIT), own)


def test_other_strands_of_the_same_kind_pass(mask, own, strands):
    for seed in (1, 2):
        assert ratio(strands(seed), mask, own).passed
    assert ratio(strands(3, angle=20), mask, own).passed


def test_a_moderate_recolouring_passes(mask, own, strands):
    assert ratio(strands() * np.float32([1.15, 1.1, 0.9]), mask, own).passed


def test_what_lies_outside_the_mask_does_not_count(mask, own, strands):
    rgb = strands()
    rgb[~mask] = np.random.default_rng(0).random((np.count_nonzero(~mask), 3))
    result = ratio(rgb, mask, own)
    assert result.energy == pytest.approx((1,) * 4, abs=0.02)


def test_flat_fill_fails(mask, own):
    result = ratio(np.full((256, 256, 3), 0.3), mask, own)
    assert not result.passed
    assert max(result.energy) < 0.01


@pytest.mark.parametrize("sigma", [1.0, 2.0, 6.0])
def test_blurred_fill_fails_in_the_fine_octaves(mask, own, strands, sigma):
    result = ratio(cv2.GaussianBlur(strands(), (0, 0), sigma), mask, own)
    assert not result.passed
    assert result.energy[0] < 0.3


def test_noise_of_the_same_contrast_fails_twice(mask, own, strands):
    rgb = strands()
    noise = np.random.default_rng(5).normal(rgb.mean(), rgb[mask].std(), (256, 256, 1))
    result = ratio(np.repeat(noise, 3, 2), mask, own)
    assert max(result.energy) > 1.5
    assert result.coherence < 0.7


def test_noise_with_the_right_spectrum_still_fails_by_its_coherence(mask, own):
    """Own hair with randomised Fourier phases and directions mixed: same octaves, no strands."""
    rng = np.random.default_rng(6)
    octaves = [cv2.GaussianBlur(rng.normal(0, 1, (256, 256)), (0, 0), s) * s
               for s in (0.7, 1.4, 2.8, 5.6)]  # fmt: skip
    mixed = sum(o / o.std() for o in octaves) / 4
    grey = np.clip(0.35 * (1 + 0.5 * mixed), 0.01, 1)[..., None]
    assert ratio(grey * [1, 0.8, 0.65], mask, own).coherence < 0.7


def test_an_empty_mask_is_refused(strands):
    with pytest.raises(ValueError, match="no hair"):
        measure(strands(), np.zeros((256, 256), bool), UNIT)


def test_hair_like_any_of_the_own_samples_passes(mask, own, strands):
    dim = measure(strands(level=0.15), mask, UNIT)
    between = measure(strands(level=0.25), mask, UNIT)
    assert compare(between, own, dim).passed
    assert not compare(own, dim).passed
    dark = measure(strands(level=0.05, contrast=0.3), mask, UNIT)
    assert not compare(dark, own, dim).passed
