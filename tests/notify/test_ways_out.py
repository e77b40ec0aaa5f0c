"""Each way out against a real server on loopback, and where requests may not go."""

import email
import email.policy
import json
import re
import socket
import ssl
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from notify.servers import HttpServer, SmtpServer, running
from watchkeeper.errors import ConfigError
from watchkeeper.model.time import MINUTE
from watchkeeper.notify import mail, matrix, mattermost, webhook
from watchkeeper.notify.faults import NotifyError
from watchkeeper.notify.guard import is_public, target
from watchkeeper.notify.message import Message, plain
from watchkeeper.notify.routes import Route, routes_of

NOW = 1_741_000_000_000
HOSTILE = "LOTUS\x1b[2J\r\nBcc: all@example.org\u202e <b>[x](http://x)</b> @channel"


def message(title: str = "Alert: LOTUS", **other: Any) -> Message:
    fields: dict[str, Any] = {
        "id": "duty:abc:7", "importance": "raised", "title": plain(title, 200), "lines": (plain(title, 600),),
        "at": NOW,
    }  # fmt: skip
    return Message(**(fields | other))


@pytest.fixture
def http() -> Iterator[HttpServer]:
    with running(HttpServer()) as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with running(SmtpServer()) as server:
        yield server


def hook(server: HttpServer, **other: Any) -> Route:
    fields: dict[str, Any] = {
        "name": "duty",
        "by": "webhook",
        "url": server.url,
        "secret": "key",
        "private": True,
    }
    return Route(**(fields | other))


class TestWebhook:
    def test_it_is_signed_and_says_what_and_when(self, http: HttpServer) -> None:
        webhook.send(hook(http), message(), now=NOW)
        (got,) = http.requests
        headers = {name.casefold(): value for name, value in got.headers.items()}
        assert headers["idempotency-key"] == "duty:abc:7"
        assert json.loads(got.body)["title"] == "Alert: LOTUS"
        given_signature = headers["x-watchkeeper-signature"]
        stamp = headers["x-watchkeeper-timestamp"]
        assert webhook.verified("key", stamp, got.body, given_signature, now=NOW)
        assert not webhook.verified("other", stamp, got.body, given_signature, now=NOW)
        assert not webhook.verified("key", stamp, got.body + b" ", given_signature, now=NOW)
        assert not webhook.verified("key", stamp, got.body, given_signature, now=NOW + 6 * MINUTE)
        assert not webhook.verified("key", "-1", got.body, given_signature, now=NOW)

    @pytest.mark.parametrize(
        ("status", "again"), [(500, True), (503, True), (429, True), (400, False), (404, False), (401, False)]
    )
    def test_a_refusal_says_whether_later_may_help(self, http: HttpServer, status: int, again: bool) -> None:
        http.answers = [status]
        with pytest.raises(NotifyError) as error:
            webhook.send(hook(http), message(), now=NOW)
        assert error.value.again == again

    def test_a_redirect_is_not_followed(self, http: HttpServer) -> None:
        http.answers, http.headers = [302], {"Location": f"http://127.0.0.1:{http.port}/inside"}
        with pytest.raises(NotifyError, match="sends elsewhere") as error:
            webhook.send(hook(http), message(), now=NOW)
        assert not error.value.again
        assert [got.path for got in http.requests] == ["/hook"]

    def test_a_long_or_hostile_answer_is_cut(self, http: HttpServer) -> None:
        http.answers, http.body = [500], b"\x1b[2J" + b"x" * 1_000_000
        with pytest.raises(NotifyError) as error:
            webhook.send(hook(http), message(), now=NOW)
        assert len(str(error.value)) < 400
        assert str(error.value).isprintable()

    def test_nobody_there(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with pytest.raises(NotifyError, match="did not answer") as error:
            webhook.send(
                Route(name="x", by="webhook", url=f"http://127.0.0.1:{port}/", secret="k", private=True),
                message(),
                now=NOW,
            )
        assert error.value.again

    def test_proxies_of_the_environment_are_not_asked(
        self, http: HttpServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
        webhook.send(hook(http), message(), now=NOW)
        assert len(http.requests) == 1

    def test_a_certificate_that_nobody_vouches_for_is_refused(self, tmp_path: Path) -> None:
        server = HttpServer()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path))
        server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
        with running(server), pytest.raises(NotifyError, match="did not answer"):
            webhook.send(hook(server, url=f"https://127.0.0.1:{server.port}/hook"), message(), now=NOW)
        assert server.requests == []


