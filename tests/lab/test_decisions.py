"""Verdicts on pairs survive crashes and decide what is exported."""

import pytest

from hairstudio.errors import UserError
from hairstudio.lab import decisions
from hairstudio.lab.store import Store


def test_the_last_verdict_counts_and_a_torn_line_does_not(tmp_path):
    store = Store(tmp_path)
    for name in ("one", "two"):
        (tmp_path / "pairs" / name).mkdir()
    decisions.decide(store, "one", "accepted")
    decisions.decide(store, "two", "rejected")
    decisions.decide(store, "one", "open")
    assert decisions.read(store) == {"two": "rejected"}
    with (tmp_path / decisions.FILE).open("ab") as file:
        file.write(b'{"pair":"tw')  # the process died here
    assert decisions.read(store) == {"two": "rejected"}
    decisions.decide(store, "one", "accepted")
    assert decisions.read(store) == {"one": "accepted", "two": "rejected"}


def test_only_pairs_that_are_there_are_judged(tmp_path):
    with pytest.raises(UserError, match="nobody"):
        decisions.decide(Store(tmp_path), "nobody", "accepted")
