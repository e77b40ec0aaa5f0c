"""Pollers beside writers, who misses an object? ``python benchmarks/pollers.py [--rounds 10] [--objects 100000]``

In each round, four programs post to one collection at once while four others page through it from the beginning and go
on from where they were: two by ``next`` and the moment of the last page, two by the moment alone. At the end each has
to have every object once. Prints Markdown; ends with 1 where one was missed or came twice.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

import measure
from taxii import PAGE, Served, made, watchkeeper

WRITERS, POLLERS = 4, 4
BATCH = 250


class Poller(threading.Thread):
    """Reads on and on until told that nothing more comes, and then to the end."""

    def __init__(self, served: Served, by_next: bool) -> None:
        super().__init__()
        self.served, self.by_next = served, by_next
        self.found: list[str] = []
        self.ending = threading.Event()

    def run(self) -> None:
        """Poll."""
        moment: dict[str, str] = {}
        with self.served.client() as client:
            while True:
                last_time = self.ending.is_set()
                got = self._pages(client, moment)
                if not got:
                    if last_time:
                        return
                    time.sleep(0.02)

    def _pages(self, client: httpx.Client, moment: dict[str, str]) -> int:
        got = 0
        params = {"limit": str(PAGE), **moment}
        while True:
            answer = client.get(f"{self.served.collection}objects/", params=params)
            said = answer.json()
            page = [each["id"] for each in said.get("objects", [])]
            self.found += page
            got += len(page)
            if page:
                moment["added_after"] = answer.headers["X-TAXII-Date-Added-Last"]
            if not said["more"] or not self.by_next:
                return got
            params["next"] = said["next"]


def round_of(served: Served, count: int) -> tuple[int, int, float]:
    """Objects that pollers missed and that came to them twice, and seconds."""
    posted: set[str] = set()
    guard = threading.Lock()

    def write() -> None:
        with served.client() as client:
            for _ in range(count // WRITERS // BATCH):
                objects = made(BATCH)
                body = json.dumps({"objects": objects}).encode()
                answer = client.post(f"{served.collection}objects/", content=body)
                assert answer.json()["success_count"] == BATCH, answer.text[:300]
                with guard:
                    posted.update(each["id"] for each in objects)

    begin = time.perf_counter()
    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    pollers = [Poller(served, k % 2 == 0) for k in range(POLLERS)]
    for thread in (*writers, *pollers):
        thread.start()
    for writer in writers:
        writer.join()
    for poller in pollers:
        poller.ending.set()
        poller.join()
    missed = sum(len(posted - set(poller.found)) for poller in pollers)
    twice = sum(len(poller.found) - len(set(poller.found)) for poller in pollers)
    return missed, twice, time.perf_counter() - begin


def main() -> None:
    """All rounds, each with a hub of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--objects", type=int, default=100_000)
    given = parser.parse_args()
    rows: list[list[str]] = []
    bad = 0
    for k in range(given.rounds):
        with tempfile.TemporaryDirectory() as folder, watchkeeper(Path(folder)) as served:
            missed, twice, seconds = round_of(served, given.objects)
        bad += missed + twice
        rows.append([str(k + 1), f"{given.objects:,}", str(missed), str(twice), f"{seconds:.0f} s"])
        print(f"round {k + 1}: missed {missed}, twice {twice}", file=sys.stderr)
    print(measure.table(("Round", "Objects", "Missed", "Twice", "Time"), rows))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
