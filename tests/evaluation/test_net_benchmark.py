"""``bench nets`` on small networks: every figure is measured."""

import pytest

from hairstudio.errors import UserError
from hairstudio.evaluation import net_benchmark


def test_every_figure_is_measured(monkeypatch):
    monkeypatch.setattr(net_benchmark, "SIZES", (16, 32))
    monkeypatch.setattr(net_benchmark, "EDITOR_SIZES", (64,))
    monkeypatch.setattr(net_benchmark, "_peak_mb", lambda _: None)  # a second of its own
    figures = {figure.name: figure for figure in net_benchmark.bench_nets(repeats=1).figures}
    for wanted in ("generator 16: forward", "generator 32: forward, rate",
                   "generator 32: forward, backward", "fused editor 64: forward"):  # fmt: skip
        assert figures[f"float32: {wanted}"].value > 0


@pytest.mark.skipif(net_benchmark._peak_mb("float32") is None, reason="no such counter here")
def test_a_large_picture_takes_less_memory_than_promised():
    assert 300 < net_benchmark._peak_mb("float32") < net_benchmark.MEMORY_LIMIT


def test_without_a_compiler_nothing_is_compiled(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="needs one of"):
        net_benchmark.bench_nets(compiled=True)
