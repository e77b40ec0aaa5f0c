"""The log keeps what it is given, once, in order, alike on both databases."""

import random
import threading

import msgspec
import pytest
import sqlalchemy as sa
from decision_rows import AT, Findings, draft
from sqlalchemy.engine import Engine

from watchkeeper.errors import InputError, StoreError
from watchkeeper.model.event import Decisions, Document, Draft, Query
from watchkeeper.store.decisions import DecisionLog
from watchkeeper.store.decisions.rows import GENESIS


@pytest.fixture
def log(engine: Engine) -> DecisionLog:
    return DecisionLog(engine, (Findings(),))


def test_an_empty_log(log: DecisionLog) -> None:
    decisions: Decisions = log
    assert decisions.head() == 0
    assert log.standing().hash == GENESIS
    assert decisions.read() == []
    assert decisions.append([]) == []
    assert decisions.document("findings", "finding-1") is None
    assert decisions.documents(Query(collection="findings")).total == 0
    assert log.verify() == []


def test_what_is_appended_is_read(log: DecisionLog) -> None:
    written = log.append([draft(n) for n in range(30)])
    assert [e.seq for e in written] == list(range(1, 31))
    assert log.read(limit=100) == written
    assert log.read(10, limit=5) == written[10:15]
    assert log.head() == 30
    assert log.standing().hash == written[-1].hash
    for event, given in zip(written, map(draft, range(30)), strict=True):
        assert msgspec.structs.asdict(given).items() <= msgspec.structs.asdict(event).items()


def test_reading_by_kind_and_subject(log: DecisionLog) -> None:
    kinds = ["finding.opened", "finding.updated", "findings.x", "finding", "alert.raised", "finding/"]
    log.append([draft(n, kinds[n % len(kinds)]) for n in range(60)])
    assert {e.kind for e in log.read(kinds=["finding."])} == {"finding.opened", "finding.updated"}
    assert {e.kind for e in log.read(kinds=["finding", "alert."])} == {"finding", "alert.raised"}
    assert [e.body["n"] for e in log.read(subject="finding-3")] == list(range(3, 60, 7))
    assert [e.body["n"] for e in log.read(20, kinds=["alert."], subject="finding-2", limit=1)] == [58]
    assert log.read(kinds=["finding\0"]) == log.read(subject="\ud800") == log.read(1 << 70) == []
    with pytest.raises(InputError):
        log.read(limit=-1)


def test_a_key_is_written_once(log: DecisionLog) -> None:
    first = log.append([draft(1), draft(2)])
    again = log.append([draft(2, actor="somebody"), draft(3), draft(3, actor="somebody"), draft(1)])
    assert [e.seq for e in again] == [2, 3, 3, 1]
    assert again[0] == first[1]
    assert again[3] == first[0]
    assert log.head() == 3
    without = log.append([draft(9, key=None), draft(9, key=None)])
    assert [e.seq for e in without] == [4, 5]
    document = log.document("findings", "finding-2")
    assert document is not None
    assert document.body["times"] == 3


def test_many_known_keys_at_once(log: DecisionLog) -> None:
    log.append([draft(n) for n in range(1300)])
    assert [e.seq for e in log.append([draft(n) for n in range(1299, -1, -1)])] == list(range(1300, 0, -1))


@pytest.mark.parametrize(
    "bad",
    [
        {"subject": "a\0b"},
        {"kind": "\ud800"},
        {"key": "k\0"},
        {"realm": "\0"},
        {"body": {"n": object()}},
        {"body": {"n": "\udfff"}},
        {"at": 1 << 63},
        {"subject": "ä" * 251},
    ],
    ids=lambda bad: ",".join(bad),
)
def test_what_one_database_cannot_keep_both_refuse(log: DecisionLog, bad: dict[str, object]) -> None:
    with pytest.raises(StoreError, match="cannot be kept"):
        log.append([draft(1), draft(2, **bad)])
    assert log.head() == 0
    assert log.documents(Query(collection="findings")).total == 0


