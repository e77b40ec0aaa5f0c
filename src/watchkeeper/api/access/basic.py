"""Signing in with each request (RFC 7617): a name and a password, or a key in place of the password.

A password takes tens of milliseconds to check, so that one that was right is remembered for some minutes, by a keyed
hash; the user is looked at each time, and a password that was changed or a user who was disabled is noticed at once.
"""

import base64
import binascii
import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy.engine import Engine

from watchkeeper.api.access.limits import Limiter, Rate
from watchkeeper.api.access.secret import KEY_PREFIX
from watchkeeper.api.access.sessions import Keys, who_of
from watchkeeper.api.access.tables import users
from watchkeeper.api.access.users import Users
from watchkeeper.api.access.who import Who
from watchkeeper.api.problems import too_many

FAILURES: Final = Rate(30, 1)
"""Of wrong passwords and keys, of an address; only these count."""

_REMEMBERED_S: Final = 300.0
_REMEMBERED: Final = 1000
_BASIC: Final = "basic "
_BEARER: Final = "bearer "


class Basics:
    """Who asks, by the header Authorization of one request.

    Args:
        engine: of the database of access.
        users, keys: of the same.
        seconds: a clock that only goes forward [s].
    """

    def __init__(
        self, engine: Engine, users: Users, keys: Keys, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._users, self._keys, self._seconds = engine, users, keys, seconds
        self._failures = Limiter(FAILURES, seconds)
        self._salt = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def who(self, authorization: str, address: str, now: int) -> Who | None:
        """Who asks at a time [ms UTC]; None for nobody.

        Raises:
            Refused: 429, too many wrong passwords came from the address.
        """
        kind = authorization[: len(_BASIC)].lower()
        if kind == _BASIC:
            name, password = _name_and_password(authorization[len(_BASIC) :])
        elif authorization[: len(_BEARER)].lower() == _BEARER:
            name, password = "", authorization[len(_BEARER) :].strip()
        else:
            return None
        if known := self._remembered(name, password):
            return known
        if wait := self._failures.wait(address):
            raise too_many(wait)
        found = self._by_key(name, password, now) or self._by_password(name, password)
        if found is None:
            self._failures.take(address)
        return found

    def _by_key(self, name: str, secret: str, now: int) -> Who | None:
        """By a key, which may stand as the password of its owner."""
        who = self._keys.who(secret, now) if secret.startswith(KEY_PREFIX) else None
        return who if who is not None and name.strip().casefold() in ("", who.name) else None

    def _by_password(self, name: str, password: str) -> Who | None:
        if not name or not password:
            return None
        user = self._users.signing_in(name, password)
        row = None if user is None else self._row(user.name)
        if row is None or row["disabled_at"] is not None:
            return None
        with self._lock:
            self._known[self._hash(name, password)] = (row["password"], self._seconds() + _REMEMBERED_S)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return who_of(row)

    def _remembered(self, name: str, password: str) -> Who | None:
        if not name:
            return None
        key = self._hash(name, password)
        kept, until = self._known.get(key, ("", 0.0))
        if self._seconds() >= until:
            return None
        row = self._row(name.strip().casefold())
        if row is not None and row["disabled_at"] is None and row["password"] == kept:
            return who_of(row)
        with self._lock:
            self._known.pop(key, None)
        return None

    def _row(self, name: str) -> Any:
        with self._engine.connect() as c:
            return c.execute(users.select().where(users.c.name == name)).mappings().first()

    def _hash(self, name: str, password: str) -> bytes:
        said = f"{len(name)}:{name}{password}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(said, key=self._salt, digest_size=32).digest()


def _name_and_password(encoded: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return "", ""
    name, _, password = text.partition(":")
    return name, password
