"""Framing: however a stream was cut, its lines are the same, and a scan of the spool reads what the log says."""

import io
from functools import reduce
from itertools import pairwise
from operator import xor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.exercises.simulate import simulate
from watchkeeper.exercises.simulation import SimulationSpec
from watchkeeper.exercises.writers import write_nmea
from watchkeeper.feeds.framing import LINE_LIMIT, Framer, tag_block, xor_of
from watchkeeper.feeds.said import own_time
from watchkeeper.model.records import Positions, Statics
from watchkeeper.model.time import from_iso
from watchkeeper.sources import nmea
from watchkeeper.sources.options import ReadOptions

HEARD = 1_759_300_003_500
OPTIONS = ReadOptions(now=from_iso("2026-11-01"))


def sentence(payload: bytes, *, parts: int = 1, part: int = 1, sequence: bytes = b"") -> bytes:
    body = b"AIVDM,%d,%d,%b,A,%b,0" % (parts, part, sequence, payload)
    return b"!%b*%02X" % (body, xor_of(body))


POSITION = sentence(b"177KQJ5000G?tO`K>RA1wUbN0TKH")
FIRST, SECOND = (
    sentence(b"55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8", parts=2, part=1, sequence=b"1"),
    sentence(b"88888888880", parts=2, part=2, sequence=b"1"),
)


def read(content: bytes) -> tuple[Positions, Statics, list[str]]:
    batches = list(
        nmea.batches(io.BytesIO(content), 0, "log", ReadOptions(now=OPTIONS.now, start=HEARD, rate=1e12))
    )
    return (
        Positions.concat(b.positions for b in batches),
        Statics.concat(b.statics for b in batches),
        [q.reason for b in batches for q in b.quarantine],
    )


def framed(content: bytes, cuts: list[int]) -> bytes:
    framer = Framer()
    edges = [0, *sorted(c % (len(content) + 1) for c in cuts), len(content)]
    return b"".join(framer.stream(content[a:b], HEARD) for a, b in pairwise(edges)) + framer.end(HEARD)


def same(a: Any, b: Any, *, but: tuple[str, ...] = ()) -> None:
    for name in a.DTYPES:
        if name not in but:
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


PIECES = st.sampled_from(
    [
        POSITION,
        FIRST,
        SECOND,
        tag_block(b"s:rORBCOMM,c:1759300000") + POSITION,
        tag_block(b"s:r1") + POSITION,
        tag_block(b"g:1-2-77,s:r2,c:1759300001") + FIRST,
        tag_block(b"g:2-2-77") + SECOND,
        tag_block(b"c:1759300002"),
        b"\\c:1759300003*00\\" + POSITION,
        POSITION + b",rEU7,1759300004",
        b"$PGHP,1,2025,10,1,6,26,42,120,219,,2190047,1,3F*"
        + b"%02X" % xor_of(b"PGHP,1,2025,10,1,6,26,42,120,219,,2190047,1,3F"),
        b"# " + POSITION,
        b"noise " + POSITION,
        POSITION + POSITION,
        b"",
        b"garbage \xff\x00 \\ ! $",
        b"!AIVDM,1,1,,A,15Mwk",
        b"$GPGGA,1,2*00",
    ]
)


@given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 4000), max_size=6), st.booleans())
def test_the_spool_of_a_log_reads_as_the_log(pieces: list[bytes], cuts: list[int], ended: bool) -> None:
    log = b"\n".join(pieces) + (b"\n" if ended else b"")
    spool = framed(log, cuts)
    before, after = read(log), read(spool)
    same(before[0], after[0], but=("t",))
    same(before[1], after[1], but=("t",))
    assert before[2] == after[2]


@given(st.lists(st.integers(0, 4000), max_size=6))
def test_times_that_a_log_tells_stay(cuts: list[int]) -> None:
    timed = [
        tag_block(b"s:r,c:1759300000") + POSITION,
        tag_block(b"c:1759300002"),
        POSITION,
        POSITION + b",rEU7,1759300004",
        tag_block(b"g:1-2-77,s:r2,c:1759300001") + FIRST,
        tag_block(b"g:2-2-77") + SECOND,
    ]
    log = b"\n".join(timed) + b"\n"
    assert framed(log, cuts) == log


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_nothing_is_lost_and_cuts_change_nothing(content: bytes, cuts: list[int]) -> None:
    spool = framed(content, cuts)
    assert spool == framed(content, [])
    assert spool.count(b"\n") == content.count(b"\n") + (content[-1:] not in (b"\n", b""))
    if not any(mark in content for mark in (b"VD", b"{", b"\r")):
        assert spool.rstrip(b"\n") == content.rstrip(b"\n")


