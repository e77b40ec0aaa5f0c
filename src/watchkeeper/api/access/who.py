"""Who is asking: a user by session or by key, and what this one may do."""

from typing import Final

import msgspec

from watchkeeper.api.access.roles import BY_SESSION_ONLY, Role, reaches
from watchkeeper.model.finding import REAL


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """A user who is signed in.

    ``scopes`` is None for a session (all), else those of the key; ``exercises`` are the exercises it belongs to;
    ``token`` the hash by which the session is kept, None for a key.
    """

    user: str
    name: str
    role: Role
    organisation: str | None = None
    exercises: tuple[str, ...] = ()
    scopes: frozenset[str] | None = None
    key: str | None = None
    token: str | None = None

    def has_scope(self, scope: str) -> bool:
        """Whether this session or key was made for it."""
        if self.scopes is None:
            return True
        return scope != BY_SESSION_ONLY and scope in self.scopes

    def may(self, scope: str, role: Role) -> bool:
        """Whether it may do what needs this scope and at least this role."""
        return self.has_scope(scope) and reaches(self.role, role)

    def may_see(self, realm: str) -> bool:
        """Whether the realm is the real one, or an exercise it belongs to."""
        return realm == REAL or realm.removeprefix("exercise:") in self.exercises

    @property
    def actor(self) -> str:
        """How events name it."""
        return f"user:{self.name}"


NOBODY: Final = Who(user="", name="", role="viewer", scopes=frozenset())
"""Whoever is not signed in."""
