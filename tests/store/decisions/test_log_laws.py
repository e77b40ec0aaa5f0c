"""Laws of the log: whatever is appended, in whatever pieces, it is what a log in memory would be."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from watchkeeper.model.event import Document, Draft, Event, Get, Query
from watchkeeper.store.decisions import DecisionLog
from watchkeeper.store.decisions.rows import GENESIS
from watchkeeper.store.decisions.tables import documents, events, head

LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
NAMES = st.sampled_from(["a", "B", "b", "ä", "_", "%", "é", "z" * 40, "漢", "😀"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | LETTERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3),
    max_leaves=6,
)
DRAFTS = st.builds(
    Draft,
    kind=st.sampled_from(["finding.opened", "finding.updated", "alert.raised", "finding", "findings.x"]),
    subject=NAMES,
    at=st.integers(-(2**40), 2**45),
    actor=LETTERS,
    body=st.fixed_dictionaries(
        {"x": JSON, "score": st.floats(-5, 5) | st.sampled_from([0.0, -0.0, 0.1 + 0.2])}
    ),
    realm=st.sampled_from(["real", "exercise:1"]),
    key=st.none() | st.integers(0, 12).map(str),
)


class Last:
    """``things``: the last event of each subject."""

    kinds = frozenset({"finding.opened", "finding.updated", "alert.raised"})

    def apply(self, event: Event, get: Get) -> Iterable[Document]:
        before = get("things", event.subject)
        yield Document(
            collection="things",
            id=event.subject,
            realm=event.realm,
            state=event.kind,
            t=event.at // 7,
            mmsi=len(event.actor) or None,
            score=event.body["score"],
            text=event.actor,
            body={"before": before.body["x"] if before else None, "x": event.body["x"]},
        )


class Memory:
    """What the log must be."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.keys: dict[str, int] = {}
        self.documents: dict[str, Document] = {}

    def append(self, drafts: list[Draft]) -> list[int]:
        seqs = []
        for draft in drafts:
            seq = self.keys.get(draft.key) if draft.key is not None else None
            if seq is None:
                self.drafts.append(draft)
                seq = len(self.drafts)
                if draft.key is not None:
                    self.keys[draft.key] = seq
                event = Event(**msgspec.structs.asdict(draft), seq=seq, hash="")
                if event.kind in Last.kinds:
                    for document in Last().apply(event, lambda c, i: self.documents.get(i)):
                        self.documents[document.id] = msgspec.structs.replace(document, seq=seq)
            seqs.append(seq)
        return seqs


@pytest.fixture(scope="module")
def blank(databases: Any) -> Iterator[Callable[[], Engine]]:
    """One database, empty each time it is asked for: an example must not cost the making of one."""
    engine = databases.begun()

    def emptied() -> Engine:
        with engine.begin() as connection:
            connection.execute(events.delete())
            connection.execute(documents.delete())
            connection.execute(head.update().values(seq=0, hash=GENESIS))
        return engine

    yield emptied
    databases.give_back(engine)


@given(st.lists(st.lists(DRAFTS, max_size=6), max_size=6), st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_log_is_what_a_log_in_memory_would_be(
    blank: Callable[[], Engine], pieces: list[list[Draft]], data: st.DataObject
) -> None:
    engine = blank()
    log, memory = DecisionLog(engine, (Last(),)), Memory()
    for piece in pieces:
        assert [e.seq for e in log.append(piece)] == memory.append(piece)
    written = log.read(limit=1000)
    plain = [
        {k: v for k, v in msgspec.structs.asdict(e).items() if k not in ("seq", "hash")} for e in written
    ]
    assert plain == [msgspec.structs.asdict(d) for d in memory.drafts]
    assert [e.seq for e in written] == list(range(1, log.head() + 1))
    after = data.draw(st.integers(0, 20))
    assert log.read(after, kinds=["finding."]) == [
        e for e in written if e.seq > after and e.kind.startswith("finding.")
    ]
    order = data.draw(st.sampled_from(["score", "t", "id"]))
    limit = data.draw(st.integers(1, 4))
    kept = [d for d in memory.documents.values() if d.realm == "real"]
    sort = {"score": lambda d: (-d.score, d.id), "t": lambda d: (-d.t, d.id), "id": lambda d: d.id}[order]
    found: list[Document] = []
    after_page = None
    while True:
        page = log.documents(Query(collection="things", order=order, limit=limit, after=after_page))
        assert page.total == len(kept)
        found += page.items
        after_page = page.next
        if after_page is None:
            break
    assert found == sorted(kept, key=sort)
    assert log.verify() == []
    hashes = [e.hash for e in written]
    # However the same events come in, they have the same hashes.
    whole = DecisionLog(blank())
    whole.append([d for piece in pieces for d in piece])
    assert [e.hash for e in whole.read(limit=1000)] == hashes


@given(
    st.lists(st.tuples(st.integers(0, 3), LETTERS, LETTERS), min_size=4, max_size=9),
    st.integers(0, 40),
    st.sampled_from(["at", "realm", "kind", "subject", "actor", "body", "key"]),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_change_of_any_column_shows(
    blank: Callable[[], Engine], given_events: list[tuple[int, str, str]], where: int, column: str
) -> None:
    engine = blank()
    log = DecisionLog(engine)
    log.append([Draft(kind="a.b", subject=s, at=n, actor=a, body={"s": s}) for n, s, a in given_events])
    seq = where % len(given_events) + 1
    value = "at + 1" if column == "at" else f"{column} || 'x'" if column != "key" else "'x'"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE events SET {column} = {value} WHERE seq = {seq}")
    found = log.verify(project=False)
    assert len(found) == 1
    assert (found[0].seq_from, found[0].seq_to) == (seq, seq)
    assert found[0].kind == ("event-unreadable" if column == "body" else "event-changed")


def test_every_character_comes_back(blank: Callable[[], Engine]) -> None:
    log = DecisionLog(blank())
    characters = [chr(c) for c in range(1, 0x3000) if not 0xD800 <= c < 0xE000]
    texts = ["".join(characters[k : k + 160]) for k in range(0, len(characters), 160)]
    written = log.append([Draft(kind="a.b", subject=t, at=0, actor="a", body={t: "\0" + t}) for t in texts])
    for text, event in zip(texts, written, strict=True):
        assert log.read(subject=text) == [event]
        assert event.body == {text: "\0" + text}
    assert log.verify() == []
