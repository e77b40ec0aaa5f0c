"""Where versions of objects came from: who made them, who handed them on, which nodes they passed, what became of them.

A node is named by random letters: where a thing has been is told to everybody who is given it, so the path tells no
names. Who knows a node by its name (a peer, when it was asked) can say which one it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.engine import Connection, Engine

from watchkeeper.exchange.hub.tables import objects, shelves
from watchkeeper.exchange.hub.words import STIX_ID, Account, Collection
from watchkeeper.exchange.partners import identities_in, names_of_organisations
from watchkeeper.exchange.stix.ids import organisation_id
from watchkeeper.exchange.sync.tables import bring_up, provenance
from watchkeeper.store.decisions.engines import reading, writing

Outcome = Literal["new", "there", "replaced", "fuller", "conflict", "loop", "refused"]
"""``new``: taken. ``there``: it was here, the same. ``replaced``: taken in place of other content under the same id and
version. ``fuller``: not taken, because what is here holds more of it. ``conflict``: not taken, because what is here was
first. ``loop``: not taken, because it had been here. ``refused``: by a rule of the hub, or of its originator."""

HELD: Final = ("new", "there", "replaced")
"""Outcomes after which the version is here as it came."""

LONGEST: Final = 50
"""Nodes of a path."""

_AT_ONCE: Final = 400
_P: Final = provenance.c

Node = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class Passed(msgspec.Struct, frozen=True):
    """A version of an object (empty where it has none), and the nodes it passed before the one that tells."""

    id: Annotated[str, Meta(max_length=300)]
    version: Annotated[str, Meta(max_length=40)]
    path: Annotated[tuple[Node, ...], Meta(max_length=LONGEST)]


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """A version as it came from an organisation (``source``), at a time [ms UTC].

    ``origin`` is the organisation that made it, or the id of its identity where that is nobody known here; ``sha256``
    is that of the bytes as they came; ``says`` why it was not taken.
    """

    collection: int
    id: str
    version: str
    source: str
    origin: str
    received_at: int
    sha256: bytes
    path: tuple[str, ...]
    outcome: Outcome
    says: str = ""


def keep(connection: Connection, came: Iterable[Came]) -> None:
    """Keep where versions came from, the first time that each source brings them; later only a better outcome."""
    rows: dict[tuple[int, str, str, str], Came] = {}
    for one in came:
        rows.setdefault((one.collection, one.id, one.version, one.source), one)
    known = _outcomes(connection, rows)
    new = [_row(one) for key, one in rows.items() if key not in known]
    better = [one for key, one in rows.items() if known.get(key) not in (None, *HELD) and one.outcome in HELD]
    if new:
        connection.execute(provenance.insert(), new)
    for one in better:
        here = (_P.collection == one.collection) & (_P.id == one.id) & (_P.version == one.version)
        values = _row(one)
        connection.execute(provenance.update().where(here, _P.source == one.source).values(values))


def origin_of(object: Mapping[str, Any], identities: Mapping[str, str]) -> str:
    """Who made an object: the organisation, else the id of the identity; empty where it does not say."""
    author = object["id"] if object.get("type") == "identity" else object.get("created_by_ref")
    return identities.get(author, author) if isinstance(author, str) else ""


def identities_here(connection: Connection) -> dict[str, str]:
    """Organisations by the ids of their identities: as was said of them, else as watchkeepers make such ids."""
    usual = {organisation_id(name): name for name in names_of_organisations(connection)}
    return {**usual, **identities_in(connection)}


def came_of(engine: Engine, id: str) -> list[Came]:
    """Everything that is known of where versions of an object came from, the earliest first."""
    asked = provenance.select().where(_P.id == id).order_by(_P.received_at, _P.version, _P.source)
    with reading(engine) as connection:
        return [_came(row) for row in connection.execute(asked).mappings()]


def not_taken(engine: Engine, source: str, limit: int) -> list[Came]:
    """What an organisation brought and was not taken, the latest first: the quarantine."""
    asked = provenance.select().where(_P.source == source, _P.outcome.in_(("conflict", "refused")))
    with reading(engine) as connection:
        rows = connection.execute(asked.order_by(_P.received_at.desc(), _P.id).limit(limit)).mappings()
        return [_came(row) for row in rows]


def brought(connection: Connection, collection: int, source: str, ids: Sequence[str]) -> dict[str, set[str]]:
    """The versions of some objects that a source has brought, whatever became of them."""
    found: dict[str, set[str]] = {}
    for row in _of_ids(connection, collection, ids):
        if row["source"] == source:
            found.setdefault(row["id"], set()).add(row["version"])
    return found


def sources_of(
    connection: Connection, collection: int, ids: Sequence[str]
) -> dict[tuple[str, str], list[Came]]:
    """Where versions of some objects that are here came from, by id and version."""
    found: dict[tuple[str, str], list[Came]] = {}
    for row in _of_ids(connection, collection, ids):
        found.setdefault((row["id"], row["version"]), []).append(_came(row))
    return found


def paths_in(connection: Connection, collection: int, ids: Sequence[str]) -> list[Passed]:
    """The nodes that versions of some objects passed before they came here, as they came first."""
    found: dict[tuple[str, str], Passed] = {}
    for row in _of_ids(connection, collection, ids):
        if row["path"] != "[]" and row["outcome"] in ("new", "replaced"):
            path = tuple(msgspec.json.decode(row["path"]))
            found[row["id"], row["version"]] = Passed(row["id"], row["version"], path)
    return list(found.values())


def told(
    engine: Engine, collection: Collection, asker: Account, node: str, passed: Sequence[Passed], now: int
) -> int:
    """Keep what an organisation tells of the paths of what it posted, and nothing that is known already; how many.

    Args:
        node: this one; a path that holds it tells of a way round, and is cut there.
        now: the time [ms UTC].
    """
    bring_up(engine)
    paths = {one.id: one for one in passed if STIX_ID.fullmatch(one.id)}
    o = objects.c
    asked = (
        sa.select(o.id, o.version, o.sha256, o.bytes)
        .join(shelves, shelves.c.number == o.shelf)
        .where(o.collection == collection.number, shelves.c.poster == asker.party)
    )
    came: list[Came] = []
    with writing(engine) as connection:
        identities = identities_here(connection)
        for part in _parts(sorted(paths)):
            for row in connection.execute(asked.where(o.id.in_(part))):
                one = paths[row.id]
                if one.version in ("", row.version) and node not in one.path:
                    origin = origin_of(msgspec.json.decode(row.bytes), identities)
                    came.append(
                        Came(
                            collection=collection.number, id=row.id, version=one.version, source=asker.party,
                            origin=origin, received_at=now, sha256=bytes(row.sha256), path=one.path, outcome="new",
                        )
                    )  # fmt: skip
        keep(connection, came)
    return len(came)


def _outcomes(
    connection: Connection, keys: Iterable[tuple[int, str, str, str]]
) -> dict[tuple[int, str, str, str], str]:
    """Outcomes that are kept, by collection, id, version and source."""
    wanted = set(keys)
    found: dict[tuple[int, str, str, str], str] = {}
    for collection in {key[0] for key in wanted}:
        for row in _of_ids(
            connection, collection, sorted({key[1] for key in wanted if key[0] == collection})
        ):
            key = (collection, row["id"], row["version"], row["source"])
            if key in wanted:
                found[key] = row["outcome"]
    return found


def _of_ids(connection: Connection, collection: int, ids: Sequence[str]) -> Iterator[Any]:
    asked = provenance.select().where(_P.collection == collection)
    for part in _parts(ids):
        yield from connection.execute(asked.where(_P.id.in_(part)).order_by(_P.received_at.desc())).mappings()


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _row(one: Came) -> dict[str, Any]:
    path = msgspec.json.encode(one.path[:LONGEST]).decode()
    return {**msgspec.structs.asdict(one), "path": path, "says": one.says[:500]}


def _came(row: Any) -> Came:
    path = tuple(msgspec.json.decode(row["path"]))
    return Came(**{**row, "path": path, "sha256": bytes(row["sha256"])})
