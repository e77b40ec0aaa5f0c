"""What a database does when it is locked, gone, full, cut off, older or newer; and what the log then does."""

import os
import random
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from decision_rows import Findings, draft
from postgres_server import Server, running
from sqlalchemy.engine import Engine

from watchkeeper.errors import StoreError
from watchkeeper.store.decisions import (
    DatabaseError,
    DecisionLog,
    begin,
    bring_up,
    engine_of,
    faults,
    sqlite_engine,
)
from watchkeeper.store.decisions.schema import STEPS
from watchkeeper.store.decisions.tables import metadata


@pytest.fixture
def sqlite(tmp_path: Path) -> Path:
    path = tmp_path / "decisions.sqlite"
    engine = sqlite_engine(path, create=True)
    begin(engine, "a store")
    engine.dispose()
    return path


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "WAITS_S", (0.01, 0.01))
    monkeypatch.setattr("watchkeeper.store.decisions.engines.BUSY_MS", 50)
    monkeypatch.setattr("watchkeeper.store.decisions.engines._PRAGMAS", ("PRAGMA busy_timeout = 50",))


def test_sqlite_is_set_for_decisions(sqlite: Path) -> None:
    with engine_of(sqlite).connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_a_locked_file_is_waited_for(sqlite: Path, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    log = DecisionLog(engine_of(sqlite))
    other = sqlite3.connect(sqlite, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="held by another process") as locked:
        log.append([draft(1)])
    assert locked.value.fault == "locked"
    assert log.read() == [], "reading goes on"
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        other.execute("COMMIT") if len(waits) == 2 else None

    monkeypatch.setattr(time, "sleep", wait)
    assert [e.seq for e in log.append([draft(1)])] == [1]
    assert len(waits) == 2
    other.close()


def test_a_locked_head_is_waited_for(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(postgres.database())
    begin(engine, "a store")
    log = DecisionLog(engine)
    with engine.connect() as other:
        other.exec_driver_sql("SELECT * FROM head FOR UPDATE")
        thread = threading.Thread(target=log.append, args=([draft(1)],))
        thread.start()
        assert log.head() == 0
        other.commit()
        thread.join()
    assert log.head() == 1
    monkeypatch.setattr(faults, "WAITS_S", (0.01,))
    engine.dispose()


def test_a_file_that_was_moved_away_takes_nothing(sqlite: Path, impatient: None) -> None:
    log = DecisionLog(engine_of(sqlite))
    log.append([draft(1)])
    sqlite.rename(sqlite.with_suffix(".moved"))
    with pytest.raises(DatabaseError, match="removed or replaced"):
        log.append([draft(2)])
    log.engine.dispose()
    with pytest.raises(DatabaseError, match="cannot be reached"):
        log.head()
    assert not sqlite.exists(), "no new, empty one is made"
    sqlite.with_suffix(".moved").rename(sqlite)
    assert log.append([draft(2)])[0].seq == 2


def fill(log: DecisionLog, at_once: int) -> None:
    for start in range(10, 100_000, at_once):
        log.append([draft(n) for n in range(start, start + at_once)])


def test_a_full_disk(sqlite: Path) -> None:
    engine = engine_of(sqlite)
    log = DecisionLog(engine, (Findings(),))
    log.append([draft(1)])
    used = int(engine.connect().exec_driver_sql("PRAGMA page_count").scalar() or 0)
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {used + 3}"))
    with pytest.raises(DatabaseError, match=r"no room on its disk .* Free some space") as full:
        fill(log, 50)
    assert full.value.fault == "full"
    head = log.head()
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1000000"))
    assert log.verify() == []
    assert log.append([draft(5000)])[0].seq == head + 1


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """On a file system of 2 MB: the write-ahead log is full before SQLite's own limit is."""
    where = tmp_path / "small"
    where.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=2m none {where} 2>/dev/null") != 0:
        # Without the right to mount, the test above stands for this one.
        return
    try:
        engine = sqlite_engine(where / "decisions.sqlite", create=True)
        begin(engine, "a store")
        log = DecisionLog(engine, (Findings(),))
        with pytest.raises(DatabaseError) as full:
            fill(log, 200)
        assert full.value.fault in ("full", "gone")
        head = log.head()
        assert head % 200 == 0
        assert log.verify() == []
        engine.dispose()
    finally:
        assert os.system(f"umount {where}") == 0


def test_a_file_that_may_not_be_read_as_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="cannot be reached"):
        DecisionLog(engine_of(tmp_path / "not there.sqlite"))
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(StoreError, match="holds no decisions"):
        DecisionLog(engine_of(tmp_path / "empty.sqlite"))


@pytest.mark.parametrize("url", ["mysql://x/y", "://", "http://x", "postgresql://"])
def test_addresses_that_are_none(url: str) -> None:
    if url == "postgresql://":
        url = "postgresql://nobody@127.0.0.1:1/none"
    with pytest.raises(StoreError):
        DecisionLog(engine_of(url))


def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreError) as refused:
        DecisionLog(engine_of("postgresql://me:secret-word@127.0.0.1:1/none"))
    assert "secret-word" not in str(refused.value)


