"""A node that runs: its process, its addresses and accounts, and what callers say to it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

WATCHKEEPER = (sys.executable, "-c", "from watchkeeper.cli.edge import main; main()")
MEDIA = "application/taxii+json;version=2.1"
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
MICROSECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
FIRST, LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"


def indicator(**said: Any) -> dict[str, Any]:
    """A STIX object of a kind that every server knows; what is None is left out."""
    made = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.uuid4()}",
        "created": "2025-01-01T00:00:00.000Z",
        "modified": "2025-01-01T00:00:00.000Z",
        "name": "an indicator",
        "pattern": "[ipv4-addr:value = '203.0.113.7']",
        "pattern_type": "stix",
        "valid_from": "2025-01-01T00:00:00Z",
    } | said
    return {name: value for name, value in made.items() if value is not None}


def versions_of(id: str, count: int, **said: Any) -> list[dict[str, Any]]:
    """Versions of one object, a microsecond apart."""
    return [
        indicator(id=id, modified=f"2025-01-01T00:00:00.{k:06}Z", name=f"v{k}", **said) for k in range(count)
    ]


@dataclass
class Node:
    """A served hub. ``answers`` is everything it said to :meth:`ask`, as (method, path, status, type, body)."""

    store: Path
    url: str
    made: dict[str, Any]
    process: subprocess.Popen[str]
    environment: dict[str, str]
    answers: list[tuple[str, str, int, str, bytes]] = field(default_factory=list)
    clients: dict[int | None, httpx.Client] = field(default_factory=dict)

    @property
    def discovery(self) -> str:
        return f"{self.url}/taxii2/"

    @property
    def root(self) -> str:
        return f"{self.url}/taxii2/demo/"

    def account(self, which: int) -> dict[str, str]:
        found: dict[str, str] = self.made["accounts"][which]
        return found

    def collection(self, alias: str) -> str:
        return f"{self.root}collections/{self.made['collections'].get(alias, alias)}/"

    def client(self, who: int | None) -> httpx.Client:
        if who not in self.clients:
            auth = None if who is None else (self.account(who)["user"], self.account(who)["password"])
            self.clients[who] = httpx.Client(auth=auth, trust_env=False, verify=False, timeout=60.0)
        return self.clients[who]

    def ask(
        self,
        method: str,
        url: str,
        *,
        who: int | None = 0,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        said = {"Accept": MEDIA} | (headers or {})
        if method == "POST":
            said = {"Content-Type": MEDIA} | said
        said = {name: value for name, value in said.items() if value}
        answer = self.client(who).request(method, url, headers=said, **more)
        path, kind = answer.request.url.path, answer.headers.get("content-type", "")
        self.answers.append((method, path, answer.status_code, kind, answer.content[:2000]))
        return answer

    def get(self, url: str, **params: Any) -> httpx.Response:
        names = {name: f"match[{name}]" for name in ("id", "type", "version", "spec_version")}
        return self.ask("GET", url, params={names.get(k, k): v for k, v in params.items()})

    def objects(self, alias: str = "rw", **params: Any) -> list[dict[str, Any]]:
        """One page."""
        answer = self.get(f"{self.collection(alias)}objects/", **params)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json().get("objects", [])
        return found

    def post(self, *objects: Any, alias: str = "rw", who: int = 0) -> dict[str, Any]:
        """The status of what was posted."""
        answer = self.ask("POST", f"{self.collection(alias)}objects/", json={"objects": objects}, who=who)
        assert answer.status_code == 202, answer.text
        status: dict[str, Any] = answer.json()
        return status

    def put(self, *objects: Any, alias: str = "rw", who: int = 0) -> None:
        """Post what has to be taken."""
        status = self.post(*objects, alias=alias, who=who)
        assert status["success_count"] == len(objects), status

    def pages(self, url: str, key: str = "objects", **params: Any) -> Iterator[httpx.Response]:
        """Every page, by ``next``."""
        for _ in range(10_000):
            answer = self.get(url, **params)
            assert answer.status_code == 200, answer.text
            yield answer
            if not answer.json().get("more"):
                return
            params["next"] = answer.json()["next"]
        raise AssertionError("the pages do not end")

    def everything(self, url: str, key: str = "objects", **params: Any) -> list[Any]:
        """What stands on all pages."""
        return [one for answer in self.pages(url, key, **params) for one in answer.json().get(key, [])]

    def command(self, *words: str, stdin: str = "") -> str:
        """What a command of watchkeeper says on standard output."""
        done = subprocess.run(
            [*WATCHKEEPER, *words], input=stdin, capture_output=True, text=True, check=False,
            env=self.environment, cwd=self.store.parent,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def start_again(self) -> None:
        port = int(self.url.rpartition(":")[2])
        self.process, self.url = _served(self.store, self.environment, port)


@contextmanager
def begun(store: Path, database: str | None = None, *more: str) -> Iterator[Node]:
    """A demo's hub in a new store, served."""
    environment = {**os.environ, "WATCHKEEPER_STORE": str(store)}
    environment.pop("WATCHKEEPER_DATABASE", None)
    if database is not None:
        environment["WATCHKEEPER_DATABASE"] = database
    store.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [*WATCHKEEPER, "exchange", "init", "--demo", "--json"], capture_output=True, text=True,
        check=True, env=environment, cwd=store.parent,
    )  # fmt: skip
    process, url = _served(store, environment, 0, *more)
    node = Node(store, url, json.loads(done.stdout), process, environment)
    try:
        yield node
    finally:
        for client in node.clients.values():
            client.close()
        node.process.terminate()
        node.process.wait(30)


def _served(
    store: Path, environment: dict[str, str], port: int, *more: str
) -> tuple[subprocess.Popen[str], str]:
    said = store.parent / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [*WATCHKEEPER, "serve", "--port", str(port), *more], stderr=out, text=True,
            env=environment, cwd=store.parent,
        )  # fmt: skip
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = re.search(r"TAXII 2.1 at (\S+)/taxii2/", said.read_text())
        if found:
            return process, found[1]
        assert process.poll() is None, said.read_text()
        time.sleep(0.05)
    raise AssertionError(said.read_text())
