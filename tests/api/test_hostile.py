"""What strangers send: other people's files, too much, too slowly, too deep."""

import contextlib
import json
import socket
import time

import pytest

from api.sea import FIRST, HOSTILE, Sea, sea
from watchkeeper.api.services import Limits


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/assets/../../../../etc/passwd",
        "/api/v1/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/api/v1/alerts/%2Fetc%2Fpasswd",
        "/tiles/../etc/0/0/0.mvt",
        "/tiles/assets/0/0/..%2f..%2fetc%2fpasswd.mvt",
        "/api/v1/ships/..%00",
        "//etc/passwd",
        "/static/../../etc/passwd",
    ],
)
def test_no_path_leads_to_a_file(served: Sea, path: str) -> None:
    status, body = raw(served, f"GET {path} HTTP/1.1\r\nAuthorization: Bearer {served.keys['admin']}\r\n")
    assert status in (400, 404)
    assert b"root:" not in body


def raw(served: Sea, head: str, *parts: bytes, pause: float = 0.0) -> tuple[int, bytes]:
    """Send bytes as they are; the status and the rest."""
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as s:
        s.sendall(f"{head}Host: {host}\r\nConnection: close\r\n\r\n".encode())
        with contextlib.suppress(OSError):  # refused before all was sent
            for part in parts:
                s.sendall(part)
                time.sleep(pause)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while more := s.recv(65536):
                answer += more
    return int(answer.split(b" ", 2)[1]), answer


def test_a_body_that_says_it_is_large_is_refused_unread(served: Sea) -> None:
    head = (
        f"POST /api/v1/cases HTTP/1.1\r\nAuthorization: Bearer {served.keys['analyst']}\r\n"
        "Content-Type: application/json\r\nContent-Length: 10000000000\r\n"
    )
    status, _ = raw(served, head)
    assert status == 413


def test_a_body_that_turns_out_large_is_refused(served: Sea) -> None:
    def chunks() -> object:
        for _ in range(64):
            yield b" " * 65536

    answer = served.client("analyst").post(
        "/api/v1/cases", content=chunks(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_a_stranger_sends_no_body_at_all(served: Sea) -> None:
    head = "POST /api/v1/cases HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n"
    status, _ = raw(served, head)
    assert status == 401


def test_a_body_that_drips_is_given_up(served: Sea) -> None:
    head = (
        f"POST /api/v1/cases HTTP/1.1\r\nAuthorization: Bearer {served.keys['analyst']}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n"
    )
    status, _ = raw(served, head, *[b" "] * 12, pause=0.25)
    assert status == 408


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"title":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"alerts":' * 50_000,
        b"\xff\xfe",
        b'"\\ud800"',
        b"NaN",
        b"",
        b'{"title": "x", "unknown": 1}',
        b'{"title": 5}',
        b'{"title": "x", "alerts": ["' + b"a" * 201 + b'"]}',
        json.dumps({"title": "x", "alerts": ["a"] * 201}).encode(),
    ],
)
def test_a_body_that_is_not_as_declared_is_refused(served: Sea, body: bytes) -> None:
    answer = served.client("analyst").post(
        "/api/v1/cases", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"


def test_headers_that_are_large_are_refused(served: Sea) -> None:
    status, _ = raw(served, "GET /health HTTP/1.1\r\nX-Large: " + "x" * 200_000 + "\r\n")
    assert status in (400, 431)


def test_names_from_the_air_stay_text(served: Sea) -> None:
    client = served.client("viewer")
    ship = client.get("/api/v1/ships", params={"q": str(FIRST + 3)})
    assert ship.headers["content-type"] == "application/json"
    assert ship.json()["items"][0]["name"] == HOSTILE
    for q in ("%", "_", "'", '"', "\\", "a' OR '1'='1", "\x00", "ﷺ" * 50):
        assert client.get("/api/v1/findings", params={"q": q}).status_code in (200, 400)


def test_a_login_is_not_sent_on_to_another_site(served: Sea) -> None:
    for path in ("/login?next=https://elsewhere.example", "/login//elsewhere.example"):
        answer = served.client().get(path)
        assert answer.status_code in (400, 404)


def test_unknown_methods_and_addresses_are_problems(served: Sea) -> None:
    for method, path, status in (("DELETE", "/api/v1/ships", 405), ("GET", "/api/v2/ships", 404)):
        answer = served.client("admin").request(method, path)
        assert answer.status_code == status
        assert answer.json()["next_step"]


def test_many_connections_that_say_nothing_do_not_stop_others(served: Sea) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    silent = []
    try:
        for _ in range(100):
            s = socket.create_connection((host, int(port)), timeout=5)
            s.sendall(b"GET /health HTTP/1.1\r\nX: ")
            silent.append(s)
        assert served.client("viewer").get("/api/v1/me").status_code == 200
    finally:
        for s in silent:
            s.close()


def test_a_fault_of_ours_is_a_problem_without_details(served: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: object, *given: object) -> None:
        raise RuntimeError("the secret is swordfish")

    monkeypatch.setattr(type(served.services.inventory), "one", broken)
    answer = served.client("viewer").get("/api/v1/assets/x")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "swordfish" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_forwarded_headers_of_strangers_do_not_count(served: Sea) -> None:
    served.client("viewer").get(f"/api/v1/ships/{FIRST}", headers={"X-Forwarded-For": "203.0.113.7"})
    rows = served.client("admin").get("/api/v1/audit", params={"limit": 1}).json()["items"]
    assert rows[0]["address"] == "127.0.0.1"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"asset": 1, "start": "2025-03-01", "end": "2025-03-02"},
        {"asset": "x", "start": "2025-03-01"},
        {"asset": "x", "start": "2025-03-01", "end": "2025-03-02", "place": [1]},
        {"asset": "x", "start": "2025-03-01", "end": "2025-03-02", "place": [1, 2, 3]},
        {"asset": "x", "start": "2025-03-01", "end": "2025-03-02", "uncertainty_m": "far"},
        {"asset": "x", "start": "2025-03-01", "end": "2025-03-02", "layers": ["/etc/passwd"]},
    ],
)
def test_a_question_that_does_not_fit(served: Sea, body: dict[str, object]) -> None:
    assert served.client("analyst").post("/api/v1/attribution", json=body).status_code == 400


def test_attribution_waits_in_a_short_line(tmp_path: object) -> None:
    import threading

    go = threading.Event()

    def slow(question: object) -> object:
        go.wait(20)
        return {"candidates": []}

    limits = Limits(attributions_at_once=1, attributions_waiting=1)
    question = {"asset": "x", "start": "2025-03-01", "end": "2025-03-02"}
    with sea(tmp_path, limits=limits, attribute=slow) as served:  # type: ignore[arg-type]
        statuses: list[int] = []

        def ask() -> None:
            answer = served.client("analyst").post("/api/v1/attribution", json=question)
            statuses.append(answer.status_code)

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 20
        while served.services.asking < 2 and time.monotonic() < until:
            time.sleep(0.01)
        third = served.client("analyst").post("/api/v1/attribution", json=question)
        assert third.status_code == 503
        assert third.headers["retry-after"]
        go.set()
        for thread in threads:
            thread.join()
        assert served.services.asking == 0
