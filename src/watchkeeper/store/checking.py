"""Looking for damage in a whole store, without opening what may be damaged."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.errors import StoreError
from watchkeeper.model.event import Projector
from watchkeeper.store.decisions import DatabaseError
from watchkeeper.store.decisions.engines import reading, where_of
from watchkeeper.store.decisions.tables import head
from watchkeeper.store.decisions.verify import damages
from watchkeeper.store.folder import Description, database_of, lake_address, read_description


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: in which part, of what kind, where, and what that means."""

    part: Literal["store", "decisions", "lake"]
    kind: str
    where: str
    effect: str
    count: int = 1


def examine(
    where: Path | str,
    projectors: Sequence[Projector] | None = None,
    *,
    deep: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Found]:
    """Everything that is wrong with a store. Others may write meanwhile.

    Args:
        where: its folder.
        projectors: with them all documents are made again and compared.
        deep: whether every row of the lake is read.
        progress: called with events done and events in all.

    Raises:
        StoreError: it is no store, or its database cannot be reached.
    """
    folder = Path(where)
    description = read_description(folder)
    engine = database_of(folder, description)
    try:
        found = [*_other_store(engine, description)]
        found += [
            Found(part="decisions", kind=d.kind, where=d.where, effect=d.effect, count=d.count)
            for d in damages(engine, projectors, progress)
        ]
    except DatabaseError as error:
        if engine.dialect.name != "sqlite" or error.fault != "gone":
            raise
        found = [
            Found(
                part="decisions",
                kind="database-missing",
                where=where_of(engine),
                effect=f"No decision can be read. {error.what} Restore the last backup.",
            )
        ]
    finally:
        engine.dispose()
    return [*found, *_lake(lake_address(folder, description), deep=deep)]


def _other_store(engine: Engine, description: Description) -> Iterator[Found]:
    try:
        with reading(engine) as connection:
            if not sa.inspect(connection).has_table(head.name):
                return
            store = connection.execute(sa.select(head.c.store)).scalar()
    except DatabaseError as error:
        if error.fault != "damaged":
            raise
        return
    if store is not None and store != description.id:
        yield Found(
            part="store",
            kind="another-store",
            where=where_of(engine),
            effect=f"It holds the decisions of store {store}; this is store {description.id}. It is not opened.",
        )


def _lake(address: str, *, deep: bool) -> Iterator[Found]:
    from watchkeeper.store.lake.files import Files
    from watchkeeper.store.lake.verify import damages as lake_damages

    files = Files(address)
    try:
        if not files.list():
            return  # nothing was observed yet
    except StoreError as error:
        yield Found(part="lake", kind="lake-unreachable", where=address, effect=str(error))
        return
    for d in lake_damages(files, deep=deep):
        yield Found(part="lake", kind=d.kind, where=d.file, effect=d.effect)
