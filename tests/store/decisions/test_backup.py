"""Backup and restore give the same decisions, byte for byte, in either database; what is not whole is refused."""

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import zstandard
from decision_rows import Findings, draft
from sqlalchemy.engine import Engine

from watchkeeper.errors import InputError, OutputError, StoreError
from watchkeeper.model.event import Query
from watchkeeper.store.decisions import DecisionLog, begin, restore

ODD = {"name": "\0 ŁÓDŹ \u2028 😀", "big": 2**63 - 1, "float": 1e-300, "deep": [{"a": None}], "é": True}


@pytest.fixture
def log(engine: Engine) -> DecisionLog:
    log = DecisionLog(engine, (Findings(),))
    log.append([draft(n, body=ODD | {"n": n}) for n in range(90)] + [draft(99, key=None)])
    return log


def lines_of(file: Path) -> list[bytes]:
    with file.open("rb") as opened:
        return zstandard.ZstdDecompressor().stream_reader(opened).read().splitlines(keepends=True)


def test_there_and_back(log: DecisionLog, empty: Callable[[], Engine], tmp_path: Path) -> None:
    made = log.backup(tmp_path / "b.zst")
    assert (made.seq, made.hash) == (91, log.standing().hash)
    engine = empty()
    assert restore(engine, tmp_path / "b.zst", (Findings(),)) == made
    back = DecisionLog(engine, (Findings(),))
    assert list(back.export()) == list(log.export())
    assert back.standing() == log.standing()
    everything = Query(collection="findings", order="id")
    assert back.documents(everything) == log.documents(everything)
    assert back.verify() == []
    again = back.backup(tmp_path / "again.zst")
    assert lines_of(tmp_path / "again.zst") == lines_of(tmp_path / "b.zst")
    assert again.hash == made.hash
    assert back.append([draft(5)])[0].seq == 6, "known keys are still known"
    assert back.append([draft(1000)])[0].seq == 92


def test_from_either_database_into_the_other(
    log: DecisionLog, backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    from watchkeeper.store.decisions import engine_of, sqlite_engine

    log.backup(tmp_path / "b.zst")
    if backend == "postgresql":
        other = sqlite_engine(tmp_path / "other.sqlite", create=True)
    else:
        other = engine_of(request.getfixturevalue("postgres").database())
    restore(other, tmp_path / "b.zst", (Findings(),))
    assert list(DecisionLog(other).export()) == list(log.export())
    other.dispose()


def test_a_backup_of_nothing(engine: Engine, empty: Callable[[], Engine], tmp_path: Path) -> None:
    DecisionLog(engine).backup(tmp_path / "b.zst")
    other = empty()
    assert restore(other, tmp_path / "b.zst").seq == 0
    assert DecisionLog(other).standing() == DecisionLog(engine).standing()


def test_a_backup_is_of_one_moment_while_others_write(log: DecisionLog, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        n = 1000
        while not done.is_set():
            log.append([draft(n + k) for k in range(20)])
            n += 20

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [log.backup(tmp_path / f"b{k}.zst") for k in range(5)]
    finally:
        done.set()
        thread.join()
    for k, summary in enumerate(made):
        assert len(lines_of(tmp_path / f"b{k}.zst")) == summary.seq + 2
        assert (summary.seq - 91) % 20 == 0, "no append is cut in two"


def test_a_backup_is_never_overwritten(log: DecisionLog, tmp_path: Path) -> None:
    file = tmp_path / "b.zst"
    file.write_text("something else")
    with pytest.raises(OutputError, match="there already"):
        log.backup(file)
    with pytest.raises(OutputError, match="cannot be written"):
        log.backup(tmp_path / "no folder" / "b.zst")
    assert file.read_text() == "something else"
    assert list(tmp_path.iterdir()) == [file]


def test_a_database_with_decisions_is_left_alone(
    log: DecisionLog, empty: Callable[[], Engine], tmp_path: Path
) -> None:
    log.backup(tmp_path / "b.zst")
    before = list(log.export())
    with pytest.raises(StoreError, match="holds 91 decisions"):
        restore(log.engine, tmp_path / "b.zst")
    assert list(log.export()) == before
    prepared = empty()
    begin(prepared, "some other id")
    restore(prepared, tmp_path / "b.zst")
    assert DecisionLog(prepared).standing() == log.standing()


def packed(lines: list[bytes]) -> bytes:
    return zstandard.ZstdCompressor().compress(b"".join(lines))


def changed(lines: list[bytes], n: int, old: bytes, new: bytes) -> list[bytes]:
    assert old in lines[n]
    return [*lines[:n], lines[n].replace(old, new, 1), *lines[n + 1 :]]


SPOILT: dict[str, Callable[[bytes, list[bytes]], bytes]] = {
    "empty": lambda raw, lines: b"",
    "garbage": lambda raw, lines: b"garbage" * 100,
    "half": lambda raw, lines: raw[: len(raw) // 2],
    "a byte": lambda raw, lines: raw[:200] + bytes([raw[200] ^ 1]) + raw[201:],
    "cut at a line": lambda raw, lines: packed(lines[:50]),
    "no end": lambda raw, lines: packed(lines[:-1]),
    "a line less": lambda raw, lines: packed(lines[:50] + lines[51:]),
    "the last event less": lambda raw, lines: packed([*lines[:-2], lines[-1]]),
    "a line more": lambda raw, lines: packed([*lines, lines[3]]),
    "exchanged": lambda raw, lines: packed([*lines[:5], lines[6], lines[5], *lines[7:]]),
    "an actor": lambda raw, lines: packed(changed(lines, 9, b"watch", b"wotch")),
    "a space in a body": lambda raw, lines: packed(changed(lines, 9, b'"n":', b'"n": ')),
    "another store": lambda raw, lines: packed(changed(lines, 0, b"5e4c", b"0000")),
    "no JSON": lambda raw, lines: packed([*lines[:9], b"{\n", *lines[10:]]),
    "a later schema": lambda raw, lines: packed(changed(lines, 0, b'"schema":1', b'"schema":2')),
    "something else": lambda raw, lines: packed([b'{"a":1}\n']),
    "the checksum": lambda raw, lines: packed(
        [*lines[:-1], msgspec.json.encode({"events": 91, "sha256": "0" * 64}) + b"\n"]
    ),
}


def test_what_is_not_whole_is_refused_and_leaves_nothing(
    log: DecisionLog, empty: Callable[[], Engine], tmp_path: Path
) -> None:
    file = tmp_path / "b.zst"
    log.backup(file)
    raw, lines = file.read_bytes(), lines_of(file)
    into = empty()
    for name, spoil in SPOILT.items():
        file.write_bytes(spoil(raw, lines))
        with pytest.raises((InputError, StoreError)) as refused:
            restore(into, file)
        assert str(file) in str(refused.value), name
        with into.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 0, name
    file.write_bytes(raw)
    assert restore(into, file).seq == 91
    with pytest.raises(InputError, match="cannot be read"):
        restore(into, tmp_path / "not there")


def test_export_by_kind(log: DecisionLog) -> None:
    log.append([draft(200, "alert.raised")])
    (line,) = log.export(kinds=["alert."])
    assert msgspec.json.decode(line)["subject"] == "finding-4"
    assert len(list(log.export(80))) == 12
