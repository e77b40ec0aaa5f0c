"""Ended at any step, a page is here whole with how far the walk is, or not at all; and nothing is doubled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange.sync.nodes import Node, introduce, node, thing
from watchkeeper.exchange.sync import pulling, pushing, remote, storing
from watchkeeper.exchange.sync.remote import Remote

NORTH, EAST = "North", "East"
COUNT = 25


class Ended(BaseException):
    """What no part of the program catches."""


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Node, Node]]:
    monkeypatch.setattr(remote, "PAGE", 10)
    monkeypatch.setattr(pushing, "MOST_POSTED", 10)
    with node(tmp_path / "n", NORTH) as north, node(tmp_path / "e", EAST) as east:
        introduce(monkeypatch, north, east)
        north.put(*(thing(k, NORTH) for k in range(COUNT)))
        yield north, east


def ends_at(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, call: int, *, after: bool) -> None:
    """Let a function end the process at one of its calls: before it does anything, or when it has done everything."""
    real, calls = getattr(where, name), 0

    def ending(*args: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == call and not after:
            raise Ended
        made = real(*args, **more)
        if calls == call:
            raise Ended
        return made

    monkeypatch.setattr(where, name, ending)


PULL_STEPS = [
    (storing, "keep", False), (pulling, "write", False), (pulling, "write", True), (Remote, "page", True),
    (storing.Intake, "take", True),
]  # fmt: skip


@pytest.mark.parametrize(("where", "name", "after"), PULL_STEPS)
def test_a_pull_is_ended(pair: tuple[Node, Node], where: Any, name: str, after: bool) -> None:
    north, east = pair
    with pytest.MonkeyPatch.context() as ending:
        ends_at(ending, where, name, 2, after=after)
        with pytest.raises(Ended):
            east.run(east.peer(north))
    link = east.sync.links.one("north", "pull")
    assert len(east.has()) == link.total.new, "objects and how far the walk is are of one moment"
    assert len(east.has()) % 10 == 0
    ran = east.run(east.peer(north))
    assert ran.complete, ran
    total = east.sync.links.one("north", "pull").total
    assert (total.new, total.received, total.expected, total.missing) == (COUNT, COUNT, COUNT, 0)
    assert sorted(east.listed()) == sorted(north.listed())


PUSH_STEPS = [
    (Remote, "post", False),
    (Remote, "post", True),
    (Remote, "tell", True),
    (pushing.Links, "set", True),
]


@pytest.mark.parametrize(("where", "name", "after"), PUSH_STEPS)
def test_a_push_is_ended(pair: tuple[Node, Node], where: Any, name: str, after: bool) -> None:
    north, east = pair
    peer = north.peer(east, direction="push")
    with pytest.MonkeyPatch.context() as ending:
        ends_at(ending, where, name, 2, after=after)
        with pytest.raises(Ended):
            north.run(peer)
    assert north.run(peer).complete
    assert sorted(east.listed()) == sorted(north.listed())
    assert len(east.has()) == COUNT
    given = {id for id, _ in east.listed()}
    north.hub.pulls.flush()
    assert all(north.ledger.holders(id)[0].organisation == EAST for id in given), "who was given it is known"
    assert all(east.came(id)[0].path == (north.sync.node,) for id in given)
