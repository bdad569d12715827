import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from psd_tools import PSDImage
from psd_tools.composite import composite
from psd_tools.constants import Resource

from hairstudio.errors import UserError
from hairstudio.imaging.blend import Patch, blend
from hairstudio.imaging.geometry import Box
from hairstudio.imaging.layer import Layer, merged, write_layer
from hairstudio.imaging.metadata import Metadata
from hairstudio.imaging.photo import Photo, read_photo

SRGB = ImageCms.createProfile("sRGB")


def stack(seed, dtype, count):
    """Random patches over a random photo: extreme colours, soft and hard alpha."""
    rng = np.random.default_rng(seed)
    top = np.iinfo(dtype).max
    photo = Photo(rng.choice(np.array([0, 1, top // 3, top], dtype), (30, 40, 3)))
    patches = []
    for _ in range(count):
        x, y, w, h = rng.integers(-5, 25), rng.integers(-5, 20), *rng.integers(1, 30, 2)
        rgb = rng.choice(np.array([0, 7, top // 2, top], dtype), (h, w, 3))
        alpha = rng.choice(np.array([0, 1, 2, 100, 254, 255], np.uint8), (h, w))
        patches.append(Patch(Box(int(x), int(y), int(w), int(h)), rgb, alpha))
    return photo, patches


def named(patches):
    return [Layer(f"Edit {number} ä", patch) for number, patch in enumerate(patches, 1)]


def pair(dtype):
    """Two overlapping patches inside a random photo, as the engine gives them."""
    photo, _ = stack(7, dtype, 0)
    rng = np.random.default_rng(1)
    patches = []
    for box in (Box(2, 3, 25, 20), Box(12, 9, 28, 21)):
        rgb = rng.integers(0, photo.depth, (box.h, box.w, 3), dtype, endpoint=True)
        patches.append(Patch(box, rgb, rng.integers(0, 256, (box.h, box.w), np.uint8)))
    return photo, patches


def edited(photo, patches):
    result = photo.pixels.copy()
    for patch in patches:
        blend(result, patch)
    return result


def over(photo, rgb, alpha):
    """The layer over the photo as another program shows it, rounded to whole levels."""
    a = alpha[..., None] / photo.depth
    return np.rint(a * rgb + (1 - a) * photo.pixels)


@settings(deadline=None, max_examples=80)
@given(
    st.integers(0, 2**32 - 1), st.sampled_from([np.uint8, np.uint16]), st.integers(0, 4)
)  # fmt: skip
def test_the_layer_over_the_photo_is_the_result_within_one_level(seed, dtype, count):
    photo, patches = stack(seed, dtype, count)
    rgb, alpha = merged(photo, patches)
    result = photo.pixels.copy()
    covered = np.zeros(result.shape[:2], bool)
    for patch in patches:
        blend(result, patch)
        seen = patch.box.intersection(Box.of_size(*photo.size))
        inside = seen.shifted(-patch.box.x, -patch.box.y).slices
        covered[seen.slices] |= patch.alpha[inside] > 0
    assert np.abs(over(photo, rgb, alpha) - result).max(initial=0) <= 1
    assert not alpha[~covered].any()


def test_alpha_is_the_union_of_the_stack():
    photo = Photo(np.full((8, 8, 3), 120, np.uint8))
    half = Patch(Box(2, 2, 4, 4), np.full((4, 4, 3), 130, np.uint8), np.full((4, 4), 128, np.uint8))
    _, alpha = merged(photo, [half, half])
    a = 128 / 255
    assert (alpha[2:6, 2:6] == round(255 * (1 - (1 - a) ** 2))).all()
    assert alpha.sum() == alpha[2:6, 2:6].sum()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_file_is_a_straight_rgba_png_of_the_photos_size_and_depth(tmp_path, dtype):
    photo, patches = stack(5, dtype, 2)
    write_layer(tmp_path / "layer.png", photo, named(patches))
    stored = cv2.imread(str(tmp_path / "layer.png"), cv2.IMREAD_UNCHANGED)
    rgb, alpha = merged(photo, patches)
    assert stored.dtype == dtype
    assert np.array_equal(stored, np.dstack([rgb[..., ::-1], alpha]))
    again = read_photo(tmp_path / "layer.png")
    assert np.array_equal(again.alpha, alpha)


def shown(photo, layers):
    """Straight layers (rgb, alpha 0..1, x, y) over each other, as any program composes them."""
    canvas = np.zeros((*photo.pixels.shape[:2], 3))
    for rgb, alpha, x, y in layers:
        h, w = alpha.shape
        part = canvas[y : y + h, x : x + w]
        part += alpha[..., None] * (rgb - part)
    return np.rint(canvas)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_psd_opens_with_its_layers_and_shows_the_result(tmp_path, dtype):
    photo, patches = pair(dtype)
    photo = replace(photo, metadata=Metadata(icc=ImageCms.ImageCmsProfile(SRGB).tobytes()))
    path, result = tmp_path / "layers.psd", edited(photo, patches)
    write_layer(path, photo, named(patches))
    document = PSDImage.open(path)
    assert document.depth == 8 * photo.pixels.itemsize
    assert [layer.name for layer in document] == ["Photo", "Edit 1 ä", "Edit 2 ä"]
    assert document.image_resources.get_data(Resource.ICC_PROFILE) == photo.metadata.icc
    composed = composite(document, force=True)[0] * photo.depth
    assert np.abs(np.rint(composed) - result).max() <= 1
    assert np.array_equal(np.rint(document.numpy() * photo.depth), result)


def test_pillow_sees_the_result_and_the_places_of_the_layers(tmp_path):
    photo, patches = pair(np.uint8)
    write_layer(tmp_path / "layers.psd", photo, named(patches))
    with Image.open(tmp_path / "layers.psd") as image:
        assert np.array_equal(np.asarray(image), edited(photo, patches))
        boxes = [box for _, _, box, _ in image.layers]
        assert boxes == [(0, 0, 40, 30), (2, 3, 27, 23), (12, 9, 40, 30)]


def test_any_name_fits_into_a_psd(tmp_path):
    photo, (patch, _) = pair(np.uint8)
    names = ["髪", "long " * 60]
    write_layer(tmp_path / "layers.psd", photo, [Layer(name, patch) for name in names])
    _, *found = PSDImage.open(tmp_path / "layers.psd")
    assert [layer.name for layer in found] == ["髪", names[1][:255]]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_openraster_file_opens_with_its_layers_and_shows_the_result(tmp_path, dtype):
    photo, patches = pair(dtype)
    path, result = tmp_path / "layers.ora", edited(photo, patches)
    write_layer(path, photo, named(patches))
    assert path.read_bytes()[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None

        def picture(name):
            return cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_UNCHANGED)

        image = ElementTree.fromstring(archive.read("stack.xml"))
        assert (image.get("w"), image.get("h")) == ("40", "30")
        listed = image.findall("stack/layer")
        assert [each.get("name") for each in listed] == ["Edit 2 ä", "Edit 1 ä", "Photo"]
        layers = []
        for each in reversed(listed):
            pixels = picture(each.get("src")).astype(float)
            alpha = pixels[..., 3] / photo.depth if pixels.shape[2] == 4 else np.ones((30, 40))
            layers.append((pixels[..., 2::-1], alpha, int(each.get("x")), int(each.get("y"))))
        assert np.abs(shown(photo, layers) - result).max() <= 1
        assert np.array_equal(picture("mergedimage.png")[..., ::-1], result)
        assert max(picture("Thumbnails/thumbnail.png").shape) <= 256


def test_other_endings_are_refused(tmp_path):
    photo, patches = stack(1, np.uint8, 1)
    with pytest.raises(UserError, match=r"layer\.gif: a layer is written as"):
        write_layer(tmp_path / "layer.gif", photo, named(patches))
    assert not list(tmp_path.iterdir())
