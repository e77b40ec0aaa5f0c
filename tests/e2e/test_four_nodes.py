"""Four nodes on loopback: a national one, the alliance's, the EU's, and that of a liaison partner with fewer rights.

Each is served by a process of its own. One is killed, a line is cut, a thing is taken back, a partner is let go;
nothing is lost, nobody is given more than it may have, and afterwards the ledger says why.
"""

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from exchange.sharing.centre import CABLE, GEOMETRY, NEAR, NOTE, REPORT, SHIP, under
from exchange.sync.nodes import Node, introduce, prepared, thing
from watchkeeper.exchange.auditing import faults_of
from watchkeeper.exchange.redaction import HANDLING
from watchkeeper.exchange.releasing import Desk
from watchkeeper.exchange.retraction import retract
from watchkeeper.exchange.sharing import Conditions
from watchkeeper.exchange.stix.ids import organisation_id
from watchkeeper.exchange.sync.peers import Peers
from watchkeeper.exchange.sync.tables import provenance
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import Marking, Part

WATCHKEEPER = (sys.executable, "-c", "from watchkeeper.cli.edge import main; main()")
NATION, ALLIANCE, EU, LIAISON = "Nation", "Alliance", "Europe", "Liaison"
MANY = 3500
PATIENCE_S = 60.0


class Line:
    """A line to a node that can be cut: everything that goes over it goes through here."""

    def __init__(self, to: str) -> None:
        self._to = int(to.rpartition(":")[2])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self.passed, self.cut_after = 0, 2**62
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            if self.passed >= self.cut_after:
                caller.close()
                continue
            try:
                called = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                caller.close()
                continue
            self._open += [caller, called]
            for here, there in ((caller, called), (called, caller)):
                threading.Thread(target=self._carry, args=(here, there), daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket) -> None:
        try:
            while data := here.recv(65536):
                self.passed += len(data)
                if self.passed >= self.cut_after:
                    break
                there.sendall(data)
        except OSError:
            pass
        _end(here, there)

    def mend(self) -> None:
        self.cut_after = 2**62

    def close(self) -> None:
        self._listener.close()
        _end(*self._open)


def _end(*ends: socket.socket) -> None:
    """Hang up, so that both sides notice at once."""
    for end in ends:
        with suppress(OSError):  # it may be hung up already
            end.shutdown(socket.SHUT_RDWR)
        end.close()


