"""Every kind of damage is planted in a log of forty events, and found, named and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from decision_rows import Findings, draft
from sqlalchemy.engine import Connection, Engine

from watchkeeper.errors import StoreError
from watchkeeper.store.decisions import Damage, DatabaseError, DecisionLog, engine_of
from watchkeeper.store.decisions.rows import GENESIS, EventRow
from watchkeeper.store.decisions.tables import documents, events

COUNT = 40


@pytest.fixture
def log(engine: Engine) -> DecisionLog:
    log = DecisionLog(engine, (Findings(),))
    log.append([draft(n) for n in range(COUNT)])
    assert log.verify() == []
    return log


def sql(*statements: str) -> Callable[[Connection], None]:
    def plant(connection: Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    return plant


def row_at(connection: Connection, seq: int) -> EventRow:
    found = connection.execute(sa.select(*(events.c[f] for f in EventRow._fields)).where(events.c.seq == seq))
    return EventRow(*found.one())


def store_of(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT store FROM head").scalar_one())


def move(connection: Connection, first: int, by: int) -> None:
    """Number the events from ``first`` on anew."""
    connection.exec_driver_sql(f"UPDATE events SET seq = -(seq + {by}) WHERE seq >= {first}")
    connection.exec_driver_sql("UPDATE events SET seq = -seq WHERE seq < 0")


def put_in_without_hash(connection: Connection) -> None:
    move(connection, 20, 1)
    row = row_at(connection, 19)._replace(seq=20, key="put in", actor="user:x")
    connection.execute(events.insert(), row._asdict())


def put_in(connection: Connection) -> None:
    move(connection, 20, 1)
    row = row_at(connection, 19)._replace(seq=20, key="put in", actor="user:x")
    row = row._replace(hash=row.hashed(store_of(connection), row_at(connection, 19).hash))
    connection.execute(events.insert(), row._asdict())
    connection.exec_driver_sql("UPDATE head SET seq = seq + 1")


def take_out_and_number_anew(connection: Connection) -> None:
    connection.exec_driver_sql("DELETE FROM events WHERE seq IN (20, 21)")
    move(connection, 20, -2)
    connection.exec_driver_sql("UPDATE head SET seq = seq - 2")


def exchange(first: int, second: int) -> Callable[[Connection], None]:
    return sql(
        f"UPDATE events SET seq = -1 WHERE seq = {first}",
        f"UPDATE events SET seq = {first} WHERE seq = {second}",
        f"UPDATE events SET seq = {second} WHERE seq = -1",
    )


def rewrite_with_hash(connection: Connection) -> None:
    row = row_at(connection, 15)._replace(actor="user:y")
    hashed = row.hashed(store_of(connection), row_at(connection, 14).hash)
    connection.exec_driver_sql(f"UPDATE events SET actor = 'user:y', hash = '{hashed}' WHERE seq = 15")


def rewrite_the_end_with_hash(connection: Connection) -> None:
    row = row_at(connection, COUNT)._replace(actor="user:y")
    hashed = row.hashed(store_of(connection), row_at(connection, COUNT - 1).hash)
    connection.exec_driver_sql(f"UPDATE events SET actor = 'user:y', hash = '{hashed}' WHERE seq = {COUNT}")


def of_another_store(first: int, last: int) -> Callable[[Connection], None]:
    def plant(connection: Connection) -> None:
        before = GENESIS
        for seq in range(first, last + 1):
            row = row_at(connection, seq)
            before = row.hashed("another store", before)
            connection.exec_driver_sql(f"UPDATE events SET hash = '{before}' WHERE seq = {seq}")

    return plant


def key_twice(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE events DROP CONSTRAINT events_key_key")
    else:
        connection.exec_driver_sql("CREATE TABLE copied AS SELECT * FROM events")
        connection.exec_driver_sql("DROP TABLE events")
        connection.exec_driver_sql("ALTER TABLE copied RENAME TO events")
    connection.exec_driver_sql("UPDATE events SET key = 'key-3' WHERE seq = 9")


def surplus_event(connection: Connection) -> None:
    row = row_at(connection, COUNT)
    row = row._replace(seq=COUNT + 1, key=None)
    row = row._replace(hash=row.hashed(store_of(connection), row_at(connection, COUNT).hash))
    connection.execute(events.insert(), row._asdict())


def surplus_document(connection: Connection) -> None:
    connection.exec_driver_sql(
        "INSERT INTO documents SELECT collection, 'made up', realm, seq, state, mmsi, t, score, text, sought, body"
        " FROM documents WHERE id = 'finding-1'"
    )


class Case(NamedTuple):
    plant: Callable[[Connection], None]
    kinds: tuple[str, ...]
    where: str = ""
    says: str = ""


CASES = {
    "body": Case(
        sql("UPDATE events SET body = '{}' WHERE seq = 7"), ("event-changed",), "event 7", "finding-6"
    ),
    **{
        f"column {column}": Case(
            sql(f"UPDATE events SET {column} = {value} WHERE seq = 12"), ("event-changed",), "event 12"
        )
        for column, value in {
            "at": "at + 1",
            "realm": "'exercise:x'",
            "kind": "'finding.closed'",
            "subject": "'other'",
            "actor": "'user:x'",
            "key": "NULL",
            "hash": f"'{'f' * 64}'",
        }.items()
        if column != "hash"
    },
    "hash": Case(
        sql(f"UPDATE events SET hash = '{'f' * 64}' WHERE seq = 12"), ("event-changed", "event-changed")
    ),
    "first event": Case(sql("UPDATE events SET actor = 'x' WHERE seq = 1"), ("event-changed",), "event 1"),
    "last event": Case(sql("UPDATE events SET actor = 'x' WHERE seq = 40"), ("event-changed",), "event 40"),
    "two bodies": Case(sql("UPDATE events SET body = '{}' WHERE seq IN (7, 30)"), ("event-changed",) * 2),
    "no JSON": Case(sql("UPDATE events SET body = '{' WHERE seq = 7"), ("event-unreadable",), "event 7"),
    "rewritten with hash": Case(rewrite_with_hash, ("event-changed",), "event 16", "15 was replaced"),
    "end rewritten with hash": Case(rewrite_the_end_with_hash, ("head-wrong",), "head"),
    "removed": Case(sql("DELETE FROM events WHERE seq = 9"), ("event-missing",), "event 9"),
    "removed with a document": Case(
        sql("DELETE FROM events WHERE seq BETWEEN 35 AND 36"),
        ("event-missing",),
        "events 35 to 36",
        "findings/",
    ),
    "first removed": Case(sql("DELETE FROM events WHERE seq = 1"), ("event-missing",), "event 1"),
    "removed and numbered anew": Case(
        take_out_and_number_anew, ("event-missing",), "before event 20", "2 removed"
    ),
    "inserted": Case(put_in, ("event-inserted",), "event 20", "user:x"),
    "inserted without hash": Case(
        put_in_without_hash, ("event-inserted", "tail-surplus"), "event 20", "user:x"
    ),
    "before the first": Case(
        sql(
            "INSERT INTO events SELECT 0, at, realm, kind, subject, actor, body, 'k0', hash FROM events WHERE seq=3"
        ),
        ("event-inserted",),
        "event 0",
    ),
    "exchanged": Case(exchange(8, 20), ("events-exchanged",), "events 8, 20", "8 was 20"),
    "neighbours exchanged": Case(exchange(8, 9), ("events-exchanged",), "events 8, 9"),
    "the first and the last exchanged": Case(exchange(1, COUNT), ("events-exchanged",)),
    "of another store": Case(of_another_store(1, COUNT), ("events-foreign",), "events 1 to 40"),
    "some of another store": Case(of_another_store(10, 15), ("events-foreign",), "events 10 to 16"),
    "cut off": Case(
        sql("DELETE FROM events WHERE seq > 37"), ("tail-missing",), "events 38 to 40", "findings/"
    ),
    "all gone": Case(sql("DELETE FROM events"), ("tail-missing",), "events 1 to 40"),
    "more than the head says": Case(surplus_event, ("tail-surplus",), "events 41 to 41"),
    "head behind": Case(
        sql("UPDATE head SET seq = 39, hash = (SELECT hash FROM events WHERE seq = 39)"), ("tail-surplus",)
    ),
    "head's hash": Case(sql(f"UPDATE head SET hash = '{'0' * 64}'"), ("head-wrong",), "head"),
    "head gone": Case(sql("DELETE FROM head"), ("head-missing",)),
    "store's id": Case(sql("UPDATE head SET store = 'another'"), ("events-foreign",)),
    "key twice": Case(key_twice, ("event-changed", "key-twice"), "event 9"),
    "schema": Case(sql("UPDATE head SET schema = 99"), ("newer-schema",), "head", "schema 99"),
    "step": Case(
        sql("UPDATE decisions_version SET version_num = 'decisions_9999'"), ("newer-schema",), "head", "9999"
    ),
    "table": Case(sql("DROP TABLE documents"), ("table-missing",), "documents"),
    "document": Case(
        sql("UPDATE documents SET body = '{}' WHERE id = 'finding-3'"),
        ("document-changed",),
        "findings/finding-3",
    ),
    **{
        f"document's {column}": Case(
            sql(f"UPDATE documents SET {column} = {value} WHERE id = 'finding-4'"),
            ("document-changed",),
            "findings/finding-4",
        )
        for column, value in {
            "mmsi": "NULL",
            "state": "'closed'",
            "score": "99",
            "seq": "1",
            "t": "0",
            "text": "'x'",
            "sought": "'x'",
            "realm": "'exercise:x'",
        }.items()
    },
    "document gone": Case(
        sql("DELETE FROM documents WHERE id = 'finding-5'"), ("document-missing",), "findings/finding-5"
    ),
    "document made up": Case(surplus_document, ("document-surplus",), "findings/made up"),
    "document's name": Case(
        sql("UPDATE documents SET id = 'other' WHERE id = 'finding-5'"),
        ("document-missing", "document-surplus"),
        "findings/finding-5",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_damage_is_found(engine: Engine, log: DecisionLog, name: str) -> None:
    case = CASES[name]
    with engine.begin() as connection:
        case.plant(connection)
    found = [d for d in log.verify() if d.kind != "documents-unmakable"]
    assert tuple(d.kind for d in found) == case.kinds, found
    assert case.where in found[0].where
    assert case.says in found[0].effect
    assert all(d.effect for d in found)


def test_documents_of_damaged_events_are_not_compared(engine: Engine, log: DecisionLog) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE events SET body = '[]' WHERE seq = 7")
    assert [d.kind for d in log.verify()] == ["event-changed", "documents-unmakable"]
    assert [d.kind for d in log.verify(project=False)] == ["event-changed"]


def test_many_damaged_documents_are_counted(engine: Engine) -> None:
    log = DecisionLog(engine, (Findings(),))
    log.append([draft(n, subject=f"s{n}") for n in range(250)])
    with engine.begin() as connection:
        connection.execute(documents.update().values(state="x"))
    found = log.verify()
    assert len(found) == 101
    assert sum(d.count for d in found) == 250


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE head SET schema = 2",
        "UPDATE decisions_version SET version_num = 'decisions_0002'",
        "DELETE FROM head",
    ],
)
def test_a_log_of_a_later_version_is_refused(engine: Engine, log: DecisionLog, statement: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(StoreError):
        DecisionLog(engine)


def test_a_torn_page_is_found(tmp_path: Path, databases: object, request: pytest.FixtureRequest) -> None:
    if request.getfixturevalue("backend") != "sqlite":
        return  # the pages of a server are its own business
    engine: Engine = databases.begun()  # type: ignore[attr-defined]
    log = DecisionLog(engine, (Findings(),))
    for start in range(0, 400, 50):
        log.append([draft(n) for n in range(start, start + 50)])
    engine.dispose()
    path = Path(str(engine.url.database))
    whole = path.read_bytes()
    kinds: list[set[str]] = []
    for page in range(1, len(whole) // 4096, 3):
        path.write_bytes(whole[: page * 4096] + b"\x5a" * 4096 + whole[(page + 1) * 4096 :])
        kinds.append(found_in(path))
    assert all(kinds), "every torn page shows"
    assert sum("database-damaged" in each for each in kinds) > len(kinds) // 2
    path.write_bytes(whole[: len(whole) // 2])
    assert "database-damaged" in found_in(path)
    path.write_bytes(b"no database at all" * 300)
    assert found_in(path) == {"database-damaged"}


def found_in(path: Path) -> set[str]:
    from watchkeeper.store.decisions.verify import damages

    engine = engine_of(path)
    try:
        found: list[Damage] = damages(engine, (Findings(),), lambda done, total: None)
    finally:
        engine.dispose()
    return {d.kind for d in found}


def test_reading_a_damaged_file_says_so(databases: object, request: pytest.FixtureRequest) -> None:
    if request.getfixturevalue("backend") != "sqlite":
        return
    engine: Engine = databases.begun()  # type: ignore[attr-defined]
    engine.dispose()
    path = Path(str(engine.url.database))
    path.write_bytes(b"no database at all" * 300)
    with pytest.raises(DatabaseError, match=r"is damaged .* store verify"):
        DecisionLog(engine_of(path))
