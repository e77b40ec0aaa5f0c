"""Looking for damage: of the database, of the chain of events, of the head, of keys, and of the documents."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from watchkeeper.model.event import Projector
from watchkeeper.store.decisions import rebuild
from watchkeeper.store.decisions.chain import Walk
from watchkeeper.store.decisions.damage import Damage
from watchkeeper.store.decisions.engines import reading, where_of
from watchkeeper.store.decisions.faults import DatabaseError
from watchkeeper.store.decisions.schema import newest, step_of
from watchkeeper.store.decisions.tables import SCHEMA, documents, events, head, metadata

SHOWN: Final = 100
"""Damaged documents of one kind that are named."""

_NAMED: Final = 5
_RESTORE: Final = "Restore the last backup into a new store."
_REBUILD: Final = "Run: watchkeeper store verify --rebuild"


def damages(
    engine: Engine, projectors: Sequence[Projector] | None, progress: Callable[[int, int], None]
) -> list[Damage]:
    """Everything that is wrong with a log, as it is at one moment.

    Args:
        engine: of its database.
        projectors: with them every document is made again and compared; None leaves documents out.
        progress: called with events done and events in all.
    """
    found: list[Damage] = []
    try:
        with reading(engine) as connection:
            found += _pages(connection)
            barred = list(_barring(connection))
            found += barred
            if not barred:
                found += _log(connection, projectors, progress)
    except DatabaseError as error:
        if error.fault != "damaged":
            raise
        if not any(d.kind == "database-damaged" for d in found):
            found.append(_damaged_pages(where_of(engine), str(error)))
    return found


def _log(
    connection: Connection, projectors: Sequence[Projector] | None, progress: Callable[[int, int], None]
) -> Iterator[Damage]:
    standing = connection.execute(head.select()).first()
    if standing is None:
        yield Damage(
            kind="head-missing",
            where="head",
            effect="Nothing can be appended, and the chain cannot be checked. " + _RESTORE,
        )
        return
    walk = Walk(standing.store)
    walk.along(rebuild.rows_of(connection, least=True), lambda done: progress(done, standing.seq))
    chained = walk.damages()
    if not any(d.seq_to == walk.last[0] for d in chained):  # else the head differs because of that
        chained += _end(walk, standing)
    chained = [_with_documents(connection, damage) for damage in chained] + _keys(connection)
    yield from chained
    if projectors is not None:
        yield from _documents(connection, projectors, whole=not chained)


def _pages(connection: Connection) -> Iterator[Damage]:
    """What SQLite finds wrong with its own file."""
    if connection.dialect.name != "sqlite":
        return
    told = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    if told != ["ok"]:
        yield _damaged_pages(where_of(connection.engine), "; ".join(told[:_NAMED]))


def _damaged_pages(where: str, told: str) -> Damage:
    short = " ".join(told.split())[:400]
    return Damage(
        kind="database-damaged",
        where=where,
        effect=f"Some of what was decided cannot be read ({short}). {_RESTORE}",
    )


def _barring(connection: Connection) -> Iterator[Damage]:
    """What makes it useless to look further."""
    there = set(sa.inspect(connection).get_table_names())
    for table in metadata.tables:
        if table not in there:
            yield Damage(kind="table-missing", where=table, effect=f"Everything in it is lost. {_RESTORE}")
    step = step_of(connection)
    if step is not None and step > newest():
        yield _newer(f"step {step}", newest())
    elif "head" in there:
        schema = connection.execute(sa.select(head.c.schema)).scalar()
        if schema is not None and schema > SCHEMA:
            yield _newer(f"schema {schema}", str(SCHEMA))


def _newer(what: str, known: str) -> Damage:
    return Damage(
        kind="newer-schema",
        where="head",
        effect=f"The log is of {what}, this program knows up to {known}. Nothing was checked; use a later version.",
    )


def _end(walk: Walk, standing: "Row[*tuple[Any, ...]]") -> Iterator[Damage]:
    """The end of the chain beside what the head says."""
    seq, hashed = walk.last
    if seq < standing.seq:
        yield Damage(
            kind="tail-missing",
            where=f"events {seq + 1} to {standing.seq}",
            effect="The head names them, but they are gone: the latest decisions are lost.",
            seq_from=seq + 1,
            seq_to=standing.seq,
            count=standing.seq - seq,
        )
    elif seq > standing.seq:
        yield Damage(
            kind="tail-surplus",
            where=f"events {standing.seq + 1} to {seq}",
            effect="The head does not name them: they were put in past the program. Nothing more can be appended.",
            seq_from=standing.seq + 1,
            seq_to=seq,
            count=seq - standing.seq,
        )
    elif hashed != standing.hash:
        yield Damage(
            kind="head-wrong",
            where="head",
            effect=f"Its hash is not that of event {seq}: the head, or the end of the log, was written anew.",
            seq_from=seq,
            seq_to=seq,
        )


def _keys(connection: Connection) -> list[Damage]:
    key, seq = events.c.key, events.c.seq
    asked = (
        sa.select(key, sa.func.min(seq), sa.func.max(seq), sa.func.count())
        .where(key.is_not(None))
        .group_by(key)
        .having(sa.func.count() > 1)
        .order_by(sa.func.min(seq))
        .limit(SHOWN)
    )
    return [
        Damage(
            kind="key-twice",
            where=f"events {first} and {last}",
            effect=f"Both have the key {name}: one thing was written {count} times, and counts as often.",
            seq_from=first,
            seq_to=last,
            count=count,
        )
        for name, first, last, count in connection.execute(asked)
    ]


def _with_documents(connection: Connection, damage: Damage) -> Damage:
    """The damage, with the documents that came from the events it is about."""
    if damage.seq_from is None or damage.seq_to is None:
        return damage
    c = documents.c
    asked = sa.select(c.collection, c.id).where(c.seq.between(damage.seq_from, damage.seq_to))
    rows = connection.execute(asked.order_by(c.collection, c.id).limit(SHOWN)).all()
    if not rows:
        return damage
    names = [f"{collection}/{id}" for collection, id in rows]
    more = " and more" if len(names) > _NAMED else ""
    return msgspec.structs.replace(
        damage,
        effect=f"{damage.effect} Affected: {', '.join(names[:_NAMED])}{more}.",
        subjects=damage.subjects or tuple(id for _, id in rows),
    )


def _documents(connection: Connection, projectors: Sequence[Projector], *, whole: bool) -> Iterator[Damage]:
    """What differs between the documents that are kept and those that the events make."""
    if not whole:
        yield Damage(
            kind="documents-unmakable",
            where="documents",
            effect="They were not compared: what is made of damaged events proves nothing.",
        )
        return
    made = rebuild.beside(connection)
    rebuild.project_into(connection, made, projectors)
    same = sa.and_(documents.c.collection == made.c.collection, documents.c.id == made.c.id)
    other = [documents.c[c.name].is_distinct_from(c) for c in made.columns if not c.primary_key]
    kept = (documents.c.collection, documents.c.id)
    lacking = (made.c.collection, made.c.id)
    for kind, says, asked in (
        (
            "document-changed",
            "is not what the events make of it: what is shown was not decided.",
            sa.select(*kept).select_from(documents.join(made, same)).where(sa.or_(*other)),
        ),
        (
            "document-missing",
            "is not there, but the events make it: something that was decided is not shown.",
            sa.select(*lacking).select_from(made.outerjoin(documents, same)).where(documents.c.id.is_(None)),
        ),
        (
            "document-surplus",
            "is there, but no event makes it: something is shown that was never decided.",
            sa.select(*kept).select_from(documents.outerjoin(made, same)).where(made.c.id.is_(None)),
        ),
    ):
        yield from _named(connection, kind, says, asked)
    connection.execute(sa.schema.DropTable(made))


def _named(connection: Connection, kind: str, says: str, asked: "sa.Select[str, str]") -> Iterator[Damage]:
    count = connection.execute(sa.select(sa.func.count()).select_from(asked.subquery())).scalar_one()
    named = asked.order_by(sa.text("1"), sa.text("2")).limit(SHOWN)
    for collection, id in connection.execute(named):
        yield _document(kind, f"{collection}/{id}", f"It {says} {_REBUILD}", (id,), 1)
    if count > SHOWN:
        rest = f"{count - SHOWN:,} more: each {says} {_REBUILD}"
        yield _document(kind, "documents", rest, (), count - SHOWN)


def _document(kind: str, where: str, effect: str, subjects: tuple[str, ...], count: int) -> Damage:
    fields = {"kind": kind, "where": where, "effect": effect, "subjects": subjects, "count": count}
    return msgspec.convert(fields, Damage)
