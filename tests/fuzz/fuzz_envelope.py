"""Fuzz what the hub takes in with atheris: ``python tests/fuzz/fuzz_envelope.py -max_total_time=60 [CORPUS_FOLDER]``.

Inputs are raw bytes, and envelopes of ours in which pieces are replaced. A body is refused whole or taken apart into
objects; each of these fails or is taken; what is taken is the object's own bytes, is read alike by every reader of
JSON, and has a marking.
"""

import json
import sys

import atheris
import msgspec

with atheris.instrument_imports(include=["watchkeeper.exchange"]):
    from watchkeeper.exchange.closure import held_as
    from watchkeeper.exchange.hub.intake import Checked, NotAnEnvelopeError, checked, objects_of
    from watchkeeper.exchange.markings import definitions_of

ID = "indicator--00000000-0000-4000-8000-000000000001"
WHOLE = json.dumps(
    {
        "more": False,
        "objects": [
            {"type": "indicator", "spec_version": "2.1", "id": ID, "created": "2025-01-01T00:00:00Z",
             "modified": "2025-01-01T00:00:00.000001Z", "object_marking_refs": ["marking-definition--" + ID[11:]],
             "granular_markings": [{"selectors": ["name"], "marking_ref": "marking-definition--" + ID[11:]}],
             "labels": ["exercise:x"], "x": [1, 2.5, None, True, {"a": "\\u00e9"}], "created_by_ref": ID},
            {"type": "ipv4-addr", "id": "ipv4-addr--" + ID[11:], "value": "203.0.113.1"},
            {"type": "marking-definition", "id": "marking-definition--" + ID[11:], "created": "2025-01-01T00:00:00Z",
             "definition_type": "tlp", "definition": {"tlp": "amber"}},
        ],
    }
)  # fmt: skip
PIECES = (
    "[", "]", "{", "}", '"', ",", ":", "\\", "\\u0000", "\\ud800", "1e999", "9" * 5000, "NaN", "null", "-0", "2.0",
    '"id"', '"type"', '"objects"', "bundle", "T24:00:00Z", "9999-12-31", "--", "_ref", "_refs", "[" * 70, "\u2028",
)  # fmt: skip


def changed(data: atheris.FuzzedDataProvider) -> bytes:
    """An envelope with a few pieces cut out and others put in."""
    text = WHOLE
    for _ in range(data.ConsumeIntInRange(1, 6)):
        at = data.ConsumeIntInRange(0, len(text))
        cut = data.ConsumeIntInRange(0, 30)
        text = text[:at] + data.PickValueInList(list(PIECES)) + text[at + cut :]
    return text.encode("utf-8", "surrogatepass")


def one_input(raw: bytes) -> None:
    data = atheris.FuzzedDataProvider(raw)
    body = changed(data) if data.ConsumeBool() else data.ConsumeBytes(sys.maxsize)
    try:
        raws = objects_of(body)
    except NotAnEnvelopeError:
        return
    for each, found in zip(raws, checked(raws), strict=True):
        assert each in body
        if isinstance(found, Checked):
            assert found.raw == each
            assert msgspec.json.decode(each).keys() == json.loads(each).keys()
            held_as(found.object, definitions_of([found.object]), {}, "A")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
