"""Fuzz the MISP reader with atheris: ``python tests/fuzz/fuzz_misp.py -max_total_time=60 [CORPUS_FOLDER]``.

Inputs are raw bytes, and events built of values of every type under the names that are read. An input is refused whole
with an ``InputError`` or read; what was read can be written again as events that read the same.
"""

import io
import json
import sys
from typing import Any

import atheris

with atheris.instrument_imports(include=["watchkeeper.exchange"]):
    from watchkeeper.exchange.geojson import write
    from watchkeeper.exchange.misp.reading import read

from watchkeeper.errors import InputError

KEYS = (
    "uuid", "info", "timestamp", "distribution", "Tag", "name", "Object", "Attribute", "object_relation", "value",
    "type", "to_ids", "deleted", "comment", "EventReport", "content", "Orgc",
)  # fmt: skip
TEXTS = (
    "5b9f2b1e-0000-4000-8000-0123456789ab", "tlp:green", "tlp:", 'watchkeeper:marking="TLP:RED // REL TO x"',
    "ftm-Vessel",
    'exercise:generic="x"', "ship-behaviour", "record", "imoNumber", "9074729", "mmsi", "273000001", "ip-dst|port",
    "198.51.100.1|80", "watchkeeper case", "{}", "1", "", "domain|ip", "\u0000", "9" * 40,
)  # fmt: skip


def value(data: atheris.FuzzedDataProvider, depth: int) -> Any:
    """Something of any type."""
    choice = data.ConsumeIntInRange(0, 9)
    if choice <= 4 or depth > 5:
        return (
            data.PickValueInList(list(TEXTS)) if data.ConsumeBool() else data.ConsumeUnicodeNoSurrogates(20)
        )
    if choice == 5:
        return data.PickValueInList([None, True, False, 0, -1, 1e300, 10**30])
    if choice <= 7:
        return [value(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 4))]
    return {
        data.PickValueInList(list(KEYS)): value(data, depth + 1) for _ in range(data.ConsumeIntInRange(0, 8))
    }


def event(data: atheris.FuzzedDataProvider) -> bytes:
    """An event that is one at first sight."""
    made = {key: value(data, 0) for key in KEYS if data.ConsumeBool()}
    made |= {"uuid": TEXTS[0], "info": "x"} if data.ConsumeBool() else {}
    whole: Any = {"Event": made}
    return json.dumps([whole, {"Event": made}] if data.ConsumeBool() else whole).encode()


def one_input(data: bytes) -> None:
    """What atheris calls."""
    for given in (data, event(atheris.FuzzedDataProvider(data))):
        try:
            came = read(given)
        except InputError:
            continue
        assert all(one.realm == came.things.realm for one in came.things.findings)
        assert all(one.marking.tlp is not None for one in came.indicators)
        write(came.things, io.BytesIO())


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
