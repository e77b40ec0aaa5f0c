"""A small world of three organisations, and what they say to a hub."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Engine

from watchkeeper.api.access.passwords import Passwords
from watchkeeper.api.access.tables import bring_up
from watchkeeper.api.access.users import Users
from watchkeeper.exchange.hub.hub import Hub, Receipt
from watchkeeper.exchange.hub.words import Account, Collection, Filter, Page, Terms
from watchkeeper.exchange.partners import Agreement, Partner
from watchkeeper.store.decisions import DecisionLog

NOW = 1_764_300_000_000
NAMES = ("North", "East", "South")
LEVELS = ("clear", "green", "amber")


@dataclass
class World:
    """A hub, and what callers want of it."""

    hub: Hub
    engine: Engine
    log: DecisionLog
    shared: Collection

    def account(self, name: str, **more: Any) -> Account:
        return Account(user=name.lower(), organisation=name, **more)

    def add(
        self, name: str, *objects: dict[str, Any] | bytes, to: Collection | None = None, **more: Any
    ) -> Receipt:
        raws = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in objects]
        account = self.account(name, operator=more.pop("operator", False))
        return self.hub.add(to or self.shared, raws, account, NOW, **more)

    def page(self, name: str, at: int = NOW, of: Collection | None = None, **asked: Any) -> Page:
        after, most = asked.pop("after", 0), asked.pop("most", 1000)
        return self.hub.page(
            of or self.shared, self.account(name), Filter(**asked), at, after=after, most=most
        )

    def read(self, name: str, **asked: Any) -> list[dict[str, Any]]:
        return [json.loads(raw) for raw in self.page(name, **asked).bytes]

    def ids(self, name: str, **asked: Any) -> list[str]:
        return [each["id"] for each in self.read(name, **asked)]

    def collection(self, **terms: Any) -> Collection:
        said = {"title": "another", "readers": NAMES, "writers": NAMES, "unmarked": "clear"} | terms
        return self.hub.collections.add(Terms(**said))

    def agree(self, name: str, identity: str | None = None, **said: Any) -> None:
        said = {"accepts": LEVELS} | said
        self.hub.partners.set(Partner(organisation=name, identity=identity, agreement=Agreement(**said)))


def world(engine: Engine) -> World:
    """A new hub in a database with a log."""
    bring_up(engine)
    log = DecisionLog(engine)
    users = Users(engine, Passwords(1, 8192))
    for name in NAMES:
        users.add_organisation(name, NOW)
    hub = Hub(engine, log)
    shared = hub.collections.add(Terms(title="shared", readers=NAMES, writers=NAMES, unmarked="clear"))
    made = World(hub, engine, log, shared)
    for name in NAMES:
        made.agree(name)
    return made
