"""The command that proves that nothing is lost, at its smallest."""

import os

import pytest

from hairstudio.evaluation.lab_unattended import bench_unattended


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_killed_and_started_again_all_pairs_are_there_once(monkeypatch):
    monkeypatch.setenv("HAIRSTUDIO_THREADS", "1")
    found = {f.name: f.value for f in bench_unattended(2, steps=8, kills=1).figures}
    assert found["pairs in the store, of 2 asked for"] == found["of them in the index"] == 2
    assert found["made twice"] == found["left half done"] == 0
    assert found["killed and started again"] == 1
