"""A node on PostgreSQL and one on SQLite: the same, both ways, also where copies differ and objects are taken back."""

from collections.abc import Iterator

import pytest

from exchange.sync.nodes import Node, introduce, node, thing
from store.postgres_server import running
from watchkeeper.exchange.retraction import retract

NORTH, EAST, WEST = "North", "East", "West"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    folder = tmp_path_factory.mktemp("pair")
    with (
        running() as server,
        pytest.MonkeyPatch.context() as environment,
        node(folder / "north", NORTH, server.database()) as north,
        node(folder / "east", EAST) as east,
    ):
        introduce(environment, north, east)
        for each in (north, east):
            each.agree(WEST)
        yield north, east


@pytest.mark.parametrize("first", [0, 1])
def test_there_and_back(pair: tuple[Node, Node], first: int) -> None:
    one, other = pair[first], pair[1 - first]
    base = 100 * first
    one.put(*(thing(base + k, one.us) for k in range(20)), thing(base + 50, WEST, name="one"))
    other.put(thing(base + 60, other.us), thing(base + 50, WEST, name="other"))
    ran = other.run(other.peer(one))
    assert ran.complete, ran
    assert (ran.counts.conflicts, ran.counts.new) == (1 + first, 20)  # that of the other way stands, too
    assert ran.counts.expected == ran.counts.received > 20
    pushed = other.run(other.peer(one, direction="push"))
    assert (pushed.complete, pushed.counts.received) == (True, 1)
    assert one.came(thing(base + 60, other.us)["id"])[0].path == (other.sync.node,)
    retract(
        one.hub, one.carriage, one.store.decisions, thing(base, one.us)["id"], reason="Wrong.", by=one.us, user="a",
        at=one.clock(),
    )  # fmt: skip
    assert other.run(other.peer(one)).complete
    assert other.content(thing(base, one.us)["id"])["revoked"] is True


def test_what_its_originator_says_takes_the_place(pair: tuple[Node, Node]) -> None:
    north, east = pair
    north.put(thing(300, EAST, name="as north says"))
    east.put(thing(300, EAST, name="as it is"))
    assert north.run(north.peer(east)).counts.replaced == 1
    assert north.content(thing(300, EAST)["id"])["name"] == "as it is"
