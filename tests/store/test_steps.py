"""Tables of a newer program are refused, in every room that has some; what is up to date is left alone."""

from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa

from watchkeeper.api.access import tables as access
from watchkeeper.errors import StoreError
from watchkeeper.exchange.hub import tables as hub
from watchkeeper.exchange.sync import tables as sync
from watchkeeper.store.decisions import sqlite_engine


@pytest.mark.parametrize("room", [access, hub, sync], ids=["access", "hub", "sync"])
def test_tables_of_a_newer_program_are_refused(room: ModuleType, tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path / "store.sqlite", create=True)
    room.bring_up(engine)
    room.bring_up(engine)
    there = set(sa.inspect(engine).get_table_names())
    assert {table.name for table in room.metadata.sorted_tables} | {room.VERSIONS} <= there
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {room.VERSIONS} SET version_num = 'of_tomorrow'"))
    with pytest.raises(StoreError, match="of_tomorrow, which this program does not know"):
        room.bring_up(engine)
    engine.dispose()
