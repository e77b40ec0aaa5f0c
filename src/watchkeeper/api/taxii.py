"""The TAXII server among what the API serves: the same users and keys, limits and log."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.api.access.basic import Basics
from watchkeeper.api.access.limits import Limiter, Rate
from watchkeeper.api.access.roles import reaches
from watchkeeper.api.access.tables import organisations
from watchkeeper.api.access.who import Who
from watchkeeper.api.problems import Refused
from watchkeeper.api.services import Services
from watchkeeper.exchange.hub.words import Account
from watchkeeper.exchange.taxii.answers import MEDIA, RefusedError, refusal
from watchkeeper.exchange.taxii.app import PATH, Taxii
from watchkeeper.store.decisions.faults import translated

__all__ = ["PATH", "account_of", "broken", "make_taxii"]

REQUESTS: Final = Rate(2000, 500)
"""Of one user: programs that page and poll."""


def make_taxii(services: Services) -> Taxii:
    """The server over the hub of the services, for the users of their desk."""
    desk = services.desk
    basics = Basics(desk.engine, desk.users, desk.keys)
    limiter = Limiter(REQUESTS, desk.seconds)

    def authenticate(authorization: str, address: str) -> Account | None:
        try:
            with translated("of users"):
                who = basics.who(authorization, address, services.now())
                account = None if who is None else account_of(who, organisation_name)
        except Refused as error:
            raise RefusedError(error.status, error.what, error.headers) from error
        if account is not None and (wait := limiter.take(account.user)):
            seconds = str(int(wait) + 1)
            raise RefusedError(429, f"Too many requests. Wait {seconds} s.", {"Retry-After": seconds})
        return account

    @lru_cache(1000)
    def organisation_name(id: str) -> str:
        with desk.engine.connect() as c:
            return str(
                c.execute(sa.select(organisations.c.name).where(organisations.c.id == id)).scalar_one()
            )

    return Taxii(services.hub, authenticate, services.now)


def account_of(who: Who, name_of: Callable[[str], str]) -> Account:
    """A user of the API as an account of the exchange."""
    return Account(
        user=who.name,
        organisation=None if who.organisation is None else name_of(who.organisation),
        may_read=who.has_scope("exchange:read"),
        may_write=who.has_scope("exchange:write"),
        operator=reaches(who.role, "supervisor") and who.has_scope("exchange:admin"),
    )


def broken(request: Request) -> Response:
    """The answer to a fault of ours, below the path of TAXII."""
    error = RefusedError(500, "This is a fault of watchkeeper. Report the error_id; the log says more.")
    answer = refusal(error, request.scope["request_id"])
    return Response(answer.body, answer.status, media_type=MEDIA)
