"""The hub's promises: order, pages, what is written down, settings; on both databases."""

import json
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from exchange.hub.world import NAMES, NOW, World, world
from exchange.taxii.node import AMBER, CLEAR, indicator, versions_of
from watchkeeper.errors import ConfigError, StoreError, UsageError
from watchkeeper.exchange.hub.cursor import BadNextError, Cursors
from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.hub.moments import read_us, write_us
from watchkeeper.exchange.hub.pulls import PULLED, ranges, seqs_of
from watchkeeper.exchange.hub.settings import apply, settings_of
from watchkeeper.exchange.hub.tables import bring_up, metadata
from watchkeeper.exchange.hub.words import Filter, Root, Terms


def test_tables_are_as_declared_and_brought_up_once(bare: Engine) -> None:
    bring_up(bare)
    bring_up(bare)
    found = sa.inspect(bare)
    for table in metadata.tables.values():
        assert {c["name"] for c in found.get_columns(table.name)} == set(table.columns.keys())
        assert {str(index["name"]) for index in found.get_indexes(table.name)} >= {
            str(i.name) for i in table.indexes
        }
    with bare.begin() as c:
        c.execute(sa.text("UPDATE exchange_version SET version_num = 'exchange_9999'"))
    with pytest.raises(StoreError, match="exchange_9999"):
        bring_up(bare)


def test_two_that_start_at_once_make_the_tables_once(bare: Engine) -> None:
    errors: list[Exception] = []

    def start() -> None:
        try:
            bring_up(bare)
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def test_writers_at_once_and_a_poller(hub: World) -> None:
    """Order of ``seq`` is order of commit: whoever goes on from the last one it saw has seen everything."""
    posted: set[str] = set()
    failures: list[object] = []

    def write(name: str) -> None:
        for _ in range(12):
            made = [indicator() for _ in range(25)]
            failures.extend(hub.add(name, *made).failed)
            posted.update(each["id"] for each in made)

    writers = [threading.Thread(target=write, args=(NAMES[k % 3],)) for k in range(4)]
    for writer in writers:
        writer.start()
    found: list[str] = []
    moments: list[int] = []
    after = 0
    while True:
        alive = any(writer.is_alive() for writer in writers)
        page = hub.page("East", after=after, most=40)
        found += [row.id for row in page.rows]
        moments += [row.added_us for row in page.rows]
        if page.rows:
            after = page.rows[-1].seq
        elif not alive:
            break
    assert not failures
    assert len(found) == len(set(found)) == 1200
    assert set(found) == posted
    assert moments == sorted(set(moments))


def test_a_reader_of_little_gets_it_all(hub: World) -> None:
    """One in a hundred is given: the walk goes shelf by shelf, and finds the same as a look at everything."""
    hub.agree("South", accepts=("clear",))
    closed = hub.collection(unmarked="amber")
    made = [indicator(object_marking_refs=[CLEAR] if k % 100 == 50 else [AMBER]) for k in range(6000)]
    for start in range(0, 6000, 500):
        hub.add("North", *made[start : start + 500], to=closed)
    expected = [each["id"] for each in made if each["object_marking_refs"] == [CLEAR]]
    for most in (1, 7, 1000):
        found: list[str] = []
        after = 0
        while True:
            page = hub.page("South", of=closed, after=after, most=most)
            found += [row.id for row in page.rows]
            if not page.more:
                break
            after = page.rows[-1].seq
        assert found == expected
    assert hub.ids("South", of=closed, types=("malware",)) == []


@pytest.mark.parametrize("sizes", [(1,), (3, 100), (2001, 5)])
def test_the_bytes_of_a_page_are_bounded(
    hub: World, monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...]
) -> None:
    from watchkeeper.exchange.hub import reading

    monkeypatch.setattr(reading, "MOST_PAGE_BYTES", 3000)
    made = [indicator(description="x" * size) for size in sizes for _ in range(6)]
    hub.add("North", *made)
    found: list[dict[str, Any]] = []
    after = 0
    while True:
        page = hub.page("East", after=after)
        assert len(page.bytes) == 1 or sum(map(len, page.bytes)) <= 3000
        found += [json.loads(raw) for raw in page.bytes]
        if not page.more:
            break
        after = page.rows[-1].seq
    assert found == made


