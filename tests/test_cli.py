"""The command line as a person uses it: every call is a real process."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from psd_tools import PSDImage

from hairstudio import __version__, settings
from hairstudio.imaging.photo import read_photo

CHESTNUT = ("--color", "chestnut")


def hairstudio(*arguments, **options):
    command = [sys.executable, "-m", "hairstudio", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, **options)


def write(path, pixels, *options):
    assert cv2.imwrite(str(path), np.ascontiguousarray(pixels[..., ::-1]), list(options))
    return path


@pytest.fixture(scope="module")
def large_face(astronaut, tmp_path_factory):
    """The sample as a JPEG with an eye distance of 83 pixels."""
    pixels = cv2.resize(read_photo(astronaut).pixels, None, fx=2, fy=2)
    return write(tmp_path_factory.mktemp("photos") / "face.jpg", pixels)


def assert_refused(done, *words):
    """Exit 2 and one line that holds all words."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("hairstudio"), done.stderr
    assert all(word in lines[0] for word in words), lines[0]


def test_edit_render_and_layer_agree(large_face, tmp_path):
    out, layer = tmp_path / "out.png", tmp_path / "layer.png"
    look, report = tmp_path / "look.hairstudio", tmp_path / "report.json"
    done = hairstudio("edit", large_face, *CHESTNUT, "--roots", 0.4, "-o", out, "--layer", layer,
                      "--document", look, "--report", report)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{out}\n"
    before, after = read_photo(large_face).pixels, read_photo(out).pixels
    assert (before != after).any(-1).mean() > 0.01

    over = read_photo(layer)
    assert over.alpha is not None
    alpha = over.alpha[..., None] / 255
    shown = np.rint(alpha * over.pixels + (1 - alpha) * before)
    assert np.abs(shown - after).max() <= 1

    again = tmp_path / "again.png"
    assert hairstudio("render", look, "-o", again).returncode == 0
    assert np.array_equal(read_photo(again).pixels, after)

    (photo,) = json.loads(report.read_text())["photos"]
    assert (photo["face"], photo["error"], photo["outside"]) == (1, None, "identical")
    (step,) = photo["edits"]
    assert (step["kind"], step["engine"], step["device"]) == ("color", "guide", "cpu")
    x, y, w, h = step["box"]
    changed = np.argwhere((before != after).any(-1))
    assert (changed.min(0) >= (y, x)).all() and (changed.max(0) < (y + h, x + w)).all()
    assert photo["ms"].keys() == {"open", "analyse", "render", "write"}


def test_batch_goes_on_after_an_error_and_reports_each_file(large_face, astronaut, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"no picture")
    (folder / "b.jpg").write_bytes(large_face.read_bytes())
    (folder / "notes.txt").write_text("not a photo")
    report = tmp_path / "report.json"
    twin = tmp_path / "b.jpg"
    twin.write_bytes(large_face.read_bytes())
    done = hairstudio("edit", folder, astronaut, twin, *CHESTNUT, "-o", out, "--force",
                      "--report", report)  # fmt: skip
    assert done.returncode == 2
    assert "a.png: not a" in done.stderr and "b.jpg: two results" in done.stderr
    assert sorted(file.name for file in out.iterdir()) == ["astronaut.png", "b.jpg"]
    photos = json.loads(report.read_text())["photos"]
    assert [(Path(each["photo"]).name, each["error"] is None) for each in photos] == [
        ("a.png", False), ("b.jpg", True), ("astronaut.png", True), ("b.jpg", False),
    ]  # fmt: skip


def test_default_name_and_no_overwriting(large_face, tmp_path):
    photo = tmp_path / "me.jpg"
    photo.write_bytes(large_face.read_bytes())
    edits = tmp_path / "edits.json"
    edits.write_text('[{"kind": "color", "shade": "203040", "strength": 0.5}]')
    first = hairstudio("edit", photo, "--edits", edits)
    assert first.stdout == f"{tmp_path / 'me-edited.jpg'}\n", first.stderr
    assert_refused(hairstudio("edit", photo, "--edits", edits), "me-edited.jpg", "--force")
    assert_refused(
        hairstudio("edit", photo, "--edits", edits, "-o", photo), "me.jpg", "original photo"
    )
    assert photo.read_bytes() == large_face.read_bytes()
    assert hairstudio("edit", photo, "--edits", edits, "--force").returncode == 0


def test_strength_zero_gives_the_file_back_bit_for_bit(large_face, tmp_path):
    out = tmp_path / "out.jpg"
    done = hairstudio("edit", large_face, *CHESTNUT, "--strength", 0, "-o", out)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == large_face.read_bytes()


