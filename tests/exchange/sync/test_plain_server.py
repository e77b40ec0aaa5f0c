"""A server that is no watchkeeper: coarse times, a manifest without ``next``, and changes while it is read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.sync.nodes import Node, node, served, thing
from exchange.sync.plain import Plain
from watchkeeper.exchange.sync.peers import Peer

THEM, US = "Somebody", "Coast"


@pytest.fixture
def coast(tmp_path: Path) -> Iterator[Node]:
    with node(tmp_path / "coast", US) as made:
        made.agree(THEM, may_relay=True)
        made.open_to(THEM)
        yield made


def peer(url: str, direction: str = "pull") -> Peer:
    return Peer(
        name="plain", url=f"{url}/stix/", organisation=THEM, theirs="Plain", ours="shared", take_in=False,
        direction=direction,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize("with_next", [True, False])
def test_everything_comes_though_many_were_added_in_one_second(coast: Node, with_next: bool) -> None:
    plain = Plain(at_once=4, with_next=with_next)
    for second in range(10):
        plain.add(second, *(thing(second * 3 + k, THEM) for k in range(3)))
    with served(plain.app) as url:
        ran = coast.run(peer(url))
        assert ran.complete, ran
        assert (ran.counts.expected, ran.counts.received, ran.counts.missing) == (30, 30, 0)
        assert len(coast.listed()) == 30
        again = coast.run(peer(url))
        assert (again.counts.new, again.counts.missing) == (0, 0)


def test_what_is_added_to_a_second_that_was_read_comes_next_time(coast: Node) -> None:
    plain = Plain(at_once=10)
    plain.add(5, thing(1, THEM))
    with served(plain.app) as url:
        coast.run(peer(url))
        plain.add(5, thing(2, THEM))
        plain.add(4, thing(3, THEM))  # stamped before it was there to be read
        assert coast.run(peer(url)).counts.new == 2


def test_what_is_added_while_it_is_read_is_not_lost(coast: Node) -> None:
    def between(plain: Plain, page: int) -> None:
        if page in (2, 3):
            plain.rows.insert(0, (page - 2, thing(100 + page, THEM)))  # before where the reader is

    plain = Plain(at_once=3, between=between)
    plain.add(2, *(thing(k, THEM) for k in range(8)))
    with served(plain.app) as url:
        ran = coast.run(peer(url))
    assert ran.complete
    assert {id for id, _ in coast.listed()} == {o["id"] for _, o in plain.rows}


def test_what_the_pages_leave_out_is_asked_for_by_id(coast: Node) -> None:
    plain = Plain(at_once=3)
    for k in range(8):
        plain.add(k // 2, thing(k, THEM))
    plain.hidden = {thing(4, THEM)["id"]}
    with served(plain.app) as url:
        ran = coast.run(peer(url))
    assert plain.asked == [thing(4, THEM)["id"]]
    assert (ran.counts.expected, ran.counts.received, ran.complete) == (8, 8, True)


def test_what_is_in_the_manifest_only_is_missing_and_said_to_be(coast: Node) -> None:
    plain = Plain(at_once=3)
    for k in range(4):
        plain.add(k, thing(k, THEM))
    gone = thing(9, THEM)
    plain.add(2, gone)
    plain.hidden = {gone["id"]}
    plain._object = lambda request: __import__("starlette.responses").responses.Response(status_code=404)  # type: ignore[method-assign]
    with served(plain.app) as url:
        ran = coast.run(peer(url))
    assert (ran.counts.missing, ran.counts.expected, ran.counts.received, ran.complete) == (1, 5, 4, False)


@pytest.mark.parametrize(("with_next", "complete"), [(True, True), (False, False)])
def test_what_cannot_be_reached_is_not_said_to_be_there(coast: Node, with_next: bool, complete: bool) -> None:
    plain = Plain(at_once=3, with_next=with_next)
    plain.add(2, *(thing(k, THEM) for k in range(8)))  # of one second, more than stand on a page
    plain.add(3, thing(9, THEM))
    with served(plain.app) as url:
        ran = coast.run(peer(url))
    assert (ran.complete, thing(9, THEM)["id"] in dict(coast.listed())) == (complete, True)
    assert (ran.counts.expected >= 9) == complete


def test_pushing_goes_in_requests_that_the_server_takes(coast: Node) -> None:
    coast.put(*(thing(k, US, description="x" * 800) for k in range(20)))
    plain = Plain(most_bytes=70_000)
    plain.most_bytes = 5_000
    plain.refused = {thing(7, US)["id"]}
    with served(plain.app) as url:
        ran = coast.run(peer(url, "push"))
        assert ran.counts.received == 19
        assert ran.counts.refused == {"not wanted here": 1}
        assert [failure.id for failure in ran.not_taken] == [thing(7, US)["id"]]
        assert len(plain.posted) == 19
        assert coast.run(peer(url, "push")).counts.expected == 0


def test_a_server_that_says_more_for_ever_and_gives_nothing_is_left(coast: Node) -> None:
    plain = Plain()
    plain._page = lambda request, with_next=True: ([], True, 1)  # type: ignore[method-assign]
    with served(plain.app) as url:
        assert "gives nothing" in coast.run(peer(url)).error


def test_what_is_no_stix_is_refused_and_the_rest_is_taken(coast: Node) -> None:
    plain = Plain(at_once=10)
    plain.add(
        2, thing(1, THEM), {"type": "x", "id": "x--1", "modified": "2026-01-01T00:00:00Z"}, thing(2, THEM)
    )
    with served(plain.app) as url:
        ran = coast.run(peer(url))
    assert ran.counts.refused == {"form": 1}
    assert len(coast.listed()) == 2
