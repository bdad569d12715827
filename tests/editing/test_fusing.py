"""The fused editor in the engine, on a real face with the prior that comes with HairStudio."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from hairstudio.editing.composite import composite
from hairstudio.editing.edits import Bangs, Color, Hairline
from hairstudio.editing.engine import Engine, installed_assets, preview_scale
from hairstudio.editing.fusing import FUSED, Fuser, Place
from hairstudio.errors import UserError
from hairstudio.nets import editor_file, prior
from hairstudio.nets.fused_editor import SMALL, FusedEditor
from hairstudio.weights import priors

EDIT = Bangs(style="full")
CPU = Place("cpu", torch.float32)


class NoRoom(torch.nn.Module):
    """An editor that needs more memory than there is."""

    def __init__(self, editor):
        super().__init__()
        self.config, self.prior = editor.config, editor.prior

    def forward(self, request, dtype):
        return torch.empty(10**15)


@pytest.fixture(scope="module")
def editor():
    """Untrained: its picture is not what one wants, but it is a picture."""
    torch.manual_seed(3)
    made = FusedEditor(replace(SMALL, resolution=128), prior.load(priors.path()))
    return made.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def fused(editor):
    return Engine(installed_assets(), fuser=Fuser(editor, [CPU]))


def pictures(face, fused, engine, edit, **options):
    made = [e.render(face.photo, face.analysis, [edit], **options) for e in (engine, fused)]
    return made, [composite(face.photo.pixels, m.patches).astype(np.int16) for m in made]


@pytest.mark.parametrize("edit", [EDIT, Hairline(amount=-0.6), Color(shade="copper")])
def test_the_network_gives_the_low_band_and_the_guide_the_strands(face, fused, engine, edit):
    (_, step), (guide, both) = pictures(face, fused, engine, edit)
    assert (step.steps[0].engine, step.steps[0].device) == (FUSED, "cpu")
    change = (both - guide).astype(np.float32).mean(-1)
    low = cv2.GaussianBlur(change, (0, 0), 0.02 * face.analysis.iod)
    assert np.abs(low).max() > 4
    assert np.abs(change - low).mean() < 0.2 * np.abs(low).mean() + 0.3  # levels; rounding is .25


def test_nothing_outside_the_allowed_support_changes(face, fused, engine):
    made, (_, both) = pictures(face, fused, engine, Hairline(amount=-0.6))
    touched = np.zeros(both.shape[:2], bool)
    for patch in made[1].patches:
        touched[patch.box.slices] |= patch.alpha > 0
    assert not (both != face.photo.pixels).any(-1)[~touched].any()
    width, height = face.photo.size
    xy = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1)
    rows = face.analysis.frame.apply(xy)[..., 1]
    assert rows[touched].max() < face.analysis.hairline.brow


def test_strength_0_is_the_photo(face, fused):
    rendered = fused.render(face.photo, face.analysis, [replace_strength(EDIT, 0.0)])
    assert not rendered.patches


def replace_strength(edit, strength):
    return type(edit)(style=edit.style, strength=strength)


def test_preview_and_final_show_the_same(face, fused):
    scale = preview_scale(face.analysis, 256)
    small = fused.render(face.photo, face.analysis, [EDIT], scale=scale).patches[0]
    whole = composite(face.photo.pixels, fused.render(face.photo, face.analysis, [EDIT]).patches)
    size = round(whole.shape[1] * scale), round(whole.shape[0] * scale)
    reduced = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)[small.box.slices]
    solid = small.alpha > 250
    assert np.abs(small.rgb.astype(float) - reduced)[solid].mean() / 255 < 0.03


def test_without_room_the_next_place_is_tried_and_then_the_guide_alone(face, engine, editor):
    ladder = Engine(installed_assets(), fuser=Fuser(NoRoom(editor), [CPU, CPU]))
    (_, made), (alone, fallen) = pictures(face, ladder, engine, EDIT)
    codes = [finding.code for finding in made.warnings]
    assert codes.count("out_of_memory") == 2
    assert "allocate" in made.warnings[-1].text
    assert "\n" not in made.warnings[-1].text
    assert made.steps[0].engine == "guide"
    assert np.array_equal(alone, fallen)
    assert ladder.maker == ("guide", "cpu")


def test_an_editor_is_the_same_from_its_file(tmp_path, editor):
    path = tmp_path / "editor.safetensors"
    editor_file.save(editor, path)
    again = editor_file.load(path, editor.prior)
    assert again.config == editor.config
    for name, tensor in editor.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)


def test_files_that_are_no_editor_are_named(tmp_path, editor):
    with pytest.raises(UserError, match="not a fused editor"):
        editor_file.load(priors.path(), editor.prior)
    with pytest.raises(UserError, match="nowhere"):
        editor_file.load(tmp_path / "nowhere", editor.prior)


def test_asking_for_what_is_not_there_is_refused():
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="no CUDA device"):
            Fuser.open("auto", "cuda")
    with pytest.raises(UserError, match="no trained fused editor"):
        Fuser.open("fused", "cpu")
    assert Fuser.open("guide", "cpu") is None