def test_what_was_given_is_written_down(hub: World) -> None:
    hub.agree("South", accepts=("clear",))
    made = [indicator(object_marking_refs=[CLEAR]), indicator(object_marking_refs=[AMBER]), indicator()]
    hub.add("North", *made)
    hub.read("South")
    hub.read("East", ids=(made[1]["id"],))
    hub.page("East", added_after=2**60)
    first, second = hub.hub.pulls.pulls_of(collection=hub.shared.id)
    assert (first.organisation, first.user, first.seqs, first.withheld) == (
        "South",
        "south",
        (1, 3),
        {"tlp": 1},
    )
    assert (second.organisation, second.seqs, second.withheld, second.event) == ("East", (2,), {}, None)
    assert hub.hub.pulls.holders(hub.shared.id, 2) == {"East": NOW}
    assert [p.organisation for p in hub.hub.pulls.pulls_of(seq=2)] == ["East"]
    assert [p.organisation for p in hub.hub.pulls.pulls_of(organisation="South", limit=1)] == ["South"]
    hub.hub.pulls.flush()
    hub.hub.pulls.flush()
    events = hub.log.read(kinds=[PULLED])
    assert [(e.subject, e.actor, e.body["seqs"]) for e in events] == [
        (hub.shared.id, "user:south", "1,3"), (hub.shared.id, "user:east", "2"),
    ]  # fmt: skip
    assert [p.event for p in hub.hub.pulls.pulls_of()] == [e.seq for e in events]
    assert hub.log.verify() == []


def test_a_pull_whose_event_was_written_before_the_end_is_not_written_twice(hub: World) -> None:
    hub.add("North", indicator())
    hub.read("East")
    hub.hub.pulls.flush()
    with hub.engine.begin() as c:
        c.execute(sa.text("UPDATE exchange_pulls SET event = NULL"))
    hub.hub.pulls.flush()
    assert len(hub.log.read(kinds=[PULLED])) == 1
    assert hub.hub.pulls.pulls_of()[0].event is not None


def test_pulls_at_once(hub: World) -> None:
    hub.add("North", *(indicator() for _ in range(3)))
    threads = [threading.Thread(target=hub.read, args=(name,)) for name in NAMES * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hub.hub.pulls.pulls_of()) == 15


def test_nothing_is_given_that_cannot_be_written_down(hub: World) -> None:
    hub.add("North", indicator())
    with hub.engine.begin() as c:
        c.execute(sa.text("DROP TABLE exchange_pulls"))
    with pytest.raises(StoreError):
        hub.read("East")


@given(st.lists(st.integers(1, 300), unique=True).map(sorted))
def test_ranges_are_read_as_they_were_written(seqs: list[int]) -> None:
    assert list(seqs_of(ranges(seqs))) == seqs


@given(st.integers(0, 2**62), st.binary(max_size=30), st.binary(max_size=30))
def test_next_is_good_for_its_question(seq: int, question: bytes, other: bytes) -> None:
    cursors = Cursors(b"k" * 32)
    text = cursors.write(seq, question)
    assert cursors.read(text, question) == seq
    assert text == cursors.write(seq, question)
    if other != question:
        with pytest.raises(BadNextError):
            cursors.read(text, other)
    with pytest.raises(BadNextError):
        Cursors(b"other").read(text, question)


@given(st.text(max_size=60))
def test_next_of_strangers(text: str) -> None:
    with pytest.raises(BadNextError):
        Cursors(b"k" * 32).read(text, b"")


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_moments_are_read_as_they_were_written(us: int) -> None:
    assert read_us(write_us(us)) == us


def test_next_outlives_the_process(engine: Engine) -> None:
    first = world(engine)
    second = Hub(engine, first.log)
    assert second.cursors.read(first.hub.cursors.write(7, b"q"), b"q") == 7


