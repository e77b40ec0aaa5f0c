"""``serve`` and ``users`` as processes over a real store."""

import datetime
import ipaddress
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner, Result

from api.sea import FIRST, PASSWORD, SHIPS, decided, observed
from watchkeeper.api.server import Listening, check, is_local
from watchkeeper.cli import serve, users
from watchkeeper.cli.desk import now_ms, projectors
from watchkeeper.errors import UsageError, WatchkeeperError
from watchkeeper.store.folder import Store

RUN = "import typer; from watchkeeper.cli.serve import serve; typer.run(serve)"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    where = tmp_path / "store"
    Store.create(where)
    with Store.open(where, write=True, projectors=projectors()) as held:
        observed(held.lake)
        decided(held.decisions, now_ms())
    return where


APP = typer.Typer()
APP.command()(serve.serve)
APP.add_typer(users.app, name="users")


def run(*given: object, stdin: str = "", status: int = 0) -> Result:
    """A command in this process; where ``status`` is not 0, it must end with an error of that exit code."""
    done = CliRunner().invoke(APP, list(map(str, given)), input=stdin)
    if status == 0:
        assert done.exit_code == 0, done.exception
    else:
        assert isinstance(done.exception, WatchkeeperError), done.output
        assert done.exception.exit_code == status
    return done


@contextmanager
def served(*given: object, **environ: str) -> Iterator[tuple[str, str]]:
    """A server process; its address, and the link of the first administrator where it printed one."""
    expects_link = not _administered(given)
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "--port", "0", *map(str, given)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environ,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        address = re.search(r"serving at (\S+)", line)
        assert address, line + process.stderr.read()
        link = process.stderr.readline() if expects_link else ""
        yield address[1], (re.search(r"https?://\S+", link) or [""])[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert process.stderr is not None
        process.stderr.close()


def _administered(given: tuple[object, ...]) -> bool:
    """Whether the store has an administrator."""
    from watchkeeper.api.access.desk import Desk

    with Store.open(str(given[given.index("--store") + 1]), write=False) as held:
        return Desk(held.engine).users.any_admin()


def test_from_an_empty_desk_to_ships(store: Path) -> None:
    log = store.parent / "access.ndjson"
    with (
        served("--store", store, "--access-log", log) as (url, link),
        httpx.Client(trust_env=False) as client,
    ):
        assert link.startswith(url)
        token = link.partition("token=")[2]
        form = {"token": token, "name": "chief", "password": PASSWORD}
        assert client.post(f"{url}/first-admin", data=form).status_code == 200
        signing = client.post(f"{url}/api/v1/session", json={"name": "chief", "password": PASSWORD})
        assert signing.status_code == 204
        assert client.get(f"{url}/api/v1/ships").json()["total"] == SHIPS
        alerts = client.get(f"{url}/api/v1/alerts").json()["items"]
        acknowledged = client.post(
            f"{url}/api/v1/alerts/{alerts[0]['id']}/acknowledge", json={}, headers={"X-Watchkeeper": "1"}
        )
        assert acknowledged.json()["state"] == "acknowledged"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert next(line["path"] for line in lines if line["user"] == "chief") == "/api/v1/ships"
    assert token not in log.read_text()
    with served("--store", store) as (url, link):
        assert link == ""
        assert httpx.get(f"{url}/health", trust_env=False).json()["status"] == "ok"


def test_attribution_from_the_store(store: Path, tmp_path: Path) -> None:
    cable = {"type": "Feature", "id": "c", "properties": {"name": "C One", "kind": "cable"},
             "geometry": {"type": "LineString", "coordinates": [[17.35, 56.8], [17.35, 57.6]]}}  # fmt: skip
    layer = store / "assets.geojson"
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": [
        cable | {"id": "cables/c-one", "properties": cable["properties"] | {"buffer_m": 1852.0}}]}))  # fmt: skip
    run("users", "add", "anna", "--role", "admin", "--store", store, "--no-password")
    key = run("users", "key", "anna", "--scope", "attribution:run", "--store", store).stdout.strip()
    question = {"asset": "cables/c-one", "start": "2025-03-01T06:10:00Z", "end": "2025-03-01T08:30:00Z"}
    with served("--store", store) as (url, _):
        headers = {"Authorization": f"Bearer {key}"}
        ask = f"{url}/api/v1/attribution"
        answer = httpx.post(ask, json=question, headers=headers, trust_env=False, timeout=120)
        assert answer.status_code == 200, answer.text
        assert FIRST in [c["mmsi"] for c in answer.json()["candidates"]]
        wrong = question | {"asset": "cables/c-on"}
        refused = httpx.post(ask, json=wrong, headers=headers, trust_env=False, timeout=120)
        assert refused.status_code == 422
        assert "cables/c-one" in refused.json()["next_step"]


def test_a_store_without_observations_is_an_empty_sea(tmp_path: Path) -> None:
    where = tmp_path / "store"
    Store.create(where)
    run(
        "users", "add", "anna", "--role", "admin", "--store", where, "--password-stdin", stdin=PASSWORD + "\n"
    )
    key = run(
        "users", "key", "anna", "--scope", "ships:read", "--scope", "me:read", "--store", where
    ).stdout.strip()
    with served("--store", where) as (url, _):
        headers = {"Authorization": f"Bearer {key}"}

        def get(path: str) -> httpx.Response:
            return httpx.get(url + path, headers=headers, trust_env=False)

        assert get("/api/v1/ships").json()["items"] == []
        assert get("/api/v1/ships/1").status_code == 404
        assert get("/api/v1/ships/1/track").json()["features"] == []
        assert get("/tiles/ships/0/0/0.mvt").status_code == 200
        with Store.open(where, write=True, projectors=projectors()) as held:
            observed(held.lake)
        assert get(f"/api/v1/ships/{FIRST}").status_code == 200