def test_another_encoding_is_refused(postgres: Server) -> None:
    url = postgres.database("ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    engine = engine_of(url)
    with pytest.raises(StoreError, match="LATIN1"):
        begin(engine, "a store")
    engine.dispose()


def test_orders_do_not_hang_on_the_collation(postgres: Server) -> None:
    url = postgres.database("LOCALE_PROVIDER icu ICU_LOCALE 'en-US' TEMPLATE template0")
    engine = engine_of(url)
    begin(engine, "a store")
    log = DecisionLog(engine, (Findings(),))
    names = ["a", "B", "_", "ä", "Z", "z", "1", "-"]
    log.append([draft(n, subject=name) for n, name in enumerate(names)])
    from watchkeeper.model.event import Query

    assert [d.id for d in log.documents(Query(collection="findings", order="id")).items] == sorted(names)
    assert log.verify() == []
    engine.dispose()


def test_sessions_that_are_cut_off(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are ended between any two statements of an append: nothing is lost, nothing is there twice."""
    url = postgres.database()
    engine = engine_of(url)
    begin(engine, "a store")
    log = DecisionLog(engine, (Findings(),))
    monkeypatch.setattr(faults, "WAITS_S", (0.0,) * 8)
    chance, cuts = random.Random(7), 0

    def cut(*_: object) -> None:
        nonlocal cuts
        if chance.random() < 0.06:
            cuts += postgres.cut_off(url)

    sa.event.listen(engine, "before_cursor_execute", cut)
    for n in range(0, 400, 4):
        log.append([draft(n + k, key=None) for k in range(4)])
    sa.event.remove(engine, "before_cursor_execute", cut)
    assert cuts >= 20
    assert [e.body["n"] for e in log.read(limit=1000)] == list(range(400))
    assert log.verify() == []
    engine.dispose()


def test_a_commit_whose_answer_was_lost_is_not_repeated(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = DecisionLog(engine, (Findings(),))
    monkeypatch.setattr(faults, "WAITS_S", (0.0,))
    lost = [True]

    def lose(connection: Any) -> None:
        # The database writes, and then the line is cut.
        if lost and connection.exec_driver_sql("SELECT count(*) FROM events").scalar():
            lost.clear()
            connection.connection.dbapi_connection.commit()
            raise sa.exc.OperationalError("COMMIT", None, Exception("cut off"), connection_invalidated=True)

    sa.event.listen(engine, "commit", lose)
    written = log.append([draft(1, key=None), draft(2)])
    assert [e.seq for e in written] == [1, 2]
    assert log.read() == written
    assert log.verify() == []


def test_a_server_that_stops_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        engine = engine_of(server.database())
        begin(engine, "a store")
        log = DecisionLog(engine)
        log.append([draft(1)])
        server.stop("fast")  # the tests' server does not bring its writes to the disk
        monkeypatch.setattr(faults, "WAITS_S", (0.01,))
        with pytest.raises(DatabaseError, match=r"cannot be reached .* start again"):
            log.append([draft(2)])
        with pytest.raises(DatabaseError):
            log.head()
        server.start()
        assert [e.seq for e in log.append([draft(1), draft(2)])] == [1, 2]
        assert log.verify() == []
        engine.dispose()


# Steps

NEXT_STEP = '''
"""A step that a later version might make."""
import sqlalchemy as sa
from alembic import op

revision = "decisions_0002"
down_revision = "decisions_0001"

def upgrade():
    with op.batch_alter_table("events") as table:
        table.add_column(sa.Column("place", sa.Text))
    op.create_index("events_by_actor", "events", ["actor"])
'''


def test_a_later_step_is_made_without_loss(engine: Engine, tmp_path: Path) -> None:
    log = DecisionLog(engine, (Findings(),))
    log.append([draft(n) for n in range(50)])
    before, documents = list(log.export()), log.counts()
    steps = tmp_path / "steps"
    shutil.copytree(STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    bring_up(engine, steps)
    (steps / "versions" / "decisions_0002.py").write_text(NEXT_STEP)
    bring_up(engine, steps)
    bring_up(engine, steps)
    with engine.connect() as connection:
        assert "place" in {c["name"] for c in sa.inspect(connection).get_columns("events")}
    # This version refuses what the later one has made, and has not touched it.
    for use in (lambda: DecisionLog(engine), lambda: bring_up(engine)):
        with pytest.raises(StoreError, match="decisions_0002, which this program does not know"):
            use()
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decisions_version SET version_num = 'decisions_0001'")
    again = DecisionLog(engine, (Findings(),))
    assert list(again.export()) == before
    assert again.counts() == documents
    assert again.verify() == []


def test_a_step_that_fails_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    log = DecisionLog(engine)
    log.append([draft(1)])
    steps = tmp_path / "steps"
    shutil.copytree(STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    (steps / "versions" / "decisions_0002.py").write_text(
        NEXT_STEP + "    op.execute('SELECT * FROM nowhere')\n"
    )
    with pytest.raises(DatabaseError):
        bring_up(engine, steps)
    with engine.connect() as connection:
        assert "place" not in {c["name"] for c in sa.inspect(connection).get_columns("events")}
    assert DecisionLog(engine).verify() == []


def test_tables_are_those_of_the_steps(empty: Callable[[], Engine]) -> None:
    """What the steps make is what the program believes to be there, collations and indexes included."""
    stepped, declared = empty(), empty()
    bring_up(stepped)
    metadata.create_all(declared)
    told = [described(engine) for engine in (stepped, declared)]
    assert told[0] == told[1]
    assert len(told[0]) >= 9


def described(engine: Engine) -> set[str]:
    if engine.dialect.name == "sqlite":
        asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE '%version'"
    else:
        asked = (
            "SELECT concat(table_name, column_name, data_type, is_nullable, collation_name) "
            "FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '%%version'"
            " UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '%%version'"
        )
    with engine.connect() as connection:
        return {re.sub(r"\s+", "", row[0]) for row in connection.exec_driver_sql(asked)}


def test_many_programs_may_start_at_once(empty: Callable[[], Engine]) -> None:
    engine = empty()
    failed: list[BaseException] = []

    def start() -> None:
        try:
            bring_up(engine)
        except BaseException as error:  # noqa: BLE001 - to be seen in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
