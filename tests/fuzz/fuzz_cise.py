"""Fuzz the CISE reader with atheris: ``python tests/fuzz/fuzz_cise.py -max_total_time=60 [CORPUS_FOLDER]``.

Inputs are raw bytes, and messages of ours in which pieces are replaced, so that the fuzzer gets past the XML. A message
is refused whole with an ``InputError`` or read; what was read can be written again.
"""

import io
import sys

import atheris

with atheris.instrument_imports(include=["watchkeeper.exchange"]):
    from watchkeeper.exchange.cise.messages import SERVICES, message
    from watchkeeper.exchange.cise.reading import read
    from watchkeeper.exchange.geojson import write

from watchkeeper.errors import InputError
from watchkeeper.exchange.things import Fix, Things, Vessel
from watchkeeper.model.finding import Finding
from watchkeeper.model.marking import Marking

FINDING = Finding(
    id="00000000-0000-5000-8000-000000000001", behaviour="ais-gap", version=1, mmsi=273_000_001, imo=9_074_729,
    name="A", start="2025-03-01T00:00:00Z", end=None, lat=59.0, lon=24.0, measured=(), evidence=(), confidence="low",
    confidence_reason="", realm="real", summary="s",
)  # fmt: skip
SHIP = Vessel(mmsi=273_000_001, imo=9_074_729, name="A", as_of=1)
WHOLE = Things(findings=(FINDING,), vessels=(SHIP,), fixes=(Fix(mmsi=273_000_001, t=1, lat=1.0, lon=2.0),))
MESSAGES = [message(WHOLE, service).decode() for service in SERVICES]
PIECES = (
    "<Vessel>", "</Vessel>", "<MMSI>", "9" * 40, "nan", "inf", "1e400", "-1", "<Metadata>", "<Designation>TLP:CLEAR",
    "2025-03-01", "Z", "T24:00:00", "<ContextID>EXERCISE x</ContextID>", "&#0;", "&a;", "<![CDATA[", "\u2028",
    "<Payload>",
)  # fmt: skip


def changed(data: atheris.FuzzedDataProvider) -> bytes:
    """A message with a few pieces cut out and others put in."""
    text = data.PickValueInList(MESSAGES)
    for _ in range(data.ConsumeIntInRange(1, 6)):
        start = data.ConsumeIntInRange(0, len(text))
        end = min(len(text), start + data.ConsumeIntInRange(0, 60))
        piece = (
            data.PickValueInList(list(PIECES)) if data.ConsumeBool() else data.ConsumeUnicodeNoSurrogates(12)
        )
        text = text[:start] + piece + text[end:]
    return text.encode("utf-8", "replace")


def one_input(data: bytes) -> None:
    """What atheris calls."""
    for given in (data, changed(atheris.FuzzedDataProvider(data))):
        try:
            came = read(given)
        except InputError:
            continue
        assert all(one.realm == came.things.realm for one in came.things.findings)
        assert came.things.markings.default.tlp is not None or came.things.markings.default == Marking()
        write(came.things, io.BytesIO())


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
