"""The doctor runs what an edit needs and says what is missing."""

import pytest

from hairstudio.evaluation import doctor
from hairstudio.weights import store


@pytest.fixture
def checks():
    """``checks()[name]``: the report by name."""
    return lambda: {check.name: check for check in doctor.report()}


def test_a_complete_installation_is_well(checks):
    assert [c for c in checks().values() if not c.ok] == []
    assert "runs" in checks()["mediapipe"].text
    assert "build" in checks()["torch"].text


def test_missing_model_files_are_reported_with_their_licences(checks, tmp_path, monkeypatch):
    monkeypatch.setenv("HAIRSTUDIO_DATA", str(tmp_path))
    found = checks()
    assert not found["mediapipe"].ok
    assert not found["79999_iter.pth"].ok
    assert "commercial use: unclear" in found["79999_iter.pth"].text


def test_a_damaged_model_file_is_reported(checks, tmp_path, monkeypatch):
    monkeypatch.setenv("HAIRSTUDIO_DATA", str(tmp_path))
    store.ensure_folder()
    (store.folder() / "face_landmarker.task").write_bytes(b"not a model")
    assert checks()["face_landmarker.task"].text.startswith("damaged")


def test_two_opencv_wheels_of_different_versions_are_a_fault(checks, monkeypatch):
    version = doctor.importlib.metadata.version
    other = {"opencv-contrib-python": "4.0"}
    monkeypatch.setattr(
        doctor.importlib.metadata, "version", lambda name: other.get(name) or version(name)
    )
    assert not checks()["opencv"].ok
