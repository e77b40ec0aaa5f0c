"""Nodes on loopback, in this process: a store, its hub, and a server for peers; and things to exchange."""

import atexit
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from watchkeeper.api.access.desk import Desk as Users
from watchkeeper.api.access.tables import bring_up as tables_of_access
from watchkeeper.api.app import make_app
from watchkeeper.api.assembly import services_of
from watchkeeper.api.observed import Observed
from watchkeeper.api.server import Listening, bound, make_server
from watchkeeper.exchange.hub.carried import Carriage, Carried
from watchkeeper.exchange.hub.hub import Hub, Receipt
from watchkeeper.exchange.hub.tables import bring_up as tables_of_the_hub
from watchkeeper.exchange.hub.words import Account, Collection, Terms
from watchkeeper.exchange.ledger import Ledger
from watchkeeper.exchange.marking_definitions import TLP_IDS, definitions_for, marked
from watchkeeper.exchange.partners import Agreement, Partner
from watchkeeper.exchange.stix.ids import organisation_id
from watchkeeper.exchange.sync.peers import Peer
from watchkeeper.exchange.sync.provenance import Came, came_of
from watchkeeper.exchange.sync.running import Ran, Sync
from watchkeeper.exchange.sync.tables import bring_up as tables_of_sync
from watchkeeper.model.marking import Marking, Part, Tlp
from watchkeeper.projectors import projectors
from watchkeeper.store.folder import Store

NOW = 1_800_000_000_000
BIRTH = "2026-11-18T00:00:00.000Z"
ALL: tuple[Tlp, ...] = ("clear", "green", "amber", "amber+strict", "red")


class Clock:
    """A clock that begins now, as that of the servers, and goes on by itself: a millisecond at each look."""

    def __init__(self) -> None:
        self.now = int(time.time() * 1000)

    def __call__(self) -> int:
        self.now += 1
        return self.now


def name_of(number: int) -> str:
    return f"10000000-0000-4000-8000-{number:012d}"


def thing(
    number: int, by: str, *, tlp: Tlp | None = "green", modified: str = BIRTH, **says: Any
) -> dict[str, Any]:
    """An object that an organisation made."""
    made = {
        "type": "infrastructure", "spec_version": "2.1", "id": f"infrastructure--{name_of(number)}",
        "created_by_ref": organisation_id(by), "created": BIRTH, "modified": modified, "name": f"thing {number}",
    }  # fmt: skip
    return made | ({} if tlp is None else {"object_marking_refs": [TLP_IDS[tlp]]}) | says


def under(marking: Marking, object: dict[str, Any], *parts: Part) -> list[dict[str, Any]]:
    """An object with a marking of more than a level, after the definitions that it needs."""
    needed = {d["id"]: d for d in definitions_for(marking)}
    for part in parts:
        needed |= {d["id"]: d for d in definitions_for(part.marking, part.how)}
    return [*needed.values(), marked(object, marking, parts)]


