"""What strangers and partners send: bombs, bodies without end, keys that are not theirs, users who are gone."""

import asyncio
import gzip
import json
import socket
import uuid
from typing import Any

import httpx
import pytest

from exchange.taxii.node import MEDIA, Node, indicator
from watchkeeper.exchange.taxii import bodies
from watchkeeper.exchange.taxii.answers import RefusedError
from watchkeeper.exchange.taxii.bodies import Bodies


def with_key(node: Node, *scopes: str) -> httpx.Client:
    """A client with a key of the first account; of the scopes of the exchange, or others."""
    words = [word for scope in scopes for word in ("--scope", scope)]
    key = node.command("users", "key", node.account(0)["user"], *words).strip()
    headers = {"Authorization": f"Bearer {key}", "Accept": MEDIA, "Content-Type": MEDIA}
    return httpx.Client(headers=headers, trust_env=False, verify=False)


def test_a_bomb_is_not_unpacked(node: Node) -> None:
    bomb = gzip.compress(b'{"objects":[' + b" " * (50 << 20) + b"]}")
    for encoding in ("gzip", "deflate", "br", "zstd", "gzip, gzip"):
        answer = node.ask(
            "POST", f"{node.collection('rw')}objects/", content=bomb, headers={"Content-Encoding": encoding}
        )
        assert answer.status_code == 415
    assert node.ask("POST", f"{node.collection('rw')}objects/", content=bomb).status_code == 400


def test_a_stolen_key_that_reads(node: Node) -> None:
    made = indicator()
    node.put(made)
    address = f"{node.collection('rw')}objects/"
    with with_key(node, "exchange:read") as client:
        assert client.get(f"{address}{made['id']}/").json()["objects"] == [made]
        assert client.post(address, json={"objects": [indicator()]}).status_code == 403
        assert client.delete(f"{address}{made['id']}/").status_code == 403
        assert client.get(node.collection("rw")).json()["can_write"] is False
        listed = client.get(f"{node.root}collections/").json()["collections"]
        assert "wo" not in [each["alias"] for each in listed]
        assert client.get(node.collection("wo")).status_code == 404
        for path in ("/api/v1/ships", "/api/v1/exchange/collections", "/api/v1/users"):
            assert client.get(node.url + path).status_code == 403
    assert node.objects(id=made["id"]) == [made]


def test_a_key_that_writes(node: Node) -> None:
    address = f"{node.collection('rw')}objects/"
    with with_key(node, "exchange:write") as client:
        assert client.post(address, json={"objects": [indicator()]}).status_code == 202
        assert client.get(address).status_code == 403
        assert client.get(node.collection("ro")).status_code == 404


def test_a_key_for_something_else(node: Node) -> None:
    with with_key(node, "ships:read") as client:
        assert "api_roots" not in client.get(node.discovery).json()
        assert client.get(node.root).status_code == 404
        assert client.get(f"{node.collection('rw')}objects/").status_code == 404


def test_who_is_gone_is_gone_at_once(node: Node) -> None:
    name, first, second = f"u{uuid.uuid4().hex[:8]}", "four words of a sea", "other words of a sea"
    node.command("users", "add", name, "--password-stdin", stdin=first + "\n")
    with httpx.Client(auth=(name, first), trust_env=False) as client:
        for _ in range(2):  # the second time, the password is remembered
            assert client.get(node.discovery).status_code == 200
        node.command("users", "password", name, "--password-stdin", stdin=second + "\n")
        assert client.get(node.discovery).status_code == 401
        assert client.get(node.discovery, auth=(name, second)).status_code == 200
        node.command("users", "disable", name)
        assert client.get(node.discovery, auth=(name, second)).status_code == 401


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "9" * 40])
def test_a_length_that_is_none(node: Node, length: str) -> None:
    host, port = node.url.removeprefix("http://").split(":")
    auth = httpx.BasicAuth(node.account(0)["user"], node.account(0)["password"])
    header = next(auth.auth_flow(httpx.Request("GET", "http://x")))
    path = f"{node.collection('rw')}objects/".removeprefix(node.url)
    said = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {MEDIA}\r\nContent-Length: {length}\r\n"
        f"Authorization: {header.headers['authorization']}\r\n\r\n{{}}"
    )
    with socket.create_connection((host, int(port)), timeout=20) as s:
        s.sendall(said.encode())
        status = int(s.recv(100).split()[1])
    assert status in (400, 413)


def read(chunks: list[bytes], most: int, length: str | None = None, bodies_: Bodies | None = None) -> bytes:
    """A body that comes in chunks."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return asyncio.run((bodies_ or Bodies()).read(receive, length, most))


def refused(*args: Any, **more: Any) -> int:
    with pytest.raises(RefusedError) as caught:
        read(*args, **more)
    return caught.value.status


def test_bodies_within_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Bodies()
    assert read([b"ab", b"", b"c"], 3, bodies_=held) == b"abc"
    assert held.held == 3
    held.let_go(b"abc")
    assert refused([b"ab", b"cd"], 3, bodies_=held) == 413
    assert refused([b"a"], 3, str(100 << 20), bodies_=held) == 413
    assert held.held == 0
    monkeypatch.setattr(bodies, "_DRAINED_BYTES", 2)
    assert refused([b"ab", b"cd", b"ef"], 3, bodies_=held) == 413
    monkeypatch.setattr(bodies, "_PATIENCE_S", -1.0)
    assert refused([b"ab"], 3, bodies_=held) == 408
    monkeypatch.undo()
    held.held = 600 << 20
    assert refused([b"ab"], 3, bodies_=held) == 503
    assert held.held == 600 << 20


def test_a_body_that_ends_too_early() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(RefusedError):
        asyncio.run(Bodies().read(receive, None, 10))


def test_many_objects_in_one_request(node: Node) -> None:
    kind = f"x-{uuid.uuid4().hex[:12]}"
    made = [indicator(type=kind, id=f"{kind}--{uuid.uuid4()}") for _ in range(3000)]
    assert node.post(*made)["success_count"] == 3000
    assert len(node.everything(f"{node.collection('rw')}objects/", type=kind)) == 3000


def test_small_bits_of_hostile_json(node: Node) -> None:
    """None of these is taken, none breaks anything."""
    base = indicator()
    for said in (
        {"id": base["id"] + "\u0000"}, {"type": "indicator\n"}, {"id": "indicator--" + "0" * 5000}, {"x": "\ud83d"},
        {"created": {"$gt": ""}}, {"__proto__": {}, "id": "1"}, {"modified": "2025-01-01T00:00:60Z"},
        {"modified": "2025-01-01T00:00:00.Z"}, {"modified": "99999-01-01T00:00:00Z"}, {"id": "..--" + base["id"][11:]},
    ):  # fmt: skip
        body = json.dumps({"objects": [{**base, **said}]}).encode()
        answer = node.ask("POST", f"{node.collection('rw')}objects/", content=body)
        assert answer.status_code == 400 or answer.json()["failure_count"] == 1, said
