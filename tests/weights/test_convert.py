"""Checkpoints of other projects: renamed completely, or refused in one line."""

import os

import pytest
import torch

from hairstudio.errors import UserError
from hairstudio.weights import convert


class Payload:
    def __reduce__(self):
        return os.mkdir, ("executed",)


def test_nothing_in_the_file_is_executed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"g_ema": Payload()}, tmp_path / "hostile.pt")
    with pytest.raises(UserError, match=r"hostile\.pt: not a PyTorch checkpoint of plain tensors"):
        convert.rosinality(tmp_path / "hostile.pt")
    assert not (tmp_path / "executed").exists()


def test_an_unknown_tensor_is_an_error(shared, tmp_path):
    file = torch.load(shared / "fixtures" / "rosi64.pt", weights_only=True)
    file["g_ema"]["convs.0.conv.extra"] = torch.zeros(1)
    torch.save(file, tmp_path / "new.pt")
    with pytest.raises(UserError, match=r"unknown tensor convs\.0\.conv\.extra"):
        convert.rosinality(tmp_path / "new.pt")


def test_something_else_is_refused(tmp_path):
    torch.save({"weights": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(UserError, match="has no g_ema"):
        convert.rosinality(tmp_path / "other.pt")