class TestGuard:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
            "64:ff9b::a00:1", "2002:a00:1::", "2001:0:1::1",
        ],
    )  # fmt: skip
    def test_addresses_inside_networks(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe", "64:ff9b::909:909", "::ffff:9.9.9.9"])
    def test_addresses_of_the_internet(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.org/", "ftp://example.org/", "https://user:pw@example.org/", "https:///x", "file:///etc/passwd",
            "https://127.0.0.1/", "https://[::1]/", "https://example.org:99999/", "", "https://[x/",
        ],
    )  # fmt: skip
    def test_addresses_that_are_refused_before_anything_is_asked(self, url: str) -> None:
        with pytest.raises(NotifyError) as error:
            target(url, private=False, resolving=lambda host, port: ["9.9.9.9"])
        assert not error.value.again

    def test_one_address_inside_is_enough_to_refuse(self) -> None:
        with pytest.raises(NotifyError, match="inside a network"):
            target(
                "https://example.org/", private=False, resolving=lambda host, port: ["9.9.9.9", "10.0.0.1"]
            )

    def test_the_connection_goes_to_the_address_that_was_judged(self, http: HttpServer) -> None:
        asked = []

        def answers_differently(host: str, port: int) -> list[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

        route = hook(http, url=f"http://hooks.example:{http.port}/hook")
        webhook.send(route, message(), now=NOW, resolving=answers_differently)
        assert asked == ["hooks.example"]
        assert http.requests[0].headers["Host"] == f"hooks.example:{http.port}"

    @given(st.text(max_size=60))
    def test_any_text_is_an_address_or_is_refused(self, text: str) -> None:
        try:
            found = target(text, private=False, resolving=lambda host, port: ["9.9.9.9"])
        except NotifyError:
            return
        assert found.scheme == "https"


class TestChats:
    def test_matrix_puts_a_plain_text_under_a_transaction(self, http: HttpServer) -> None:
        route = hook(
            http, by="matrix", url=f"http://127.0.0.1:{http.port}", room="!abc:example.org", secret="token"
        )
        matrix.send(route, message(HOSTILE), now=NOW)
        (got,) = http.requests
        assert got.method == "PUT"
        assert got.path == "/_matrix/client/v3/rooms/%21abc%3Aexample.org/send/m.room.message/duty%3Aabc%3A7"
        assert got.headers["Authorization"] == "Bearer token"
        assert set(json.loads(got.body)) == {"msgtype", "body"}

    def test_mattermost_gets_no_markup_from_the_air(self, http: HttpServer) -> None:
        mattermost.send(hook(http, by="mattermost"), message(HOSTILE), now=NOW)
        text = json.loads(http.requests[0].body)["text"]
        assert "[x](" not in text
        assert "@channel" not in text
        assert "<b>" not in text
        assert all(c.isprintable() or c in "\n\u200b" for c in text)


class TestMail:
    def route(self, server: SmtpServer, **other: Any) -> Route:
        fields: dict[str, Any] = {
            "name": "duty", "by": "mail", "host": "127.0.0.1", "port": server.port, "tls": "none",
            "sender": "watch@example.org", "to": ("duty@example.org", "chief@example.org"),
        }  # fmt: skip
        return Route(**(fields | other))

    def test_a_mail_arrives_with_the_same_id_at_each_attempt(self, smtp: SmtpServer) -> None:
        for _ in range(2):
            mail.send(self.route(smtp), message("Alert: ÖLAND"), now=NOW)
        first, second = (email.message_from_string(text, policy=email.policy.default) for text in smtp.mails)
        assert first["Subject"] == "Alert: ÖLAND"
        assert first["Message-ID"] == second["Message-ID"]
        assert len(smtp.recipients) == 4

    def test_a_name_from_the_air_adds_no_header(self, smtp: SmtpServer) -> None:
        mail.send(self.route(smtp), message(HOSTILE), now=NOW)
        got = email.message_from_string(smtp.mails[0], policy=email.policy.default)
        assert got["Bcc"] is None
        assert len(smtp.recipients) == 2

    @pytest.mark.parametrize(("answer", "again"), [("450 later", True), ("550 nobody", False)])
    def test_a_refusal_says_whether_later_may_help(self, smtp: SmtpServer, answer: str, again: bool) -> None:
        smtp.refuse = answer
        with pytest.raises(NotifyError) as error:
            mail.send(self.route(smtp), message(), now=NOW)
        assert error.value.again == again

    def test_a_relay_without_tls_is_refused_unless_allowed(self, smtp: SmtpServer) -> None:
        with pytest.raises(NotifyError, match="no STARTTLS"):
            mail.send(self.route(smtp, tls="starttls"), message(), now=NOW)
        assert smtp.mails == []

    def test_nobody_there(self, smtp: SmtpServer) -> None:
        smtp.server.shutdown()
        smtp.server.server_close()
        with pytest.raises(NotifyError, match="could not be reached") as error:
            mail.send(self.route(smtp), message(), now=NOW)
        assert error.value.again


class TestRoutes:
    def test_a_table_is_read_and_the_secret_comes_from_the_environment(self) -> None:
        table = {"by": "webhook", "url": "https://x.org/", "secret_env": "KEY", "each_alert_every": "5 min"}
        (route,) = routes_of({"duty": table}, {"KEY": "hush"})
        assert (route.secret, route.each_alert_every) == ("hush", 5 * MINUTE)
        assert "hush" not in repr(route)

    @pytest.mark.parametrize(
        ("table", "says"),
        [
            ({"by": "webhook", "url": "https://x.org/"}, "secret_env"),
            ({"by": "webhook", "secret": "x"}, "holds a secret"),
            ({"by": "pigeon"}, "pigeon"), ({"by": "mail", "lest_score": 3}, "Did you mean least_score"),
            ({"by": "mattermost"}, "no url"), ({"by": "mattermost", "url": "x", "secret_env": "NO"}, "variable NO"),
            ({"by": "mail", "host": "x", "sender": "y"}, "no to"),
        ],
    )  # fmt: skip
    def test_what_does_not_fit_is_refused(self, table: dict[str, Any], says: str) -> None:
        with pytest.raises(ConfigError, match=says):
            routes_of({"duty": table}, {})


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody signed, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_the_example_of_the_how_to_takes_what_is_sent(http: HttpServer) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "work-alerts.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    webhook.send(hook(http), message(), now=NOW)
    (got,) = http.requests
    stamp, given_signature = got.headers["X-Watchkeeper-Timestamp"], got.headers["X-Watchkeeper-Signature"]
    assert names["is_ours"](b"key", stamp, got.body, given_signature)
    assert not names["is_ours"](b"kez", stamp, got.body, given_signature)


def test_the_tables_of_the_how_to_are_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "work-alerts.md").read_text("utf-8")
    (code,) = re.findall(r"```\n(\[notify.*?)```", page, re.DOTALL)
    routes = routes_of(tomllib.loads(code)["notify"], {"DUTY_HOOK_SECRET": "x"})
    assert [(r.name, r.by, r.level) for r in routes] == [("duty", "webhook", 0), ("chief", "mail", 1)]
