"""``bench nets --peer``: each network in a process of its own, against a stand-in for theirs."""

import pytest

from hairstudio.errors import UserError
from hairstudio.evaluation import net_benchmark, net_peer

STAND_IN = """
import time, torch

class SynthesisNetwork(torch.nn.Module):
    num_ws = 8

    def __init__(self, img_resolution, **settings):
        super().__init__()
        self.side = img_resolution

    def forward(self, ws, noise_mode):
        time.sleep(0.5)
        return ws.mean().expand(1, 3, self.side, self.side)
"""


def test_both_are_measured_each_in_its_own_process(tmp_path, monkeypatch):
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "networks_stylegan2.py").write_text(STAND_IN)
    monkeypatch.setattr(net_peer, "PASSES", {"forward, backward": (64,)})
    figures = {f.name: f for f in net_benchmark.bench_nets(repeats=1, peer=tmp_path).figures}
    theirs = figures["NVIDIA's generator 64: forward, backward"].value
    assert theirs >= 500
    assert figures["float32: generator 64: forward, backward, over NVIDIA's"].value > 0


def test_a_folder_without_their_networks_is_named(tmp_path):
    with pytest.raises(UserError, match="no checkout") as caught:
        net_benchmark.bench_nets(repeats=1, peer=tmp_path)
    assert str(tmp_path) in str(caught.value)