def test_the_longest_names_fit(log: DecisionLog) -> None:
    """In no order that could be compressed: what an index holds is limited on one of the two databases."""
    chance = random.Random(3)
    long = ["".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(166)) for _ in range(5)]
    names = dict(zip(("subject", "actor", "key", "realm"), long, strict=False))
    (event,) = log.append([draft(1, **names)])
    assert log.read(subject=long[0]) == [event]
    document = log.document("findings", long[0])
    assert document is not None
    assert document.realm == long[3]
    assert log.read(subject="x" * 5000) == []


def test_hostile_text_comes_back_as_it_was(log: DecisionLog) -> None:
    body = {
        "name": "\0'; DROP TABLE events; -- \u202e\x1b[31m%_\\ 😀",
        "deep": [{"ß": [None, True, 1e300, 2**60]}],
    }
    given = draft(1, subject="'; --\n\\%_😀", actor='user:"ö"', body=body)
    (event,) = log.append([given])
    assert log.read() == [event]
    assert event.body == body
    document = log.document("findings", given.subject)
    assert document is not None
    assert document.text == str(body["name"]).replace("\0", "\ufffd")
    assert document.body["said"] == body
    assert log.documents(Query(collection="findings", text="%_\\ 😀")).total == 1
    assert log.documents(Query(collection="findings", text="%X\\")).total == 0
    assert log.verify() == []


class Failing(Findings):
    def apply(self, event: object, get: object) -> list[Document]:  # type: ignore[override]
        raise ValueError("a projector that fails")


def test_a_projector_that_fails_writes_nothing(engine: Engine) -> None:
    with pytest.raises(ValueError, match="fails"):
        DecisionLog(engine, (Findings(), Failing())).append([draft(1)])
    assert DecisionLog(engine).head() == 0
    assert DecisionLog(engine).counts() == {}


def test_documents_that_cannot_be_kept_are_refused(engine: Engine) -> None:
    class Odd(Findings):
        def apply(self, event, get):  # type: ignore[no-untyped-def]
            for document in super().apply(event, get):
                yield msgspec.structs.replace(document, score=float("nan"))

    with pytest.raises(StoreError, match="score"):
        DecisionLog(engine, (Odd(),)).append([draft(1)])


def test_a_log_for_reading_refuses_to_write(engine: Engine) -> None:
    log = DecisionLog(engine, write=False)
    for write in (lambda: log.append([draft(1)]), log.rebuild):
        with pytest.raises(StoreError, match="opened for reading"):
            write()


def test_several_writers_at_once(engine: Engine, log: DecisionLog) -> None:
    failed: list[BaseException] = []

    def work(worker: int) -> None:
        mine = DecisionLog(engine, (Findings(),))
        try:
            for k in range(12):
                n = worker * 1000 + k
                mine.append([draft(n), draft(k, key=f"shared-{k}")])
        except BaseException as error:  # noqa: BLE001 - to be seen in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=work, args=(w,)) for w in range(4)]
    for thread in threads:
        thread.start()
    seen = 0
    while any(thread.is_alive() for thread in threads):
        for event in log.read(seen, limit=1000):
            assert event.seq == seen + 1, "whoever reads on misses nothing"
            seen = event.seq
    for thread in threads:
        thread.join()
    assert not failed
    assert log.head() == 4 * 12 + 12
    assert log.verify() == []


def test_documents_are_made_again(engine: Engine, log: DecisionLog) -> None:
    log.append([draft(n, actor=f"user:{n}") for n in range(50)])
    before = log.documents(Query(collection="findings", order="id"))
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM documents WHERE id = 'finding-2'"))
        connection.execute(sa.text("UPDATE documents SET state = 'x' WHERE id = 'finding-3'"))
    assert log.documents(Query(collection="findings", order="id")) != before
    assert log.rebuild() == 7
    assert log.documents(Query(collection="findings", order="id")) == before
    assert log.rebuild(()) == 0


def test_hashes_are_what_they_always_were(log: DecisionLog) -> None:
    # Noted once: whoever changes how an event is hashed makes every log that was ever written unverifiable.
    log.append([draft(n) for n in range(3)])
    assert log.standing().hash == "b61b29697043715a7b7453ef49e87af16e20f768a6c5bf4bb74f13c81fe2085f"
    assert log.append([Draft(kind="a.b", subject="s", at=AT, actor="a")])[0].hash.startswith(
        "fe03a36964857c2f"
    )