@dataclass
class Node:
    """A node of an organisation, served at ``url``, with one collection that stands in every test."""

    us: str
    store: Store
    hub: Hub
    users: Users
    carriage: Carriage
    collection: Collection
    clock: Clock
    sync: Sync
    url: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    def agree(self, organisation: str, **agreed: Any) -> None:
        """Make an organisation known, and agree something with it."""
        if organisation not in self.hub.partners.organisations():
            self.users.users.add_organisation(organisation, NOW)
        given = {"accepts": ALL} | agreed
        identity = organisation_id(organisation)
        partner = Partner(organisation=organisation, identity=identity, agreement=Agreement(**given))
        self.hub.partners.set(partner)

    def open_to(self, *organisations: str, writers: Sequence[str] = ()) -> None:
        """Let organisations read and write the collection."""
        terms = self.collection.terms
        readers = tuple(dict.fromkeys((*terms.readers, *organisations)))
        changed = msgspec.structs.replace(terms, readers=readers, writers=(*terms.writers, *writers))
        self.collection = self.hub.collections.change(self.collection.id, changed, self.collection.alias)

    def key_for(self, organisation: str) -> str:
        """A key by which an organisation reads and writes here."""
        if organisation not in self.keys:
            id = next(o.id for o in self.users.users.organisations("", 100) if o.name == organisation)
            user = self.users.users.add(f"user-{id[:8]}", "viewer", NOW, organisation=id)
            scopes = ["exchange:read", "exchange:write"]
            self.keys[organisation] = self.users.keys.make(
                user.id, "sync", scopes, 90, int(time.time() * 1000)
            )[1]
        return self.keys[organisation]

    def put(self, *objects: dict[str, Any], by: str | None = None, widen: bool = True) -> Receipt:
        """Put objects into the collection, in the name of this node or of another organisation."""
        account = Account(user="anna", organisation=by or self.us, operator=by is None)
        raws = [msgspec.json.encode(one) for one in objects]
        return self.hub.add(self.collection, raws, account, self.clock(), widen=widen)

    def peer(self, other: "Node", **says: Any) -> Peer:
        """The other node, as a peer of this one."""
        return Peer(
            **{
                "name": other.us.lower(), "url": f"{other.url}/taxii2/hub/", "organisation": other.us,
                "theirs": "shared", "ours": "shared", "secret_env": f"KEY_{other.us}_{self.us}".upper(),
            } | says
        )  # fmt: skip

    def run(self, *peers: Peer, again: bool = False) -> Ran:
        """Exchange; what came of the last direction."""
        return list(self.sync.run(peers, again=again))[-1]

    def has(self, id: str | None = None) -> dict[tuple[str, str], Carried]:
        """What the collection holds, by id and version."""
        ids = {one for one, _ in self.listed()} if id is None else {id}
        return {(c.id, c.version): c for one in ids for c in self.carriage.versions(one)}

    def listed(self) -> list[tuple[str, str]]:
        """Ids and versions in order, but for marking definitions."""
        names = self.carriage.names(self.collection.id, range(1, 100_000))
        return [pair for _, pair in sorted(names.items()) if not pair[0].startswith("marking-definition")]

    def content(self, id: str) -> dict[str, Any]:
        """The last version of an object."""
        return dict(next(one for one in self.carriage.versions(id) if one.last).object)

    def came(self, id: str) -> list[Came]:
        return came_of(self.store.engine, id)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.hub, self.carriage, self.store.decisions)


@cache
def _template() -> Path:
    """A store with all tables and nothing in it: to make one takes a second, to copy it does not."""
    folder = Path(tempfile.mkdtemp(prefix="watchkeeper-test-")) / "store"
    atexit.register(shutil.rmtree, folder.parent)
    Store.create(folder)
    with Store.open(folder, write=False, decide=True) as store:
        for bring_up in (tables_of_access, tables_of_the_hub, tables_of_sync):
            bring_up(store.engine)
    return folder


@contextmanager
def prepared(folder: Path, us: str, database: str | None = None) -> Iterator[Node]:
    """A new node of an organisation, not served yet; on SQLite, or on the PostgreSQL database of a URL."""
    if database is None:
        shutil.copytree(_template(), folder)
    else:
        Store.create(folder, database=database)
    with Store.open(folder, write=False, decide=True, projectors=projectors()) as store:
        clock, users = Clock(), Users(store.engine)
        hub = Hub(store.engine, store.decisions)
        users.users.add_organisation(us, NOW)
        hub.partners.set(Partner(organisation=us, identity=organisation_id(us)))
        terms = Terms(title="Shared", readers=(us,), writers=(us,), unmarked="amber")
        collection = hub.collections.add(terms, alias="shared")
        sync = Sync(store.engine, hub, store.decisions, us, clock, sleep=lambda _: None)
        yield Node(us, store, hub, users, Carriage(store.engine), collection, clock, sync)


@contextmanager
def node(folder: Path, us: str, database: str | None = None) -> Iterator[Node]:
    """A new node of an organisation, served on loopback by this process."""
    with prepared(folder, us, database) as made:
        store = made.store
        services = services_of(
            Observed(lambda: store.lake), store.decisions, store.engine, lambda: int(time.time() * 1000)
        )
        with served(make_app(services)) as made.url:
            yield made


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application on a free port of loopback."""
    listening = Listening(port=0)
    with bound(listening) as (listener, origin):
        server = make_server(app, listening)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield origin
        server.should_exit = True
        thread.join(20)


def introduce(monkeypatch: pytest.MonkeyPatch, one: Node, other: Node, *, may_relay: bool = True) -> None:
    """Let two nodes know each other: agreement, rights and keys, both ways."""
    for here, there in ((one, other), (other, one)):
        here.agree(there.us, may_relay=may_relay)
        here.open_to(there.us, writers=(there.us,))
        monkeypatch.setenv(f"KEY_{here.us}_{there.us}".upper(), here.key_for(there.us))