def test_another_process_sees_at_once(engine: Engine) -> None:
    """Shelves and agreements that one process made, as another that has looked before sees them."""
    first = world(engine)
    second = World(Hub(engine, first.log), engine, first.log, first.shared)
    assert second.ids("East") == []
    first.add("North", indicator())
    assert len(second.ids("East")) == 1
    second.add("North", indicator(type="x-new", id=f"x-new--{uuid.uuid4()}"))
    assert len(first.ids("East")) == 2
    first.agree("East", revoked_at=NOW)
    assert second.ids("East") == []


def test_what_fails_half_way_leaves_nothing(hub: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shelf that was made in a transaction that failed is not remembered."""
    from watchkeeper.exchange.hub.adding import Adding

    write = Adding._write

    def broken(self: Adding) -> None:
        write(self)
        raise RuntimeError("the power went")

    monkeypatch.setattr(Adding, "_write", broken)
    with pytest.raises(RuntimeError):
        hub.add("North", indicator())
    monkeypatch.setattr(Adding, "_write", write)
    assert hub.ids("East") == []
    hub.add("North", indicator(type="x-other", id=f"x-other--{uuid.uuid4()}"))
    hub.add("North", indicator())
    assert [row.id.split("--")[0] for row in hub.page("East").rows] == ["x-other", "indicator"]


def test_versions_in_any_order(hub: World) -> None:
    id_ = f"indicator--{uuid.uuid4()}"
    made = versions_of(id_, 6)
    for k in (3, 0, 5, 1, 4, 2):
        hub.add("North", made[k])
        latest = max(j for j in (3, 0, 5, 1, 4, 2)[: [3, 0, 5, 1, 4, 2].index(k) + 1])
        assert hub.read("East") == [made[latest]]
        assert hub.read("East", versions=("first",)) == [
            made[min(j for j in (3, 0, 5, 1, 4, 2)[: [3, 0, 5, 1, 4, 2].index(k) + 1])]
        ]


def test_a_received_request_is_an_event(hub: World) -> None:
    made = indicator()
    hub.add("North", made, made, {"id": "x"})
    (event,) = hub.log.read(kinds=["exchange.received"])
    assert event.body == {
        "organisation": "North", "first": 1, "last": 1, "new": 1, "there": 1, "refused": {"form": 1},
    }  # fmt: skip
    hub.hub.delete(hub.shared, hub.account("North"), made["id"], Filter(versions=("all",)), NOW)
    (event,) = hub.log.read(kinds=["exchange.deleted"])
    assert (event.body["object"], event.body["seqs"]) == (made["id"], [1])


def test_collections_are_changed_and_removed(hub: World) -> None:
    collections = hub.hub.collections
    one = collections.add(Terms(title="one"), alias="one")
    with pytest.raises(UsageError, match="taken"):
        collections.add(Terms(title="two"), alias="one")
    with pytest.raises(UsageError, match="already"):
        collections.add(Terms(title="two"), id=one.id)
    with pytest.raises(UsageError, match="version 4"):
        collections.add(Terms(title="two"), id=str(uuid.uuid1()))
    with pytest.raises(UsageError, match="no API root"):
        collections.add(Terms(title="two"), root="none")
    with pytest.raises(UsageError, match="no alias"):
        collections.add(Terms(title="two"), alias="No Alias")
    collections.set_root(Root(name="second"))
    assert collections.add(Terms(title="two"), alias="one", root="second").alias == "one"
    with pytest.raises(UsageError, match="more than one"):
        collections.named("one")
    with pytest.raises(UsageError, match="realm"):
        collections.change(one.id, Terms(title="one", realm="exercise:x"))
    hub.add("North", indicator(), to=one)
    with pytest.raises(UsageError, match="objects in"):
        collections.remove(one.id)
    empty = collections.add(Terms(title="three"))
    collections.remove(empty.id)
    with pytest.raises(UsageError):
        collections.by_id(empty.id)


def test_a_number_is_never_given_again(hub: World) -> None:
    collections = hub.hub.collections
    one = collections.add(Terms(title="one"))
    collections.remove(one.id)
    assert collections.add(Terms(title="two")).number > one.number


SAID = """
[[exchange.roots]]
name = "second"
title = "Second"
max_bytes = 5000000

[[exchange.collections]]
title = "Baltic"
alias = "baltic"
readers = ["North", "user:anna"]
writers = ["North"]
unmarked = "green"
allowed = ["clear", "green"]

[[exchange.collections]]
title = "Other"
id = "0c2f9d1e-4f0a-4c63-8a0e-0b4f6f3f9d11"
root = "second"
"""


def configured(text: str, folder: Path) -> Any:
    from watchkeeper.config import load_settings

    file = folder / "watchkeeper.toml"
    file.write_text(text)
    return settings_of(load_settings(file, {}, []).exchange)


def test_a_hub_is_brought_to_what_is_configured(hub: World, tmp_path: Path) -> None:
    collections = hub.hub.collections
    first, second = apply(collections, configured(SAID, tmp_path))
    assert first.terms.readers == ("North", "user:anna")
    assert (second.id, second.root) == ("0c2f9d1e-4f0a-4c63-8a0e-0b4f6f3f9d11", "second")
    assert apply(collections, configured(SAID, tmp_path)) == [first, second]
    changed = apply(collections, configured(SAID.replace('"green"]', '"green", "amber"]'), tmp_path))
    assert changed[0].id == first.id
    assert changed[0].terms.allowed == ("clear", "green", "amber")
    assert {root.name: root.max_bytes for root in collections.roots()} == {
        "hub": 100 << 20,
        "second": 5_000_000,
    }


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('[[exchange.collections]]\ntitle = "x"', "neither id nor alias"),
        ('[[exchange.collections]]\ntitle = "x"\nalias = "x"\nreader = ["y"]', "readers"),
        ('[[exchange.collections]]\ntitle = "x"\nalias = "x"\nunmarked = "pink"', "pink"),
        ('[[exchange.collections]]\nalias = "x"', "title"),
        ('[[exchange.collections]]\ntitle = "x"\nalias = 5', "no text"),
        ("[exchange]\ncollections = 5", "list of tables"),
        ("[exchange]\ncolections = []", "collections"),
        ("exchange = 5", "no table"),
        ('[[exchange.roots]]\nname = "X Y"', "name"),
        ("[[exchange.roots]]\nname = 'x'\nmax_bytes = 5", "max_bytes"),
    ],
)
def test_what_is_configured_wrongly(tmp_path: Path, said: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        configured(said, tmp_path)


@pytest.mark.parametrize("is_analysed", [False, True])
def test_plans_are_walks_along_indexes(
    tmp_path: Path, is_analysed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page sorts, or reads what is not on it, whatever is known of the data (SQLite)."""
    from watchkeeper.exchange.hub import finding
    from watchkeeper.store.decisions import begin, sqlite_engine

    engine = sqlite_engine(tmp_path / "x.sqlite", create=True)
    begin(engine, "5e4c3d2b-0000-4000-8000-000000000001")
    hub = world(engine)
    hub.add("North", *(indicator(object_marking_refs=[ref]) for ref in (CLEAR, AMBER) * 3))
    if is_analysed:
        with engine.begin() as c:
            c.exec_driver_sql("ANALYZE")
    said: list[str] = []
    by_shelf: list[str] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def explain(c: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if "exchange_objects" in statement and statement.startswith("SELECT"):
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            said.extend(row[3] for row in rows)
            if "shelf = ?" in statement:
                by_shelf.extend(row[3] for row in rows)

    one = hub.ids("East")[0]
    monkeypatch.setattr(finding, "_LOOKED_AT", 1)
    with engine.connect() as c:
        for asked in (Filter(), Filter(versions=("all",)), Filter(ids=(one,)), Filter(specs=("2.1",))):
            for everything in (True, False):
                finding.find(c, hub.shared.number, asked, {99}, everything, 0, 1)
    hub.ids("East", added_after=5)
    assert said
    assert not [line for line in said if "SCAN" in line or "TEMP B-TREE" in line], said
    listed = [line for line in said if "listed" in line]
    assert listed
    assert by_shelf
    assert all("by_shelf" in line for line in by_shelf)
    assert all("COVERING" in line for line in listed)
    engine.dispose()
