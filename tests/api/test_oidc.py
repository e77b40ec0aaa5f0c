"""Signing in with a provider: a real one on this machine, and every way its answer can be wrong."""

import base64
import hashlib
import json
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from api.conftest import PLENTY
from api.sea import Sea, sea
from watchkeeper.api.access.oidc import Provider, Settings
from watchkeeper.api.access.roles import Role
from watchkeeper.api.problems import Refused
from watchkeeper.errors import ConfigError

SECRET = "a secret with: signs"
CLIENT = "watchkeeper"


@dataclass
class Issuer:
    """A provider of OpenID Connect: discovery, authorisation, token, keys. ``lies`` replaces claims; ``kid`` signs."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signing: RSAKey | None = None
    subject: str = "s-1"
    name: str = "Anna.Oidc"
    lies: dict[str, Any] = field(default_factory=dict)
    drops: tuple[str, ...] = ()
    algorithm: str = "RS256"
    says_issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    clock: Any = None

    def authorise(self, query: dict[str, str]) -> str:
        """A code for the browser; where it is sent on to."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert query["scope"].split()[0] == "openid"
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return f"{query['redirect_uri']}?code={code}&state={query['state']}"

    def token(self, authorization: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Tokens for a code, to who has the secret and the verifier, once."""
        pair = base64.b64encode(f"{CLIENT}:a%20secret%20with%3A%20signs".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or authorization != f"Basic {pair}"
            or form["redirect_uri"] != asked["redirect_uri"]
            or challenge.decode().rstrip("=") != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = self.clock() // 1000
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": self.subject, "exp": now + 300, "iat": now,
            "nonce": asked["nonce"], "preferred_username": self.name,
        } | self.lies  # fmt: skip
        claims = {name: value for name, value in claims.items() if name not in self.drops}
        return 200, {"access_token": "t", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.algorithm == "none":
            parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
            return ".".join(base64.urlsafe_b64encode(p).decode().rstrip("=") for p in parts) + "."
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.signing or self.key)


def serve_issuer(issuer: Issuer) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *given: object) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/.well-known/openid-configuration":
                self._json(200, {
                    "issuer": issuer.says_issuer or issuer.url, "authorization_endpoint": f"{issuer.url}/authorize",
                    "token_endpoint": f"{issuer.url}/token", "jwks_uri": f"{issuer.url}/keys",
                })  # fmt: skip
            elif parts.path == "/keys":
                self._json(200, {"keys": [issuer.key.as_dict(private=False)]})
            else:
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", issuer.authorise(query))
                self.send_header("Content-Length", "0")
                self.end_headers()

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(text).items()}
            self._json(*issuer.token(self.headers.get("Authorization", ""), form))

        def _json(self, status: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    made = Issuer()
    server = serve_issuer(made)
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def issuer(running: Issuer) -> Iterator[Issuer]:
    """An honest provider; tests make it lie."""
    honest = dict(vars(running))
    yield running
    vars(running).update(honest)


def settings_of(issuer: Issuer, new_role: Role | None = "viewer") -> Settings:
    return Settings(
        issuer=issuer.url,
        client_id=CLIENT,
        client_secret=SECRET,
        public="http://watch.example",
        new_role=new_role,
    )


@pytest.fixture(scope="module")
def served(running: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sea]:
    with sea(tmp_path_factory.mktemp("oidc"), limits=PLENTY, provider=Provider(settings_of(running))) as made:
        running.clock = made.clock
        yield made


@pytest.fixture(autouse=True)
def somebody_new(issuer: Issuer, request: pytest.FixtureRequest) -> None:
    """Nobody of an earlier test."""
    issuer.subject = f"s-{request.node.name}"[:100]
    issuer.name = f"new-{zlib.crc32(request.node.name.encode())}"


def begin(client: httpx.Client) -> str:
    """From our page to the provider and back: the path of the callback."""
    assert "/oidc/start" in client.get("/login").text
    away = client.get("/oidc/start")
    assert away.status_code == 302
    assert "SameSite=Lax" in away.headers["set-cookie"]
    assert "HttpOnly" in away.headers["set-cookie"]
    back = httpx.get(away.headers["location"], trust_env=False)
    assert back.status_code == 302
    return back.headers["location"].removeprefix("http://watch.example")


def test_somebody_comes_for_the_first_time_and_again(served: Sea, issuer: Issuer) -> None:
    issuer.name = "Anna.Oidc"
    client = served.client()
    done = client.get(begin(client))
    assert done.status_code == 200, done.text
    assert "SameSite=Strict" in done.headers["set-cookie"]
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["role"]) == ("anna.oidc", "viewer")
    served.services.desk.users.change(me["user"], served.clock(), role="analyst")
    again = served.client()
    again.get(begin(again))
    assert again.get("/api/v1/me").json() == me | {"role": "analyst"}


def test_a_name_that_is_taken_is_not_shared(served: Sea, issuer: Issuer) -> None:
    issuer.name = "admin"
    client = served.client()
    assert client.get(begin(client)).status_code == 200
    me = client.get("/api/v1/me").json()
    assert me["user"] != served.users["admin"].id
    assert me["name"].startswith("oidc-")
    assert me["role"] == "viewer"


def test_who_is_disabled_does_not_come_in(served: Sea) -> None:
    client = served.client()
    client.get(begin(client))
    id = client.get("/api/v1/me").json()["user"]
    served.services.desk.users.change(id, served.clock(), disabled=True)
    again = served.client()
    assert again.get(begin(again)).status_code == 403


def test_a_callback_works_once_and_in_the_browser_that_began(served: Sea) -> None:
    client = served.client()
    path = begin(client)
    other = served.client()
    other.get("/oidc/start")
    assert other.get(path).status_code == 403  # begun in another browser; and the state is spent
    assert client.get(path).status_code == 403
    mine = served.client()
    path = begin(mine)
    assert mine.get(path).status_code == 200
    assert mine.get(path).status_code == 403


def test_a_login_that_takes_too_long_ends(served: Sea) -> None:
    client = served.client()
    path = begin(client)
    served.clock.now += 600_000
    answer = client.get(path)
    served.clock.now -= 600_000
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/oidc/callback",
        "/oidc/callback?code=x",
        "/oidc/callback?state=x&code=y",
        "/oidc/callback?error=access_denied",
    ],
)
def test_a_callback_that_was_not_begun(served: Sea, path: str) -> None:
    assert served.client().get(path).status_code == 403


def test_what_the_provider_says_is_not_html(served: Sea) -> None:
    answer = served.client().get("/oidc/callback?error=<script>alert(1)</script>&state=<b>")
    assert "<script>" not in answer.text
    assert "<b>" not in answer.text


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"nonce": "another"},
        {"exp": 1},
        {"iat": 2**40},
        {"sub": None},
    ],
)
def test_claims_that_do_not_hold(served: Sea, issuer: Issuer, lie: dict[str, Any]) -> None:
    issuer.lies = lie
    client = served.client()
    assert client.get(begin(client)).status_code == 403
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat", "nonce"])
def test_claims_that_are_missing(served: Sea, issuer: Issuer, claim: str) -> None:
    issuer.drops = (claim,)
    client = served.client()
    assert client.get(begin(client)).status_code == 403


def test_a_token_of_another_key(served: Sea, issuer: Issuer) -> None:
    issuer.signing = RSAKey.generate_key(2048, {"kid": "one"})
    client = served.client()
    assert client.get(begin(client)).status_code == 403


def test_a_token_that_is_not_signed(served: Sea, issuer: Issuer) -> None:
    issuer.algorithm = "none"
    client = served.client()
    assert client.get(begin(client)).status_code == 403


def test_a_code_of_another_login(served: Sea) -> None:
    mine, theirs = served.client(), served.client()
    state = parse_qs(urlsplit(begin(mine)).query)["state"][0]
    code = parse_qs(urlsplit(begin(theirs)).query)["code"][0]
    assert mine.get("/oidc/callback", params={"state": state, "code": code}).status_code == 403


def test_a_provider_that_calls_itself_otherwise(served: Sea, issuer: Issuer) -> None:
    issuer.says_issuer = "https://elsewhere.example"
    with pytest.raises(Refused, match="calls itself otherwise"):
        Provider(settings_of(issuer)).start(served.services.desk.links, served.clock())


def test_a_provider_that_is_gone(served: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Settings(
        issuer="http://127.0.0.1:9", client_id=CLIENT, client_secret="x", public="http://w.example"
    )
    monkeypatch.setattr(served.services, "provider", Provider(gone))
    answer = served.client().get("/oidc/start")
    assert answer.status_code == 503
    assert answer.json()["next_step"]


def test_nobody_comes_who_was_not_added(served: Sea, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.services, "provider", Provider(settings_of(issuer, None)))
    issuer.subject = "s-1"
    client = served.client()
    refused = client.get(begin(client))
    assert refused.status_code == 403
    assert "s-1" in refused.text
    served.services.desk.users.add("added", "analyst", served.clock(), issuer=issuer.url, subject="s-1")
    assert client.get(begin(client)).status_code == 200
    assert client.get("/api/v1/me").json()["name"] == "added"


@pytest.mark.parametrize("address", ["http://provider.example", "ftp://127.0.0.1", "provider.example", ""])
def test_a_provider_without_tls_is_refused(address: str) -> None:
    with pytest.raises(ConfigError):
        Provider(Settings(issuer=address, client_id="x", client_secret="x", public="http://w.example"))


def test_without_a_provider_there_is_no_such_sign_in(served: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.services, "provider", None)
    assert served.client().get("/oidc/start").status_code == 404
    assert served.client().get("/oidc/callback").status_code == 404
    assert "oidc" not in served.client().get("/login").text
