"""A hub to try: four collections, two accounts in two organisations, and a few simulated objects."""

import secrets
import uuid
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from watchkeeper.api.access.desk import Desk
    from watchkeeper.exchange.hub.hub import Hub
    from watchkeeper.exchange.hub.words import Collection

ROOT: Final = "demo"
NORTH, SOUTH = "Demo North", "Demo South"
_USERS: Final = {"demo-north": NORTH, "demo-south": SOUTH}
_MOST_BYTES: Final = 10 << 20
_BOTH: Final = (NORTH, SOUTH)
_RIGHTS: Final[dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]] = {
    "rw": ("Demo: read and write", _BOTH, _BOTH),
    "ro": ("Demo: read only (simulated)", _BOTH, ()),
    "wo": ("Demo: write only", (), _BOTH),
    "private": ("Demo: of Demo North alone", (NORTH,), (NORTH,)),
}
"""Title, readers and writers by alias."""

_MINTED: Final = uuid.UUID("6f1c1f5e-3d0f-4c53-9d4e-6a5b3c6a7f10")
_CREATED: Final = "2025-03-01T06:00:00.000Z"


def set_up(hub: "Hub", held: "Desk", now: int, port: int) -> dict[str, Any]:
    """Make what is not there yet; the accounts get new passwords, because nobody can read the old ones.

    Args:
        now: the time [ms UTC].
        port: where the hub will be served.
    """
    from watchkeeper.exchange.hub.words import Account, Root

    hub.collections.set_root(
        Root(name=ROOT, title="watchkeeper demo", description="Simulated. To try it.", max_bytes=_MOST_BYTES)
    )
    accounts = [_account(hub, held, name, organisation, now) for name, organisation in _USERS.items()]
    collections = {alias: _collection(hub, alias) for alias in _RIGHTS}
    node = Account(user="system", organisation=None, operator=True)
    hub.add(collections["ro"], [msgspec.json.encode(each) for each in simulated()], node, now)
    origin = f"http://127.0.0.1:{port}/taxii2/"
    return {
        "discovery": origin,
        "api_root": f"{origin}{ROOT}/",
        "collections": {alias: one.id for alias, one in collections.items()},
        "accounts": accounts,
    }


def _account(hub: "Hub", held: "Desk", name: str, organisation: str, now: int) -> dict[str, str]:
    from watchkeeper.exchange.partners import Agreement, Partner

    there = {one.name: one.id for one in held.users.organisations("", 500)}
    id_ = there.get(organisation) or held.users.add_organisation(organisation, now).id
    hub.partners.set(
        Partner(organisation=organisation, agreement=Agreement(accepts=("clear", "green", "amber")))
    )
    password = secrets.token_urlsafe(18)
    user = held.users.by_name(name)
    if user is None:
        held.users.add(name, "viewer", now, password=password, organisation=id_)
    else:
        held.users.change(user.id, now, password=password)
    return {"user": name, "password": password, "organisation": organisation}


def _collection(hub: "Hub", alias: str) -> "Collection":
    from watchkeeper.exchange.hub.words import Terms

    for one in hub.collections.all(ROOT):
        if one.alias == alias:
            return one
    title, readers, writers = _RIGHTS[alias]
    terms = Terms(title=title, readers=readers, writers=writers, unmarked="clear")
    return hub.collections.add(terms, root=ROOT, alias=alias)


def simulated() -> list[dict[str, Any]]:
    """A few objects that name no real ship, cable or centre."""
    centre = _object("identity", "centre", name="Simulated operations centre", identity_class="organization")
    ship = _object("infrastructure", "ship", name="Simulated ship ALPHA", infrastructure_types=["vessel"])
    cable = _object(
        "infrastructure",
        "cable",
        name="Simulated cable ONE",
        infrastructure_types=["submarine-telecom-cable"],
    )
    gap = _object("attack-pattern", "gap", name="AIS gap (simulated)")
    report = _object(
        "report", "report", name="Simulated report: a gap near a cable", published=_CREATED,
        report_types=["observed-data"], object_refs=[ship["id"], cable["id"], gap["id"]],
    )  # fmt: skip
    return [centre, *({**each, "created_by_ref": centre["id"]} for each in (ship, cable, gap, report))]


def _object(kind: str, key: str, **said: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid.uuid5(_MINTED, key)}",
        "created": _CREATED,
        "modified": _CREATED,
        "labels": ["simulated"],
        **said,
    }
