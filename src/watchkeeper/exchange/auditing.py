"""Whether what the hub keeps agrees with the log: every pull with its event, every object with its sum."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.exchange.hub.pulls import PULLED
from watchkeeper.exchange.hub.tables import objects, pulls
from watchkeeper.model.event import Decisions
from watchkeeper.store.decisions.engines import reading

_AT_ONCE: Final = 1000
_NAMED: Final = 100
"""Faults of one kind that are named."""


def faults_of(engine: Engine, decisions: Decisions) -> tuple[dict[str, int], list[str]]:
    """How many pulls and objects were looked at, and what is wrong with them, in words.

    Args:
        engine: of the store's database.
        decisions: its log, which is verified by itself.
    """
    said = _said(decisions)
    with reading(engine) as connection:
        pulled, wrong_pulls = _pulls(connection, said)
        stored, wrong_objects = _objects(connection)
    return {"pulls": pulled, "objects": stored}, [*wrong_pulls[:_NAMED], *wrong_objects[:_NAMED]]


def _said(decisions: Decisions) -> dict[int, tuple[str, str, str]]:
    """What the log says of each pull, by its number: organisation, collection, objects."""
    found: dict[int, tuple[str, str, str]] = {}
    after = 0
    while page := decisions.read(after, kinds=(PULLED,), limit=_AT_ONCE):
        for event in page:
            body = event.body
            found[body["pull"]] = (body["organisation"], body["collection"], body["seqs"])
        after = page[-1].seq
    return found


def _pulls(connection: Connection, said: dict[int, tuple[str, str, str]]) -> tuple[int, list[str]]:
    wrong: list[str] = []
    seen: set[int] = set()
    for row in _walk(connection, sa.select(pulls).order_by(pulls.c.number)):
        seen.add(row.number)
        told = said.get(row.number)
        if told is None and row.event is None:
            continue  # on its way to the log
        if told != (row.organisation, row.collection, row.seqs):
            wrong.append(f"pull {row.number}: the log says otherwise, or nothing.")
    wrong += [f"pull {number}: in the log, and gone from the index." for number in sorted(said.keys() - seen)]
    return len(seen), wrong


def _objects(connection: Connection) -> tuple[int, list[str]]:
    wrong: list[str] = []
    count = 0
    asked = sa.select(objects.c.collection, objects.c.seq, objects.c.id, objects.c.sha256, objects.c.bytes)
    for row in _walk(connection, asked.order_by(objects.c.collection, objects.c.seq)):
        count += 1
        if hashlib.sha256(row.bytes).digest() != bytes(row.sha256):
            wrong.append(f"{row.id} ({row.collection}:{row.seq}): the bytes are not those that came in.")
    return count, wrong


def _walk(connection: Connection, asked: sa.Select[Any]) -> Iterator[Any]:
    yield from connection.execution_options(yield_per=_AT_ONCE).execute(asked)
