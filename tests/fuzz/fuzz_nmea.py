"""Fuzz the NMEA reader with atheris: ``python tests/fuzz/fuzz_nmea.py -max_total_time=60 [CORPUS_FOLDER]``.

Compiled code is not instrumented, so inputs are built from pieces that get through the checksum: the fuzzer
chooses fields, we write the sentence. Indices are checked (``NUMBA_BOUNDSCHECK``), so a write outside an
array is an error here, not silence. Every input must read without an exception, count every row once, and
read the same in small chunks.
"""

import io
import os
import sys
import tempfile
from collections import Counter

os.environ["NUMBA_BOUNDSCHECK"] = "1"
os.environ["NUMBA_CACHE_DIR"] = os.environ.get("FUZZ_CACHE_DIR") or tempfile.mkdtemp(prefix="fuzz-nmea-")

import atheris

import watchkeeper.kernels.nmea  # noqa: F401  first, and so not instrumented: it is compiled
from watchkeeper.kernels.nmea_reader import MOST_CHUNK
from watchkeeper.sources.options import ReadOptions

with atheris.instrument_imports(include=["watchkeeper.sources"]):
    from watchkeeper.sources import nmea

OPTIONS = ReadOptions(now=2_000_000_000_000, start=1_600_000_000_000, rate=10.0)
ALPHABET = "".join(chr(c) for c in (*range(48, 88), *range(96, 120)))


def with_checksum(body: str) -> str:
    """``body*hh``."""
    total = 0
    for byte in body.encode("utf-8", "surrogateescape"):
        total ^= byte
    return f"{body}*{total & 255:02X}"


def sentence(data: atheris.FuzzedDataProvider) -> str:
    """An AIS sentence with a good checksum and fields as the fuzzer likes them."""
    parts = data.ConsumeIntInRange(0, 9) if data.ConsumeBool() else 1
    kind = data.PickValueInList(list("0123459BCHK"))
    length = data.ConsumeIntInRange(0, 300)
    payload = kind + "".join(ALPHABET[b % 64] for b in data.ConsumeBytes(length))
    if data.ConsumeBool():
        payload = payload.ljust(data.ConsumeIntInRange(0, 80), "0")
    fields = (
        "AIVDM",
        parts,
        data.ConsumeIntInRange(0, 10) if parts > 1 else 1,
        data.PickValueInList(["", 0, 1, 2, 9, 10]),
        data.PickValueInList(["", "A", "B", "AB"]),
        payload,
        data.ConsumeIntInRange(0, 6),
    )
    return "!" + with_checksum(",".join(str(field) for field in fields))


def piece(data: atheris.FuzzedDataProvider) -> str:
    """A sentence, a tag block, a receive time, a line end or anything."""
    choice = data.ConsumeIntInRange(0, 7)
    if choice <= 2:
        return sentence(data)
    if choice == 3:
        number = data.ConsumeIntInRange(0, 4)
        group = f"g:{number}-2-{data.ConsumeIntInRange(-1, 600)},s:{number},c:{data.ConsumeInt(6)}"
        return "\\" + with_checksum(group) + "\\"
    if choice == 4:
        numbers = ",".join(str(data.ConsumeIntInRange(-1, 99)) for _ in range(7))
        return "$" + with_checksum(
            f"PGHP,1,{data.ConsumeIntInRange(1960, 10001)},{numbers},219,,2190067,1,00"
        )
    if choice == 5:
        return f",{data.ConsumeInt(8)}"
    return "\n" if choice == 6 else data.ConsumeBytes(20).decode("latin-1")


def read(log: bytes, chunk: int) -> tuple[Counter[str], Counter[str], list[object]]:
    """Counts and quarantine of a log."""
    rows: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    quarantine: list[object] = []
    for batch in nmea.batches(io.BytesIO(log), 0, "fuzz", OPTIONS, chunk):
        rows += batch.rows
        noticed += batch.noticed
        quarantine += batch.quarantine
    return rows, noticed, quarantine


def one_input(data: bytes) -> None:
    """What atheris calls."""
    provider = atheris.FuzzedDataProvider(data)
    chunk = provider.ConsumeIntInRange(1, 500)
    pieces = []
    while provider.remaining_bytes():
        pieces.append(piece(provider))
    for log in (data, "".join(pieces).encode("latin-1", "replace")):
        whole = read(log, MOST_CHUNK)
        assert whole == read(log, chunk)
        rows = whole[0]
        assert rows["read"] == sum(rows.values()) - rows["read"]
        assert rows["quarantined"] == len(whole[2])


if __name__ == "__main__":
    read(b"!AIVDM,1,1,,A,0,0*00\n", 100)  # compile before the clock runs
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
