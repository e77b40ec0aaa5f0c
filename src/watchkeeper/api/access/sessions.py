"""Sessions and keys: secrets that say who is asking. Only their hashes are kept."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from watchkeeper.api.access.roles import SCOPES
from watchkeeper.api.access.secret import KEY_PREFIX, kept, new_id, new_secret
from watchkeeper.api.access.tables import keys, sessions, users
from watchkeeper.api.access.who import Who
from watchkeeper.errors import UsageError
from watchkeeper.model.time import DAY, HOUR, MINUTE
from watchkeeper.store.decisions.engines import for_writing

LASTS_MS: Final = 12 * HOUR
"""A session ends after a shift, however busy."""
IDLE_MS: Final = 2 * HOUR
"""It ends earlier when it is not used."""
_NOTED_EVERY_MS: Final = 5 * MINUTE
"""Use is noted that often at most: a read must not cost a write."""

KEY_DAYS_MOST: Final = 366
_KEYS_MOST: Final = 50


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret. Times in ms UTC."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int
    revoked_at: int | None


class Sessions:
    """Who signed in."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._writing = engine, for_writing(engine)

    def begin(self, user: str, address: str, now: int) -> str:
        """A new session of a user; the token that goes into the cookie. Sessions that have ended are removed."""
        token = new_secret()
        with self._writing.begin() as c:
            c.execute(sessions.delete().where(sessions.c.expires_at <= now))
            c.execute(
                sessions.insert().values(
                    hash=kept(token), user=user, created_at=now, used_at=now, expires_at=now + LASTS_MS,
                    address=address[:64],
                )
            )  # fmt: skip
        return token

    def who(self, token: str, now: int) -> Who | None:
        """Who has this token; None when it is unknown, has ended, or the user is disabled."""
        hashed = kept(token)
        asked = (
            sa.select(sessions.c.used_at, sessions.c.expires_at, users)
            .join(users, users.c.id == sessions.c.user)
            .where(sessions.c.hash == hashed)
        )
        with self._engine.connect() as c:
            row = c.execute(asked).mappings().first()
        if row is None or row["disabled_at"] is not None:
            return None
        if now >= min(row["expires_at"], row["used_at"] + IDLE_MS):
            return None
        if now - row["used_at"] >= _NOTED_EVERY_MS:
            with self._writing.begin() as c:
                c.execute(sessions.update().where(sessions.c.hash == hashed).values(used_at=now))
        return who_of(row, token=hashed)

    def end(self, hashed: str) -> None:
        """End a session, by what is kept of its token."""
        with self._writing.begin() as c:
            c.execute(sessions.delete().where(sessions.c.hash == hashed))


class Keys:
    """What programs sign in with."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._writing = engine, for_writing(engine)

    def make(self, user: str, name: str, scopes: Sequence[str], days: int, now: int) -> tuple[Key, str]:
        """A new key and its secret, which is not to be had again.

        Raises:
            UsageError: an unknown scope, none at all, a time that is too long, or too many keys.
        """
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown or not scopes:
            raise UsageError(
                f"There is no scope {unknown[0][:40]}." if unknown else "A key needs a scope.",
                f"Choose of {', '.join(SCOPES)}.",
            )
        if not 1 <= days <= KEY_DAYS_MOST:
            raise UsageError(f"A key cannot last {days} days.", f"Give 1 to {KEY_DAYS_MOST}.")
        secret = KEY_PREFIX + new_secret()
        key = Key(
            id=new_id(), name=name.strip()[:100], scopes=tuple(s for s in SCOPES if s in scopes), created_at=now,
            expires_at=now + days * DAY, revoked_at=None,
        )  # fmt: skip
        row = msgspec.to_builtins(key) | {"hash": kept(secret), "user": user, "scopes": " ".join(key.scopes)}
        with self._writing.begin() as c:
            in_use = (keys.c.user == user) & keys.c.revoked_at.is_(None) & (keys.c.expires_at > now)
            held = c.execute(sa.select(sa.func.count()).select_from(keys).where(in_use)).scalar_one()
            if held >= _KEYS_MOST:
                raise UsageError(f"There are {held} keys in use.", "Revoke those that are not needed.")
            c.execute(keys.insert().values(row))
        return key, secret

    def who(self, secret: str, now: int) -> Who | None:
        """Who has this key; None when it is unknown, has ended or was revoked, or the user is disabled."""
        asked = (
            sa.select(keys.c.id.label("key"), keys.c.scopes, keys.c.expires_at, keys.c.revoked_at, users)
            .join(users, users.c.id == keys.c.user)
            .where(keys.c.hash == kept(secret))
        )
        with self._engine.connect() as c:
            row = c.execute(asked).mappings().first()
        if row is None or row["disabled_at"] is not None or row["revoked_at"] is not None:
            return None
        if now >= row["expires_at"]:
            return None
        return who_of(row, key=row["key"], scopes=frozenset(row["scopes"].split()))

    def page(self, user: str, after: str, limit: int) -> list[Key]:
        """Keys of a user in order of id, beginning after an id."""
        asked = keys.select().where(keys.c.user == user, keys.c.id > after).order_by(keys.c.id).limit(limit)
        with self._engine.connect() as c:
            return [_key(row) for row in c.execute(asked).mappings()]

    def revoke(self, user: str, id: str, now: int) -> bool:
        """Revoke a key of a user; False where there is none in use."""
        live = (keys.c.id == id) & (keys.c.user == user) & keys.c.revoked_at.is_(None)
        with self._writing.begin() as c:
            return c.execute(keys.update().where(live).values(revoked_at=now)).rowcount > 0


def _key(row: Any) -> Key:
    return Key(
        id=row["id"],
        name=row["name"],
        scopes=tuple(row["scopes"].split()),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )


def who_of(
    row: Any, *, key: str | None = None, token: str | None = None, scopes: frozenset[str] | None = None
) -> Who:
    """A user's row as who asks."""
    return Who(
        user=row["id"],
        name=row["name"],
        role=row["role"],
        organisation=row["organisation"],
        exercises=tuple(msgspec.json.decode(row["exercises"])),
        scopes=scopes,
        key=key,
        token=token,
    )
