"""Roles and scopes: what a person may do at all, and what a key was made for."""

from typing import Final, Literal

Role = Literal["viewer", "analyst", "supervisor", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "analyst", "supervisor", "admin")
"""Each may do what those before it may."""

SCOPES: Final = (
    "ships:read",
    "findings:read",
    "alerts:read",
    "alerts:write",
    "cases:read",
    "cases:write",
    "assets:read",
    "attribution:run",
    "feeds:read",
    "events:read",
    "mutes:read",
    "mutes:write",
    "handover:read",
    "handover:write",
    "me:read",
    "users:admin",
    "audit:read",
    "metrics:read",
    "exchange:read",
    "exchange:write",
    "exchange:admin",
)
"""What a key can be made for. A session has all scopes; the role limits both."""

BY_SESSION_ONLY: Final = "session"
"""The scope of what no key may do: passwords, keys, signing out."""

NO_SCOPE: Final = ""
"""The scope of what needs no signing in."""


def reaches(role: Role, needed: Role) -> bool:
    """Whether a role is at least the one needed."""
    return ROLES.index(role) >= ROLES.index(needed)
