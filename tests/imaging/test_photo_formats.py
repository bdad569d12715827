"""Real files of every kind in, out and in again."""

import struct
import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageCms, ImageOps

from hairstudio.errors import UserError
from hairstudio.imaging.photo import Photo, read_photo, turn_stored, turn_upright, write_photo

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
MAKE, ORIENTATION, EXPOSURE, LENS = 0x010F, 0x0112, 0x829A, 0xA434


def noise(dtype, channels=4, height=37, width=51):
    rng = np.random.default_rng(7)
    top = np.iinfo(dtype).max
    return rng.integers(0, top, (height, width, channels), dtype, endpoint=True)


def grey(channel):
    return np.repeat(channel[..., None], 3, axis=2)


def exif_block(orientation=1, thumbnail=True):
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "Tester", orientation
    exif.get_ifd(0x8769).update({EXPOSURE: 0.004, LENS: "85mm F1.4"})
    if thumbnail:
        small = BytesIO()
        Image.new("RGB", (16, 12), "red").save(small, "JPEG")
        with_preview = exif.tobytes()
        return add_thumbnail(with_preview, small.getvalue())
    return exif.tobytes()


def add_thumbnail(exif, jpeg):
    """Hang a second directory with a preview behind the first, as cameras do."""
    tiff = bytearray(exif[6:])
    order = "<" if tiff[:2] == b"II" else ">"
    first = struct.unpack_from(order + "I", tiff, 4)[0]
    count = struct.unpack_from(order + "H", tiff, first)[0]
    tiff += b"\0" * (len(tiff) % 2)
    second = len(tiff)
    struct.pack_into(order + "I", tiff, first + 2 + 12 * count, second)
    tiff += struct.pack(order + "H", 2)
    tiff += struct.pack(order + "HHII", 0x0201, 4, 1, second + 30)
    tiff += struct.pack(order + "HHII", 0x0202, 4, 1, len(jpeg)) + bytes(4)
    return exif[:6] + bytes(tiff) + jpeg


def described(path):
    with Image.open(path) as image:
        exif = image.getexif()
        inner = exif.get_ifd(0x8769)
        return exif.get(MAKE), exif.get(ORIENTATION), inner.get(EXPOSURE), inner.get(LENS)


def test_the_thumbnail_helper_makes_what_cameras_make(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=exif_block())
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.getexif().get_ifd(ExifTags.IFD.IFD1)[0x0201] > 0


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", ["png", "tif", "planar.tif", "deflate.tif", "lzw.tif", "big.tif"])
def test_lossless_files_open_exactly_and_stay_so(tmp_path, kind, channels, dtype):
    array = noise(dtype, channels)
    path = tmp_path / f"a.{kind}"
    save(path, kind, array)
    photo = read_photo(path)
    expected = grey(array[..., 0]) if channels < 3 else array[..., :3]
    assert photo.pixels.dtype == dtype
    assert photo.depth == np.iinfo(dtype).max
    assert np.array_equal(photo.pixels, expected)
    assert (photo.alpha is not None) == (channels in (2, 4))
    edited = photo.pixels.copy()
    edited[3:9, 4:8] = 11
    for ending in ("png", "tif"):
        report = write_photo(photo, edited, tmp_path / f"out.{ending}")
        again = read_photo(tmp_path / f"out.{ending}")
        assert (report.outside, report.bits) == ("identical", 8 * dtype().itemsize)
        assert np.array_equal(again.pixels, edited)
        if photo.alpha is not None:
            assert np.array_equal(again.alpha, array[..., -1])


def save(path, kind, array):
    channels = array.shape[2]
    if kind == "png":
        path.write_bytes(png(array))
    elif kind == "lzw.tif" and channels != 2:
        order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[channels]
        assert cv2.imwrite(str(path), array[..., order])
    else:
        options = {"photometric": "rgb" if channels > 2 else "minisblack", "metadata": None}
        if channels in (2, 4):
            options["extrasamples"] = ["unassalpha"]
        if kind == "planar.tif" and channels > 1:
            array = np.moveaxis(array, -1, 0)
            options["planarconfig"] = "separate"
        elif channels > 1:
            options["planarconfig"] = "contig"
        else:
            array = array[..., 0]
        if kind == "deflate.tif":
            options |= {"compression": "zlib", "predictor": True}
        tifffile.imwrite(path, array, bigtiff=kind == "big.tif", **options)


