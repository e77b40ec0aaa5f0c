"""Secrets that work once: the link of the first administrator, and a login that is on its way through OIDC."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.api.access.secret import kept, new_secret
from watchkeeper.api.access.tables import links
from watchkeeper.model.time import HOUR, MINUTE
from watchkeeper.store.decisions.engines import for_writing

FIRST_ADMIN: Final = "first-admin"
OIDC: Final = "oidc"

_LASTS_MS: Final = {FIRST_ADMIN: HOUR, OIDC: 10 * MINUTE}
_AT_ONCE: Final = 1000


class Links:
    """Secrets of one use, each with what was noted when it was made."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._writing = engine, for_writing(engine)

    def make(self, purpose: str, now: int, noted: str = "") -> str:
        """A new secret. Those that have ended are removed; of first administrators' only the newest works."""
        secret = new_secret()
        with self._writing.begin() as c:
            old = links.c.expires_at <= now
            if purpose == FIRST_ADMIN:
                old = old | (links.c.purpose == FIRST_ADMIN)
            c.execute(links.delete().where(old))
            c.execute(
                links.insert().values(
                    hash=kept(secret), purpose=purpose, secret=noted, expires_at=now + _LASTS_MS[purpose]
                )
            )
        return secret

    def crowded(self) -> bool:
        """Whether more are under way than can be meant."""
        with self._engine.connect() as c:
            return c.execute(sa.select(sa.func.count()).select_from(links)).scalar_one() >= _AT_ONCE

    def works(self, purpose: str, secret: str, now: int) -> bool:
        """Whether it could be used now."""
        with self._engine.connect() as c:
            return c.execute(links.select().where(_fits(purpose, secret, now))).first() is not None

    def use(self, purpose: str, secret: str, now: int) -> str | None:
        """Use it: what was noted, or None where it does not work (any more). Of two that use it at once, one does."""
        with self._writing.begin() as c:
            row = c.execute(links.select().where(_fits(purpose, secret, now))).first()
            gone = c.execute(links.delete().where(_fits(purpose, secret, now))).rowcount
        return str(row.secret) if row is not None and gone else None


def _fits(purpose: str, secret: str, now: int) -> sa.ColumnElement[bool]:
    return (links.c.hash == kept(secret)) & (links.c.purpose == purpose) & (links.c.expires_at > now)
