import numpy as np
from PIL import Image

from hairstudio.evaluation import sheet
from hairstudio.evaluation.sheet import BAR, GAP


def cell(picture, row, column, size):
    """One cell without its label; ``size``: width and height of a cell with label and gap."""
    x, y = column * size[0], row * size[1]
    return picture[y + BAR : y + size[1] - GAP, x : x + size[0] - GAP]


def test_a_sheet_shows_before_and_every_edit_at_full_size(subject):
    picture = sheet.sheet(subject, hairlines=[0.0], colors=["blue", "platinum"])
    size = picture.shape[1] // 3, picture.shape[0] // 2
    before = cell(picture, 0, 0, size)
    photo = subject.photo.pixels
    height, width = before.shape[:2]
    assert any(np.array_equal(before, photo[y : y + height, x : x + width])
               for y in range(photo.shape[0] - height + 1)
               for x in range(photo.shape[1] - width + 1))  # fmt: skip
    assert np.array_equal(cell(picture, 0, 1, size), before)
    assert np.array_equal(cell(picture, 1, 0, size), before)
    blue, platinum = (np.int32(cell(picture, 1, i, size)) for i in (1, 2))
    assert np.abs(blue - before).max() > 60
    assert platinum.sum() > blue.sum()


def test_zoom_changes_the_size(subject):
    small, large = (sheet.sheet(subject, [0.0], [], zoom) for zoom in (0.5, 1.0))
    assert 1.7 < large.shape[1] / small.shape[1] < 2.1


def test_the_command_writes_a_picture_and_skips_what_has_no_face(tmp_path, astronaut, capsys):
    sky, out = tmp_path / "sky.png", tmp_path / "sheet.png"
    Image.linear_gradient("L").convert("RGB").save(sky)
    command = [str(out), str(sky), str(astronaut), "--hairlines", "--colors", "red"]
    assert sheet.main(command) == 0
    assert Image.open(out).size[0] > 100
    assert "no face" in capsys.readouterr().err


def test_nothing_is_written_when_no_photo_can_be_edited(tmp_path):
    sky, out = tmp_path / "sky.png", tmp_path / "sheet.png"
    Image.linear_gradient("L").convert("RGB").save(sky)
    assert sheet.main([str(out), str(sky)]) == 2
    assert not out.exists()