def png(array):
    """A PNG written by hand, so that reader and writer cannot share a mistake."""
    height, width, channels = array.shape
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(array.dtype.newbyteorder(">")).tobytes() for row in array)

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8 * array.itemsize, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"gAMA", struct.pack(">I", 45455))
        + chunk(b"tEXt", b"Author\0somebody")
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_text_of_a_png_is_kept(tmp_path):
    (tmp_path / "a.png").write_bytes(png(noise(np.uint16, 3)))
    photo = read_photo(tmp_path / "a.png")
    write_photo(photo, photo.pixels, tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as image:
        assert image.info["Author"] == "somebody"
        assert image.info["gamma"] == 0.45455


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
def test_orientation_profile_and_exif_survive_every_way(tmp_path, ending, orientation):
    stored = cv2.resize(noise(np.uint8, 3, 5, 7), (56, 40), interpolation=cv2.INTER_CUBIC)
    path = tmp_path / f"a.{ending}"
    exif = exif_block(orientation, thumbnail=ending == "jpg")
    options = {"exif": exif, "icc_profile": SRGB, "dpi": (300, 300)}
    options |= {"lossless": True} if ending == "webp" else {}
    options |= {"quality": 97, "subsampling": 0} if ending == "jpg" else {}
    Image.fromarray(stored).save(path, **options)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    photo = read_photo(path)
    assert photo.orientation == orientation
    assert np.array_equal(photo.pixels, expected)
    edited = photo.pixels.copy()
    edited[2:10, 2:10] = 200
    for out in ("jpg", "png", "webp", "tif"):
        target = tmp_path / f"out.{out}"
        write_photo(photo, edited, target)
        kept = orientation if ending == out == "jpg" else 1
        assert described(target) == ("Tester", kept, 0.004, "85mm F1.4")
        again = read_photo(target)
        assert again.metadata.icc == SRGB
        assert again.orientation == kept
        error = np.abs(again.pixels.astype(int) - edited)
        assert error.mean() <= (0 if out in ("png", "tif") else 4)


def test_turning_there_and_back():
    array = noise(np.uint8, 3)
    for orientation in range(1, 9):
        assert np.array_equal(turn_stored(turn_upright(array, orientation), orientation), array)


def test_no_written_file_shows_the_unedited_thumbnail(tmp_path):
    dark = noise(np.uint8, 3) // 4  # no pixels that look like the start of a JPEG
    Image.fromarray(dark).save(tmp_path / "a.jpg", exif=exif_block(), quality=95)
    photo = read_photo(tmp_path / "a.jpg")
    edited = photo.pixels.copy()
    edited[:8, :8] = 0
    for ending in ("jpg", "png", "webp", "tif"):
        target = tmp_path / f"out.{ending}"
        write_photo(photo, edited, target)
        with Image.open(target) as image:
            assert not image.getexif().get_ifd(ExifTags.IFD.IFD1)
        data = target.read_bytes()
        assert data.count(b"\xff\xd8\xff") == (ending == "jpg")  # no JPEG inside but itself


def test_a_null_edit_of_a_jpeg_is_the_file_byte_for_byte(tmp_path):
    Image.fromarray(noise(np.uint8, 3)).save(tmp_path / "a.jpg", exif=exif_block(6))
    photo = read_photo(tmp_path / "a.jpg")
    report = write_photo(photo, photo.pixels.copy(), tmp_path / "b.jpg")
    assert report.outside == "identical"
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()


def test_xmp_is_kept_and_its_orientation_follows(tmp_path):
    image = Image.fromarray(noise(np.uint8, 3))
    image.save(tmp_path / "a.jpg", xmp=XMP, exif=exif_block(6), quality=95)
    photo = read_photo(tmp_path / "a.jpg")
    edited = photo.pixels.copy()
    edited[:8, :8] = 0
    for ending in ("jpg", "png", "webp", "tif"):
        write_photo(photo, edited, tmp_path / f"b.{ending}")
        expected = XMP if ending == "jpg" else XMP.replace(b'"6"', b'"1"')
        assert read_photo(tmp_path / f"b.{ending}").metadata.xmp == expected


@pytest.mark.parametrize("ending", ["jpg", "webp"])
def test_16_bits_go_to_8_where_the_format_has_no_more(tmp_path, ending):
    deep = np.full((20, 20, 3), 40000, np.uint16)
    report = write_photo(Photo(deep), deep, tmp_path / f"a.{ending}")
    assert (report.bits, report.outside) == (8, "re-encoded")
    assert np.abs(read_photo(tmp_path / f"a.{ending}").pixels - 40000 / 257).max() < 2


@pytest.mark.parametrize("lossless", [True, False])
def test_webp_keeps_every_pixel(tmp_path, lossless):
    pixels = np.concatenate([noise(np.uint8, 3), noise(np.uint8, 1)], 2)
    Image.fromarray(pixels).save(tmp_path / "a.webp", lossless=lossless)
    photo = read_photo(tmp_path / "a.webp")
    edited = photo.pixels.copy()
    edited[:4] = 7
    assert write_photo(photo, edited, tmp_path / "b.webp").outside == "identical"
    again = read_photo(tmp_path / "b.webp")
    assert np.array_equal(again.pixels, edited)
    assert np.array_equal(again.alpha, photo.alpha)


def test_transparent_parts_are_white_in_a_jpeg(tmp_path):
    photo = Photo(np.zeros((16, 16, 3), np.uint8), alpha=np.zeros((16, 16), np.uint8))
    write_photo(photo, photo.pixels, tmp_path / "a.jpg")
    assert read_photo(tmp_path / "a.jpg").pixels.min() == 255


def test_another_size_is_written_and_said_to_be_re_encoded(tmp_path):
    photo = Photo(noise(np.uint8, 3), alpha=noise(np.uint8, 1)[..., 0])
    report = write_photo(photo, photo.pixels[::2, ::2], tmp_path / "a.png")
    assert report.outside == "re-encoded"
    assert read_photo(tmp_path / "a.png").size == (26, 19)


def test_palette_one_bit_cmyk_and_premultiplied(tmp_path):
    rgb = Image.fromarray(noise(np.uint8, 3))
    palette = rgb.quantize(32)
    palette.save(tmp_path / "p.png", transparency=3)
    rgb.convert("1").save(tmp_path / "1.png")
    rgb.convert("CMYK").save(tmp_path / "c.tif")
    assert np.array_equal(read_photo(tmp_path / "p.png").pixels, np.asarray(palette.convert("RGB")))
    assert read_photo(tmp_path / "p.png").alpha is not None
    assert set(np.unique(read_photo(tmp_path / "1.png").pixels)) == {0, 255}
    assert np.abs(read_photo(tmp_path / "c.tif").pixels - np.asarray(rgb).astype(int)).max() <= 1
    half = np.full((4, 4, 4), 128, np.uint8)
    half[..., 0] = 64
    tifffile.imwrite(tmp_path / "m.tif", half, photometric="rgb", extrasamples=["assocalpha"])
    assert (read_photo(tmp_path / "m.tif").pixels == [128, 255, 255]).all()


def test_heic_opens_at_its_depth_turned_and_is_written_as_something_else(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    smooth = cv2.resize(noise(np.uint8, 3, 4, 5), (80, 64), interpolation=cv2.INTER_CUBIC)
    exif = exif_block(6, thumbnail=False)
    Image.fromarray(smooth).save(tmp_path / "a.heic", quality=95, exif=exif)
    photo = read_photo(tmp_path / "a.heic")
    assert (photo.format, photo.size, photo.orientation) == ("HEIF", (64, 80), 1)
    assert np.abs(photo.pixels.astype(int) - np.rot90(smooth, -1)).mean() < 6
    assert photo.writable_suffix == ".tif"
    write_photo(photo, photo.pixels, tmp_path / "b.tif")
    assert described(tmp_path / "b.tif")[:2] == ("Tester", 1)
    with pytest.raises(UserError, match=r"cannot write this kind of file; use one of \.jpg"):
        write_photo(photo, photo.pixels, tmp_path / "b.heic")


def test_raw_is_developed_to_16_bits_with_its_exif(tmp_path):
    pytest.importorskip("rawpy")
    write_dng(tmp_path / "a.dng")
    photo = read_photo(tmp_path / "a.dng")
    assert (photo.format, photo.pixels.dtype) == ("RAW", np.uint16)
    left, right = photo.pixels[:, 5:50].mean(), photo.pixels[:, -50:-5].mean()
    assert right > 2 * left
    write_photo(photo, photo.pixels, tmp_path / "b.tif")
    assert described(tmp_path / "b.tif")[0] == "Tester"


def write_dng(path):
    """A minimal linear-light Bayer DNG: dark left half, bright right half."""
    mosaic = np.full((128, 128), 6000, np.uint16)
    mosaic[:, 64:] = 50000
    matrix = [1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1]
    tags = [
        (271, "s", 0, "Tester", True),
        (33421, "H", 2, (2, 2), True),
        (33422, "B", 4, bytes([0, 1, 1, 2]), True),
        (50706, "B", 4, bytes([1, 4, 0, 0]), True),
        (50708, "s", 0, "Tester One", True),
        (50721, "2i", 9, matrix, True),
        (50778, "H", 1, 21, True),
    ]
    tifffile.imwrite(path, mosaic, photometric=32803, extratags=tags, metadata=None)


def test_a_maker_note_too_large_for_jpeg_is_left_behind(tmp_path):
    exif = Image.Exif()
    exif[MAKE] = "Tester"
    exif.get_ifd(0x8769).update({EXPOSURE: 0.004, LENS: "85mm F1.4", 37500: bytes(70_000)})
    source, out = tmp_path / "a.png", tmp_path / "a.jpg"
    Image.fromarray(noise(np.uint8, 3)).save(source, exif=exif)
    photo = read_photo(source)
    assert len(photo.metadata.exif) > 70_000
    write_photo(photo, photo.pixels, out)
    with Image.open(out) as image:
        written = image.getexif()
        assert written[MAKE] == "Tester"
        assert dict(written.get_ifd(0x8769)) == {EXPOSURE: 0.004, LENS: "85mm F1.4"}


def test_a_tiff_gets_no_pointer_into_the_file_that_its_exif_came_from(tmp_path):
    exif = exif_block(thumbnail=False)
    with_interoperability = Image.Exif()
    with_interoperability.load(exif)
    with_interoperability.get_ifd(0x8769)[40965] = {1: "R98"}
    source, out = tmp_path / "a.jpg", tmp_path / "a.tif"
    Image.fromarray(noise(np.uint8, 3)).save(source, exif=with_interoperability)
    photo = read_photo(source)
    write_photo(photo, photo.pixels, out)
    with Image.open(out) as image:
        written = image.getexif().get_ifd(0x8769)
    assert 40965 not in written and written[LENS] == "85mm F1.4"