@given(st.binary(min_size=1, max_size=200))
def test_the_checksum(content: bytes) -> None:
    assert xor_of(content) == reduce(xor, content)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("day") / "day.nmea"
    write_nmea(
        simulate(SimulationSpec(seed=4, rows=4_000, hours=8.0, cases_per_behaviour=0, behaviours=())), path
    )
    return path.read_bytes()


@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, 1 << 20), max_size=8))
def test_a_simulated_day_reads_the_same(day: bytes, cuts: list[int]) -> None:
    before, after = read(day), read(framed(day, cuts))
    assert len(before[0]) > 1_000
    same(before[0], after[0])
    same(before[1], after[1])


def test_a_sentence_gets_the_time_it_was_heard() -> None:
    spool = framed(POSITION + b"\r\n" + tag_block(b"s:r9") + POSITION + b"\n", [])
    assert set(read(spool)[0].t.tolist()) == {HEARD}
    assert spool.splitlines()[1] == tag_block(b"s:r9,c:%d" % HEARD) + POSITION
    assert spool.splitlines(keepends=True)[0] == tag_block(b"c:%d" % HEARD) + POSITION + b"\r\n"


def test_the_quick_way_gives_what_the_slow_way_gives() -> None:
    block = (POSITION + b"\n") * 50
    slow = Framer()
    one_by_one = b"".join(slow.stream(POSITION + b"\n", HEARD) for _ in range(50))
    assert Framer().stream(block, HEARD) == one_by_one
    assert framed(block + b"x\n", []) == one_by_one + b"x\n"


@given(st.lists(PIECES, min_size=1, max_size=8), st.integers(1, 6))
def test_many_lines_at_once_give_what_each_gives(pieces: list[bytes], times: int) -> None:
    log = b"".join(piece + b"\n" for piece in pieces) * times * 4
    slow = Framer()
    one_by_one = b"".join(slow._line(line + b"\n", HEARD) for line in log.split(b"\n")[:-1])
    assert Framer().stream(log, HEARD) == one_by_one


def test_a_line_of_ten_megabytes_is_one_unreadable_line() -> None:
    content = POSITION + b"\n" + b"A" * (10 << 20) + b"\n" + POSITION + b"\n"
    framer = Framer()
    spool = b"".join(framer.stream(content[i : i + 65_536], HEARD) for i in range(0, len(content), 65_536))
    assert spool.count(b"\n") == 3
    assert framer.cut == 1
    assert LINE_LIMIT < len(spool) < LINE_LIMIT + 1_000
    positions, _, reasons = read(spool)
    assert len(positions) == 2
    assert len(reasons) == 1
    assert "longer than" in reasons[0]
    assert Framer().message(b"A" * (10 << 20), HEARD).count(b"\n") == 1


def test_json_is_one_line_with_the_time_it_was_heard() -> None:
    framer = Framer()
    line = framer.message(b'{\r\n "a": 1\n}', HEARD, 'x/"y"')
    assert line == b'{"heard":%d,"topic":"x/\\"y\\"","a": 1 }\n' % HEARD
    assert framer.message(b"{}", HEARD) == b'{"heard":%d}\n' % HEARD
    assert framer.message(b"", HEARD) == b'{"heard":%d}\n' % HEARD
    assert framer.stream(b'{"a":1}\n', HEARD) == b'{"heard":%d,"a":1}\n' % HEARD
    assert framer.message(POSITION + b"\n" + POSITION, HEARD).count(b"\n") == 2


@pytest.mark.parametrize(
    ("line", "time"),
    [
        (tag_block(b"s:r,c:1759300000") + POSITION + b"\n", 1759300000_000),
        (tag_block(b"c:1759300000123") + POSITION + b"\n", 1759300000_123),
        (b'{"heard":5,"time":1668075025,"sog":1}\n', 1668075025_000),
        (b'{"heard":5,"MetaData":{"time_utc":"2022-12-29 18:22:32.318353 +0000 UTC"}}\n', 1672338152_000),
        (b'{"heard":5,"msgtime":"2023-04-20T10:00:00+00:00"}\n', 1681984800_000),
        (b'{"heard":1759300000000}\n', None),
        (b"noise\n", None),
    ],
)
def test_what_a_line_says_of_its_time(line: bytes, time: int | None) -> None:
    assert own_time(b"first\n" + line) == time
