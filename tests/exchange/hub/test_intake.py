"""What comes in, by itself: whatever the bytes are, an object fails or is taken as it is."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.taxii.node import indicator
from watchkeeper.exchange.hub.intake import Checked, Failed, NotAnEnvelopeError, checked, objects_of

ENVELOPE = json.dumps({"objects": [indicator(x=[{"a": "\u00e9"}]), indicator()], "more": False})
PIECES = st.sampled_from(
    ["[", "]", "{", "}", '"', ",", "\\", "1e999", "9" * 5000, "null", '"id"', "[" * 70, "\\ud800"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def taken(body: bytes) -> list[Checked | Failed]:
    raws = objects_of(body)
    found = list(checked(raws))
    assert len(found) == len(raws)
    for raw, one in zip(raws, found, strict=True):
        assert raw in body
        if isinstance(one, Checked):
            assert one.raw == raw
            assert json.loads(raw) == one.object
            msgspec.json.decode(raw)
    return found


@given(st.lists(st.tuples(st.integers(0, len(ENVELOPE)), st.integers(0, 20), PIECES), max_size=5))
def test_changed_envelopes(changes: list[tuple[int, int, str]]) -> None:
    text = ENVELOPE
    for at, cut, piece in changes:
        text = text[:at] + piece + text[at + cut :]
    try:
        found = taken(text.encode())
    except NotAnEnvelopeError:
        return
    if not changes:
        assert all(isinstance(one, Checked) for one in found)


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    with pytest.raises(NotAnEnvelopeError):
        objects_of(body)


@given(st.lists(JSON, min_size=1, max_size=4))
def test_any_json(values: list[Any]) -> None:
    assert all(isinstance(one, Failed) for one in taken(json.dumps({"objects": values}).encode()))


@given(
    st.dictionaries(
        st.text(max_size=10).filter(lambda k: not k.endswith(("_ref", "_refs"))), JSON, max_size=5
    )
)
def test_any_custom_content(said: dict[str, Any]) -> None:
    whole = {**said, **indicator()}
    (one,) = taken(json.dumps({"objects": [whole]}).encode())
    assert isinstance(one, Checked), one
    assert one.object == whole


@pytest.mark.parametrize("count", [1, 3])
def test_an_object_that_stands_there_twice_is_found_where_it_is(count: int) -> None:
    """The list of objects is found in the body also where its beginning stands there before."""
    one = json.dumps(indicator())
    several = ", ".join([one] * count)
    body = f'{{"x": [{one}, 5], "objects": [{several}]}}'
    assert objects_of(body.encode()) == [one.encode()] * count
