"""Two nodes: what one puts out, the other has; once, whole, and no more than it may."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from exchange.sync.nodes import ALL, Node, introduce, node, thing, under
from watchkeeper.exchange.redaction import HANDLING
from watchkeeper.exchange.stix.ids import organisation_id
from watchkeeper.exchange.sync.running import SYNCED
from watchkeeper.model.marking import Marking, Part

LATER = "2026-11-19T00:00:00.000Z"
NORTH, EAST = "North", "East"


@pytest.fixture
def north(tmp_path: Path) -> Iterator[Node]:
    with node(tmp_path / "north", NORTH) as made:
        yield made


@pytest.fixture
def east(tmp_path: Path, north: Node, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    with node(tmp_path / "east", EAST) as made:
        introduce(monkeypatch, north, made)
        yield made


def test_what_was_put_out_is_pulled_once(north: Node, east: Node) -> None:
    north.put(*(thing(k, NORTH) for k in range(7)))
    ran = east.run(east.peer(north))
    assert ran.complete, ran
    assert (ran.counts.expected, ran.counts.received, ran.counts.new) == (7, 7, 7)
    assert sorted(east.listed()) == sorted(north.listed())
    again = east.run(east.peer(north))
    assert (again.complete, again.counts.received) == (True, 0)
    north.put(thing(8, NORTH), thing(1, NORTH, modified=LATER, name="renamed"))
    more = east.run(east.peer(north))
    assert (more.counts.expected, more.counts.new) == (2, 2)
    assert east.content(thing(1, NORTH)["id"])["name"] == "renamed"
    assert len(east.has()) == 9


def test_bytes_are_kept_and_said_where_they_came_from(north: Node, east: Node) -> None:
    object = thing(1, NORTH)
    north.put(object)
    east.run(east.peer(north))
    (came,) = east.came(object["id"])
    assert (came.origin, came.source, came.outcome) == (NORTH, NORTH, "new")
    assert came.path == (north.sync.node,)
    import hashlib

    assert came.sha256 == hashlib.sha256(msgspec.json.encode(object)).digest()
    assert east.has(object["id"])[object["id"], object["modified"]].poster == NORTH


def test_only_what_the_peer_may_have_is_pulled_and_the_ledger_says_so(north: Node, east: Node) -> None:
    north.agree(EAST, accepts=("clear", "green"))
    secret = Marking(tlp="green", releasable_to=(("org:West",),), originator=NORTH)
    north.put(thing(1, NORTH), thing(2, NORTH, tlp="amber"), *under(secret, thing(3, NORTH, tlp=None)))
    ran = east.run(east.peer(north))
    assert ran.complete
    assert [id for id, _ in east.listed()] == [thing(1, NORTH)["id"]]
    north.hub.pulls.flush()
    assert [h.organisation for h in north.ledger.holders(thing(1, NORTH)["id"])] == [EAST]
    assert not north.ledger.holders(thing(2, NORTH)["id"])
    why = north.ledger.why(thing(3, NORTH)["id"], EAST, north.clock())
    assert why.now[0].decision.reasons[0].rule == "releasability"


def test_after_more_was_agreed_what_is_older_comes_too(north: Node, east: Node) -> None:
    north.agree(EAST, accepts=("clear", "green"))
    north.put(thing(1, NORTH, tlp="amber"), thing(2, NORTH))
    assert east.run(east.peer(north)).counts.new == 1
    north.agree(EAST, accepts=ALL)
    ran = east.run(east.peer(north))
    assert (ran.counts.received, ran.counts.new, ran.counts.there) == (2, 1, 1)


def test_a_push_goes_through_the_gate_and_is_written_down(north: Node, east: Node) -> None:
    north.agree(EAST, accepts=("clear", "green"))
    north.put(*(thing(k, NORTH) for k in range(3)), thing(9, NORTH, tlp="amber"))
    peer = north.peer(east, direction="push")
    ran = north.run(peer)
    assert ran.complete, ran
    assert (ran.counts.expected, ran.counts.received, ran.counts.withheld) == (3, 3, {"tlp": 1})
    assert len(east.listed()) == 3
    assert [h.organisation for h in north.ledger.holders(thing(1, NORTH)["id"])] == [EAST]
    assert not north.ledger.holders(thing(9, NORTH)["id"])
    assert north.run(peer).counts.expected == 0
    (came,) = east.came(thing(1, NORTH)["id"])
    assert (came.source, came.path) == (NORTH, (north.sync.node,))
    (event,) = north.store.decisions.read(kinds=(SYNCED,))
    assert event.body["counts"]["received"] == 3


def test_nothing_goes_back_to_where_it_came_from(north: Node, east: Node) -> None:
    north.put(thing(1, NORTH))
    east.put(thing(2, EAST))
    both = east.peer(north, direction="both")
    ran = east.run(both)
    assert (ran.direction, ran.counts.echoes, ran.counts.expected) == ("push", 1, 1)
    assert sorted(north.listed()) == sorted(east.listed())
    back = north.run(north.peer(east, direction="both"))
    assert (back.counts.expected, back.counts.echoes) == (0, 2)
    assert len(north.has()) == 2


def test_a_part_that_is_withheld_here_is_not_there(north: Node, east: Node) -> None:
    closer = Part(selector="description", marking=Marking(tlp="red", originator=NORTH))
    whole = Marking(tlp="green", originator=NORTH)
    object = thing(1, NORTH, tlp=None, description="From a source.")
    north.put(*under(whole, object, closer))
    east.run(east.peer(north))
    given = east.content(object["id"])
    assert "description" not in given
    assert given["extensions"][HANDLING]["withheld"]


def test_what_was_taken_back_is_taken_back_there(north: Node, east: Node) -> None:
    from watchkeeper.exchange.retraction import retract

    north.put(thing(1, NORTH))
    east.run(east.peer(north))
    retract(
        north.hub, north.carriage, north.store.decisions, thing(1, NORTH)["id"], reason="The name was misread.",
        by=NORTH, user="anna", at=north.clock.now,
    )  # fmt: skip
    assert north.ledger.holders(thing(1, NORTH)["id"])[0].outstanding
    assert east.run(east.peer(north)).complete
    assert east.content(thing(1, NORTH)["id"])["revoked"] is True
    assert not north.ledger.holders(thing(1, NORTH)["id"])[0].outstanding


def test_a_forged_originator_is_refused_and_kept_in_quarantine(north: Node, east: Node) -> None:
    east.agree(NORTH, may_relay=False)
    east.agree("West")
    north.put(thing(1, NORTH), thing(2, "West"), thing(3, EAST))
    ran = east.run(east.peer(north))
    assert ran.counts.refused == {"originator": 2}
    assert {failure.id for failure in ran.not_taken} == {thing(2, "West")["id"], thing(3, EAST)["id"]}
    assert [id for id, _ in east.listed()] == [thing(1, NORTH)["id"]]
    assert east.came(thing(2, "West")["id"])[0].outcome == "refused"


def test_nobody_else_makes_versions_of_what_this_node_made(north: Node, east: Node) -> None:
    east.put(thing(1, EAST, name="as it is"))
    north.put(thing(1, EAST, name="as they say", modified=LATER), thing(1, EAST, name="otherwise"))
    ran = east.run(east.peer(north))
    assert ran.counts.refused == {"originator": 1}
    assert east.content(thing(1, EAST)["id"])["name"] == "as it is"


def test_a_marking_is_widened_by_its_originator_only(north: Node, east: Node) -> None:
    east.agree("West")
    north.put(thing(1, NORTH, tlp="amber"), thing(2, "West", tlp="amber"))
    east.run(east.peer(north))
    north.put(thing(1, NORTH, tlp="clear", modified=LATER), thing(2, "West", tlp="clear", modified=LATER))
    ran = east.run(east.peer(north))
    assert (ran.counts.new, ran.counts.refused) == (2, {})
    assert east.has()[thing(1, NORTH)["id"], LATER].held.marking.tlp == "clear"
    assert east.has()[thing(2, "West")["id"], LATER].held.marking.tlp == "amber"


def test_who_is_no_partner_any_more_gets_and_gives_nothing(north: Node, east: Node) -> None:
    north.put(thing(1, NORTH))
    east.put(thing(2, EAST))
    north.agree(EAST, may_relay=True, revoked_at=1)
    ran = east.run(east.peer(north))
    assert ran.counts.received == 0
    assert not east.has(thing(1, NORTH)["id"])
    pushed = east.run(east.peer(north, direction="push"))
    assert "403" in pushed.error
    own = north.run(north.peer(east, direction="both"))
    assert "no partner any more" in own.error
    assert [id for id, _ in north.listed()] == [thing(1, NORTH)["id"]]


def test_what_only_its_originator_passes_on_ends_here(north: Node, east: Node) -> None:
    marking = Marking(tlp="green", originator=NORTH, originator_control=True)
    north.put(*under(marking, thing(1, NORTH, tlp=None)))
    assert east.run(east.peer(north)).complete
    east.agree("West")
    east.open_to("West")
    from watchkeeper.exchange.hub.words import Account, Filter

    reader = Account(user="w", organisation="West")
    given = east.hub.page(east.collection, reader, Filter(), east.clock())
    assert not [row for row in given.rows if row.id == thing(1, NORTH)["id"]]
    assert given.withheld == {"originator-control": 1}


def test_a_node_that_is_named_as_its_own_peer_is_told_so(north: Node, east: Node) -> None:
    peer = msgspec.structs.replace(
        east.peer(north), url=f"{east.url}/taxii2/hub/", secret_env="KEY_EAST_NORTH"
    )
    assert "this node itself" in east.run(peer).error


def test_what_is_pulled_is_made_known_to_the_store(north: Node, east: Node) -> None:
    north.put(
        {
            "type": "indicator", "spec_version": "2.1", "id": "indicator--10000000-0000-4000-8000-000000000009",
            "created": "2026-11-18T00:00:00.000Z", "modified": "2026-11-18T00:00:00.000Z", "pattern_type": "stix",
            "created_by_ref": organisation_id(NORTH), "pattern": "[ipv4-addr:value = '203.0.113.7']",
            "valid_from": "2026-11-18T00:00:00Z",
        }
    )  # fmt: skip
    assert east.run(east.peer(north)).known == 1
    from watchkeeper.model.event import Query

    (found,) = east.store.decisions.documents(Query(collection="indicators")).items
    assert found.text.startswith("ipv4-addr:203.0.113.7") or "203.0.113.7" in found.text
    assert found.body["received_from"] == NORTH
