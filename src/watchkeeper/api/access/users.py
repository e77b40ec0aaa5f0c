"""Users and organisations."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from watchkeeper.api.access.passwords import Passwords, check_rules
from watchkeeper.api.access.roles import ROLES, Role
from watchkeeper.api.access.secret import new_id
from watchkeeper.api.access.tables import keys, organisations, sessions, users
from watchkeeper.errors import UsageError
from watchkeeper.store.decisions.engines import for_writing

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_EXERCISE: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user, without secrets. Times in ms UTC; ``disabled_at`` is None for one who may sign in."""

    id: str
    name: str
    role: Role
    organisation: str | None
    exercises: tuple[str, ...]
    has_password: bool
    issuer: str | None
    subject: str | None
    created_at: int
    disabled_at: int | None


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that users belong to."""

    id: str
    name: str
    created_at: int


class Users:
    """The users of a database.

    Args:
        engine: of the database, with the tables of :mod:`.tables`.
        passwords: how they are hashed.
    """

    def __init__(self, engine: Engine, passwords: Passwords) -> None:
        self._engine, self._writing = engine, for_writing(engine)
        self._passwords = passwords

    def add(
        self,
        name: str,
        role: Role,
        now: int,
        *,
        password: str | None = None,
        organisation: str | None = None,
        issuer: str | None = None,
        subject: str | None = None,
        exercises: Sequence[str] = (),
    ) -> User:
        """A new user; without a password and issuer one who cannot sign in but by keys.

        Raises:
            UsageError: the name is taken or has other signs than allowed, or the password is refused.
        """
        name = checked_name(name)
        if password is not None:
            check_rules(password, name)
        row: dict[str, Any] = {
            "id": new_id(), "name": name, "role": role, "organisation": organisation,
            "password": None if password is None else self._passwords.hash(password), "issuer": issuer,
            "subject": subject, "exercises": _exercises(exercises), "created_at": now, "disabled_at": None,
        }  # fmt: skip
        try:
            with self._writing.begin() as c:
                _check_organisation(c, organisation)
                c.execute(users.insert().values(row))
        except sa.exc.IntegrityError as error:
            raise UsageError(f"There is a user {name} already.", "Choose another name.") from error
        return _user(row)

    def checked(self, name: str, password: str) -> None:
        """Refuse a name or a password that :meth:`add` would refuse, or a name that is taken.

        Raises:
            UsageError: what is wrong with it.
        """
        name = checked_name(name)
        check_rules(password, name)
        if self.by_name(name) is not None:
            raise UsageError(f"There is a user {name} already.", "Choose another name.")

    def change(
        self,
        id: str,
        now: int,
        *,
        role: Role | None = None,
        organisation: str | None = None,
        exercises: Sequence[str] | None = None,
        disabled: bool | None = None,
        password: str | None = None,
    ) -> User | None:
        """What is given is changed; None for no such user. Who is disabled or gets a new password is signed out.

        Raises:
            UsageError: it would leave no administrator, or the password is refused.
        """
        before = self.by_id(id)
        if before is None:
            return None
        changes = self._changes(before, now, role, organisation, exercises, disabled, password)
        with self._writing.begin() as c:
            # All administrators are held: two who disable each other would else both see one left.
            c.execute(
                sa.select(users.c.id).where(users.c.role == "admin").order_by(users.c.id).with_for_update()
            )
            _check_organisation(c, organisation)
            if changes:
                c.execute(users.update().where(users.c.id == id).values(changes))
            if before.role == "admin" and not _admins(c):
                raise UsageError(
                    "That would leave no administrator.", "Make another user an administrator first."
                )
            if disabled or password is not None:
                c.execute(sessions.delete().where(sessions.c.user == id))
            if disabled:
                live = (keys.c.user == id) & keys.c.revoked_at.is_(None)
                c.execute(keys.update().where(live).values(revoked_at=now))
            row = c.execute(users.select().where(users.c.id == id)).mappings().one()
        return _user(row)

    def _changes(
        self,
        before: User,
        now: int,
        role: Role | None,
        organisation: str | None,
        exercises: Sequence[str] | None,
        disabled: bool | None,
        password: str | None,
    ) -> dict[str, Any]:
        """Columns and their new values. Hashing takes a while, so it is done before anything is locked."""
        changes: dict[str, Any] = {}
        if role is not None:
            changes["role"] = role
        if organisation is not None:
            changes["organisation"] = organisation
        if exercises is not None:
            changes["exercises"] = _exercises(exercises)
        if disabled is not None:
            changes["disabled_at"] = (before.disabled_at or now) if disabled else None
        if password is not None:
            check_rules(password, before.name)
            changes["password"] = self._passwords.hash(password)
        return changes

    def by_name(self, name: str) -> User | None:
        """The user of a name."""
        return self._one(users.c.name == name.strip().casefold())

    def by_id(self, id: str) -> User | None:
        """The user of an id."""
        return self._one(users.c.id == id)

    def by_subject(self, issuer: str, subject: str) -> User | None:
        """The user whom an OIDC provider calls so."""
        return self._one((users.c.issuer == issuer) & (users.c.subject == subject))

    def page(self, after: str, limit: int) -> list[User]:
        """Users in order of name, beginning after a name."""
        asked = users.select().where(users.c.name > after).order_by(users.c.name).limit(limit)
        with self._engine.connect() as c:
            return [_user(row) for row in c.execute(asked).mappings()]

    def any_admin(self) -> bool:
        """Whether somebody can administer."""
        with self._engine.connect() as c:
            return _admins(c) > 0

    def signing_in(self, name: str, password: str) -> User | None:
        """The user if name and password fit and it is not disabled; takes as long where there is no such user."""
        row = None
        if _NAME.fullmatch(name := name.strip().casefold()):
            with self._engine.connect() as c:
                row = c.execute(users.select().where(users.c.name == name)).mappings().first()
        fits = self._passwords.fits(None if row is None else row["password"], password)
        return _user(row) if row is not None and fits and row["disabled_at"] is None else None

    def add_organisation(self, name: str, now: int) -> Organisation:
        """A new organisation.

        Raises:
            UsageError: the name is taken or empty.
        """
        made = Organisation(id=new_id(), name=name.strip(), created_at=now)
        if not made.name or not made.name.isprintable():
            raise UsageError("An organisation needs a name.", "Give one of printable characters.")
        try:
            with self._writing.begin() as c:
                c.execute(organisations.insert().values(msgspec.to_builtins(made)))
        except sa.exc.IntegrityError as error:
            raise UsageError(f"There is an organisation {name} already.", "Use that one.") from error
        return made

    def organisations(self, after: str, limit: int) -> list[Organisation]:
        """Organisations in order of name, beginning after a name."""
        o = organisations
        asked = o.select().where(o.c.name > after).order_by(o.c.name).limit(limit)
        with self._engine.connect() as c:
            return [Organisation(**row) for row in c.execute(asked).mappings()]

    def _one(self, where: Any) -> User | None:
        with self._engine.connect() as c:
            row = c.execute(users.select().where(where)).mappings().first()
        return None if row is None else _user(row)


def checked_name(name: str) -> str:
    """The name as it is kept: small letters.

    Raises:
        UsageError: it has other signs than letters, digits and ``._@-``, or more than 64.
    """
    name = name.strip().casefold()
    if not _NAME.fullmatch(name):
        raise UsageError(
            "A user's name has 1 to 64 letters a-z, digits, dots, hyphens, underscores or @.",
            "Choose another name.",
        )
    return name


def checked_role(text: str) -> Role:
    """A word as a role.

    Raises:
        UsageError: it is none.
    """
    for role in ROLES:
        if role == text:
            return role
    raise UsageError(f"There is no role {text}.", f"Choose of {', '.join(ROLES)}.")


def _user(row: Any) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        role=row["role"],
        organisation=row["organisation"],
        exercises=tuple(msgspec.json.decode(row["exercises"])),
        has_password=row["password"] is not None,
        issuer=row["issuer"],
        subject=row["subject"],
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
    )


def _admins(c: Connection) -> int:
    active = (users.c.role == "admin") & users.c.disabled_at.is_(None)
    return c.execute(sa.select(sa.func.count()).select_from(users).where(active)).scalar_one()


def _exercises(names: Sequence[str]) -> str:
    for name in names:
        if not _EXERCISE.fullmatch(name):
            raise UsageError(
                f"{name[:70]} is no name of an exercise.", "Use letters, digits, dots and hyphens."
            )
    return msgspec.json.encode(sorted(set(names))).decode()


def _check_organisation(c: Connection, id: str | None) -> None:
    if id is None:
        return
    known = c.execute(sa.select(organisations.c.id).where(organisations.c.id == id)).first()
    if known is None:
        raise UsageError(f"There is no organisation {id[:40]}.", "Add it first, or leave it out.")
