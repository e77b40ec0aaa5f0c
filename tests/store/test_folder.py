"""A store: made once, written by one, read by many, refused where it is not what it should be."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from decision_rows import Findings, draft
from postgres_server import Server

from watchkeeper.errors import InputError, StoreError
from watchkeeper.store.checking import examine
from watchkeeper.store.decisions.engines import for_writing
from watchkeeper.store.folder import DATABASE, Store, is_store, read_description

HOLD = """
import sys
from watchkeeper.store.folder import Store
store = Store.open(sys.argv[1], write=True)
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def where(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    """An empty store."""
    monkeypatch.delenv(DATABASE, raising=False)
    if backend == "postgresql":
        monkeypatch.setenv(DATABASE, request.getfixturevalue("postgres").database())
    Store.create(tmp_path / "store")
    return tmp_path / "store"


def test_a_store_is_made_and_opened(where: Path) -> None:
    assert is_store(where)
    with Store.open(where, write=True, projectors=(Findings(),)) as store:
        assert store.decisions.append([draft(1)])[0].seq == 1
        assert store.lake.info().files == 0
    with Store.open(where, write=False) as store:
        assert store.decisions.head() == 1
        assert store.decisions.document("findings", "finding-1") is not None
        assert store.lake.id
        with pytest.raises(StoreError, match="opened for reading"):
            store.decisions.append([draft(2)])
    assert examine(where, (Findings(),)) == []


def test_no_password_is_in_the_folder(where: Path, backend: str) -> None:
    text = (where / "store.toml").read_text()
    assert ("postgresql" in text) is False
    assert (DATABASE in text) is (backend == "postgresql")
    for url in ("postgresql://me:word@host/name", "postgresql+psycopg://me:word@host/name"):
        with pytest.raises(StoreError, match="password") as refused:
            Store.create(where.parent / "other", database=url)
        assert "word@" not in str(refused.value)


def test_a_second_writer_is_refused_and_told_who_writes(where: Path) -> None:
    with Store.open(where, write=True) as store:
        store.decisions.append([draft(1)])
        with pytest.raises(StoreError, match=f"being written by .*{os.getpid()}"):
            Store.open(where, write=True)
        with Store.open(where, write=False) as reader:
            assert reader.decisions.head() == 1
        with Store.open(where, write=False, decide=True) as other:
            assert other.decisions.append([draft(2)])[0].seq == 2
        assert store.decisions.append([draft(3)])[0].seq == 3
    Store.open(where, write=True).close()


def test_a_writer_of_another_process_is_named_and_a_killed_one_is_not_in_the_way(where: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(where)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match=f"process {other.pid} on "):
            Store.open(where, write=True)
        other.kill()
        other.wait()
    Store.open(where, write=True).close()


def test_two_folders_of_one_database_have_one_writer(where: Path, backend: str, tmp_path: Path) -> None:
    """As two hosts would have it: each with its own ``store.toml`` of the same store."""
    if backend == "sqlite":
        return  # the file is in the folder
    twin = tmp_path / "twin"
    twin.mkdir()
    (twin / "store.toml").write_bytes((where / "store.toml").read_bytes())
    with Store.open(where, write=True):
        told = rf"being written by another process \(watchkeeper .*:{os.getpid()}\)"
        with pytest.raises(StoreError, match=told):
            Store.open(twin, write=True)
    Store.open(twin, write=True).close()


def test_a_lost_connection_does_not_lose_the_lock(
    where: Path, backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if backend == "sqlite":
        return  # a file has no connection that could be lost
    server: Server = request.getfixturevalue("postgres")
    twin = tmp_path / "twin"
    twin.mkdir()
    (twin / "store.toml").write_bytes((where / "store.toml").read_bytes())
    first = Store.open(where, write=True)
    server.cut_off(os.environ[DATABASE])
    assert first.decisions.append([draft(1)])[0].seq == 1
    server.cut_off(os.environ[DATABASE])
    with Store.open(twin, write=True) as second:
        # The other was quicker: whoever lost the lock finds out before it writes again.
        second.decisions.append([draft(2)])
        with pytest.raises(StoreError, match="being written by another process"):
            first.decisions.append([draft(3)])
        with pytest.raises(StoreError, match="being written by another process"):
            first.ensure()
    assert first.decisions.append([draft(3)])[0].seq == 3
    first.close()


@pytest.mark.parametrize("content", ["", "x", 'id = "a"', 'schema = 1\nid = "a"\nlaek = "x"', "schema = 99"])
def test_what_is_no_store_is_refused_with_the_next_step(tmp_path: Path, content: str) -> None:
    with pytest.raises(StoreError, match=r"is not there.* store create"):
        Store.open(tmp_path / "nowhere", write=False)
    with pytest.raises(StoreError, match=r"is not a store.* store create"):
        Store.open(tmp_path, write=True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "store.toml").write_text(content)
    with pytest.raises(StoreError, match=r"store\.toml"):
        Store.open(tmp_path, write=False)


def test_nothing_is_made_over_something(where: Path, tmp_path: Path) -> None:
    before = (where / "store.toml").read_text()
    with pytest.raises(StoreError, match="not empty"):
        Store.create(where)
    assert (where / "store.toml").read_text() == before
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="not empty"):
        Store.create(tmp_path / "file")


def test_one_database_is_for_one_store(where: Path, backend: str, tmp_path: Path) -> None:
    if backend == "postgresql":
        with pytest.raises(StoreError, match="holds the log of store"):
            Store.create(tmp_path / "second")
        assert not is_store(tmp_path / "second")
        return
    Store.create(tmp_path / "second")
    (tmp_path / "second" / "decisions.sqlite").replace(where / "decisions.sqlite")
    with pytest.raises(StoreError, match="holds the decisions of store"):
        Store.open(where, write=False)
    assert [f.kind for f in examine(where)] == ["another-store"]


def test_one_lake_is_for_one_store(where: Path, tmp_path: Path) -> None:
    with Store.open(where, write=True) as store:
        assert store.lake.id
    with pytest.raises(StoreError, match="holds the lake"):
        Store.create(tmp_path / "second", lake=str(where / "lake"), database="decisions.sqlite")


def test_a_database_that_is_gone(where: Path, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if backend == "sqlite":
        (where / "decisions.sqlite").unlink()
        assert [f.kind for f in examine(where)] == ["database-missing"]
    else:
        monkeypatch.delenv(DATABASE)
        with pytest.raises(StoreError, match=f"{DATABASE} is not set"):
            Store.open(where, write=False)
        monkeypatch.setenv(DATABASE, "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError, match="cannot be reached"):
        Store.open(where, write=True)
    if backend == "sqlite":
        assert not (where / "decisions.sqlite").exists()


def test_restore_makes_a_store(where: Path, backend: str, tmp_path: Path) -> None:
    with Store.open(where, write=True, projectors=(Findings(),)) as store:
        store.decisions.append([draft(n) for n in range(20)])
        made = store.decisions.backup(tmp_path / "b.zst")
        lines = list(store.decisions.export())
    bad = tmp_path / "bad.zst"
    bad.write_bytes((tmp_path / "b.zst").read_bytes()[:-30])
    for _ in range(2):
        with pytest.raises(InputError):
            Store.restore(tmp_path / "back", bad, database="decisions.sqlite")
    told = Store.restore(
        tmp_path / "back", tmp_path / "b.zst", database="decisions.sqlite", projectors=(Findings(),)
    )
    assert told == made
    assert read_description(tmp_path / "back").id == read_description(where).id
    with Store.open(tmp_path / "back", write=True, projectors=(Findings(),)) as store:
        assert list(store.decisions.export()) == lines
        assert store.decisions.verify() == []


def test_other_rooms_write_tables_beside_the_log(where: Path) -> None:
    """Transactions that read and then write do not fail where decisions are written in between."""
    with Store.open(where, write=True) as store, for_writing(store.engine).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (n INTEGER)")
    with Store.open(where, write=True) as store:
        for n in range(20):
            with for_writing(store.engine).begin() as connection:
                count = connection.exec_driver_sql("SELECT count(*) FROM notes").scalar()
                connection.exec_driver_sql(f"INSERT INTO notes VALUES ({count})")
            store.decisions.append([draft(n)])
        assert store.decisions.head() == 20
    assert examine(where, ()) == []


def test_a_description_survives_odd_addresses(tmp_path: Path) -> None:
    odd = 'la "ke"\\ ŁÓDŹ #1'
    made = Store.create(tmp_path / "s%20?#x", lake=odd, database="dec%41 ?.sqlite")
    assert read_description(tmp_path / "s%20?#x") == made
    with Store.open(tmp_path / "s%20?#x", write=True) as store:
        store.decisions.append([draft(1)])
        assert store.lake.info().files == 0
    assert (tmp_path / "s%20?#x" / "dec%41 ?.sqlite").is_file()
    assert msgspec.to_builtins(made)["lake"] == odd


def test_a_making_that_was_killed_is_made_anew_and_decisions_without_a_description_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATABASE, raising=False)
    for killed in ("", "-journal"):
        half = tmp_path / f"half{killed}"
        half.mkdir()
        (half / f"decisions.sqlite{killed}").touch()
        Store.create(half)
    whole = tmp_path / "whole"
    Store.create(whole)
    (whole / "store.toml").unlink()
    Store.create(whole)
    with Store.open(whole, write=True) as store:
        store.decisions.append([draft(1)])
    (whole / "store.toml").unlink()
    with pytest.raises(StoreError, match="is there already and not empty"):
        Store.create(whole)