@pytest.fixture(scope="module")
def bad(large_face, astronaut, tmp_path_factory):
    """Bad input by name."""
    folder = tmp_path_factory.mktemp("bad")
    face = read_photo(astronaut).pixels
    write(folder / "landscape.png", skimage.data.rocket())
    write(folder / "cat.png", skimage.data.chelsea())
    tiny = np.full((600, 600, 3), 128, np.uint8)
    tiny[200:456, 200:456] = cv2.resize(face, (256, 256), interpolation=cv2.INTER_AREA)
    write(folder / "tiny.png", tiny)
    write(folder / "cut.png", cv2.resize(face[60:190, 232:420], None, fx=3, fy=3))
    (folder / "truncated.jpg").write_bytes(large_face.read_bytes()[:9000])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("hello")
    return folder


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("landscape.png", ["no face"]),
        ("cat.png", ["no face"]),
        ("tiny.png", ["too small"]),
        ("cut.png", ["cut off"]),
        ("truncated.jpg", ["damaged"]),
        ("empty.png", ["empty"]),
        ("text.png", ["not a JPEG"]),
        ("missing.png", ["cannot be read"]),
    ],
)
def test_bad_photos(bad, tmp_path, name, words):
    done = hairstudio("edit", bad / name, *CHESTNUT, "-o", tmp_path / "out.png")
    assert_refused(done, name, *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--hairline", "7"], ["--hairline", "-1 to 1"]),
        (["--hairline", "nan"], ["--hairline", "-1 to 1"]),
        (["--color", "mauv"], ["mauv", "chestnut"]),
        ([*CHESTNUT, "--face", "9"], ["1 face", "9"]),
        ([*CHESTNUT, "--face", "0"], ["--face"]),
        ([*CHESTNUT, "--strength", "2"], ["--strength", "0 to 1"]),
        ([*CHESTNUT, "--seed", "-3"], ["--seed"]),
        ([*CHESTNUT, "--engine", "fused"], ["--engine", "fused"]),
        ([*CHESTNUT, "--curly"], ["--curly"]),
        ([*CHESTNUT, "-o", "out.gif"], ["out.gif", ".png"]),
        ([*CHESTNUT, "-o", "nowhere/out.png"], ["nowhere", "does not exist"]),
        ([*CHESTNUT, "-o", "out.png", "--layer", "out.png"], ["out.png", "two results"]),
        ([*CHESTNUT, "-o", "a" * 300 + ".png"], ["too long"]),
        ([*CHESTNUT, "--face"], ["--face: its value is missing"]),
        ([], ["nothing to do"]),
    ],
)
def test_bad_options(large_face, tmp_path, options, words):
    options = options if "-o" in options else [*options, "-o", "out.png"]
    assert_refused(hairstudio("edit", large_face, *options, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == []


def test_bad_masks(large_face, tmp_path):
    out = tmp_path / "out.png"
    small, empty = tmp_path / "small.png", tmp_path / "empty.png"
    write(small, np.full((50, 60, 3), 255, np.uint8))
    write(empty, np.zeros((1024, 1024, 3), np.uint8))
    for mask, words in ((small, ["60 x 50", "1024 x 1024"]), (empty, ["empty"]), (out, ["read"])):
        done = hairstudio("edit", large_face, *CHESTNUT, "--protect", mask, "-o", out)
        assert_refused(done, f"hairstudio: {mask}: ", *words)
    assert not out.exists()


def test_bad_edits_file_and_document(large_face, tmp_path):
    edits = tmp_path / "edits.json"
    edits.write_text('[{"kind": "hairline", "amount": -3}]')
    assert_refused(hairstudio("edit", large_face, "--edits", edits), "edits.json", "$[0].amount")
    assert_refused(hairstudio("render", edits, "-o", tmp_path / "out.png"), "not a HairStudio")


def test_a_file_where_a_folder_is_needed(large_face, astronaut, tmp_path):
    target = tmp_path / "out.png"
    target.write_bytes(b"mine")
    assert_refused(hairstudio("edit", large_face, astronaut, *CHESTNUT, "-o", target), "folder")
    inside = hairstudio("edit", large_face, *CHESTNUT, "-o", target / "out.png")
    assert_refused(inside, "out.png")
    assert target.read_bytes() == b"mine"


def test_no_model_files_and_no_network(large_face, tmp_path):
    away = {**os.environ, "HAIRSTUDIO_DATA": str(tmp_path / "data")}
    dead = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    away |= dead | {name.upper(): address for name, address in dead.items()}
    done = hairstudio("edit", large_face, *CHESTNUT, "-o", tmp_path / "out.png", env=away)
    assert_refused(done, "face_landmarker.task", "hairstudio weights fetch")
    assert not (tmp_path / "out.png").exists()


def _can_mount():
    return sys.platform == "linux" and os.geteuid() == 0


@contextmanager
def mounted(folder, *options):
    """A small file system of its own in ``folder``."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this machine allows no mounts")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_read_only_folder(large_face, tmp_path):
    if _can_mount():
        with mounted(tmp_path / "fixed", "ro") as folder:
            done = hairstudio("edit", large_face, *CHESTNUT, "-o", folder / "out.png")
    else:
        folder = tmp_path / "fixed"
        folder.mkdir(mode=0o555)
        done = hairstudio("edit", large_face, *CHESTNUT, "-o", folder / "out.png")
    assert_refused(done, "out.png", "cannot be written")


def test_full_disk(large_face, tmp_path):
    """A limit on file size fails a write half way, as a full disk does."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = hairstudio("edit", large_face, *CHESTNUT, "-o", tmp_path / "out.png", preexec_fn=limit)
    assert_refused(done, "out.png", "cannot be written")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not _can_mount(), reason="needs root to mount a small disk")
def test_really_full_disk(large_face, tmp_path):
    with mounted(tmp_path / "small", "size=200k") as folder:
        done = hairstudio("edit", large_face, *CHESTNUT, "-o", folder / "out.png")
        assert_refused(done, "out.png", "No space left")
        assert list(folder.iterdir()) == []


def test_ctrl_c_stops_with_one_line_and_leaves_nothing(large_face, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.jpg").write_bytes(large_face.read_bytes())
    running = subprocess.Popen(
        [sys.executable, "-m", "hairstudio", "edit", folder, *CHESTNUT, "-o", out],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline().strip().endswith("00.jpg")  # it works on the next one
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert errors.splitlines()[-1] == "hairstudio: stopped" and "Traceback" not in errors
    for file in out.iterdir():  # whole pictures only, nothing temporary
        assert file.suffix == ".jpg" and read_photo(file).size == (1024, 1024)
    assert len(list(out.iterdir())) < 30


def test_analyze(large_face, tmp_path):
    overlay = tmp_path / "overlay.png"
    done = hairstudio("analyze", large_face, "--json", "--overlay", overlay)
    found = json.loads(done.stdout)
    assert (found["face"], found["faces"], found["size"]) == (1, 1, [1024, 1024])
    assert found["iod"] == pytest.approx(83, abs=4)
    assert (read_photo(overlay).pixels != read_photo(large_face).pixels).any()
    assert "eye distance" in hairstudio("analyze", large_face).stdout


def test_weights_and_doctor(tmp_path):
    listed = hairstudio("weights", "list")
    assert "face_landmarker.task: ready" in listed.stdout
    assert "commercial use: unclear" in listed.stdout
    assert "learned from US government portraits" in listed.stdout  # the prior
    assert hairstudio("doctor").returncode == 0

    away = {**os.environ, "HAIRSTUDIO_DATA": str(tmp_path)}
    verified = hairstudio("weights", "verify", env=away)
    assert verified.returncode == 2 and "missing" in verified.stdout
    file = settings.data_folder() / "weights" / "face_landmarker.task"
    imported = hairstudio("weights", "import", file, env=away)
    assert imported.returncode == 0 and "Apache-2.0" in imported.stdout
    assert "face_landmarker.task: ready" in hairstudio("weights", "verify", env=away).stdout


def test_version_and_styles():
    assert hairstudio("--version").stdout == f"hairstudio {__version__}\n"
    assert {"chestnut", "curtain"} <= set(hairstudio("edit", "--list-styles").stdout.split())


def test_start_up_loads_nothing_heavy():
    code = (
        "import sys, hairstudio.cli.parser as p, hairstudio.cli\n"
        "print(sorted({'torch', 'numpy', 'cv2', 'PySide6', 'numba', 'msgspec', 'mediapipe'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_several_seeds_write_a_file_each(astronaut, tmp_path):
    done = hairstudio("edit", astronaut, "--volume", 0.8, "--seed", "4,9", "-o",
                      tmp_path / "out.png", "--layer", tmp_path / "over.png")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("the face is small") == 1
    names = ["out-s4.png", "out-s9.png", "over-s4.png", "over-s9.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    first, second = (read_photo(tmp_path / name).pixels for name in names[:2])
    assert (first != second).any(-1).mean() > 0.005
    alone = tmp_path / "alone.png"
    assert hairstudio("edit", astronaut, "--volume", 0.8, "--seed", 9, "-o", alone).returncode == 0
    assert np.array_equal(read_photo(alone).pixels, second)


def test_layers_of_several_edits_go_to_one_psd(large_face, tmp_path):
    out, layers = tmp_path / "out.png", tmp_path / "layers.psd"
    done = hairstudio("edit", large_face, *CHESTNUT, "--volume", 0.5, "-o", out, "--layer", layers)
    assert done.returncode == 0, done.stderr
    document = PSDImage.open(layers)
    assert [layer.name for layer in document] == ["Photo", "Color", "Volume"]
    assert np.array_equal(np.asarray(document.topil()), read_photo(out).pixels)


def test_an_unknown_layer_format_is_refused_before_work(large_face, tmp_path):
    out, layer = tmp_path / "out.png", tmp_path / "layer.gif"
    done = hairstudio("edit", large_face, *CHESTNUT, "-o", out, "--layer", layer)
    assert_refused(done, "layer.gif", ".png, .psd, .ora")
    assert not list(tmp_path.iterdir())


def test_fill_wants_a_mask_and_keeps_it_in_the_document(large_face, tmp_path):
    pixels = read_photo(large_face).pixels
    mask, out, look = (tmp_path / name for name in ("mask.png", "out.png", "look.hairstudio"))
    white = np.zeros(pixels.shape[:2], np.uint8)
    cv2.imwrite(str(mask), white)
    assert_refused(hairstudio("edit", large_face, "--fill", mask, "-o", out), "mask.png", "empty")
    white[150:230, 380:500] = 255
    cv2.imwrite(str(mask), white)
    done = hairstudio("edit", large_face, "--fill", mask, "-o", out, "--document", look)
    assert done.returncode == 0, done.stderr
    after = read_photo(out).pixels
    assert (after != pixels).any()
    again = tmp_path / "again.png"
    assert hairstudio("render", look, "-o", again).returncode == 0
    assert np.array_equal(read_photo(again).pixels, after)


def test_a_change_of_nothing_is_said(astronaut, tmp_path):
    done = hairstudio("edit", astronaut, "--hairline", "0.5", "-o", tmp_path / "out.png")
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert any("fringe" in line for line in lines)
    assert lines[-1].endswith("out.png is a copy") and "nothing was changed" in lines[-1]
    assert (read_photo(tmp_path / "out.png").pixels == read_photo(astronaut).pixels).all()


def test_a_fringe_matters_to_the_hairline_alone(astronaut, tmp_path):
    done = hairstudio("edit", astronaut, *CHESTNUT, "-o", tmp_path / "out.png")
    assert "fringe" not in done.stderr and "nothing was changed" not in done.stderr


def test_the_original_is_not_the_output(astronaut, tmp_path):
    photo = tmp_path / "photo.png"
    photo.write_bytes(astronaut.read_bytes())
    done = hairstudio("edit", photo, *CHESTNUT, "-o", photo)
    assert done.returncode == 2 and "is the original photo" in done.stderr
    assert photo.read_bytes() == astronaut.read_bytes()


def test_what_is_missing_is_named(astronaut, tmp_path):
    assert "no photo given" in hairstudio("edit", *CHESTNUT).stderr
    alone = hairstudio("edit", astronaut, "--roots", "0.5", "-o", tmp_path / "out.png")
    assert alone.returncode == 2 and "give --color too" in alone.stderr
    homeless = hairstudio("edit", astronaut, "--region", astronaut, "-o", tmp_path / "out.png")
    assert homeless.returncode == 2 and "give --bangs STYLE too" in homeless.stderr
    alone = hairstudio("edit", astronaut, *CHESTNUT, "--hair-from", astronaut)
    assert_refused(alone, "--hair-from", "--bangs")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux")
def test_a_file_name_that_is_no_unicode(large_face, tmp_path):
    photo, report = tmp_path / os.fsdecode(b"caf\xe9.jpg"), tmp_path / "report.json"
    photo.write_bytes(large_face.read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "hairstudio", "edit", photo, *CHESTNUT, "--report", report,
         "--document", tmp_path / "look.hairstudio"],
        capture_output=True, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == os.fsencode(tmp_path / os.fsdecode(b"caf\xe9-edited.jpg")) + b"\n"
    assert json.loads(report.read_text())["photos"][0]["photo"] == str(photo)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no files")
def test_a_report_that_cannot_be_written_is_refused_before_the_work(large_face, tmp_path):
    done = hairstudio("edit", large_face, *CHESTNUT, "-o", tmp_path / "out.png",
                      "--report", "/proc/report.json")  # fmt: skip
    assert_refused(done, "/proc/report.json", "cannot be written")
    assert not list(tmp_path.iterdir())


def test_who_reads_the_output_may_leave(large_face):
    running = subprocess.Popen(
        [sys.executable, "-m", "hairstudio", "analyze", large_face],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    running.stdout.close()
    assert running.stderr.read() == ""
    assert running.wait(60) == 130
