"""Pages of documents: all of them, in order, once, by any filter, alike on both databases."""

from typing import Any, get_args

import pytest
from decision_rows import AT, Findings, draft
from sqlalchemy.engine import Engine

from watchkeeper.errors import InputError
from watchkeeper.model.event import Document, Draft, Order, Query
from watchkeeper.store.decisions import DecisionLog, documents

NAMES = [
    "Ärmel",
    "arm",
    "ARM",
    "Zebra",
    "äRMEL",
    "_",
    "a_b",
    "aXb",
    "ａｒｍ",
    "STRASSE",
    "straße",
    "ŁÓDŹ",
    "",
    "ß",
]


def filled(engine: Engine) -> DecisionLog:
    log = DecisionLog(engine, (Findings(),))
    drafts: list[Draft] = []
    for n in range(140):
        body = {
            "name": NAMES[n % len(NAMES)],
            "score": [0.1 + 0.2, 0.3, -1.5, 1e-300, 7.0][n % 5],
            "mmsi": None if n % 9 == 0 else 200_000_000 + n % 4,
        }
        kind = ["finding.opened", "finding.updated", "finding.withdrawn"][n % 3]
        realm = "exercise:x" if n % 10 == 0 else "real"
        subject = f"{NAMES[n % len(NAMES)]}-{n}"
        drafts.append(draft(n, kind, subject=subject, body=body, at=AT + n % 11, realm=realm))
    log.append(drafts)
    return log


@pytest.fixture(scope="module")
def log(databases: Any) -> DecisionLog:
    """140 documents that no test changes."""
    return filled(databases.begun())


def walk(log: DecisionLog, **query: object) -> list[Document]:
    found: list[Document] = []
    after = None
    while True:
        asked = Query(collection="findings", after=after, **query)  # type: ignore[arg-type]
        page = log.documents(asked)
        assert page == log.documents(asked), "a page can be asked for again"
        found += page.items
        if page.next is None:
            assert page.total == len(found)
            return found
        assert len(page.items) == asked.limit
        after = page.next


ORDERS = {
    "score": lambda d: (-d.score, d.id.encode()),
    "t": lambda d: (-d.t, d.id.encode()),
    "id": lambda d: d.id.encode(),
}


@pytest.mark.parametrize("order", get_args(Order))
@pytest.mark.parametrize("limit", [1, 7, 126, 1000])
def test_every_document_once_in_order(log: DecisionLog, order: Order, limit: int) -> None:
    found = walk(log, order=order, limit=limit)
    assert len(found) == 126
    assert found == sorted(found, key=ORDERS[order])
    assert {d.realm for d in found} == {"real"}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"realm": "exercise:x"}, lambda d: d.realm == "exercise:x"),
        ({"states": ("opened", "withdrawn")}, lambda d: d.state in ("opened", "withdrawn")),
        ({"mmsi": 200_000_001}, lambda d: d.mmsi == 200_000_001),
        ({"t_from": AT + 3, "t_to": AT + 5}, lambda d: AT + 3 <= d.t <= AT + 5),
        ({"t_from": -(1 << 80), "t_to": 1 << 80}, lambda d: True),
        ({"text": "arm"}, lambda d: d.text in ("arm", "ARM", "ａｒｍ")),
        ({"text": "ÄRM"}, lambda d: d.text in ("Ärmel", "äRMEL")),
        ({"text": "ẞ"}, lambda d: d.text in ("STRASSE", "straße", "ß")),
        ({"text": "a_B"}, lambda d: d.text == "a_b"),
        ({"text": "%"}, lambda d: False),
        ({"text": "łó", "states": ("updated",)}, lambda d: d.text == "ŁÓDŹ" and d.state == "updated"),
        ({"mmsi": 1 << 70}, lambda d: False),
        ({"states": ("\0",)}, lambda d: False),
        ({"realm": "\ud800"}, lambda d: False),
    ],
    ids=lambda given: ascii(given) if isinstance(given, dict) else "",
)
@pytest.mark.parametrize("order", get_args(Order))
def test_filters(log: DecisionLog, query: dict[str, object], fits: object, order: Order) -> None:
    every = walk(log, limit=1000) + walk(log, limit=1000, realm="exercise:x")
    realm = query.get("realm", "real")
    wanted = [d for d in every if d.realm == realm and fits(d)]  # type: ignore[operator]
    assert walk(log, order=order, limit=5, **query) == sorted(wanted, key=ORDERS[order])


def test_a_page_of_nothing_counts(log: DecisionLog) -> None:
    page = log.documents(Query(collection="findings", limit=0))
    assert (page.items, page.total, page.next) == ((), 126, None)


def test_a_page_goes_on_where_it_was_though_documents_come_and_change(engine: Engine) -> None:
    log = filled(engine)
    first = log.documents(Query(collection="findings", order="id", limit=60))
    log.append([draft(1000, subject="!before"), draft(1001, subject="ｚｚ-behind")])
    rest = log.documents(Query(collection="findings", order="id", limit=1000, after=first.next))
    assert not {d.id for d in first.items} & {d.id for d in rest.items}
    assert len(first.items) + len(rest.items) == 127
    assert rest.total == 128


@pytest.mark.parametrize("after", ["", "!", "AAAA", "WyJ0IiwxLCJhIl0", "WyJzY29yZSIsImEiLCJhIl0", "é", "W10"])
def test_what_is_no_cursor_is_refused(log: DecisionLog, after: str) -> None:
    with pytest.raises(InputError, match="no place in this list"):
        log.documents(Query(collection="findings", order="score", after=after))


@pytest.mark.parametrize("limit", [-1, 10_001])
def test_a_page_has_bounds(log: DecisionLog, limit: int) -> None:
    with pytest.raises(InputError):
        log.documents(Query(collection="findings", limit=limit))


def test_more_than_are_counted_are_not_counted(log: DecisionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    query = Query(collection="findings", limit=1)
    there = log.documents(query).total
    assert there is not None
    monkeypatch.setattr(documents, "COUNTED", there)
    assert log.documents(query).total == there
    monkeypatch.setattr(documents, "COUNTED", there - 1)
    assert log.documents(query).total is None