class World(NamedTuple):
    """The four, and their processes by organisation."""

    nation: Node
    alliance: Node
    eu: Node
    liaison: Node
    processes: dict[str, "subprocess.Popen[str]"]

    def start(self, node: Node) -> None:
        """Serve a node: on a free port at first, on the same one again."""
        port = node.url.rpartition(":")[2] or "0"
        said = node.store.where.parent / f"{node.us}.said"
        with said.open("w") as out:
            self.processes[node.us] = subprocess.Popen(
                [*WATCHKEEPER, "serve", "--port", port, "--store", str(node.store.where)],
                stderr=out,
                text=True,
            )
        node.url = node.url or "starting"

    def await_all(self, *nodes: Node) -> None:
        """Until each says where it is served."""
        until = time.monotonic() + PATIENCE_S
        for node in nodes:
            said = node.store.where.parent / f"{node.us}.said"
            while not (found := re.search(r"serving at (http://\S+)", said.read_text())):
                assert self.processes[node.us].poll() is None, said.read_text()
                assert time.monotonic() < until, said.read_text()
                time.sleep(0.05)
            node.url = found[1]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The reference: the alliance pulls from the nation, the EU and the liaison partner pull from the alliance, and the
    EU from the nation too, so that there are two ways to it."""
    folder = tmp_path_factory.mktemp("four")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as environment:
        nodes = [stack.enter_context(prepared(folder / us, us)) for us in (NATION, ALLIANCE, EU, LIAISON)]
        nation, alliance, eu, liaison = nodes
        for one, other in ((nation, alliance), (alliance, eu), (alliance, liaison), (nation, eu)):
            introduce(environment, one, other)
        nation.agree(LIAISON, accepts=("clear", "green"))
        alliance.agree(EU, accepts=("clear", "green", "amber"), may_relay=True)
        alliance.agree(LIAISON, accepts=("clear", "green"))
        for node in (alliance, eu, liaison):
            node.agree(NATION, may_relay=True)
        made = World(*nodes, {})
        for node in nodes:
            node.url = ""
            made.start(node)
        try:
            made.await_all(*nodes)
            yield made
        finally:
            for process in made.processes.values():
                process.terminate()
            for process in made.processes.values():
                process.wait(30)


def share(node: Node, to: tuple[str, ...], objects: list[dict[str, Any]]) -> None:
    """Share some objects as a case, to organisations by name."""
    desk = Desk(node.hub, node.carriage, node.store.decisions, node.us)
    conditions, at = Conditions(to=to, tlp="green"), node.clock()
    planned = desk.plan(objects, conditions, REAL, at)
    assert not desk.release("case-1", planned, conditions, REAL, at, "anna").failed


def case_of(by: str, to: tuple[str, ...]) -> list[dict[str, Any]]:
    """A case: a ship, a cable whose place is held closer, a note that is held closer, and a report of them all."""
    marking = Conditions(to=to, tlp="green").marking(by, REAL)
    amber = Marking(tlp="amber", releasable_to=marking.releasable_to, originator=by)
    geometry = Part(selector=GEOMETRY, marking=amber, how="coarsen")
    objects = tuple(
        {**one, "created_by_ref": organisation_id(by)} for one in (SHIP, CABLE, NEAR, NOTE, REPORT)
    )
    return under(marking, objects, {NOTE["id"]: amber}, {CABLE["id"]: (geometry,)})


def pull(world: World, *, complete: bool = True) -> None:
    """Everybody pulls, in the direction in which things go."""
    releases = {"theirs": "releases"}
    for here, there, says in (
        (world.alliance, world.nation, releases),
        (world.eu, world.alliance, {}),
        (world.liaison, world.alliance, {}),
        (world.eu, world.nation, releases),
    ):
        ran = here.run(here.peer(there, **says))
        assert ran.complete or not complete, ran


def test_a_case_goes_to_each_as_far_as_it_may(world: World) -> None:
    nation, alliance, eu, liaison, _ = world
    everybody = (ALLIANCE, EU, LIAISON)
    two = Marking(tlp="green", releasable_to=((f"org:{ALLIANCE}", f"org:{EU}"),), originator=NATION)
    share(nation, everybody, case_of(NATION, everybody))
    share(nation, (ALLIANCE, EU), under(two, (thing(50, NATION, tlp=None),)))
    pull(world)

    whole = {one["id"] for one in (SHIP, CABLE, NEAR, NOTE, REPORT)} | {thing(50, NATION)["id"]}
    assert whole <= set(dict(alliance.listed()))
    assert whole <= set(dict(eu.listed()))
    given = set(dict(liaison.listed()))
    assert given & whole == {one["id"] for one in (SHIP, CABLE, NEAR, REPORT)}

    exact = CABLE["extensions"]
    assert eu.content(CABLE["id"])["extensions"] == exact
    coarse = liaison.content(CABLE["id"])
    assert coarse["extensions"][HANDLING]["withheld"][0]["how"] == "coarsened"
    assert "20.123456" not in str(coarse)
    assert NOTE["id"] not in str(liaison.content(REPORT["id"]))


def test_it_came_once_to_each_and_everybody_knows_which_way(world: World) -> None:
    nation, alliance, eu, liaison, _ = world
    for node in (alliance, eu, liaison):
        assert len(node.listed()) == len(set(node.listed()))
    (first,) = alliance.came(SHIP["id"])
    assert (first.origin, first.source, first.path) == (NATION, NATION, (nation.sync.node,))
    ways = {came.source: came for came in eu.came(SHIP["id"])}
    assert ways[ALLIANCE].path == (nation.sync.node, alliance.sync.node)
    assert (ways[ALLIANCE].outcome, ways[NATION].outcome) == ("new", "there")
    assert ways[ALLIANCE].sha256 == first.sha256
    assert liaison.came(SHIP["id"])[0].origin == NATION


def test_nothing_comes_back(world: World) -> None:
    nation, alliance, *_ = world
    before = nation.listed()
    back = alliance.run(alliance.peer(nation, direction="push"))
    assert back.counts.echoes == back.counts.expected + back.counts.echoes > 0
    assert nation.run(nation.peer(alliance)).counts.new == 0
    assert nation.listed() == before


def test_the_ledger_says_why_one_got_it_and_another_did_not(world: World) -> None:
    _, alliance, *_ = world
    alliance.hub.pulls.flush()
    ledger, now = alliance.ledger, alliance.clock()
    assert {h.organisation for h in ledger.holders(SHIP["id"])} >= {EU, LIAISON}
    assert LIAISON not in {h.organisation for h in ledger.holders(NOTE["id"])}
    got = ledger.why(NOTE["id"], EU, now)
    assert got.given
    assert got.now[0].decision.outcome == "allow"
    refused = ledger.why(NOTE["id"], LIAISON, now)
    assert not refused.given
    assert refused.now[0].decision.reasons[0].rule == "tlp"
    assert "has not agreed to keep TLP:AMBER" in refused.now[0].decision.reasons[0].says
    other = ledger.why(thing(50, NATION)["id"], LIAISON, now)
    assert other.now[0].decision.reasons[0].rule == "releasability"
    withheld = [e for e in ledger.entries(LIAISON) if e.happened == "refused"]
    assert {entry.rule for entry in withheld} >= {"tlp", "releasability"}


def test_killed_in_the_middle_nothing_is_lost_and_nothing_doubled(world: World) -> None:
    nation, alliance, *_ = world
    nation.put(*(thing(1000 + k, NATION) for k in range(MANY)))
    peer = alliance.peer(nation, name="bulk", take_in=False)
    Peers(alliance.store.engine).add(peer)
    command = [*WATCHKEEPER, "sync", "run", "bulk", "--by", ALLIANCE, "--store", str(alliance.store.where)]
    before = came_from(alliance, NATION)
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE_S
        while came_from(alliance, NATION) == before and process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        process.kill()
        process.wait()
        before = came_from(alliance, NATION)
    link = alliance.sync.links.one("bulk", "pull")
    assert link.under_way, "it was to be killed in the middle"
    ran = alliance.run(peer)
    assert ran.complete, ran
    assert ran.counts.received == ran.counts.expected
    assert bulk_of(alliance) == MANY
    assert len(alliance.listed()) == len(set(alliance.listed()))
    total = alliance.sync.links.one("bulk", "pull").total
    assert total.received == total.expected == total.new + total.there
    assert total.missing == 0


def bulk_of(node: Node) -> int:
    """How many of the many things a node has."""
    many = {thing(1000 + k, NATION)["id"] for k in range(MANY)}
    return sum(id in many for id, _ in node.listed())


def came_from(node: Node, source: str) -> int:
    with node.store.engine.connect() as connection:
        asked = sa.select(sa.func.count()).select_from(provenance).where(provenance.c.source == source)
        return int(connection.execute(asked).scalar_one())


def test_the_server_is_killed_and_the_line_is_cut(world: World) -> None:
    _, alliance, eu, *_ = world
    line = Line(alliance.url)
    peer = eu.peer(alliance, name="cut", url=f"{line.url}/taxii2/hub/", take_in=False)
    line.cut_after = 1_200_000
    assert "did not answer" in eu.run(peer).error
    began = eu.sync.links.one("cut", "pull")
    assert began.under_way
    assert 0 < began.run.received < MANY
    line.mend()
    world.processes[ALLIANCE].kill()
    world.processes[ALLIANCE].wait()
    assert "did not answer" in eu.run(peer).error
    world.start(alliance)
    world.await_all(alliance)
    ran = eu.run(peer)
    line.close()
    assert ran.complete, ran
    assert ran.counts.received == ran.counts.expected
    assert bulk_of(eu) == MANY
    assert len(eu.listed()) == len(set(eu.listed()))


def test_what_is_taken_back_is_taken_back_everywhere(world: World) -> None:
    nation, alliance, eu, liaison, _ = world
    retract(
        nation.hub, nation.carriage, nation.store.decisions, SHIP["id"], reason="The name was misread.", by=NATION,
        user="anna", at=nation.clock(),
    )  # fmt: skip
    pull(world)
    for node in (alliance, eu, liaison):
        now = node.content(SHIP["id"])
        assert now["revoked"] is True
        assert now["extensions"][HANDLING]["retracted"]["reason"] == "The name was misread."
        assert "EAGLE" not in str(now)
    nation.hub.pulls.flush()
    assert not [h for h in nation.ledger.holders(SHIP["id"]) if h.outstanding and h.organisation != EU]


def test_who_is_let_go_is_given_nothing_more(world: World) -> None:
    nation, alliance, _, liaison, _ = world
    alliance.agree(LIAISON, accepts=("clear", "green"), revoked_at=1)
    everybody = (ALLIANCE, EU, LIAISON)
    later = Conditions(to=everybody, tlp="green").marking(NATION, REAL)
    share(nation, everybody, under(later, (thing(60, NATION, tlp=None),)))
    pull(world, complete=False)
    assert alliance.has(thing(60, NATION)["id"])
    assert not liaison.has(thing(60, NATION)["id"])
    assert alliance.ledger.why(thing(60, NATION)["id"], LIAISON, alliance.clock()).now[0].decision.reasons[
        0
    ].rule == ("revoked")


def test_the_log_of_each_is_whole(world: World) -> None:
    for node in world[:4]:
        node.hub.pulls.flush()
        assert not list(node.store.decisions.verify())
        assert not faults_of(node.store.engine, node.store.decisions)[1]
