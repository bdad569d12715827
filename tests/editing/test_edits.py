"""Edits survive JSON, and what is wrong in a list of edits is named."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hairstudio.editing.edits import Color, Hairline, dumps, loads
from hairstudio.errors import UserError
from hairstudio.guides import palette

signed = st.floats(-1, 1)
fractions = st.floats(0, 1)
common = {
    "strength": fractions,
    "seed": st.integers(0, 2**32 - 1),
    "enabled": st.booleans(),
    "name": st.text(max_size=20),
}
hairlines = st.builds(Hairline, amount=signed, **common)
colors = st.builds(
    Color, shade=st.sampled_from([*palette.names(), "8a3b1c"]), roots=fractions, **common
)


@given(st.lists(hairlines | colors, max_size=4).map(tuple))
def test_json_round_trip(edits):
    assert loads(dumps(edits)) == edits


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"kind": "hairline", "amount": 7}]', ["$[0].amount", "<= 1.0"]),
        ('[{"kind": "hairline"}, {"kind": "color", "shade": "mauv"}]', ["$[1].shade", "mauv"]),
        ('[{"kind": "perm"}]', ["$[0].kind", "perm"]),
        ('[{"kind": "color"}]', ["$[0]", "shade"]),
        ('[{"kind": "hairline", "amonut": 0.5}]', ["$[0]", "amonut"]),
        ('[{"kind": "hairline", "seed": -1}]', ["$[0].seed"]),
        ('{"kind": "hairline"}', ["array"]),
        ("hairline", ["JSON"]),
    ],
)
def test_mistakes_are_named_with_their_place(text, words):
    with pytest.raises(UserError) as raised:
        loads(text, "look.json")
    message = str(raised.value)
    assert message.startswith("look.json: ") and "\n" not in message
    assert all(word in message for word in words)


def test_edits_cannot_be_changed():
    with pytest.raises(AttributeError):
        Hairline(amount=0.5).amount = 0.1  # type: ignore[misc]


@pytest.mark.parametrize(
    "edit",
    [
        Hairline(),
        Hairline(amount=0.5, strength=0),
        Hairline(amount=0.5, enabled=False),
        Color(shade="black", strength=0),
        Color(shade="black", enabled=False),
    ],
)
def test_edits_that_do_nothing_are_idle(edit):
    assert edit.idle
    assert not msgspec.structs.replace(
        edit, enabled=True, strength=1, **({"amount": 0.1} if isinstance(edit, Hairline) else {})
    ).idle
