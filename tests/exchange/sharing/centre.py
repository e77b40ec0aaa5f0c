"""A centre with three partners, and things to share with them."""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy.engine import Engine

from watchkeeper.api.access.desk import Desk as Users
from watchkeeper.exchange.hub.carried import Carriage
from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.hub.words import Account, Filter
from watchkeeper.exchange.ledger import Ledger
from watchkeeper.exchange.marking_definitions import definitions_for, marked
from watchkeeper.exchange.partners import Agreement, Partner
from watchkeeper.exchange.releasing import Desk
from watchkeeper.exchange.sharing import Conditions, Plan
from watchkeeper.exchange.stix.ids import organisation_id
from watchkeeper.model.finding import REAL
from watchkeeper.model.marking import Marking, Part
from watchkeeper.store.decisions import DecisionLog, begin

US = "Coast Guard"
NAVY = "Navy"
LIAISON = "Liaison"
EMBASSY = "Embassy"
NOW = 1_800_000_000_000
EXERCISE = "exercise:bold"

AGREED = {
    US: Agreement(country="EST"),
    NAVY: Agreement(
        country="EST",
        accepts=("clear", "green", "amber", "amber+strict", "red"),
        purposes=("awareness", "investigation", "exercise"),
        exercises=("bold",),
    ),
    LIAISON: Agreement(country="FIN", accepts=("clear", "green", "amber")),
    EMBASSY: Agreement(country="NOR", accepts=("clear", "green")),
}

BIRTH = "2026-11-18T00:00:00.000Z"


def uuid(number: int) -> str:
    return f"10000000-0000-4000-8000-{number:012d}"


def thing(type: str, number: int, **says: Any) -> dict[str, Any]:
    return {
        "type": type,
        "spec_version": "2.1",
        "id": f"{type}--{uuid(number)}",
        "created_by_ref": organisation_id(US),
        "created": BIRTH,
        "modified": BIRTH,
        **says,
    }


X = "extension-definition--0f3a3f52-4c9a-4b52-8d8e-b8f0a8a5d001"
GEOMETRY = f"extensions.{X}.geometry"
SHIP = thing("infrastructure", 1, name="EAGLE", description="A tanker.")
CABLE = thing(
    "infrastructure",
    2,
    name="C-Lion1",
    extensions={
        X: {
            "extension_type": "property-extension",
            "asset_class": "submarine-telecom-cable",
            "geometry": {"type": "LineString", "coordinates": [[20.123456, 59.1], [24.9, 60.15]]},
        }
    },
)
NEAR = thing("relationship", 3, relationship_type="related-to", source_ref=SHIP["id"], target_ref=CABLE["id"])
NOTE = thing("note", 4, content="Seen near.", object_refs=[NEAR["id"]])
REPORT = thing(
    "report", 5, name="A case", published=BIRTH, object_refs=[SHIP["id"], CABLE["id"], NEAR["id"], NOTE["id"]]
)
PLACE = {
    "type": "artifact",
    "spec_version": "2.1",
    "id": f"artifact--{uuid(6)}",
    "mime_type": "text/plain",
    "payload_bin": "AAAA",
}
ALL = (SHIP, CABLE, NEAR, NOTE, REPORT, PLACE)


def under(
    marking: Marking,
    objects: tuple[dict[str, Any], ...] = ALL,
    closer: dict[str, Marking] | None = None,
    parts: dict[str, tuple[Part, ...]] | None = None,
) -> list[dict[str, Any]]:
    """The objects with a marking each, and the definitions."""
    closer, parts = closer or {}, parts or {}
    made, definitions = [], {}
    for object in objects:
        own, of = closer.get(object["id"], marking), parts.get(object["id"], ())
        made.append(marked(object, own, of))
        said = [(own, "remove"), *((p.marking, p.how) for p in of)]
        definitions |= {d["id"]: d for m, how in said for d in definitions_for(m, how)}  # type: ignore[arg-type]
    return [*definitions.values(), *made]


class Centre(NamedTuple):
    """A hub with its desk and ledger."""

    engine: Engine
    log: DecisionLog
    hub: Hub
    desk: Desk
    ledger: Ledger
    carriage: Carriage

    def share(
        self,
        conditions: Conditions,
        objects: list[dict[str, Any]] | None = None,
        *,
        at: int = NOW,
        realm: str = REAL,
    ) -> Plan:
        """Plan and release, as one."""
        objects = objects if objects is not None else under(conditions.marking(US, realm))
        planned = self.desk.plan(objects, conditions, realm, at)
        receipt = self.desk.release("case-1", planned, conditions, realm, at, "anna")
        assert not receipt.failed
        return planned

    def pull(
        self, organisation: str, *, at: int = NOW, alias: str = "releases", **asked: Any
    ) -> dict[str, dict[str, Any]]:
        """What an organisation is given, by id."""
        collection = self.hub.collections.named(alias)
        account = Account(user="robot", organisation=organisation)
        assert account.is_among(collection.terms.readers)
        found, after = {}, 0
        while True:
            page = self.hub.page(collection, account, Filter(**asked), at, after=after, most=2)
            found |= {
                row.id: msgspec.json.decode(raw) for row, raw in zip(page.rows, page.bytes, strict=True)
            }
            if not page.more:
                return found
            after = page.rows[-1].seq

    def agree(self, organisation: str, **changed: Any) -> None:
        """Change what was agreed."""
        before = self.hub.partners.one(organisation)
        agreement = msgspec.structs.replace(before.agreement, **changed)
        self.hub.partners.set(msgspec.structs.replace(before, agreement=agreement))


def begun(engine: Engine) -> None:
    """Fill a database that holds nothing yet."""
    begin(engine, "5e4c3d2b-0000-4000-8000-000000000002")
    hub, users = Hub(engine, DecisionLog(engine, ())), Users(engine)
    for name, agreement in AGREED.items():
        users.users.add_organisation(name, NOW)
        hub.partners.set(Partner(organisation=name, agreement=agreement))


def centre(engine: Engine) -> Centre:
    """That of a database which was begun."""
    log = DecisionLog(engine, ())
    hub, carriage = Hub(engine, log), Carriage(engine)
    return Centre(engine, log, hub, Desk(hub, carriage, log, US), Ledger(hub, carriage, log), carriage)
