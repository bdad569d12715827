import io

import numpy as np
import pytest
from PIL import Image

from hairstudio.metrics.outside import jpeg_support, outside_difference


@pytest.fixture
def photo():
    return np.random.default_rng(0).integers(0, 65536, (60, 80, 3)).astype(np.uint16)


@pytest.fixture
def support():
    alpha = np.zeros((60, 80), np.float32)
    alpha[20:40, 30:50] = 0.001
    return alpha


def test_an_edit_inside_its_support_passes(photo, support):
    after = photo.copy()
    after[20:40, 30:50] ^= 0xFFFF
    result = outside_difference(photo, after, support)
    assert result.passed
    assert result.outside == 60 * 80 - 20 * 20


def test_one_level_in_one_channel_of_16_bit_fails(photo, support):
    after = photo.copy()
    after[19, 30, 2] ^= 1
    result = outside_difference(photo, after, support)
    assert (result.levels, result.pixels, result.passed) == (1, 1, False)


def test_the_sign_of_a_difference_does_not_matter(support):
    before = np.zeros((60, 80, 3), np.uint8)
    after = before.copy()
    after[0, 0] = 255
    assert outside_difference(before, after, support).levels == 255
    assert outside_difference(after, before, support).levels == 255


def test_a_photo_shifted_by_a_pixel_fails(photo, support):
    assert not outside_difference(photo, np.roll(photo, 1, 1), support).passed


def test_another_size_or_depth_is_refused(photo, support):
    with pytest.raises(ValueError, match="uint16 became"):
        outside_difference(photo, (photo >> 8).astype(np.uint8), support)


def test_touched_mcus_are_allowed_with_their_margin():
    support = np.zeros((50, 70), bool)
    support[17, 40] = True  # the MCU of rows 16..31, columns 32..47
    allowed = jpeg_support(support, (16, 16))
    expected = np.zeros_like(allowed)
    expected[14:34, 30:50] = True
    assert np.array_equal(allowed, expected)


def test_incomplete_mcus_at_the_border_count():
    support = np.zeros((50, 70), bool)
    support[49, 69] = True
    assert np.array_equal(np.argwhere(jpeg_support(support, (16, 8), 0)).min(0), [48, 64])


def test_plain_reencoding_of_a_real_jpeg_fails(support):
    """The negative control for the transplant: re-encoding alone changes distant pixels."""
    rng = np.random.default_rng(3)
    noisy = rng.normal(128, 40, (60, 80, 3)).clip(0, 255).astype(np.uint8)

    def decoded(pixels, quality):
        data = io.BytesIO()
        Image.fromarray(pixels).save(data, "JPEG", quality=quality)
        return np.asarray(Image.open(data))

    before = decoded(noisy, 90)
    allowed = jpeg_support(support, (16, 16))
    assert outside_difference(before, before, allowed).passed
    assert not outside_difference(before, decoded(before, 75), allowed).passed
