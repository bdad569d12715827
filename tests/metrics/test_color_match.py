import cv2
import numpy as np
import pytest

from hairstudio.metrics.color import chroma_distance, hair_entirely, judge_color, sure_skin


def lab_image(L, ab):
    lab = np.dstack([L, np.full_like(L, ab[0]), np.full_like(L, ab[1])])
    return to_u8(cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB))


def to_u8(rgb):
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)


def lightness(rgb):
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[..., 0]


@pytest.fixture
def scene(strands):
    """Hair at the left, skin at the right of one picture: before, hair mask, skin probability."""
    rgb = strands(size=128)
    rgb[:, 64:] = (0.8, 0.6, 0.5)
    hair = np.zeros((128, 128), bool)
    hair[:, :60] = True
    skin = np.zeros((128, 128), np.float32)
    skin[:, 68:] = 1
    return to_u8(rgb), hair, skin


TARGET = (45.0, 20.0, 25.0)


def recoloured(before, hair, L=None, ab=TARGET[1:]):
    own = lightness(before.astype(np.float32) / 255)
    L = own - np.median(own[hair]) + TARGET[0] if L is None else L
    after = before.copy()
    after[hair] = lab_image(L, ab)[hair]
    return after


def failing(scene, after, target=TARGET):
    before, hair, skin = scene
    return [k for k, ok in judge_color(before, after, hair, skin, target).checks.items() if not ok]


def test_a_recolouring_that_keeps_the_structure_passes(scene):
    before, hair, skin = scene
    result = judge_color(before, recoloured(before, hair), hair, skin, TARGET)
    assert result.passed
    assert result.median == pytest.approx(TARGET, abs=1.5)


def test_unchanged_hair_fails_chroma_and_lightness(scene):
    blue = (20.0, 10.0, -40.0)
    assert failing(scene, scene[0], blue) == ["chroma", "lightness"]


def test_a_wrong_hue_fails(scene):
    before, hair, _ = scene
    assert failing(scene, recoloured(before, hair, ab=(20, 15))) == ["chroma"]


def test_hair_left_too_dark_fails(scene):
    before, hair, _ = scene
    own = lightness(before.astype(np.float32) / 255)
    after = recoloured(before, hair, L=own - np.median(own[hair]) + TARGET[0] - 15)
    assert failing(scene, after) == ["lightness"]


def test_a_flat_fill_has_no_structure(scene):
    before, hair, _ = scene
    after = recoloured(before, hair, L=np.full(hair.shape, TARGET[0], np.float32))
    assert failing(scene, after) == ["structure"]


def test_blurred_hair_loses_its_structure(scene):
    before, hair, _ = scene
    own = lightness(before.astype(np.float32) / 255)
    L = cv2.GaussianBlur(own, (0, 0), 4)
    after = recoloured(before, hair, L=L - np.median(L[hair]) + TARGET[0])
    assert "structure" in failing(scene, after)


def test_inverted_lightness_fails(scene):
    before, hair, _ = scene
    own = lightness(before.astype(np.float32) / 255)
    assert "structure" in failing(scene, recoloured(before, hair, L=2 * TARGET[0] - own))


def test_one_stained_skin_pixel_fails(scene):
    before, hair, _ = scene
    after = recoloured(before, hair)
    after[64, 100, 0] -= 1
    assert failing(scene, after) == ["skin"]


def test_skin_within_three_pixels_of_its_edge_may_change(scene):
    skin = scene[2]
    kept = sure_skin(skin)
    assert not kept[:, :71].any()
    assert kept[10:-10, 71:].all()
    assert not sure_skin(skin * 0.9).any()


def test_hue_is_ignored_for_grey_targets_only():
    assert chroma_distance((3, 0), (-3, 0)) == 0
    assert chroma_distance((15, 0), (0, 1)) == 14
    assert chroma_distance((10, 0), (-10, 0)) == 20


def test_an_empty_hair_mask_is_refused(scene):
    before, hair, skin = scene
    with pytest.raises(ValueError, match="no hair"):
        judge_color(before, before, np.zeros_like(hair), skin, TARGET)


def test_a_dyed_strand_before_skin_is_no_stain_but_a_patch_is(scene):
    before, hair, skin = scene
    after = recoloured(before, hair)
    after[20:60, 90:92] = 0
    assert judge_color(before, after, hair, skin, TARGET, strand=4).skin_levels == 0
    after[20:60, 90:96] = 0
    assert judge_color(before, after, hair, skin, TARGET, strand=4).skin_levels > 100


def test_hair_that_thins_out_before_skin_is_not_hair_entirely(scene):
    _, hair, skin = scene
    kept = hair_entirely(hair, skin, 200.0)
    assert kept[:, :46].all()
    assert not kept[:, 50:].any()
