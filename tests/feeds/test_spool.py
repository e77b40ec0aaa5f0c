"""The spool: numbers without gap or half line, whatever happened; read on across files; kept as long as needed."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.errors import FeedError
from watchkeeper.feeds.compressing import compress
from watchkeeper.feeds.spool import Spool, SpoolFullError
from watchkeeper.feeds.spooled import SpoolReader, files_of, raw_line

NOW = 1_790_000_000_000


def lines(first: int, many: int, width: int = 10) -> bytes:
    return b"".join(b"%0*d\n" % (width, n) for n in range(first, first + many))


def everything(reader: SpoolReader, most: int = 1 << 16) -> bytes:
    parts = []
    while True:
        at = reader.next_line
        block, first = reader.read(most)
        assert first >= at, "never backwards"
        if not block:
            reader.close()
            return b"".join(parts)
        assert block.endswith(b"\n")
        parts.append(block)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=12),
    restarts=st.sets(st.integers(0, 11)),
    pressed=st.sets(st.integers(0, 11)),
    start=st.integers(1, 300),
    most=st.integers(1, 300),
)
def test_lines_are_read_back_from_any_line_on(
    tmp_path_factory: pytest.TempPathFactory,
    sizes: list[int],
    restarts: set[int],
    pressed: set[int],
    start: int,
    most: int,
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder, "nmea", NOW, file_bytes=150)
    along = SpoolReader(folder, "f")
    seen, written = b"", 0
    for k, many in enumerate(sizes):
        if k in restarts:
            spool.close()
            spool = Spool(folder, "nmea", NOW, file_bytes=150)
        assert spool.append(lines(written + 1, many), NOW) == written + 1
        written += many
        if k in pressed:
            for file in spool.closed_files():
                compress(file.path)
        seen += along.read(most)[0]
    whole = lines(1, written)
    assert seen + everything(along, most) == whole
    first = 1 + (start - 1) % written
    assert everything(SpoolReader(folder, "f", first), most) == lines(first, written - first + 1)
    for line in {1, first, written}:
        assert raw_line(folder, line) == b"%010d" % line
    assert raw_line(folder, written + 1) is None
    assert raw_line(folder, 0) is None
    spool.close()


def test_an_unfinished_line_is_cut_off_at_the_start(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "nmea", NOW)
    spool.append(b"one\ntwo\n", NOW)
    spool.close()
    file = files_of(tmp_path)[-1].path
    file.write_bytes(file.read_bytes() + b"thr")
    reader = SpoolReader(tmp_path, "f")
    assert everything(reader) == b"one\ntwo\n"
    again = Spool(tmp_path, "nmea", NOW)
    assert again.cut_bytes == 3
    assert again.append(b"three\n", NOW) == 3
    reader.close()
    reader.seek(3)
    assert everything(reader) == b"three\n"
    again.close()


def test_a_reader_that_holds_half_a_line_survives_the_cut(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "nmea", NOW)
    spool.append(b"a" * 40 + b"\n", NOW)
    reader = SpoolReader(tmp_path, "f")
    assert reader.read(16)[0] == b"a" * 40 + b"\n"
    assert reader.read(16) == (b"", 2)
    spool.append(b"b\n", NOW)
    assert reader.read(16) == (b"b\n", 2)
    reader.close()
    spool.close()


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "nmea", NOW)
    with pytest.raises(FeedError, match="Another process"):
        Spool(tmp_path, "nmea", NOW)
    spool.close()
    Spool(tmp_path, "nmea", NOW).close()


def test_a_kill_while_pressing_leaves_every_line_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "nmea", NOW, file_bytes=50)
    for k in range(4):
        spool.append(lines(5 * k + 1, 5), NOW)
    first = spool.closed_files()[0].path
    plain = first.read_bytes()
    small = compress(first)
    first.write_bytes(plain)  # killed between the renaming and the removal
    small.with_name("000000000006.nmea.zst.unfinished").write_bytes(b"half")
    assert everything(SpoolReader(tmp_path, "f")) == lines(1, 20)
    spool.close()


def test_what_a_restart_needs_is_kept_and_the_rest_goes_by_size_and_age(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "nmea", NOW, file_bytes=50)
    for k in range(6):
        spool.append(lines(5 * k + 1, 5), NOW)
    now = round(time.time() * 1000)
    assert [f.first for f in files_of(tmp_path)] == [1, 6, 11, 16, 21, 26]
    assert spool.release(30, now, keep_bytes=1 << 20, keep_ms=10**9) == []
    assert len(spool.release(7, now, keep_bytes=0, keep_ms=10**9)) == 1, "line 7 is still needed"
    assert len(spool.release(30, now, keep_bytes=165, keep_ms=10**9)) == 2
    assert len(spool.release(99, now + 10**10, keep_bytes=1 << 20, keep_ms=10**9)) == 2
    assert [f.first for f in files_of(tmp_path)] == [26], "the file being written stays"
    with pytest.raises(FeedError, match="not kept any more"):
        SpoolReader(tmp_path, "f").read(100)
    assert raw_line(tmp_path, 3) is None
    spool.close()


def test_a_checkpoint_ahead_of_the_disk_never_gives_a_number_twice(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "nmea", NOW)
    spool.append(lines(1, 5), NOW)
    spool.close()
    again = Spool(tmp_path, "nmea", NOW, at_least=9)
    assert again.append(b"nine\n", NOW) == 9
    reader = SpoolReader(tmp_path, "f")
    assert everything(reader) == lines(1, 5) + b"nine\n"
    assert reader.missed == 3
    assert everything(SpoolReader(tmp_path, "f", 9)) == b"nine\n"
    again.close()


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "nmea", NOW, file_bytes=50)
    for k in range(3):
        spool.append(lines(5 * k + 1, 5), NOW)
    small = compress(spool.closed_files()[0].path)
    content = bytearray(small.read_bytes())
    content[len(content) // 2] ^= 0xFF
    small.write_bytes(bytes(content))
    with pytest.raises(FeedError, match="damaged"):
        everything(SpoolReader(tmp_path, "f"))
    spool.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid():
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=True)
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_keeps_whole_lines_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(150_000))
    spool = Spool(small_disk / "s", "nmea", NOW)
    block = lines(1, 20_000)
    with pytest.raises(SpoolFullError) as full:
        spool.append(block, NOW)
    kept = full.value.written
    assert 0 < kept < len(block)
    assert block[kept - 1 : kept] == b"\n"
    reader = SpoolReader(small_disk / "s", "f")
    assert everything(reader) == block[:kept]
    ballast.unlink()
    rest = block[kept : kept + 55_000]
    assert spool.append(rest, NOW) == kept // 11 + 1
    assert everything(reader) == rest
    spool.close()
