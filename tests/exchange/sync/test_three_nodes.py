"""Three nodes with two ways from one to another: copies that differ, copies that lack parts, and ways round."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.sync.nodes import ALL, Node, introduce, node, thing, under
from watchkeeper.exchange.hub.words import Account, Filter
from watchkeeper.exchange.sync.judging import lacks
from watchkeeper.model.marking import Marking, Part

NORTH, EAST, SOUTH, WEST = "North", "East", "South", "West"
CLOSER = Part(selector="description", marking=Marking(tlp="amber"))


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Node, Node, Node]]:
    with (
        node(tmp_path / "n", NORTH) as north,
        node(tmp_path / "e", EAST) as east,
        node(tmp_path / "s", SOUTH) as south,
    ):
        for one, other in ((north, east), (east, south), (south, north)):
            introduce(monkeypatch, one, other)
        for each in (north, east, south):
            each.agree(WEST)
        yield north, east, south


def test_of_two_copies_the_first_is_kept_and_the_conflict_told(nodes: tuple[Node, Node, Node]) -> None:
    north, east, south = nodes
    north.put(thing(1, WEST, name="one"))
    east.put(thing(1, WEST, name="other"))
    assert south.run(south.peer(north)).counts.new == 1
    ran = south.run(south.peer(east))
    assert (ran.counts.conflicts, ran.counts.new, ran.complete) == (1, 0, True)
    assert ran.not_taken[0].id == thing(1, WEST)["id"]
    assert south.content(thing(1, WEST)["id"])["name"] == "one"
    first, second = south.came(thing(1, WEST)["id"])
    assert (first.outcome, second.outcome) == ("new", "conflict")
    assert first.sha256 != second.sha256
    again = south.run(south.peer(east), again=True)
    assert again.counts.conflicts == 1
    assert len(south.came(thing(1, WEST)["id"])) == 2


def test_what_its_originator_says_it_was_counts(nodes: tuple[Node, Node, Node]) -> None:
    north, east, south = nodes
    east.put(thing(1, NORTH, name="as east says"))
    north.put(thing(1, NORTH, name="as it is"))
    south.run(south.peer(east))
    assert south.run(south.peer(north)).counts.replaced == 1
    assert south.content(thing(1, NORTH)["id"])["name"] == "as it is"
    assert len(south.has()) == 1
    assert south.run(south.peer(east), again=True).counts.conflicts == 1


def test_of_what_is_here_from_its_originator_nobody_else_makes_versions(
    nodes: tuple[Node, Node, Node],
) -> None:
    north, east, south = nodes
    later = "2026-11-20T00:00:00.000Z"
    north.put(thing(1, NORTH))
    south.run(south.peer(north))
    east.put(thing(1, NORTH, name="forged", modified=later))
    assert south.run(south.peer(east)).counts.refused == {"first-hand": 1}
    north.put(thing(1, NORTH, name="renamed", modified=later))
    assert south.run(south.peer(north)).counts.new == 1
    assert south.content(thing(1, NORTH)["id"])["name"] == "renamed"


def test_a_copy_that_lacks_parts_gives_way_and_never_takes_the_place(nodes: tuple[Node, Node, Node]) -> None:
    north, east, south = nodes
    objects = under(Marking(tlp="green"), thing(1, WEST, tlp=None, description="From a source."), CLOSER)
    for each in (north, east):
        each.put(*objects)
    north.agree(SOUTH, may_relay=True, accepts=("clear", "green"))
    id = thing(1, WEST)["id"]
    south.run(south.peer(north))
    assert lacks(south.content(id)) == 1
    assert south.run(south.peer(east)).counts.replaced == 1
    assert south.content(id)["description"] == "From a source."
    assert south.run(south.peer(north), again=True).counts.fuller == 1
    assert lacks(south.content(id)) == 0


def test_what_the_originator_withheld_no_relay_adds(nodes: tuple[Node, Node, Node]) -> None:
    north, east, south = nodes
    marking, part = Marking(tlp="green", originator=NORTH), CLOSER
    north.put(*under(marking, thing(1, NORTH, tlp=None, description="From a source."), part))
    north.agree(SOUTH, may_relay=True, accepts=("clear", "green"))
    east.run(east.peer(north))
    south.run(south.peer(north))
    ran = south.run(south.peer(east))
    assert ran.counts.conflicts == 1
    assert "description" not in south.content(thing(1, NORTH)["id"])
    north.agree(SOUTH, may_relay=True, accepts=ALL)
    assert south.run(south.peer(north)).counts.replaced == 1
    assert south.content(thing(1, NORTH)["id"])["description"] == "From a source."


def test_what_was_taken_out_does_not_come_back_by_a_way_round(nodes: tuple[Node, Node, Node]) -> None:
    north, east, south = nodes
    north.put(thing(1, NORTH), thing(2, WEST))
    east.run(east.peer(north))
    south.run(south.peer(east))
    assert south.came(thing(1, NORTH)["id"])[0].path == (north.sync.node, east.sync.node)
    assert north.run(north.peer(south)).counts.there == 2
    gone = thing(2, WEST)["id"]
    account = Account(user="anna", organisation=NORTH, operator=True)
    assert north.hub.delete(north.collection, account, gone, Filter(versions=("all",)), north.clock()) == 1
    ran = north.run(north.peer(south), again=True)
    assert (ran.counts.loops, ran.counts.there) == (1, 1)
    assert not north.has(gone)


def test_a_push_goes_round_no_circle(nodes: tuple[Node, Node, Node]) -> None:
    north, east, south = nodes
    north.put(thing(1, NORTH))
    assert north.run(north.peer(east, direction="push")).counts.received == 1
    assert east.run(east.peer(south, direction="push")).counts.received == 1
    assert south.came(thing(1, NORTH)["id"])[0].path == (north.sync.node, east.sync.node)
    ran = south.run(south.peer(north, direction="push"))
    assert (ran.counts.expected, ran.counts.echoes) == (0, 1)


def test_a_retraction_goes_the_way_of_the_object_though_it_had_ended(nodes: tuple[Node, Node, Node]) -> None:
    from watchkeeper.exchange.retraction import retract

    north, east, south = nodes
    soon = north.clock() + 3_000_000
    marking = Marking(tlp="green", originator=NORTH, expires=soon, releasable_to=(("org:East", "org:South"),))
    north.put(*under(marking, thing(1, NORTH, tlp=None)))
    east.run(east.peer(north))
    south.run(south.peer(east))
    id = thing(1, NORTH)["id"]
    retract(
        north.hub,
        north.carriage,
        north.store.decisions,
        id,
        reason="Wrong.",
        by=NORTH,
        user="a",
        at=north.clock(),
    )
    assert east.run(east.peer(north)).counts.new >= 1
    ran = south.run(south.peer(east))
    assert not ran.counts.refused
    assert south.content(id)["revoked"] is True