def test_users_by_command(store: Path) -> None:
    run(
        "users", "add", "Anna", "--role", "admin", "--store", store, "--password-stdin", stdin=PASSWORD + "\n"
    )
    run("users", "add", "bo", "--store", store, "--password-stdin", stdin="short\n", status=2)
    run("users", "add", "bo", "--role", "captain", "--store", store, "--no-password", status=2)
    run("users", "add", "bo", "--store", store, "--no-password", "--exercise", "spring")
    key = run("users", "key", "bo", "--scope", "ships:read", "--store", store).stdout.strip()
    assert key.startswith("wk_")
    run("users", "key", "bo", "--scope", "everything", "--store", store, status=2)
    listed = [json.loads(line) for line in run("users", "list", "--store", store).stdout.splitlines()]
    assert [(u["name"], u["role"], u["exercises"]) for u in listed] == [
        ("anna", "admin", []),
        ("bo", "viewer", ["spring"]),
    ]
    assert "argon2" not in json.dumps(listed)
    with served("--store", store) as (url, _):
        headers = {"Authorization": f"Bearer {key}"}
        assert httpx.get(f"{url}/api/v1/ships", headers=headers, trust_env=False).status_code == 200
        run("users", "disable", "bo", "--store", store)
        assert httpx.get(f"{url}/api/v1/ships", headers=headers, trust_env=False).status_code == 401
    run("users", "disable", "anna", "--store", store, status=2)
    run("users", "disable", "nobody", "--store", store, status=2)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(pem))
    files[1].write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def test_with_tls_the_cookie_is_secure(store: Path, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    run(
        "users", "add", "anna", "--role", "admin", "--store", store, "--password-stdin", stdin=PASSWORD + "\n"
    )
    trust = ssl.create_default_context(cafile=str(cert))
    with served("--store", store, "--tls-cert", cert, "--tls-key", key, "--host", "127.0.0.1") as (url, _):
        assert url.startswith("https://")
        answer = httpx.post(
            f"{url}/api/v1/session",
            json={"name": "anna", "password": PASSWORD},
            verify=trust,
            trust_env=False,
        )
        assert answer.status_code == 204
        assert "; Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"]


def test_a_proxy_that_is_trusted_says_where_callers_are(store: Path) -> None:
    run("users", "add", "anna", "--role", "admin", "--store", store, "--no-password")
    key = run(
        "users", "key", "anna", "--scope", "ships:read", "--scope", "audit:read", "--store", store
    ).stdout.strip()
    with served("--store", store, "--trust-proxy", "127.0.0.1") as (url, _):
        headers = {
            "Authorization": f"Bearer {key}", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https",
        }  # fmt: skip
        seen = httpx.get(f"{url}/api/v1/ships", headers=headers, trust_env=False)
        assert seen.headers["strict-transport-security"]
        rows = httpx.get(f"{url}/api/v1/audit", headers=headers, trust_env=False).json()["items"]
        assert {row["address"] for row in rows} == {"203.0.113.7"}
        assert httpx.get(f"{url}/metrics", headers=headers, trust_env=False).status_code == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "watch.example", ""])
def test_an_address_that_others_reach_needs_tls(host: str) -> None:
    with pytest.raises(UsageError, match="no TLS"):
        check(Listening(host=host))
    check(Listening(host=host, insecure=True))
    assert not is_local(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_needs_none(host: str) -> None:
    check(Listening(host=host))


def test_half_a_pair_of_files_is_refused(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    for given in ({"certificate": cert}, {"key": key}, {"certificate": cert, "key": tmp_path / "none"}):
        with pytest.raises(UsageError):
            check(Listening(host="0.0.0.0", **given))
    check(Listening(host="0.0.0.0", certificate=cert, key=key))


@pytest.mark.parametrize("proxy", ["*", "0.0.0.0/0", "::/0", "proxy", ""])
def test_everybody_is_no_proxy(proxy: str) -> None:
    with pytest.raises(UsageError):
        check(Listening(trusted=(proxy,)))
    check(Listening(trusted=("10.0.0.5", "10.1.0.0/16")))


def test_what_does_not_fit_is_said_at_the_start(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(status: int, *given: object) -> str:
        return str(run("serve", "--store", store, *given, status=status).exception)

    assert "no TLS" in said(2, "--host", "0.0.0.0")
    assert "WATCHKEEPER_OIDC_SECRET" in said(4, "--oidc-issuer", "https://provider.example")
    monkeypatch.setenv("WATCHKEEPER_OIDC_SECRET", "x")
    assert "no https" in said(4, "--oidc-issuer", "http://provider.example", "--oidc-client", "x")
    assert "not named" in said(2, "--oidc-client", "x")
    run("serve", "--store", store / "none", status=9)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "--port" in said(2, "--port", taken.getsockname()[1])
