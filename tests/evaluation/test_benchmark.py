import json

import msgspec
import pytest

from hairstudio.evaluation import benchmark
from hairstudio.evaluation.benchmark import Figure, Report


@pytest.fixture(scope="module")
def report():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark, "MEGAPIXELS", 0.6)
        patch.setattr(benchmark, "SIDES", (512,))
        patch.setattr(benchmark, "LARGE_FACE", 150.0)
        return benchmark.bench_edit(repeats=1)


def test_every_asked_figure_is_measured(report):
    names = [figure.name for figure in report.figures]
    for wanted in ("hairline preview 512: slider move", "colour preview 512: slider move",
                   "colour preview 512: draw", "final, hair",
                   "full fringe preview 512: slider move", "final, full fringe, IOD 1",
                   "analysis", "analysis: landmarks", "save",
                   "program: peak memory", "--help over a bare interpreter"):  # fmt: skip
        assert any(name.startswith(wanted) for name in names), wanted
    assert len(set(names)) == len(names)
    assert all(figure.value > 0 for figure in report.figures if figure.cpu is not None)


def test_memory_is_that_of_the_program_and_help_costs_more_than_nothing(report):
    figures = {figure.name: figure.value for figure in report.figures}
    assert 150 < figures["program: peak memory"] < 4096  # torch alone takes more than 150 MB
    assert figures["--help over a bare interpreter"] > 1


def test_the_report_is_text_and_json(report):
    assert "analysis: one parsing pass" in report.as_text()
    read = json.loads(msgspec.json.encode(report))
    assert len(read["figures"]) == len(report.figures)


def test_a_figure_over_its_limit_is_marked():
    text = Report("m", 2, 0, (Figure("fast", 9, limit=10), Figure("slow", 11, limit=10))).as_text()
    fast, slow = text.splitlines()[-2:]
    assert fast.endswith("ok")
    assert slow.endswith("TOO MUCH")
