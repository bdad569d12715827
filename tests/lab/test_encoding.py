"""Searches that begin at what a trained encoder finds; here one with random weights."""

import threading

import pytest
import torch

from hairstudio.lab.pairs import Maker, Work
from hairstudio.lab.store import Store
from hairstudio.nets import editor_file, prior
from hairstudio.nets.fused_editor import EditorConfig, FusedEditor
from hairstudio.weights import editors, priors, store


@pytest.fixture
def installed(small_prior, tmp_path, monkeypatch):
    """The editor that is installed, with its prior."""
    monkeypatch.setattr(priors, "path", lambda: small_prior)
    monkeypatch.setattr(editors, "path", lambda: tmp_path / editors.FILE)
    torch.manual_seed(3)
    editor = FusedEditor(EditorConfig(resolution=64), prior.load(small_prior))
    for head in editor.encoder.heads:
        torch.nn.init.normal_(head.weight, std=0.3)
    editor_file.save(editor, tmp_path / editors.FILE)
    return editor.eval()


def test_a_search_begins_where_the_encoder_says(installed, small_prior, astronaut, tmp_path):
    plain, maker = Maker(small_prior, "projector", 1), Maker(small_prior, "combined", 1)
    work = Work(photo=str(astronaut), attribute="dye", value="auburn")
    task = maker.prepare(work)
    assert plain.encoder is None and plain.prepare(work).known.encoder == ""
    assert task.known.encoder == store.sha256(tmp_path / editors.FILE)
    (pair,) = maker.make([task], Store(tmp_path / "s"), threading.Event())
    begun = maker._encoded(task.problem.original)
    assert begun.v.shape == (1, installed.prior.config.styles, 24)
    assert (begun.v - maker.space.start).abs().max() > 0.1
    assert pair.id == task.known.id


@pytest.mark.usefixtures("installed")
def test_another_priors_encoder_is_left_alone():
    assert Maker(priors.known()["ours"], "combined", 1).encoder is None
