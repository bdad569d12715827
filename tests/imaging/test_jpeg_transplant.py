from io import BytesIO

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hairstudio.imaging import jpeg
from hairstudio.imaging.photo import read_photo, write_photo

MCU = {0: (8, 8), 1: (8, 16), 2: (16, 16), "4:4:0": (16, 8), "4:1:1": (8, 32)}


def texture(height, width, seed=0):
    """Noise at several scales in saturated colours: hard on chroma and on quantisation."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 60, (height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(rng.normal(0, 1, (height, width, 3)).astype(np.float32), (0, 0), 6)
    return np.clip(128 + noise + smooth * 900, 0, 255).astype(np.uint8)


FACTORS = {
    "4:4:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "4:1:1": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
}


def encoded(pixels, **options):
    if options.get("subsampling") in FACTORS:  # Pillow cannot write these
        settings_ = [cv2.IMWRITE_JPEG_QUALITY, options["quality"]]
        settings_ += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, FACTORS[options["subsampling"]]]
        settings_ += [cv2.IMWRITE_JPEG_PROGRESSIVE, int(options.get("progressive", False))]
        settings_ += [cv2.IMWRITE_JPEG_RST_INTERVAL, options.get("restart_marker_blocks", 0)]
        return cv2.imencode(".jpg", pixels[..., ::-1], settings_)[1].tobytes()
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", **options)
    return out.getvalue()


def decoded(data):
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def away_from(changed, mcu, reach=2):
    """True beyond ``reach`` px of every MCU with a changed pixel."""
    height, width = changed.shape
    h, w = mcu
    rows, columns = -(-height // h), -(-width // w)
    padded = np.zeros((rows * h, columns * w), bool)
    padded[:height, :width] = changed
    touched = padded.reshape(rows, h, columns, w).any((1, 3)).repeat(h, 0).repeat(w, 1)
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return cv2.dilate(touched.astype(np.uint8), kernel)[:height, :width] == 0


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    subsampling=st.sampled_from(list(MCU)),
    quality=st.integers(20, 100),
    progressive=st.booleans(),
    restart=st.integers(0, 3),
)
def test_random_edits_leave_everything_else_as_it_was(
    seed, size, subsampling, quality, progressive, restart
):
    pixels = texture(*size, seed % 1000)
    source = encoded(
        pixels,
        subsampling=subsampling,
        quality=quality,
        progressive=progressive,
        restart_marker_blocks=restart,
    )
    before = decoded(source)
    rng = np.random.default_rng(seed)
    after = before.copy()
    for _ in range(rng.integers(1, 4)):
        y, x = rng.integers(0, size[0]), rng.integers(0, size[1])
        after[y : y + rng.integers(1, 25), x : x + rng.integers(1, 25)] ^= 0x5A
    data, transplanted = jpeg.reencode(source, before, after)
    assert transplanted
    away = away_from((before != after).any(2), MCU[subsampling])
    assert np.array_equal(decoded(data)[away], before[away])


@pytest.mark.parametrize("subsampling", list(MCU))
@pytest.mark.parametrize("quality", [60, 92])
def test_the_edit_arrives_as_well_as_with_a_plain_encoder(astronaut, subsampling, quality):
    options = {"subsampling": subsampling, "quality": quality}
    photo = np.asarray(Image.open(astronaut))
    source = encoded(photo, **options)
    before = decoded(source)
    after = before.copy()
    after[40:200, 150:300] = photo[240:400, 150:300]
    data, _ = jpeg.reencode(source, before, after)
    inside = np.s_[48:192, 160:288]
    ours = np.abs(decoded(data)[inside].astype(int) - after[inside]).mean()
    plain = np.abs(decoded(encoded(after, **options))[inside].astype(int) - after[inside]).mean()
    assert ours <= plain * 1.02


def test_a_plain_encoder_fails_the_same_check(astronaut):
    """Negative control: the promise is not kept by accident."""
    source = encoded(np.asarray(Image.open(astronaut)), quality=80)
    before = decoded(source)
    after = before.copy()
    after[100:150, 100:150] = 0
    data = encoded(after, quality=80)
    away = away_from((before != after).any(2), (16, 16))
    assert (decoded(data)[away] != before[away]).any()


@pytest.mark.parametrize("kind", ["rgb", "grey", "grey with factors 2 x 2"])
def test_rgb_and_grey_files(astronaut, kind):
    pixels = np.asarray(Image.open(astronaut).convert("RGB" if kind == "rgb" else "L"))
    source = encoded(pixels, keep_rgb=kind == "rgb", quality=85)
    if "factors" in kind:  # some cameras write them; a single component has no use for them
        source = source.replace(b"\x01\x01\x11\x00", b"\x01\x01\x22\x00", 1)
        assert Image.open(BytesIO(source)).layer[0][1:3] == (2, 2)
    before = decoded(source)
    after = before.copy()
    after[33:70, 50:90] //= 2
    data, transplanted = jpeg.reencode(source, before, after)
    assert transplanted
    out = decoded(data)
    away = away_from((before != after).any(2), (8, 8), reach=0)
    assert np.array_equal(out[away], before[away])
    assert np.abs(out[40:64, 56:88].astype(int) - after[40:64, 56:88]).mean() < 3
    with Image.open(BytesIO(data)) as image:
        assert image.mode == ("RGB" if kind == "rgb" else "L")


def test_a_grey_file_that_gets_colour_keeps_its_greys(astronaut):
    profile = bytes(16) + b"GRAY" + bytes(108)
    source = encoded(
        np.asarray(Image.open(astronaut).convert("L")), quality=85, icc_profile=profile
    )
    before = decoded(source)
    after = before.copy()
    after[32:64, 48:96] = [200, 40, 90]
    data, transplanted = jpeg.reencode(source, before, after)
    out = decoded(data)
    away = away_from((before != after).any(2), (8, 8), reach=0)
    assert transplanted
    assert np.array_equal(out[away], before[away])
    assert np.abs(out[32:64, 48:96].astype(int) - [200, 40, 90]).max() <= 3
    with Image.open(BytesIO(data)) as image:
        assert [layer[0] for layer in image.layer] == [1, 2, 3]
        assert "icc_profile" not in image.info  # it described grey


def test_cmyk_is_encoded_anew_as_rgb_and_says_so(tmp_path, astronaut):
    Image.open(astronaut).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    photo = read_photo(tmp_path / "a.jpg")
    edited = photo.pixels.copy()
    edited[:50, :50] = 0
    report = write_photo(photo, edited, tmp_path / "b.jpg")
    assert report.outside == "re-encoded"
    again = read_photo(tmp_path / "b.jpg").pixels
    assert np.abs(again.astype(int) - edited).mean() < 3
    with Image.open(tmp_path / "b.jpg") as image:
        assert image.mode == "RGB"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_kept_as_a_flag_and_the_pixels_stay(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = texture(70, 101)
    stored[:20, :40] = [250, 10, 10]  # tells the corners apart
    source = encoded(stored, exif=exif.tobytes(), quality=98, subsampling=0)
    (tmp_path / "a.jpg").write_bytes(source)
    photo = read_photo(tmp_path / "a.jpg")
    assert photo.size == ((101, 70) if orientation < 5 else (70, 101))
    edited = photo.pixels.copy()
    edited[30:41, 22:37] //= 3
    assert write_photo(photo, edited, tmp_path / "b.jpg").outside == "transplanted"
    again = read_photo(tmp_path / "b.jpg")
    assert again.orientation == orientation
    assert np.array_equal(again.pixels[49:], photo.pixels[49:])  # a block of 8 below the edit
    inside = np.s_[30:41, 22:37]
    assert np.abs(again.pixels[inside].astype(int) - edited[inside]).mean() < 3


def test_segments_are_copied_byte_for_byte(tmp_path, astronaut):
    """60 application segments: more than the coefficient library can carry."""
    source = encoded(np.asarray(Image.open(astronaut)), quality=90, comment=b"by hand")
    extra = b"".join(
        b"\xff" + bytes([0xED if i % 2 else 0xE5]) + b"\x00\x12" + b"Photoshop 3.0\0" + b"%02d" % i
        for i in range(60)
    )
    source = source[:2] + extra + source[2:]
    before = decoded(source)
    after = before.copy()
    after[:30, :30] = 9
    data, transplanted = jpeg.reencode(source, before, after)
    assert transplanted
    assert extra in data
    with Image.open(BytesIO(data)) as image:
        assert image.info["comment"] == b"by hand"
        tables = image.quantization
    with Image.open(BytesIO(source)) as image:
        assert [tables[k] for k in (0, 1)] == [image.quantization[k] for k in (0, 1)]


def test_a_multi_picture_file_becomes_a_plain_jpeg(tmp_path, astronaut):
    first = Image.open(astronaut)
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[first.rotate(90)])
    photo = read_photo(tmp_path / "a.jpg")
    edited = photo.pixels.copy()
    edited[:16, :16] = 0
    assert write_photo(photo, edited, tmp_path / "b.jpg").outside == "transplanted"
    data = (tmp_path / "b.jpg").read_bytes()
    assert b"MPF\0" in (tmp_path / "a.jpg").read_bytes()
    assert b"MPF\0" not in data
    assert np.array_equal(decoded(data)[18:], photo.pixels[18:])


def test_shared_photos(shared, tmp_path):
    """Files of real cameras: several makers' segments, progressive and baseline."""
    for path in sorted((shared / "photos").glob("*.jpg")):
        photo = read_photo(path)
        edited = photo.pixels.copy()
        edited[200:400, 100:300, 1] //= 2
        report = write_photo(photo, edited, tmp_path / path.name)
        assert report.outside == "transplanted"
        again = read_photo(tmp_path / path.name)
        away = np.ones(edited.shape[:2], bool)
        away[200 - 18 : 400 + 18, 100 - 18 : 300 + 18] = False
        assert np.array_equal(again.pixels[away], photo.pixels[away]), path.name
        assert again.metadata.icc == photo.metadata.icc
