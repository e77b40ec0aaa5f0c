"""Fuzz the reader of STIX with atheris: ``python tests/fuzz/fuzz_stix.py -max_total_time=60 [CORPUS_FOLDER]``.

Bytes alone seldom get past the first brace, so our own objects are damaged as the fuzzer likes: a value becomes
another. Nothing but an :class:`InputError` may come out, every object is kept or refused, what is kept is kept as it
came, and what was read can be written as events.
"""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import atheris
import msgspec

sys.path.insert(0, str(Path(__file__).parent.parent))

with atheris.instrument_imports(include=["watchkeeper.exchange"]):
    from watchkeeper.exchange import indicators
    from watchkeeper.exchange.hub import intake
    from watchkeeper.exchange.received import Provenance, ReceivedProjector, drafts
    from watchkeeper.exchange.stix import reading

from exchange.formats.made_up import exercise, things
from watchkeeper.errors import InputError
from watchkeeper.exchange.stix.bundle import objects_of
from watchkeeper.model.event import Event

OURS: list[dict[str, Any]] = [*objects_of(things()), *objects_of(exercise())]
FROM = Provenance(sender="A", format="stix", file="f", sha256="0" * 64)


def damaged(data: atheris.FuzzedDataProvider) -> bytes:
    """Some of our objects, with damage."""
    chosen = [copy.deepcopy(OURS[data.ConsumeIntInRange(0, len(OURS) - 1)]) for _ in range(3)]
    for _ in range(data.ConsumeIntInRange(1, 4)):
        at: Any = chosen
        while isinstance(at, dict | list) and at:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            key = keys[data.ConsumeIntInRange(0, len(keys) - 1)]
            if isinstance(at[key], dict | list) and at[key] and data.ConsumeBool():
                at = at[key]
                continue
            at[key] = value(data)
            break
    return json.dumps({"type": "bundle", "objects": chosen}).encode("utf-8", "surrogatepass")


def value(data: atheris.FuzzedDataProvider) -> Any:
    """Something."""
    choice = data.ConsumeIntInRange(0, 7)
    if choice == 0:
        return data.ConsumeUnicode(40)
    if choice == 1:
        return data.ConsumeInt(20)
    if choice == 2:
        return data.ConsumeFloat()
    some: Any = OURS[data.ConsumeIntInRange(0, len(OURS) - 1)]
    return [None, True, [], {}, some["id"], list(some.values())][choice - 2]


def read(text: bytes) -> None:
    """Read, and see that the laws hold."""
    try:
        raws = intake.objects_of(text)
    except intake.NotAnEnvelopeError:
        raws = None
    try:
        incoming = reading.read(text)
    except InputError:
        return
    if raws is not None:
        assert len(incoming.kept) + len(incoming.refused) >= len(raws)
        assert {kept.data for kept in incoming.kept} <= set(raws)
    projector = ReceivedProjector()
    for seq, draft in enumerate(drafts(incoming, FROM, at=0, actor="user:f"), 1):
        body = msgspec.json.decode(msgspec.json.encode(draft.body))
        fields = msgspec.structs.asdict(draft) | {"body": body}
        list(projector.apply(Event(**fields, seq=seq, hash=""), lambda collection, id: None))


def one_input(data: bytes) -> None:
    """What atheris calls."""
    read(data)
    provider = atheris.FuzzedDataProvider(data)
    pattern = provider.ConsumeUnicodeNoSurrogates(200)
    for kind, found in indicators.values_in(pattern):
        assert indicators.normal(kind, found) == found
    indicators.alone(pattern)
    read(damaged(provider))


if __name__ == "__main__":
    read(json.dumps({"objects": OURS}).encode())
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
