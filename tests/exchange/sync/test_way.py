"""The way to a peer: where it leads, where it does not, and what is not taken from there."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from exchange.sync.nodes import served
from watchkeeper.errors import ConfigError, FeedError, LimitError
from watchkeeper.exchange.sync.peers import Peer, peers_of
from watchkeeper.exchange.sync.remote import Remote
from watchkeeper.exchange.sync.way import ATTEMPTS, AnsweredError, Way


def way(url: str, **says: Any) -> Way:
    return Way(url, says.pop("user", None), says.pop("secret", None), sleep=lambda _: None, **says)


@pytest.mark.parametrize(
    "url",
    [
        "http://203.0.113.7/taxii2/", "http://10.0.0.5/", "https://169.254.169.254/latest/", "ftp://127.0.0.1/",
        "https://[fe80::1]/", "https://0.0.0.0/", "https://user:word@127.0.0.1/", "http:///x", "https://[::1",
        "http://[::ffff:10.0.0.1]/",
    ],
)  # fmt: skip
def test_some_addresses_are_not_asked(url: str) -> None:
    with pytest.raises((ConfigError, FeedError)):
        way(url)


def test_in_the_clear_another_machine_is_asked_where_that_is_said() -> None:
    with way("http://10.0.0.5/", insecure=True) as made:
        assert made.host == "10.0.0.5"


def answering(answer: Any) -> Starlette:
    async def one(request: Request) -> Response:
        made: Response = answer(request)
        return made

    return Starlette(routes=[Route("/{rest:path}", one)])


def test_a_redirect_is_not_followed_and_no_secret_goes_there() -> None:
    seen: list[str] = []

    def elsewhere(request: Request) -> Response:
        seen.append(request.url.path)
        return RedirectResponse("/elsewhere")

    with (
        served(answering(elsewhere)) as url,
        way(url, secret="wk_x") as made,
        pytest.raises(AnsweredError) as refused,
    ):
        made.ask("GET", "/taxii2/")
    assert refused.value.status == 307
    assert seen == ["/taxii2/"]


def test_what_fails_for_a_moment_is_tried_again_and_what_stays_wrong_is_not() -> None:
    seen: list[str] = []

    def sometimes(request: Request) -> Response:
        seen.append(request.url.path)
        fails = request.url.path == "/gone" or (request.url.path == "/busy" and len(seen) < 3)
        return Response(status_code={"/gone": 404, "/busy": 503}.get(request.url.path, 200) if fails else 200)

    with served(answering(sometimes)) as url, way(url) as made:
        assert made.ask("GET", "/busy").status == 200
        assert seen == ["/busy"] * 3
        with pytest.raises(AnsweredError):
            made.ask("GET", "/gone")
        assert seen.count("/gone") == 1


def test_nobody_answers() -> None:
    waits: list[float] = []
    with Way("http://127.0.0.1:9/", None, None, sleep=waits.append) as made, pytest.raises(FeedError):
        made.ask("GET", "/")
    assert len(waits) == ATTEMPTS - 1
    assert waits == sorted(waits)


def test_an_answer_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.exchange.sync.way.MOST_BYTES", 1 << 20)

    def endless(request: Request) -> Response:
        return StreamingResponse(iter(lambda: b"x" * 65536, b""))

    with served(answering(endless)) as url, way(url) as made, pytest.raises(LimitError):
        made.ask("GET", "/")


@pytest.mark.parametrize(
    "body",
    [
        '{"title":"x","api_roots":["http://203.0.113.9/stix/"]}', '{"title":"x","api_roots":["//else.example/r/"]}',
        '{"title":"x","api_roots":["/a/","/b/"]}', "[]", "no json", '{"api_roots":"/a/"}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_discovery_that_leads_elsewhere_or_nowhere_is_refused(body: str) -> None:
    with served(answering(lambda _: Response(body))) as url, way(url) as made:
        peer = Peer(name="p", url=f"{url}/taxii2/", organisation="P", theirs="x", ours="y")
        with pytest.raises((ConfigError, FeedError)):
            Remote(made, peer, lambda _: None)


GOOD = {"name": "p", "url": "https://p.example/", "organisation": "P", "theirs": "a", "ours": "b"}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"peers": [GOOD | {"secret": "word"}]}, "secret"),
        ({"peers": [GOOD | {"direction": "down"}]}, "direction"),
        ({"peers": [GOOD, GOOD]}, "twice"),
        ({"peers": GOOD}, "list of tables"),
        ({"peers": [{k: v for k, v in GOOD.items() if k != "ours"}]}, "ours"),
        ({"peers": [GOOD | {"secret_env": "a b"}]}, "secret_env"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(table: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        peers_of(table)
    assert peers_of({"peers": [GOOD]})[0].directions == ("pull",)


def test_an_authority_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "none.pem"):
        with pytest.raises(ConfigError):
            way("https://127.0.0.1/", ca=str(tmp_path / name))
