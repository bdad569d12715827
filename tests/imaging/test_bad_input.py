"""Every bad file is one clear line that names it, and nothing is written."""

import os
import struct
import sys
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from hairstudio.errors import UserError
from hairstudio.imaging.photo import Photo, read_photo, write_photo

PIXELS = np.random.default_rng(3).integers(0, 255, (40, 50, 3), np.uint8)


def refusal(path):
    with pytest.raises(UserError) as refused:
        read_photo(path)
    line = str(refused.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "heic", "16.png"])
def test_truncated_files(tmp_path, ending, share):
    path = tmp_path / f"cut.{ending}"
    if ending == "16.png":
        deep = Photo(PIXELS.astype(np.uint16) * 257)
        write_photo(deep, deep.pixels, path)
    elif ending == "heic":
        pytest.importorskip("pillow_heif").from_pillow(Image.fromarray(PIXELS)).save(path)
    else:
        Image.fromarray(PIXELS).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    line = refusal(path)
    assert "is damaged, cut off" in line or line.startswith("not a JPEG")


def test_empty_text_folder_and_missing(tmp_path):
    empty, text = tmp_path / "empty.jpg", tmp_path / "text.png"
    empty.touch()
    text.write_text("This is no picture.")
    assert refusal(empty) == "the file is empty"
    assert refusal(text) == "not a JPEG, PNG, WebP, TIFF, HEIC or RAW picture"
    assert refusal(tmp_path) == "is a folder, not a picture"
    assert refusal(tmp_path / "none.jpg") == "cannot be read: No such file or directory"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX permissions")
def test_unreadable(tmp_path):
    path = tmp_path / "locked.jpg"
    Image.fromarray(PIXELS).save(path)
    path.chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        assert refusal(path) == "cannot be read: Permission denied"
    finally:
        if root:
            os.seteuid(0)


def test_a_picture_is_known_by_its_content_not_its_name(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "really.png")
    (tmp_path / "really.png").rename(tmp_path / "named.jpg")
    assert read_photo(tmp_path / "named.jpg").format == "PNG"


def test_float_and_32_bit_tiff_say_what_to_do(tmp_path):
    for dtype in (np.float32, np.uint32):
        tifffile.imwrite(tmp_path / "a.tif", PIXELS.astype(dtype), photometric="rgb")
        expected = "this TIFF has neither 8 nor 16 bits per channel; save it with 8 or 16"
        assert refusal(tmp_path / "a.tif") == expected


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header
    data += struct.pack(">I", zlib.crc32(header))
    pixels = b"IDAT" + zlib.compress(b"\0" * 1000)
    data += struct.pack(">I", len(pixels) - 4) + pixels + struct.pack(">I", zlib.crc32(pixels))
    (tmp_path / "bomb.png").write_bytes(data + end)
    assert refusal(tmp_path / "bomb.png") == "3600 megapixels; the limit is 200"


@pytest.mark.parametrize(
    ("ending", "module"), [("heic", "pillow_heif"), ("dng", "rawpy")]
)  # fmt: skip
def test_a_missing_extra_says_how_to_install_it(tmp_path, monkeypatch, ending, module):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    monkeypatch.setitem(sys.modules, module, None)
    extra = "raw" if ending == "dng" else "heic"
    assert refusal(path).endswith(f"needs: pip install 'hairstudio[{extra}]'")


def test_writing_refuses_unknown_endings_existing_files_and_too_large_ones(tmp_path):
    photo = Photo(PIXELS)
    (tmp_path / "there.png").write_bytes(b"mine")
    for name, reason in {
        "a.xyz": "use one of .jpg .jpeg .png .webp .tif .tiff",
        "a": "cannot write this kind of file",
        "there.png": r"already exists \(use --force",
        "no/a.png": "does not exist",
    }.items():
        with pytest.raises(UserError, match=reason):
            write_photo(photo, photo.pixels, tmp_path / name)
    wide = np.zeros((2, 17_000, 3), np.uint8)
    with pytest.raises(UserError, match=r"a\.webp: cannot be written: WEBP holds at most 16383"):
        write_photo(photo, wide, tmp_path / "a.webp")
    assert [p.name for p in tmp_path.iterdir()] == ["there.png"]
    assert (tmp_path / "there.png").read_bytes() == b"mine"


def test_the_source_is_not_overwritten_unless_told(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(PIXELS).save(path)
    before = path.read_bytes()
    photo = read_photo(path)
    edited = photo.pixels.copy()
    edited[:9] = 0
    with pytest.raises(UserError, match="already exists"):
        write_photo(photo, edited, path)
    assert path.read_bytes() == before
    write_photo(photo, edited, path, overwrite=True)
    assert read_photo(path).sha256 != photo.sha256


def test_published_pixels_cannot_be_changed(astronaut):
    photo = read_photo(astronaut)
    with pytest.raises(ValueError, match="read-only"):
        photo.pixels[0, 0] = 0
    assert photo.sha256 == read_photo(astronaut).sha256
