"""A TAXII server beside medallion, asked by one client in one run; and a collection of a million objects.

``python benchmarks/taxii.py [--objects 20000] [--peer 1000 2000] [--million 1000000]`` prints Markdown. medallion keeps
its objects in memory and sorts all of them for each page, so that it is given few. Every object that watchkeeper takes
is checked, placed among its versions and written to the disk; every page that it gives is written down first.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

import measure

MEDIA = "application/taxii+json;version=2.1"
PAGE = 1000
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
RUN = (sys.executable, "-c", "from watchkeeper.cli.edge import main; main()")
MEDALLION = (sys.executable, "-m", "medallion.scripts.run")
BY_ID = 50


@dataclass(frozen=True)
class Served:
    """A collection that runs somewhere."""

    collection: str
    auth: tuple[str, str]
    pid: int

    def client(self) -> httpx.Client:
        headers = {"Accept": MEDIA, "Content-Type": MEDIA}
        return httpx.Client(auth=self.auth, headers=headers, trust_env=False, timeout=3600.0)


def made(count: int, **said: Any) -> list[dict[str, Any]]:
    """Indicators as feeds hold them, of some 600 bytes."""
    return [
        {
            "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid4()}",
            "created": "2025-01-01T00:00:00.000Z", "modified": "2025-01-01T00:00:00.000Z",
            "name": f"address {k} of a simulated feed", "description": "Seen by a sensor that does not exist. " * 4,
            "indicator_types": ["malicious-activity"], "pattern": f"[ipv4-addr:value = '203.0.113.{k % 256}']",
            "pattern_type": "stix", "valid_from": "2025-01-01T00:00:00Z", "confidence": 70,
            "external_references": [{"source_name": "simulated", "external_id": str(k)}], **said,
        }
        for k in range(count)
    ]  # fmt: skip


def asked(served: Served, count: int) -> dict[str, float]:
    """Rates of one server, by one client: posting, paging, the manifest (objects a second), one object by id (ms)."""
    objects = made(count)
    bodies = [json.dumps({"objects": objects[k : k + PAGE]}).encode() for k in range(0, count, PAGE)]
    with served.client() as client:
        client.get(served.collection)
        rates = {"post": count / _posted(client, served.collection, bodies, count)}
        for what in ("objects", "manifest"):
            rates[what] = count / _paged(client, f"{served.collection}{what}/", count)
        ids = [objects[k * count // BY_ID]["id"] for k in range(BY_ID)]
        rates["by id"] = _by_id(client, served.collection, ids)
    return rates


def _posted(client: httpx.Client, collection: str, bodies: list[bytes], count: int) -> float:
    begin = time.perf_counter()
    taken = 0
    for body in bodies:
        answer = client.post(f"{collection}objects/", content=body)
        assert answer.status_code == 202, answer.text[:300]
        taken += answer.json()["success_count"]
    assert taken == count
    return time.perf_counter() - begin


def _paged(client: httpx.Client, address: str, count: int) -> float:
    begin = time.perf_counter()
    found, params = 0, {"limit": str(PAGE)}
    while True:
        said = client.get(address, params=params).json()
        found += len(said["objects"])
        if not said.get("more"):
            assert found == count, (found, count)
            return time.perf_counter() - begin
        params["next"] = said["next"]


def _by_id(client: httpx.Client, collection: str, ids: list[str]) -> float:
    took = []
    for id_ in ids:
        begin = time.perf_counter()
        answer = client.get(f"{collection}objects/{id_}/")
        took.append(time.perf_counter() - begin)
        assert len(answer.json()["objects"]) == 1
    return statistics.median(took) * 1000


def by_taxii2_client(served: Served) -> float:
    """Objects a second that taxii2-client gets, page by page."""
    from taxii2client.v21 import Collection, as_pages

    collection = Collection(served.collection, user=served.auth[0], password=served.auth[1])
    begin = time.perf_counter()
    found = sum(len(page["objects"]) for page in as_pages(collection.get_objects, per_request=PAGE))
    return found / (time.perf_counter() - begin)


@contextmanager
def watchkeeper(folder: Path) -> Iterator[Served]:
    """A demo's hub in a new store, served."""
    store = ("--store", str(folder / "watch"))
    done = subprocess.run(
        [*RUN, "exchange", "init", "--demo", "--json", *store], capture_output=True, check=True
    )
    said = json.loads(done.stdout)
    log = folder / "said"
    with log.open("w") as out:
        process = subprocess.Popen([*RUN, "serve", "--port", "0", *store], stderr=out)
    try:
        while not (found := re.search(r"TAXII 2.1 at (\S+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        account = said["accounts"][0]
        collection = f"{found[1]}demo/collections/{said['collections']['rw']}/"
        yield Served(collection, (account["user"], account["password"]), process.pid)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def medallion(folder: Path, port: int) -> Iterator[Served]:
    """medallion with an empty collection in memory."""
    id_ = str(uuid.uuid4())
    rights = {"can_read": True, "can_write": True, "media_types": ["application/stix+json;version=2.1"]}
    data = {
        "/discovery": {"title": "peer", "default": f"http://127.0.0.1:{port}/peer/", "api_roots": []},
        "peer": {
            "information": {"title": "peer", "versions": [MEDIA], "max_content_length": 100 << 20},
            "status": [],
            "collections": [{"id": id_, "title": "one", **rights, "objects": [], "manifest": []}],
        },
    }
    (folder / "data.json").write_text(json.dumps(data))
    settings = {
        "backend": {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend",
                    "filename": str(folder / "data.json")},
        "users": {"peer": "peer"}, "taxii": {"max_page_size": PAGE},
    }  # fmt: skip
    (folder / "settings.json").write_text(json.dumps(settings))
    command = [*MEDALLION, "--port", str(port), str(folder / "settings.json")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    served = Served(f"http://127.0.0.1:{port}/peer/collections/{id_}/", ("peer", "peer"), process.pid)
    try:
        for _ in range(200):
            time.sleep(0.1)
            try:
                with served.client() as client:
                    if client.get(served.collection).status_code == 200:
                        break
            except httpx.TransportError:
                continue
        yield served
    finally:
        process.kill()
        process.wait()


def million(folder: Path, count: int) -> list[list[str]]:
    """A collection with many objects: what a page costs where it begins, and for a reader of one in ten thousand."""
    from watchkeeper.api.access.passwords import Passwords
    from watchkeeper.api.access.tables import bring_up
    from watchkeeper.api.access.users import Users
    from watchkeeper.cli.desk import now_ms
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.hub.words import Account, Filter, Terms
    from watchkeeper.store.folder import Store

    Store.create(folder / "million")
    with Store.open(folder / "million", write=False, decide=True) as store:
        bring_up(store.engine)
        users = Users(store.engine, Passwords(1, 8192))
        for name in ("North", "South"):
            users.add_organisation(name, now_ms())
        hub = Hub(store.engine, store.decisions)
        both = ("North", "South")
        collection = hub.collections.add(Terms(title="million", readers=both, writers=both, unmarked="amber"))
        north, south = (Account(user=name.lower(), organisation=name) for name in both)
        few = {"object_marking_refs": ["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"]}
        begin, ids = time.perf_counter(), []
        spent = 0.0
        for start in range(0, count, PAGE):
            objects = made(PAGE - 1) if start % 10_000 == 0 else made(PAGE)
            objects += made(1, **few) if start % 10_000 == 0 else []
            ids.append(objects[17]["id"])
            raws = [json.dumps(each).encode() for each in objects]
            begin = time.perf_counter()
            assert len(hub.add(collection, raws, north, now_ms()).seqs) == PAGE
            spent += time.perf_counter() - begin
        rows = [["added to the store (no HTTP)", f"{count / spent:,.0f} objects/s"]]

        def took(account: Account, after: int, asked: Filter = Filter(), most: int = PAGE) -> str:  # noqa: B008
            times, given = [], 0
            for _ in range(11):
                begin = time.perf_counter()
                given = len(hub.page(collection, account, asked, now_ms(), after=after, most=most).rows)
                times.append(time.perf_counter() - begin)
            return f"{statistics.median(times) * 1000:.1f} ms ({given} objects)"

        for words, after in (("first", 0), ("middle", count // 2), ("last", count - PAGE)):
            rows.append([f"{words} page of {PAGE:,}", took(north, after)])
        rows.append(["a page for a reader of 1 in 10,000", took(south, 0, most=100)])
        one = Filter(ids=(ids[len(ids) // 2],))
        rows.append(["one object by id", took(north, 0, one)])
        rows.append(["one object by id, that is withheld", took(south, 0, one)])
        rows.append(["all of a type there is none of", took(north, 0, Filter(types=("malware",)))])
        rows.append(["what was added after the last", took(north, 0, Filter(added_after=2**61))])
    return rows


def main() -> None:
    """Run both servers in turn and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--peer", type=int, nargs="*", default=[1000, 2000])
    parser.add_argument("--million", type=int, default=1_000_000)
    given = parser.parse_args()
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in given.peer:
            with medallion(folder, 5600) as served:
                rows.append(_row("medallion 3.0.0, memory", count, asked(served, count), None))
        for count in (*given.peer, given.objects):
            (place := folder / f"own-{count}").mkdir()
            with watchkeeper(place) as served:
                rows.append(
                    _row("watchkeeper, SQLite", count, asked(served, count), by_taxii2_client(served))
                )
        head = (
            "Server",
            "Objects",
            "POST objects/s",
            "GET objects/s",
            "manifest/s",
            "one by id",
            "taxii2-client/s",
        )
        print(measure.table(head, rows))
        if given.million:
            print()
            print(f"A collection of {given.million:,} objects (SQLite; the hub alone, without HTTP):")
            print()
            print(measure.table(("What", "Median"), million(folder, given.million)))


def _row(name: str, count: int, rates: dict[str, float], client: float | None) -> list[str]:
    figures = [f"{rates[what]:,.0f}" for what in ("post", "objects", "manifest")]
    return [
        name,
        f"{count:,}",
        *figures,
        f"{rates['by id']:.1f} ms",
        "" if client is None else f"{client:,.0f}",
    ]


if __name__ == "__main__":
    main()
