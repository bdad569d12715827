"""Documents: round trip, finding the photo again, hostile and broken files."""

import json
import shutil
import zipfile

import cv2
import numpy as np
import pytest

from hairstudio.editing import document
from hairstudio.editing.document import Document
from hairstudio.editing.edits import Color, Fill, Hairline
from hairstudio.errors import UserError
from hairstudio.imaging.photo import read_photo

EDITS = (Hairline(amount=-0.4, name="lower"), Color(shade="chestnut", enabled=False))


@pytest.fixture
def photo(tmp_path):
    file = tmp_path / "photos" / "face.png"
    file.parent.mkdir()
    pixels = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    cv2.imwrite(str(file), pixels)
    return read_photo(file)


@pytest.fixture
def saved(photo, tmp_path):
    protect = np.zeros((40, 60), np.uint8)
    protect[5:20, 7:30] = 200
    path = tmp_path / "look.hairstudio"
    document.save(Document(photo, EDITS, 2, protect), path)
    return path


def rewrite(path, change):
    """Apply ``change`` to {member: bytes} of a zip."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def change_manifest(path, **values):
    def change(members):
        manifest = json.loads(members["manifest.json"])
        members["manifest.json"] = json.dumps(manifest | values).encode()

    rewrite(path, change)


def refused(path):
    with pytest.raises(UserError) as raised:
        document.load(path)
    message = str(raised.value)
    assert str(path) in message and "\n" not in message
    return message


def test_round_trip(saved, photo):
    loaded = document.load(saved)
    assert loaded.edits == EDITS and loaded.face == 2
    assert loaded.photo.sha256 == photo.sha256
    assert loaded.protect is not None and loaded.protect[6, 8] == 200 and loaded.protect[0, 0] == 0


def test_regions_keep_their_numbers(photo, tmp_path):
    path, masks = tmp_path / "look.hairstudio", np.zeros((3, 40, 60), np.uint8)
    masks[0, 3, 3], masks[1, 8:20] = 255, 100
    edits = (Fill(region=7, density=0.5),)
    document.save(Document(photo, edits, 0, masks[2], {7: masks[0], 2: masks[1]}), path)
    loaded = document.load(path)
    assert loaded.edits == edits and loaded.regions.keys() == {7, 2}
    assert np.array_equal(loaded.regions[7], masks[0])
    assert np.array_equal(loaded.regions[2], masks[1])
    assert loaded.protect is not None and not loaded.protect.any()


def test_format_on_disk(saved, photo):
    with zipfile.ZipFile(saved) as archive:
        assert sorted(archive.namelist()) == ["manifest.json", "regions/1.png"]
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["schema"] == 1
    assert manifest["photo"] == {
        "path": "photos/face.png", "sha256": photo.sha256, "size": [60, 40], "embedded": None,
    }  # fmt: skip
    assert [edit["kind"] for edit in manifest["edits"]] == ["hairline", "color"]


def test_document_and_photo_move_together_or_side_by_side(saved, tmp_path):
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    shutil.move(saved, moved / saved.name)
    shutil.move(tmp_path / "photos" / "face.png", moved / "face.png")
    assert document.load(moved / saved.name).photo.path == moved / "face.png"


def test_missing_photo_is_named(saved, tmp_path):
    (tmp_path / "photos" / "face.png").unlink()
    assert "face.png is missing" in refused(saved)


def test_embedded_photo_needs_no_file(photo, tmp_path):
    path = tmp_path / "whole.hairstudio"
    document.save(Document(photo, EDITS), path, embed_photo=True)
    assert photo.path is not None
    photo.path.unlink()
    assert np.array_equal(document.load(path).photo.pixels, photo.pixels)


def test_changed_photo_is_refused(saved, tmp_path):
    cv2.imwrite(str(tmp_path / "photos" / "face.png"), np.zeros((40, 60, 3), np.uint8))
    assert "has changed" in refused(saved)


def test_newer_schema_is_refused_even_when_its_fields_are_unknown(saved):
    change_manifest(saved, schema=2, edits="something else", photo=17)
    assert "newer" in refused(saved)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"edits": [{"kind": "hairline", "amount": 3}]}, "amount"),
        ({"face": -1}, "face"),
        ({"photo": {"path": "x"}}, "sha256"),
        ({"protect": "../../outside.png"}, "protect"),
        ({"protect": "regions/7.png"}, "regions/7.png"),
    ],
)
def test_broken_manifests_are_named(saved, values, word):
    change_manifest(saved, **values)
    assert word in refused(saved)


def test_no_zip_text_empty_and_foreign_zip(tmp_path):
    path = tmp_path / "bad.hairstudio"
    path.write_text("no zip at all")
    assert "not a HairStudio document" in refused(path)
    path.write_bytes(b"")
    assert "not a HairStudio document" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "manifest.json is missing" in refused(path)
    refused(tmp_path / "absent.hairstudio")


def test_truncated_document(saved):
    saved.write_bytes(saved.read_bytes()[:-40])
    assert "not a HairStudio document" in refused(saved)


def test_damaged_member(saved):
    data = bytearray(saved.read_bytes())
    data[data.index(b"regions/1.png") + 40] ^= 0xFF
    saved.write_bytes(data)
    refused(saved)


def test_members_that_unpack_to_too_much_are_refused_unread(saved, monkeypatch):
    monkeypatch.setattr(document, "MAX_MANIFEST", 1000)
    change_manifest(saved, padding="0" * 2000)
    assert "too large" in refused(saved)


def test_mask_of_another_size(saved):
    small = cv2.imencode(".png", np.zeros((10, 10), np.uint8))[1].tobytes()
    rewrite(saved, lambda members: members.update({"regions/1.png": small}))
    assert "10 x 10" in refused(saved)


def test_an_existing_document_is_kept_without_overwrite(saved, photo):
    before = saved.read_bytes()
    with pytest.raises(UserError, match="exists"):
        document.save(Document(photo, ()), saved)
    assert saved.read_bytes() == before


def test_a_failed_save_leaves_the_old_document(saved, photo, tmp_path):
    before = saved.read_bytes()
    assert photo.path is not None
    photo.path.unlink()
    with pytest.raises(UserError):
        document.save(Document(photo, ()), saved, embed_photo=True, overwrite=True)
    assert saved.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["look.hairstudio", "photos"]
