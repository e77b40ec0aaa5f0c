"""Killed while it takes and gives: nothing that was confirmed is lost, nothing is there twice, all is written down."""

import threading
import time
import uuid
from pathlib import Path

import httpx
import pytest

from exchange.taxii.node import Node, begun, indicator
from store.postgres_server import Server

BATCHES, EACH = 12, 20


class Poller(threading.Thread):
    """Pages by ``next`` and goes on from the last page it got, whatever happens in between."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node, self.found, self.stopping = node, [], threading.Event()
        self.found: list[str] = []

    def run(self) -> None:
        auth = (self.node.account(1)["user"], self.node.account(1)["password"])
        after: dict[str, str] = {}
        while True:
            ending = self.stopping.is_set()
            try:
                with httpx.Client(auth=auth, trust_env=False, timeout=20) as client:
                    address = f"{self.node.collection('rw')}objects/"
                    answer = client.get(address, params={"limit": "7", **after})
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            assert answer.status_code == 200, answer.text
            said = answer.json()
            self.found += [each["id"] for each in said.get("objects", [])]
            if "objects" in said:
                after = {"added_after": answer.headers["X-TAXII-Date-Added-Last"]}
            elif ending:
                return


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_killed_while_posting_and_paging(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: Server | None = request.getfixturevalue("postgres") if backend == "postgresql" else None
    with begun(tmp_path / "watch", None if server is None else server.database()) as node:
        batches = [[indicator() for _ in range(EACH)] for _ in range(BATCHES)]
        poller = Poller(node)
        poller.start()
        killers = [threading.Timer(delay, _kill_and_start, (node,)) for delay in (0.3,)]
        for killer in killers:
            killer.start()
        for batch in batches:
            _post_until_confirmed(node, batch)
        for killer in killers:
            killer.join()
        poller.stopping.set()
        poller.join(60)
        assert not poller.is_alive()
        wanted = [each["id"] for batch in batches for each in batch]
        assert sorted(poller.found) == sorted(wanted)
        assert len(node.everything(f"{node.collection('rw')}objects/", version="all")) == len(wanted)
        _check_written_down(node, wanted)


def _kill_and_start(node: Node) -> None:
    node.kill()
    node.start_again()


def _post_until_confirmed(node: Node, batch: list[dict[str, object]]) -> None:
    auth = (node.account(0)["user"], node.account(0)["password"])
    for _ in range(600):
        try:
            with httpx.Client(auth=auth, trust_env=False, timeout=20) as client:
                headers = {"Content-Type": "application/taxii+json;version=2.1"}
                answer = client.post(
                    f"{node.collection('rw')}objects/", json={"objects": batch}, headers=headers
                )
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        assert answer.status_code == 202, answer.text
        assert answer.json()["success_count"] == EACH
        return
    raise AssertionError("never confirmed")


def _check_written_down(node: Node, wanted: list[str]) -> None:
    """Every object that the poller got stands in its ledger, and the log is whole."""
    from watchkeeper.exchange.hub.pulls import Pulls
    from watchkeeper.store.folder import Store

    node.process.terminate()
    node.process.wait(30)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in node.environment.items():
            if name.startswith("WATCHKEEPER"):
                patch.setenv(name, value)
        with Store.open(node.store, write=False) as store:
            pulls = Pulls(store.engine, None).pulls_of(organisation="Demo South", limit=100_000)
            given = {seq for pull in pulls for seq in pull.seqs}
            assert len(given) == len(wanted)
            assert all(pull.event is not None for pull in pulls)
            assert store.decisions.verify(project=False) == []


def test_a_server_that_is_cut_off_from_its_database(tmp_path: Path, postgres: Server) -> None:
    database = postgres.database()
    with begun(tmp_path / "watch", database) as node:
        node.put(indicator())
        for _ in range(3):
            postgres.cut_off(database)
            answers = [node.get(f"{node.collection('rw')}objects/") for _ in range(3)]
            assert {answer.status_code for answer in answers} <= {200, 503}
            assert answers[-1].status_code == 200
            assert all(answer.headers["content-type"].startswith("application/taxii") for answer in answers)
        node.put(indicator(id=f"indicator--{uuid.uuid4()}"))
