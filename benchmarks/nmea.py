"""How fast NMEA logs become columns, on one thread, against pyais and libais. Prints medians of five and
ratios.

``python benchmarks/nmea.py [MESSAGES]``. The peers read a fiftieth of the log: they build a dictionary a
message, we fill typed columns, and theirs would take minutes.
"""

import io
import statistics
import sys
import time
from collections.abc import Callable

import ais
import numpy as np
from pyais.stream import IterMessages

import nmea_corpus
from watchkeeper.kernels import nmea as kernel
from watchkeeper.kernels import nmea_reader
from watchkeeper.sources import nmea
from watchkeeper.sources.options import ReadOptions

ROUNDS = 5
PEER_SHARE = 50
OPTIONS = ReadOptions(now=1_800_000_000_000)


def read_kernel(log: bytes) -> int:
    """The framing kernel alone: sentences to messages."""
    reader, begin, read = nmea_reader.new_reader(), 0, 0
    while begin < len(log):
        chunk = log[begin : begin + nmea_reader.MOST_CHUNK]
        reader["buffer"][0, : len(chunk)] = np.frombuffer(chunk, np.uint8)
        start, stop = 0, chunk.rfind(b"\n") + 1
        while start < stop:
            start = kernel.read_lines(reader, start, stop)
            read += int(reader["messages"][0])
            nmea_reader.empty(reader)
        begin += stop
    return read


def read_batches(log: bytes) -> int:
    """The source as the engine uses it: cleaned columns."""
    return sum(batch.rows["read"] for batch in nmea.batches(io.BytesIO(log), 0, "log", OPTIONS))


def read_pyais(log: bytes) -> int:
    """pyais' stream, every message decoded."""
    return sum(1 for message in IterMessages(log.splitlines()) if message.decode().asdict())


def read_libais(log: bytes) -> int:
    """libais' decoder in C++, sentences taken apart in Python in the cheapest way."""
    count, first = 0, ""
    for line in log.decode().splitlines():
        fields = line[line.index("!") :].split(",")
        if fields[1] == "1":
            ais.decode(fields[5], int(fields[6][0]))
        elif fields[2] == "1":
            first = fields[5]
            continue
        else:
            ais.decode(first + fields[5], int(fields[6][0]))
        count += 1
    return count


def rate(read: Callable[[bytes], int], log: bytes, expected: int) -> float:
    """Sentences a second of processor time (of one thread): median of five."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.thread_time()
        assert read(log) == expected
        seconds.append(time.thread_time() - begun)
    return log.count(b"\n") / statistics.median(seconds)


def main(many: int) -> None:
    """Time both kinds of log."""
    for kind, tagged in (("trailing time", False), ("tag block", True)):
        small = many // PEER_SHARE
        block = nmea_corpus.log(1, small, tagged)
        log = block * PEER_SHARE
        for read in (read_kernel, read_batches):
            read(block)  # compiled before it is timed
        ours = [rate(read, log, small * PEER_SHARE) for read in (read_kernel, read_batches)]
        theirs = [rate(read, block, small) for read in (read_pyais, read_libais)]
        print(f"{kind}: {log.count(10):,} sentences, {len(log) / 1e6:.0f} MB")
        for name, speed in zip(
            ("kernel", "batches", "pyais stream", "libais decode"), ours + theirs, strict=True
        ):
            print(f"  {name:14} {speed / 1e6:7.3f} M sentences/s  batches/this {ours[1] / speed:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
