"""The front desk: everything of access that a request needs, over one database."""

import time
from collections.abc import Callable
from typing import Final

from sqlalchemy.engine import Engine

from watchkeeper.api.access.audit import Audit
from watchkeeper.api.access.limits import LOGINS, REQUESTS, Limiter, Rate
from watchkeeper.api.access.links import Links
from watchkeeper.api.access.passwords import Passwords
from watchkeeper.api.access.sessions import Keys, Sessions
from watchkeeper.api.access.tables import bring_up
from watchkeeper.api.access.users import Users
from watchkeeper.api.access.who import Who
from watchkeeper.api.problems import too_many

COOKIE: Final = "watchkeeper_session"
_BEARER: Final = "bearer "


class Desk:
    """Users, sessions, keys, links, audit and limits of a database, which is brought to this version's tables.

    Raises:
        StoreError: the database is of a newer version, or cannot be written.
    """

    def __init__(
        self,
        engine: Engine,
        passwords: Passwords | None = None,
        requests: Rate = REQUESTS,
        logins: Rate = LOGINS,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        bring_up(engine)
        self.engine, self.seconds = engine, seconds
        self.users = Users(engine, passwords or Passwords())
        self.sessions = Sessions(engine)
        self.keys = Keys(engine)
        self.links = Links(engine)
        self.audit = Audit(engine)
        self._requests, self._logins = Limiter(requests, seconds), Limiter(logins, seconds)

    def who(self, authorization: str, token: str, now: int) -> Who | None:
        """Who asks, by the Authorization header (a key), else by the session's token; None for nobody.

        A key that does not work is nobody, whatever the session: a caller learns that its key has ended.
        """
        if authorization:
            secret = authorization[len(_BEARER) :].strip()
            is_bearer = authorization[: len(_BEARER)].lower() == _BEARER
            return self.keys.who(secret, now) if is_bearer and secret else None
        return self.sessions.who(token, now) if token else None

    def admit(self, caller: str) -> None:
        """Count a request of a caller.

        Raises:
            Refused: 429, too many.
        """
        if wait := self._requests.take(caller):
            raise too_many(wait)

    def admit_login(self, address: str, name: str) -> None:
        """Count an attempt to sign in, of an address and of a name.

        Raises:
            Refused: 429, too many.
        """
        waits = (
            self._logins.take(f"address {address}"),
            self._logins.take(f"name {name.strip().casefold()[:64]}"),
        )
        if wait := max(waits):
            raise too_many(wait)
