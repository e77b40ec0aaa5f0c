"""Putting the services together over a store that is open."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.engine import Engine

from watchkeeper.api.access.desk import Desk
from watchkeeper.api.access.links import FIRST_ADMIN
from watchkeeper.api.access.oidc import Provider
from watchkeeper.api.access.passwords import Passwords
from watchkeeper.api.figures import Figures
from watchkeeper.api.inventory import Inventory
from watchkeeper.api.live import Live
from watchkeeper.api.picture import Picture
from watchkeeper.api.services import Attribute, CaseObjects, Limits, Observations, Services
from watchkeeper.exchange.hub.carried import Carriage
from watchkeeper.exchange.hub.hub import Hub
from watchkeeper.exchange.ledger import Ledger
from watchkeeper.model.asset import Asset
from watchkeeper.model.event import Decisions


def services_of(
    lake: Observations,
    decisions: Decisions,
    engine: Engine,
    now: Callable[[], int],
    *,
    assets: Sequence[Asset] = (),
    attribute: Attribute | None = None,
    case_objects: CaseObjects | None = None,
    provider: Provider | None = None,
    limits: Limits | None = None,
    passwords: Passwords | None = None,
) -> Services:
    """Everything behind the routes.

    Args:
        lake, decisions: of the store.
        engine: of the store's database; the tables of access and of the hub are brought to this version.
        now: the clock [ms UTC].
        assets: of the layers.
        attribute: answers questions of attribution; None where there are no data for it.
        case_objects: gives what would be shared of a case; None where there are no data for it.
        provider: an OIDC provider.
        limits: what callers may ask.
        passwords: how they are hashed.

    Raises:
        StoreError: the tables of access or of the hub cannot be brought to this version.
    """
    limits = limits or Limits()
    figures, hub = Figures(), Hub(engine, decisions)
    return Services(
        lake=lake,
        decisions=decisions,
        desk=Desk(engine, passwords, limits.requests, limits.logins),
        now=now,
        live=Live(decisions, limits, figures),
        picture=Picture(lake, now),
        inventory=Inventory(assets),
        hub=hub,
        ledger=Ledger(hub, Carriage(engine), decisions),
        workers=ThreadPoolExecutor(limits.attributions_at_once, "attribution"),
        limits=limits,
        attribute=attribute,
        case_objects=case_objects,
        provider=provider,
        figures=figures,
    )


def first_admin_link(desk: Desk, origin: str, now: int) -> str | None:
    """The address at which the first administrator is made; None where there is one already."""
    if desk.users.any_admin():
        return None
    return f"{origin}/first-admin?token={desk.links.make(FIRST_ADMIN, now)}"
