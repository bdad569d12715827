"""On a real X server: OpenCV's Qt plugins do not get in the way, the mouse arrives."""

import os
import shutil
import subprocess
import sys
import time

import pytest

TOOLS = ("Xvfb", "xdotool", "import")


@pytest.fixture
def display(tmp_path):
    """An X server of its own."""
    if not all(map(shutil.which, TOOLS)):
        pytest.skip(f"needs {', '.join(TOOLS)}")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        yield f":{pipe.readline().strip()}"
    server.terminate()
    server.wait()


def test_the_app_opens_a_photo_paints_undoes_and_closes(display, portrait, home):
    environment = os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    app = subprocess.Popen([sys.executable, "-m", "hairstudio", str(portrait)], env=environment,
                           stderr=subprocess.PIPE, text=True)  # fmt: skip

    def robot(*arguments):
        command = ["xdotool", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True).stdout

    def titled(title):
        for _ in range(600):
            assert app.poll() is None, app.stderr.read()
            found = robot("search", "--onlyvisible", "--name", title).split()
            if found:
                return found[0]
            time.sleep(0.2)
        raise AssertionError(f"no window {title}")

    try:
        robot("windowfocus", titled(r"^portrait\.png ·"))
        robot("mousemove", "560", "300", "mousedown", "1", "mousemove", "600", "300",
              "mouseup", "1")  # fmt: skip
        titled(r"^portrait\.png\* ·")
        robot("key", "ctrl+z")
        titled(r"^portrait\.png ·")
        robot("key", "ctrl+q")
        assert app.wait(120) == 0, app.stderr.read()
    finally:
        app.kill()
        app.wait()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a display")
def test_what_cannot_be_opened_is_said_in_one_line(portrait):
    bare = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY",
                                                             "QT_QPA_PLATFORM")}  # fmt: skip
    for name, words in (
        (portrait, "needs a display"),
        ("nonsense", "no such file, and no command"),
    ):
        done = subprocess.run([sys.executable, "-m", "hairstudio", str(name)], env=bare,
                              capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 2 and words in done.stderr
        assert len(done.stderr.splitlines()) == 1
