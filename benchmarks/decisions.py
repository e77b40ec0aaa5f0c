"""How fast decisions are appended and pages of them read, in SQLite and in PostgreSQL. Prints medians.

``python benchmarks/decisions.py [DOCUMENTS]`` (1,000,000 by default). PostgreSQL is the server of the tests, here with
its writes brought to the disk (fsync) as in use. Each append is one transaction that is on the disk when it returns.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.model.event import Query
from watchkeeper.store.decisions import DecisionLog, begin, engine_of, sqlite_engine
from watchkeeper.store.decisions.engines import tend
from watchkeeper.store.decisions.rows import sought
from watchkeeper.store.decisions.tables import documents

sys.path[:0] = [str(Path(__file__).parent.parent / "tests" / "store" / place) for place in ("", "decisions")]

import postgres_server  # noqa: E402
from decision_rows import AT, Findings, draft  # noqa: E402

ROUNDS = 5


@contextmanager
def databases() -> Iterator[dict[str, Engine]]:
    """One of each kind, with an empty log."""
    postgres_server.QUICK = ("max_connections=60",)
    with tempfile.TemporaryDirectory() as folder, postgres_server.running() as server:
        engines = {
            "SQLite": sqlite_engine(Path(folder) / "decisions.sqlite", create=True),
            "PostgreSQL": engine_of(server.database()),
        }
        for engine in engines.values():
            begin(engine, "a store")
        yield engines
        for engine in engines.values():
            engine.dispose()


def appending(engine: Engine) -> Iterator[tuple[str, str]]:
    """Events a second, by how many an append brings, with a projector that reads and writes a document each."""
    log, n = DecisionLog(engine, (Findings(),)), 0
    for size, appends in ((1, 200), (10, 100), (100, 30), (1000, 10)):
        rates = []
        for _ in range(ROUNDS):
            drafts = [
                [draft(k, subject=f"s{k % 50_000}") for k in range(n + a * size, n + (a + 1) * size)]
                for a in range(appends)
            ]
            n += appends * size
            start = time.perf_counter()
            for each in drafts:
                log.append(each)
            rates.append(appends * size / (time.perf_counter() - start))
        yield f"append, {size} at once", f"{statistics.median(rates):,.0f} events/s"
    start = time.perf_counter()
    assert log.verify(project=False) == []
    yield "verify the chain", f"{log.head() / (time.perf_counter() - start):,.0f} events/s"
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        made = log.backup(Path(folder) / "b.zst")
        yield (
            "backup",
            f"{made.seq / (time.perf_counter() - start):,.0f} events/s, {made.bytes / made.seq:.0f} bytes each",
        )


def fill(engine: Engine, count: int) -> None:
    """Documents such as a year of findings leaves, written past the log."""
    states = ["closed"] * 97 + ["opened"] * 2 + ["withdrawn"]
    with engine.begin() as connection:
        connection.execute(documents.delete())
        for start in range(0, count, 10_000):
            rows = []
            for n in range(start, min(start + 10_000, count)):
                text = f"VESSEL {n * 7919 % 100_003} ais-gap"
                rows.append(
                    {
                        "collection": "findings",
                        "id": f"{n * 2654435761 % 2**32:08x}-{n}",
                        "realm": "real",
                        "seq": n,
                        "state": states[n % 100],
                        "mmsi": 200_000_000 + n * 7919 % 100_003,
                        "t": AT + n * 31_000,
                        "score": n * 0.37 % 100,
                        "text": text,
                        "sought": sought(text),
                        "body": '{"summary":"' + "a silence of 3 h 12 min; " * 20 + '"}',
                    }
                )
            connection.execute(documents.insert(), rows)
    tend(engine)


def pages(engine: Engine) -> Iterator[tuple[str, str]]:
    """Time for a page of 100, with its count."""
    log = DecisionLog(engine)
    first = log.documents(Query(collection="findings", order="score"))
    asked = {
        "latest": Query(collection="findings", order="t"),
        "highest score": Query(collection="findings", order="score"),
        "highest score, next page": Query(collection="findings", order="score", after=first.next),
        "open, by score": Query(collection="findings", order="score", states=("opened",)),
        "of one ship": Query(collection="findings", mmsi=200_000_123),
        "of one day": Query(collection="findings", t_from=AT + 10**9, t_to=AT + 10**9 + 86_400_000),
        "with a text": Query(collection="findings", text="vessel 123"),
    }
    for name, query in asked.items():
        yield f"page: {name}", f"{1000 * median_s(lambda query=query: log.documents(query)):,.1f} ms"  # type: ignore[misc]
    some = first.items[50].id
    yield "one document", f"{1000 * median_s(lambda: log.document('findings', some)):,.2f} ms"


def median_s(work: Callable[[], object]) -> float:
    """Median seconds."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main(count: int) -> None:
    """Measure and print."""
    with databases() as engines:
        for name, engine in engines.items():
            with engine.connect() as connection:
                told = "SELECT sqlite_version()" if name == "SQLite" else "SHOW server_version"
                print(f"\n{name} {connection.execute(sa.text(told)).scalar()}")
            for what, took in appending(engine):
                print(f"  {what:32} {took}", flush=True)
            fill(engine, count)
            print(f"  with {count:,} documents:")
            for what, took in pages(engine):
                print(f"  {what:32} {took}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
