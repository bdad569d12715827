"""What the screen shows of photo and edits, against arrays computed without Qt."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from hairstudio.imaging.blend import Patch, blend
from hairstudio.imaging.geometry import Box
from hairstudio.studio.canvas import (
    SURROUNDS,
    MaskKind,
    TiledMask,
    Tool,
    View,
    after,
    picture,
    qimage,
)

TOP, LEFT = 60, 40
PHOTO = (slice(TOP, TOP + 480), slice(LEFT, LEFT + 720))


def patch_in(pixels):
    box = Box(200, 100, 160, 120)
    y, x = np.mgrid[: box.h, : box.w]
    away = np.hypot((x - box.w / 2) / (box.w / 2), (y - box.h / 2) / (box.h / 2))
    alpha = np.rint(255 * np.clip(3 - 3 * away, 0, 1)).astype(np.uint8)
    rng = np.random.default_rng(9)
    return Patch(box, rng.integers(0, 256, (box.h, box.w, 3), np.uint8), alpha)


def edited(pixels, patch):
    result = pixels.copy()
    blend(result, patch)
    return result


def test_at_100_percent_every_pixel_is_the_photos(canvas, screen, pixels):
    shown = screen()
    assert np.array_equal(shown[PHOTO], pixels)
    shown[PHOTO] = 0x66
    assert (shown == 0x66).all()


def test_the_surround_has_the_colour_it_is_given(canvas, screen):
    canvas.set_surround(QColor("#2A2A2A"))
    assert (screen()[:TOP] == 0x2A).all()


def test_at_50_and_25_percent_pixels_are_means(canvas, screen, pixels):
    for zoom, factor in ((0.5, 2), (0.25, 4)):
        canvas.set_view(View((720, 480), (800, 600), zoom, 10, 20))
        height, width = 480 // factor, 720 // factor
        shown = screen()[20 : 20 + height, 10 : 10 + width].astype(float)
        expected = pixels.reshape(height, factor, width, factor, 3).mean((1, 3))
        # 720 pixels make two sizes, so 25 % is interpolated from 50 %
        allowed = 0.5 if factor == 2 else 3
        assert np.abs(shown - expected).mean() <= allowed


@pytest.mark.parametrize("zoom", [0.37, 0.8, 1.7, 3.3])
def test_other_zooms_interpolate(canvas, screen, pixels, zoom):
    view = View((720, 480), (800, 600), zoom, -30, 12)
    canvas.set_view(view)
    step = 2 if zoom < 0.5 else 1
    source = cv2.resize(pixels, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    scale = zoom * step
    matrix = np.array([[1 / scale, 0, 30.5 / scale - 0.5], [0, 1 / scale, -11.5 / scale - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    expected = cv2.warpAffine(source, matrix, (800, 600), flags=flags)
    inside = view.visible.grown(-4)
    difference = np.abs(screen().astype(int) - expected)[inside.slices]
    assert difference.mean() <= 1.2
    assert np.quantile(difference, 0.999) <= 8


def test_far_in_pixels_are_squares(canvas, screen, pixels):
    canvas.set_view(View((720, 480), (800, 600), 8.0, -1600, -800))
    expected = pixels[100:175, 200:300].repeat(8, 0).repeat(8, 1)
    assert np.array_equal(screen(), expected)


def test_a_final_is_the_export_pixel_by_pixel(canvas, screen, pixels):
    patch = patch_in(pixels)
    canvas.set_after(after(pixels, [patch]))
    assert np.array_equal(screen()[PHOTO], edited(pixels, patch))


@pytest.mark.parametrize("zoom", [0.41, 0.5, 0.77, 2.6])
def test_a_final_shows_no_seam_at_any_zoom(canvas, screen, pixels, zoom):
    """Layer over photo equals the whole edited photo."""
    patch = patch_in(pixels)
    view = View((720, 480), (800, 600), zoom, 7, 9)
    canvas.set_view(view)
    canvas.set_after(after(pixels, [patch]))
    layered = screen().astype(int)
    canvas.set_after(None)
    canvas.set_photo(picture(edited(pixels, patch)))
    difference = np.abs(layered - screen())
    assert difference.max() <= 4  # Qt steps through the source in 1/65536 of a pixel
    assert difference.mean() < 0.01


def test_a_preview_lies_where_the_final_will(canvas, screen, pixels):
    y, x = np.mgrid[:60, :80].astype(np.float32)
    soft = np.clip(1 - np.hypot((x - 39.5) / 36, (y - 29.5) / 27), 0, 1)
    half = Patch(Box(100, 50, 80, 60), np.full((60, 80, 3), 255, np.uint8),
                 np.rint(255 * soft).astype(np.uint8))  # fmt: skip
    canvas.set_after(after(pixels, [half], 0.5))
    alpha = cv2.resize(soft, (160, 120), interpolation=cv2.INTER_LINEAR)[..., None]
    expected = pixels.astype(float)
    expected[100:220, 200:360] = alpha * 255 + (1 - alpha) * expected[100:220, 200:360]
    assert np.abs(screen()[PHOTO] - expected).max() <= 3
    untouched = np.ones((480, 720), bool)
    untouched[98:222, 198:362] = False
    assert np.array_equal(screen()[PHOTO][untouched], pixels[untouched])


def test_a_part_drawn_alone_is_the_part_of_the_whole(canvas, screen, pixels):
    mask = TiledMask.of(np.random.default_rng(2).integers(0, 256, (480, 720), np.uint8))
    canvas.set_after(after(pixels, [patch_in(pixels)]))
    canvas.set_mask(MaskKind.REGION, mask)
    for zoom in (0.43, 1.0, 1.9):
        canvas.set_view(View((720, 480), (800, 600), zoom, 33, -20))
        whole = screen().astype(int)
        image = QImage(800, 600, QImage.Format.Format_RGB32)
        for rect in (QRect(120, 90, 61, 47), QRect(300, 200, 200, 31), QRect(0, 0, 9, 600)):
            image.fill(0)
            canvas.render(image, rect.topLeft(), rect)
            part = qimage.rgb(image)[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1]
            same = whole[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1]
            assert np.abs(part - same).max() <= 2


def test_a_new_after_redraws_its_own_place_only(canvas, pixels, monkeypatch):
    rects = []
    monkeypatch.setattr(canvas, "update", lambda *args: rects.append(args))
    patch = patch_in(pixels)
    canvas.set_after(after(pixels, [patch]))
    canvas.set_after(after(pixels, [], 1.0))
    for (rect,) in rects:
        assert rect.contains(QRect(LEFT + 200, TOP + 100, 160, 120))
        assert rect.width() <= 160 + 2 * 32
        assert rect.height() <= 120 + 2 * 32
    assert len(rects) == 2


def test_a_thumbnail_stands_in_for_the_photo_and_keeps_the_view(canvas, screen, pixels):
    small = cv2.resize(pixels, (180, 120), interpolation=cv2.INTER_AREA)
    canvas.set_photo(picture(small, size=(720, 480)))
    assert canvas.view.zoom == 1.0
    blurred = cv2.resize(small, (720, 480), interpolation=cv2.INTER_LINEAR).astype(int)
    assert np.abs(screen()[PHOTO] - blurred).mean() < 2
    canvas.set_photo(picture(pixels))
    assert np.array_equal(screen()[PHOTO], pixels)


def test_without_a_photo_it_asks_for_one(canvas, screen, heard):
    canvas.set_tool(Tool.BRUSH)
    canvas.set_photo(None)
    assert canvas.empty.isVisible()
    opened, chosen = heard(canvas.empty.open_requested), heard(canvas.empty.recent_chosen)
    canvas.empty.set_recents([("a.jpg", QImage(30, 20, QImage.Format.Format_RGB32))] * 2)
    canvas.empty.button.click()
    canvas.empty.recents.itemAt(1).widget().click()
    assert len(opened) == 1
    assert chosen == [1]
    assert len(np.unique(screen().reshape(-1, 3), axis=0)) > 5  # words and a picture


@pytest.mark.parametrize("color", SURROUNDS, ids=QColor.name)
def test_the_words_without_a_photo_can_be_read_on_every_surround(canvas, color):
    canvas.set_photo(None)
    canvas.set_surround(color)

    def light(of):
        parts = (of.redF(), of.greenF(), of.blueF())
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    pair = sorted((light(color), light(canvas.empty.color)))
    assert pair[1] / pair[0] >= 4.5


def test_100_percent_means_device_pixels_on_a_dense_screen():
    """In a process of its own: the scale is fixed when Qt starts."""
    code = """
import numpy as np
from PySide6.QtWidgets import QApplication
from hairstudio.studio.canvas import Canvas, MaskKind, TiledMask, picture, qimage
app = QApplication([])
pixels = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
canvas = Canvas()
canvas.resize(301, 251)
canvas.set_photo(picture(pixels))
assert canvas.devicePixelRatioF() == 2 and canvas.view.port == (602, 502)
canvas.zoom_to(1.0)
shown = qimage.rgb(canvas.grab().toImage())
assert shown.shape == (502, 602, 3)
x, y = canvas.view.origin
assert np.array_equal(shown[y : y + 300, x : x + 400], pixels)
"""
    environment = os.environ | {"QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
